"""Files of recipients: how they are read, what is wrong with a row, and what a spreadsheet cannot run."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.alerts.rules import (
    ImportProblem,
    ImportRow,
    UnreadableFile,
    by_name,
    decode,
    judge,
    pack_rows,
    read_rows,
)
from review_app.spreadsheets import safe_cell, write_rows

AGENCIES = by_name([("Harbour Hostel", 7), ("O’Neill House", 8)])
RUNS = ("=", "+", "-", "@", "\t", "\r")


def judged(*addresses, **others):
    rows = [ImportRow(line=place, address=address, **others) for place, address in enumerate(addresses, start=1)]
    return judge(rows, agencies=AGENCIES, present={"on@list.example"}, left={"left@list.example"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(encoding):
    text = "address,agency,role\nzoë@café.example,O’Neill House,Manager\n"
    assert decode(text.encode(encoding)) == text


def test_a_workbook_is_refused_in_words():
    with pytest.raises(UnreadableFile, match="not a CSV file"):
        decode(b"PK\x03\x04\x00\x00workbook")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_rows_are_read_by_their_headings_in_any_order(separator, line_end):
    lines = [separator.join(row) for row in (("Role", "E-mail", "Agency"), ("Nurse", "a@b.example", "Harbour Hostel"))]
    [row] = read_rows(line_end.join(lines))
    assert row == ImportRow(line=2, address="a@b.example", agency="Harbour Hostel", role="Nurse")


def test_without_headings_the_columns_are_address_agency_and_role():
    first, second = read_rows("a@b.example,Harbour Hostel,Nurse\n\n c@d.example \n")
    assert (first.agency, first.role) == ("Harbour Hostel", "Nurse")
    assert (second.line, second.address, second.agency) == (3, "c@d.example", "")


def test_quoted_cells_may_hold_commas_and_line_breaks():
    [row] = read_rows('address,agency,role\na@b.example,"Hostel, Harbour","Night\nmanager"\n')
    assert row.agency == "Hostel, Harbour"


@pytest.mark.parametrize("text", ["", "\n\n", "address,role\n", "name,town\nZed,Quay\n"])
def test_a_file_without_addresses_is_refused(text):
    with pytest.raises(UnreadableFile):
        read_rows(text)


def test_too_many_rows_are_refused():
    with pytest.raises(UnreadableFile, match="at most"):
        read_rows("a@b.example\n" * 10_001)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"address": ""}, ImportProblem.NO_ADDRESS),
        ({"address": "nobody"}, ImportProblem.BAD_ADDRESS),
        ({"address": "a@b.example, c@d.example"}, ImportProblem.BAD_ADDRESS),
        ({"address": "a@b.example\nBcc: x@y.example"}, ImportProblem.BAD_ADDRESS),
        ({"address": "on@LIST.example"}, ImportProblem.ON_THE_LIST),
        ({"address": "left@list.example"}, ImportProblem.HAS_LEFT),
        ({"address": "a@b.example", "agency": "Nowhere"}, ImportProblem.UNKNOWN_AGENCY),
        ({"address": "a@b.example", "role": "r" * 81}, ImportProblem.TOO_LONG),
        ({"address": "=cmd|'/c calc'!A1"}, ImportProblem.FORMULA),
        ({"address": "a@b.example", "role": "@SUM(1)"}, ImportProblem.FORMULA),
        ({"address": "a@b.example", "agency": "harbour  HOSTEL"}, None),
        ({"address": "a@b.example", "agency": "O'Neill House"}, None),
    ],
)
def test_what_is_wrong_with_a_row_is_named(row, problem):
    [found] = judged(row.pop("address"), **row).rows
    assert found.problem is problem
    assert bool(found.words) is (problem is not None)


def test_the_second_spelling_of_an_address_is_a_repetition():
    preview = judged("a@b.example", "A@B.EXAMPLE", "c@d.example")
    assert [each.problem for each in preview.rows] == [None, ImportProblem.REPEATED, None]
    assert len(preview.good) == 2
    assert len(preview.wrong) == 1


def test_what_the_list_holds_already_is_no_mistake():
    preview = judged("on@list.example", "a@b.example")
    assert (len(preview.already), len(preview.wrong), len(preview.good)) == (1, 0, 1)


@given(st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=4), max_size=8))
def test_no_written_cell_can_be_run_by_a_spreadsheet(rows):
    for row in csv.reader(io.StringIO(write_rows(rows), newline="")):
        assert not any(cell.startswith(RUNS) for cell in row)


@given(st.text(max_size=30))
def test_a_cell_is_kept_but_for_its_apostrophe(cell):
    assert safe_cell(cell).removeprefix("'") == cell.removeprefix("'") or safe_cell(cell) == cell


@given(
    st.lists(
        st.builds(
            ImportRow,
            line=st.just(0),
            address=st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True),
            agency=st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=12),
            role=st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=12),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_rows_that_travel_through_the_page_come_back_as_they_were(rows):
    found = read_rows(pack_rows(rows))
    assert [(row.address, row.agency, row.role) for row in found] == [(r.address, r.agency, r.role) for r in rows]
