"""Every refusal of a restricted record leaves one audit event, and nothing else does."""

import re

import pytest

from tests.web.matrix.visiting import ANONYMOUS, Matrix

REFUSALS = [
    ("clinician.panel", "GET", "/reports/{report hidden}", 404, "submission", "report hidden"),
    ("clinician.panel", "GET", "/signals/{signal police}", 404, "signal", "signal police"),
    ("clinician.panel", "GET", "/alerts/{alert draft}", 404, "alert", "alert draft"),
    ("hostel.worker", "GET", "/reports/{report routine}", 404, "submission", "report routine"),
    ("hostel.worker", "GET", "/my-reports/{report open}", 404, "submission", "report open"),
    ("hostel.worker", "GET", "/alerts/{alert strict}", 404, "alert", "alert strict"),
    ("approver", "GET", "/signals/{signal panel}", 404, "signal", "signal panel"),
    ("approver", "GET", "/decisions/{signal panel}", 404, "signal", "signal panel"),
    ("eastmoor coordinator", "GET", "/reports/{report shared}", 404, "submission", "report shared"),
    ("eastmoor coordinator", "POST", "/signals/{signal shared}/close", 403, "signal", "signal shared"),
    ("chair", "POST", "/reports/{report routine}/start-triage", 403, "submission", "report routine"),
    ("chair", "GET", "/alerts/{alert draft}/edit", 403, "alert", "alert draft"),
    ("oncall", "POST", "/alerts/new/{signal decided}", 403, "signal", "signal decided"),
    ("clinician.panel", "GET", "/reports/{report corroborating}/reveal", 404, "submission", "report corroborating"),
    ("treatment.rep", "GET", "/corroborate/asked/{ask ambulance}", 404, "corroboration_ask", "ask ambulance"),
    ("lead", "GET", "/corroborate/asked/{ask hostel}", 403, "corroboration_ask", "ask hostel"),
    ("admin", "GET", "/signals/{signal open}", 404, "signal", "signal open"),
    ("clinician.panel", "GET", "/thread/{report hidden}", 404, "submission", "report hidden"),
    ("hostel.worker", "GET", "/thread/{signal open}", 404, "signal", "signal open"),
]


@pytest.mark.parametrize(("who", "method", "path", "status", "table", "record"), REFUSALS)
def test_a_refusal_of_a_restricted_record_is_audited_once(
    matrix: Matrix, who: str, method: str, path: str, status: int, table: str, record: str
) -> None:
    before = matrix.events("denied")
    data = {"reason": "Because."} if method == "POST" else {}
    answer = matrix.visit(who, method, path.format_map(matrix.facts.references), data)
    assert answer.status == status
    assert answer.written <= {"audit_event", "audit_head", "record_salt"}
    reference = matrix.facts.references[record]
    assert matrix.events("denied") == [*before, (table, reference, matrix.facts.sign_ins[who][0])]


def test_a_visitor_without_an_account_who_asks_for_a_hidden_alert_is_audited_without_a_name(matrix: Matrix) -> None:
    before = matrix.events("denied")
    reference = matrix.facts.references["alert draft"]
    assert matrix.visit(ANONYMOUS, "GET", f"/alerts/{reference}").status == 404
    assert matrix.events("denied") == [*before, ("alert", reference, None)]


@pytest.mark.parametrize(
    "path",
    [
        "/reports/WES-2026-9999",
        "/signals/WES-S-2026-9999",
        "/alerts/WES-A-2026-9999",
        "/lists/{list eastmoor}",
        "/people",
    ],
)
def test_asking_for_what_is_not_there_or_not_restricted_leaves_nothing(matrix: Matrix, path: str) -> None:
    before = matrix.events("denied")
    answer = matrix.visit("hostel.worker", "GET", path.format_map(matrix.facts.references))
    assert answer.status in (403, 404)
    assert matrix.events("denied") == before


def test_a_hidden_record_is_refused_in_the_words_of_one_that_is_not_there(matrix: Matrix) -> None:
    for there, not_there in (
        ("/reports/{report hidden}", "/reports/WES-2026-9999"),
        ("/signals/{signal police}", "/signals/WES-S-2026-9999"),
        ("/alerts/{alert draft}", "/alerts/WES-A-2026-9999"),
        ("/lists/{list eastmoor}", "/lists/WES-L-2026-9999"),
        ("/signals/{signal police}/grade", "/signals/WES-S-2026-9999/grade"),
        ("/thread/{signal police}", "/thread/WES-S-2026-9999"),
    ):
        paths = there.format_map(matrix.facts.references), not_there
        hidden, missing = (without_nonce(matrix.visit("clinician.panel", "GET", path).text) for path in paths)
        assert hidden.replace(paths[0], "") == missing.replace(paths[1], "")


def without_nonce(text: str) -> str:
    """Leave out what is random in every answer: headers, and the one-time marks of scripts."""
    return re.sub(r'(nonce|content)="[^"]*"|name="csrf_token"[^>]*', "", text.partition("\n\n")[2])
