"""Reading a file of recipients, saying what is wrong with each row, and writing one that a spreadsheet cannot run."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from review_app.addresses import normalise_address
from review_app.spreadsheets import RUNS

MOST_ROWS = 10_000
ADDRESS_LIMIT, ROLE_LIMIT = 254, 80

HEADINGS: Mapping[str, frozenset[str]] = {
    "address": frozenset({"address", "email", "e-mail", "email address", "e-mail address", "mail"}),
    "agency": frozenset({"agency", "organisation", "organization", "employer", "service"}),
    "role": frozenset({"role", "job", "job title", "post"}),
}
COLUMNS = ("address", "agency", "role")
NOT_TEXT = "This is not a CSV file. In your spreadsheet choose “Save as”, then “CSV”, and choose that file."


class ImportProblem(StrEnum):
    """Why a row of a file is not imported."""

    NO_ADDRESS = "no_address"
    BAD_ADDRESS = "bad_address"
    FORMULA = "formula"
    REPEATED = "repeated"
    ON_THE_LIST = "on_the_list"
    HAS_LEFT = "has_left"
    UNKNOWN_AGENCY = "unknown_agency"
    TOO_LONG = "too_long"


PROBLEM_WORDS: Mapping[ImportProblem, str] = {
    ImportProblem.NO_ADDRESS: "There is no e-mail address in this row.",
    ImportProblem.BAD_ADDRESS: "This is not an e-mail address.",
    ImportProblem.FORMULA: "A cell begins with a sign that a spreadsheet would run as a formula.",
    ImportProblem.REPEATED: "This address is in the file already, further up.",
    ImportProblem.ON_THE_LIST: "This address is on the list already.",
    ImportProblem.HAS_LEFT: "This person has left the list. Add them by hand if they ask to come back.",
    ImportProblem.UNKNOWN_AGENCY: "There is no agency of this name in your partnership.",
    ImportProblem.TOO_LONG: f"The role is longer than {ROLE_LIMIT} characters.",
}
HARMLESS = frozenset({ImportProblem.ON_THE_LIST})
"""Not a mistake: the file says again what the list says already."""


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class ImportRow:
    """One row as the file has it."""

    line: int
    address: str
    agency: str = ""
    role: str = ""


@dataclass(frozen=True, kw_only=True)
class JudgedRow:
    """One row with its one spelling of the address, its agency, and what is wrong with it."""

    row: ImportRow
    normalised: str = ""
    agency_id: int | None = None
    problem: ImportProblem | None = None

    @property
    def words(self) -> str:
        """Say what is wrong, for the person who made the file."""
        return PROBLEM_WORDS[self.problem] if self.problem else ""


@dataclass(frozen=True, kw_only=True)
class ImportPreview:
    """What importing a file would do."""

    rows: tuple[JudgedRow, ...]

    @property
    def good(self) -> list[JudgedRow]:
        """The rows that would be added."""
        return [judged for judged in self.rows if judged.problem is None]

    @property
    def already(self) -> list[JudgedRow]:
        """The rows that the list holds already."""
        return [judged for judged in self.rows if judged.problem in HARMLESS]

    @property
    def wrong(self) -> list[JudgedRow]:
        """The rows that need a person."""
        return [judged for judged in self.rows if judged.problem is not None and judged.problem not in HARMLESS]


def decode(content: bytes) -> str:
    """Give the text of a file in UTF-8 with or without its mark, in UTF-16 with it, or in the Windows code page."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content:
        raise UnreadableFile(NOT_TEXT)
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(NOT_TEXT)


def read_rows(text: str) -> tuple[ImportRow, ...]:
    """Read address, agency and role of every row, by the headings of the first row or, without any, by their order.

    Raises UnreadableFile for text that holds no rows or too many.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        table = [(place, cells) for place, cells in enumerate(_cells(lines), start=1) if any(map(str.strip, cells))]
    except csv.Error:
        raise UnreadableFile(NOT_TEXT) from None
    if not table:
        raise UnreadableFile("The file is empty. Choose a file with one e-mail address in each row.")
    columns = _columns(table[0][1])
    body = table if columns is None else table[1:]
    places = {name: place for place, name in enumerate(COLUMNS)} if columns is None else columns
    if "address" not in places:
        raise UnreadableFile("Name the columns “address”, “agency” and “role” in the first row.")
    if not body:
        raise UnreadableFile("The file has headings and no rows under them.")
    if len(body) > MOST_ROWS:
        raise UnreadableFile(f"The file has {len(body):,} rows. Import at most {MOST_ROWS:,} at a time.")
    return tuple(
        ImportRow(line=line, **{name: _cell(cells, place) for name, place in places.items()}) for line, cells in body
    )


def judge(
    rows: Iterable[ImportRow], *, agencies: Mapping[str, int], present: Collection[str], left: Collection[str]
) -> ImportPreview:
    """Judge every row against the file itself, the agencies by name, and who is on the list or has left it."""
    seen: set[str] = set()
    judged = []
    for row in rows:
        judgement = _judge_row(row, agencies, present, left, seen)
        seen.add(judgement.normalised)
        judged.append(judgement)
    return ImportPreview(rows=tuple(judged))


def by_name(agencies: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Give agencies by the one spelling of their name that a file is compared with."""
    return {_plainly(name): number for name, number in agencies}


def pack_rows(rows: Iterable[ImportRow]) -> str:
    """Write rows for the form that confirms an import. They are judged again when it comes back."""
    packed = io.StringIO()
    writer = csv.writer(packed, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([row.address, row.agency, row.role] for row in rows)
    return packed.getvalue()


def _judge_row(
    row: ImportRow, agencies: Mapping[str, int], present: Collection[str], left: Collection[str], seen: Collection[str]
) -> JudgedRow:
    if any(cell.startswith(RUNS) for cell in (row.address, row.agency, row.role)):
        return JudgedRow(row=row, problem=ImportProblem.FORMULA)
    if not row.address:
        return JudgedRow(row=row, problem=ImportProblem.NO_ADDRESS)
    try:
        normalised = normalise_address(row.address)
    except ValueError:
        return JudgedRow(row=row, problem=ImportProblem.BAD_ADDRESS)
    agency = agencies.get(_plainly(row.agency))
    tests = (
        (normalised in seen, ImportProblem.REPEATED),
        (normalised in left, ImportProblem.HAS_LEFT),
        (normalised in present, ImportProblem.ON_THE_LIST),
        (bool(row.agency) and agency is None, ImportProblem.UNKNOWN_AGENCY),
        (len(row.role) > ROLE_LIMIT, ImportProblem.TOO_LONG),
    )
    problem = next((problem for found, problem in tests if found), None)
    return JudgedRow(row=row, normalised=normalised, agency_id=agency, problem=problem)


def _cells(text: str) -> Iterable[list[str]]:
    first = text.split("\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    return csv.reader(io.StringIO(text), delimiter=delimiter, strict=False)


def _columns(first: Sequence[str]) -> dict[str, int] | None:
    """Give where each column stands, or None when the first row is no row of headings."""
    if any("@" in cell for cell in first):
        return None
    titles = [_plainly(cell) for cell in first]
    return {
        name: next(place for place, title in enumerate(titles) if title in known)
        for name, known in HEADINGS.items()
        if any(title in known for title in titles)
    }


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip(" \u00a0\n") if place < len(cells) else ""


def _plainly(name: str) -> str:
    return " ".join(name.replace("\u2019", "'").split()).casefold()
