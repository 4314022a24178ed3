"""What a private link opens is the one thing it was made for, whoever holds it."""

import pytest

from tests.web.matrix.canaries import PLANTED, REFERENCE
from tests.web.matrix.visiting import ANONYMOUS, Matrix
from tests.web.matrix.world import canary

OWN_ANSWERS = ("words", "sold", "contact", "name", "organisation")
"""What a submitter has told us. The place in detail, and why the report is in a Signal, were added by others."""


def of_report(name: str, *more: str) -> set[str]:
    """Give the words of a report that its submitter may read."""
    return {f"{field}-{name}" for field in OWN_ANSWERS} | set(more)


QUESTION = {"summary-corroborating", "reply-treatment"}
OPENED = [
    ("/follow/{follow routine}", of_report("routine"), {"words-routine"}),
    ("/follow/{follow asked}", of_report("asked"), {"question-asked", "message-asked"}),
    ("/follow/{follow asked}/answer/1", of_report("asked"), {"question-asked"}),
    ("/follow/{follow corroborating}", of_report("corroborating"), {"words-corroborating"}),
    ("/follow/{follow decided}", of_report("decided"), {"words-decided"}),
    ("/report/sent/{follow routine}", of_report("routine"), set()),
    ("/corroborate/{corroborate treatment}", QUESTION, {"summary-corroborating"}),
    ("/corroborate/{corroborate treatment}/more", QUESTION, {"reply-treatment"}),
    ("/acknowledge/{acknowledge}", {"headline-green"}, {"text-green"}),
]


@pytest.mark.parametrize("who", [ANONYMOUS, "nurse", "coordinator"])
@pytest.mark.parametrize(("path", "may", "must"), OPENED)
def test_a_private_link_shows_its_own_record_and_no_other(
    matrix: Matrix, who: str, path: str, may: set[str], must: set[str]
) -> None:
    answer = matrix.visit(who, "GET", path.format_map(matrix.facts.tokens))
    assert answer.status == 200
    found = set(PLANTED.findall(answer.text))
    assert found <= {canary(each) for each in may | must}
    assert {canary(each) for each in must} <= found
    assert len(set(REFERENCE.findall(answer.text))) <= 1


@pytest.mark.parametrize("door", ["follow", "report/sent", "corroborate", "acknowledge", "invitation"])
def test_a_link_that_opens_nothing_is_a_missing_page(matrix: Matrix, door: str) -> None:
    for token in ("wrong", "1-wrong", "x" * 43):
        assert matrix.visit(ANONYMOUS, "GET", f"/{door}/{token}").status == 404
