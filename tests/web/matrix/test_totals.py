"""Numbers tell too: what a person may not know of is not in a count, a total, a search or a story either."""

import re

import pytest
from bs4 import BeautifulSoup

from tests.web.matrix.canaries import REFERENCE
from tests.web.matrix.visiting import ANONYMOUS, Matrix
from tests.web.matrix.world import canary

REPORTS_LISTED = {
    "coordinator": 11,
    "chair": 11,
    "deputy": 11,
    "police.panel": 7,
    "clinician.panel": 5,
    "oncall": 1,
    "eastmoor coordinator": 1,
}
SIGNALS_LISTED = {
    "coordinator": 7,
    "chair": 7,
    "police.panel": 7,
    "clinician.panel": 6,
    "oncall": 6,
    "approver": 2,
    "dph": 2,
    "communications": 2,
    "eastmoor coordinator": 2,
    "eastmoor chair": 1,
}
ALERTS_LISTED = {
    ANONYMOUS: 1,
    "board": 4,
    "analyst": 4,
    "ambulance.rep": 4,
    "treatment.rep": 5,
    "hostel.worker": 5,
    "lead": 5,
    "clinician.panel": 7,
    "oncall": 8,
    "approver": 8,
    "coordinator": 8,
    "eastmoor coordinator": 5,
}
EVENTS = re.compile(r"\b([\d,]+) events?\b")
KNOWS_OF_BOTH = ("coordinator", "chair", "deputy", "police.panel")
KNOWS_OF_ONE = ("clinician.panel", "oncall")


def words(text: str) -> str:
    """Give what can be read in the main part of a page."""
    soup = BeautifulSoup(text.partition("\n\n")[2], "html.parser")
    return " ".join((soup.find("main") or soup).get_text(" ", strip=True).split())


def read(matrix: Matrix, who: str, path: str) -> str:
    answer = matrix.visit(who, "GET", path)
    assert answer.status == 200, f"{path}: {answer.status}"
    return words(answer.text)


@pytest.mark.parametrize(
    ("path", "thing", "numbers"),
    [
        ("/reports", "report", REPORTS_LISTED),
        ("/signals", "Signal", SIGNALS_LISTED),
        ("/alerts", "alert", ALERTS_LISTED),
    ],
)
def test_a_list_counts_what_its_reader_may_know_of(
    matrix: Matrix, path: str, thing: str, numbers: dict[str, int]
) -> None:
    for who, number in numbers.items():
        text = read(matrix, who, path)
        assert re.search(rf"\b{number} {thing}s?\b", text), f"{who}: {text[:300]}"


SEARCHES = [
    ("clinician.panel", "/reports", "substance", "sold-hidden"),
    ("oncall", "/reports", "substance", "sold-police"),
    ("clinician.panel", "/signals", "words", "title-police"),
    ("oncall", "/signals", "words", "title-police"),
    ("approver", "/signals", "words", "title-panel"),
    ("eastmoor coordinator", "/signals", "words", "title-decided"),
    ("board", "/alerts", "words", "headline-amber"),
    (ANONYMOUS, "/alerts", "words", "headline-green"),
]


@pytest.mark.parametrize(("who", "path", "field", "word"), SEARCHES)
def test_a_search_finds_nothing_that_its_reader_may_not_know_of(
    matrix: Matrix, who: str, path: str, field: str, word: str
) -> None:
    text = words(matrix.visit(who, "POST", path, {field: canary(word)}, on=True).text)
    assert not REFERENCE.search(text)
    found = words(matrix.visit("coordinator", "POST", path, {field: canary(word)}, on=True).text)
    assert REFERENCE.search(found)
    assert re.search(r"\b1 (?:report|Signal|alert)\b", found), found[:300]


def rows_of(matrix: Matrix, who: str, reference: str) -> str:
    """Give the row of a Signal in the list."""
    answer = matrix.visit(who, "GET", "/signals")
    soup = BeautifulSoup(answer.text.partition("\n\n")[2], "html.parser")
    (row,) = [row for row in soup.find_all("tr") if reference in row.get_text()]
    return " ".join(cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])[3:4])


def test_a_police_sensitive_report_leaves_no_trace_in_a_signal(matrix: Matrix) -> None:
    reference = matrix.facts.references["signal corroborating"]
    for who, number in (*((who, 2) for who in KNOWS_OF_BOTH), *((who, 1) for who in KNOWS_OF_ONE)):
        text = read(matrix, who, f"/signals/{reference}")
        assert text.count("A report was linked") == number, who
        hidden = len(re.findall(r"(\d+) reports? (?:is|are) here that you cannot open", text))
        assert hidden == (1 if who == "oncall" else 0), who
        assert rows_of(matrix, who, reference).endswith(str(number)), who


def test_totals_hold_neither_what_is_police_sensitive_nor_another_agencys(matrix: Matrix) -> None:
    assert "Received 9" in read(matrix, "sro", "/reports/totals")
    lead = read(matrix, "lead", "/reports/totals")
    assert "Received 2" in lead
    assert lead.count("Received each month") == 1
    assert re.search(r"\b9 reports\b", read(matrix, "analyst", "/reports/deidentified"))
    for who in ("sro", "analyst"):
        assert "Opened 6" in read(matrix, who, "/signals/totals")


def test_deliveries_are_counted_for_ones_own_agency_only(matrix: Matrix) -> None:
    reference = matrix.facts.references["alert green"]
    for who, number in (("coordinator", 3), ("clinician.panel", 3), ("sro", 3), ("analyst", 3), ("lead", 1)):
        assert re.search(
            rf"\b{number} Sent|Sent {number}\b|of {number}\b", read(matrix, who, f"/alerts/{reference}")
        ), who
    for who in ("hostel.worker", "treatment.rep", "board", "ig", "admin"):
        assert "Sent to" not in read(matrix, who, f"/alerts/{reference}"), who


def test_lists_are_counted_for_ones_own_agency_only(matrix: Matrix) -> None:
    reference = matrix.facts.references["list network"]
    for who, number in (("coordinator", 3), ("communications", 3), ("chair", 3), ("approver", 3), ("lead", 1)):
        text = read(matrix, who, f"/lists/{reference}")
        assert re.search(rf"\b{number} recipients?\b|On this list {number}\b", text), f"{who}: {text}"


def test_the_audit_shows_all_to_the_ig_lead_own_staff_to_an_agencys_lead_and_technical_events_to_admin(
    matrix: Matrix,
) -> None:
    texts = [read(matrix, who, "/audit") for who in ("ig", "lead", "admin")]
    everything, own_staff, technical = (int((EVENTS.search(text) or ["", "0"])[1].replace(",", "")) for text in texts)
    assert everything > own_staff + technical
    assert own_staff > 0
    assert technical > 0
    assert "WES-S-" not in texts[1]
    assert not REFERENCE.search(texts[2].replace("WES-2026-0042", ""))
