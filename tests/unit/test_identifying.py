from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.addresses import normalise_address
from review_app.identifying import IdentifierKind, identifying_hints, is_nhs_number


@pytest.mark.parametrize(
    ("written", "kind", "found"),
    [
        ("NHS no 943 476 5919 seen", IdentifierKind.NHS_NUMBER, "943 476 5919"),
        ("mail jo.bloggs@example.org please", IdentifierKind.EMAIL, "jo.bloggs@example.org"),
        ("ring 07700 900123 now", IdentifierKind.PHONE, "07700 900123"),
        ("ring +44 7700 900123 now", IdentifierKind.PHONE, "+44 7700 900123"),
        ("ring 01632 960001", IdentifierKind.PHONE, "01632 960001"),
        ("near ZZ1 1ZZ", IdentifierKind.POSTCODE, "ZZ1 1ZZ"),
        ("near zz99aa", IdentifierKind.POSTCODE, "zz99aa"),
        ("at 12 Harbour View Road again", IdentifierKind.STREET_ADDRESS, "12 Harbour View Road"),
        ("he is 03/04/1987", IdentifierKind.DATE_OF_BIRTH, "03/04/1987"),
        ("on 3rd April 1987", IdentifierKind.DATE_OF_BIRTH, "3rd April 1987"),
        ("DOB 3.4.87", IdentifierKind.DATE_OF_BIRTH, "DOB 3.4.87"),
        ("born in 1987", IdentifierKind.DATE_OF_BIRTH, "born in 1987"),
    ],
)
def test_what_may_identify_a_person_is_pointed_out(written: str, kind: IdentifierKind, found: str) -> None:
    (hint,) = identifying_hints(written)
    assert (hint.kind, hint.text, written[hint.start : hint.start + len(found)]) == (kind, found, found)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Two people collapsed after blue tablets marked M and 30.",
        "About 15 tablets at £20, 5 to 10 minutes before collapse.",
        "Call 999. Ring 101.",
        "WES-2026-0042 is linked",
        "943 476 5910 is no NHS number",
        "Grade G3 at 18:40",
        "On 6 November 2026, and again on 7/11/2026",
    ],
)
def test_ordinary_words_are_left_alone(written: str) -> None:
    assert identifying_hints(written) == []


def test_several_are_named_in_the_order_of_the_text_and_once_each() -> None:
    written = "07700 900123 or jo@example.org, 12 Harbour Road, ZZ1 1ZZ"
    assert [hint.kind for hint in identifying_hints(written)] == [
        IdentifierKind.PHONE,
        IdentifierKind.EMAIL,
        IdentifierKind.STREET_ADDRESS,
        IdentifierKind.POSTCODE,
    ]


@given(st.text(max_size=300))
def test_any_text_can_be_scanned_and_hints_never_overlap(written: str) -> None:
    hints = identifying_hints(written)
    for before, after in pairwise(hints):
        assert before.start + len(before.text) <= after.start


@given(st.integers(0, 10**9 - 1))
def test_nine_digits_have_at_most_one_check_digit(first: int) -> None:
    assert sum(is_nhs_number(f"{first:09d}{last}") for last in range(10)) <= 1


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (" Jo.Bloggs@Example.ORG ", "jo.bloggs@example.org"),
        ("jo+alerts@example.org", "jo+alerts@example.org"),
        ("jo@bücher.example", "jo@xn--bcher-kva.example"),
        ("o'neil@example.org", "o'neil@example.org"),
    ],
)
def test_an_address_has_one_spelling(written: str, normal: str) -> None:
    assert normalise_address(written) == normal
    assert normalise_address(normal) == normal


@pytest.mark.parametrize(
    "written",
    ["", "jo", "jo@example", "@example.org", "jo@@example.org", "jo bloggs@example.org", "jo@example..org",
     "jo@example.org, al@example.org", "Jo <jo@example.org>", "jo@example.org\nBcc: al@example.org",
     "x" * 250 + "@a.uk"],
)  # fmt: skip
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="Enter an e-mail address"):
        normalise_address(written)
