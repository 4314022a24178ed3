"""Every route, method and role against the access rules, by status, by content and by what was written.

Everybody opens every door by which they are let in, to each of its records. Of the doors that refuse them, the short
run tries every eighth, beginning with another one for each person, so that four people are refused at each; the
endurance run tries them all.
"""

from collections.abc import Iterable, Mapping, Sequence

import pytest
from flask import url_for

from tests.forms_of_a_page import forms_that_type_into_an_address
from tests.web.matrix.canaries import PLANTED, REFERENCE, Planted, planted
from tests.web.matrix.expectations import LAST, NOT_JUDGED, ROWS
from tests.web.matrix.people import NEIGHBOURS, ROLELESS, WESTHAVEN
from tests.web.matrix.rows import Row
from tests.web.matrix.visiting import ANONYMOUS, OF_THE_AUDIT, Answer, Matrix

EXAMPLES = frozenset({"WES-2026-0042", "WES-LP-2026-0004", "WES-REC-2026-0004"})
"""The references that hints beside fields give as examples."""
EVERYBODY = (ANONYMOUS, *sorted(ROLELESS), *sorted(WESTHAVEN), *sorted(NEIGHBOURS))


def test_every_route_and_method_has_a_row(matrix: Matrix) -> None:
    doors = {
        (rule.endpoint, method)
        for rule in matrix.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint not in NOT_JUDGED
    }
    rows = {(row.endpoint, row.method) for row in (*ROWS, LAST)}
    assert sorted(doors - rows) == []
    assert sorted(rows - doors) == []


def path_of(matrix: Matrix, row: Row) -> str:
    with matrix.app.test_request_context():
        return url_for(row.endpoint, **row.values(matrix.facts))  # type: ignore[arg-type]


def problems_of(row: Row, who: str, answer: Answer) -> list[str]:
    """Compare one answer with the table."""
    expected, found = row.expected(who), []
    if answer.outcome != expected:
        found.append(f"answered {answer.outcome}, not {expected}{': ' + answer.text if answer.status == 500 else ''}")
    if row.done and expected == "in" and not 300 <= answer.status < 400:
        found.append(f"was not done: {answer.status}")
    if forms_that_type_into_an_address(answer.text):
        found.append("has a form that puts typed words into an address")
    beside = answer.written - OF_THE_AUDIT - row.notes
    if beside and row is not LAST and (row.method == "GET" or expected != "in"):
        found.append(f"wrote {sorted(beside)}")
    return [f"{row.method} {answer.path} {problem}" for problem in found]


def words_of(row: Row, answer: Answer) -> set[str]:
    """Give every planted word and reference in an answer, but for what the person themselves asked for by name."""
    text = answer.text
    if answer.outcome == "sign-in":
        text = text.replace(answer.location, "").partition("\n\n")[0]
    words = set(PLANTED.findall(text)) | set(REFERENCE.findall(text))
    return words - {*row.query.values(), *EXAMPLES}


def leaks_of(who: str, every: Sequence[Planted], found: Mapping[str, set[str]]) -> list[str]:
    """Compare the words that somebody was shown, and where, with those they may hold and must."""
    problems = []
    judged = {each.word for each in every}
    for word in sorted(set(found) - judged):
        if any(page.startswith("GET") for page in found[word]):  # a post names what it has just made
            problems.append(f"{word} is in no table, on {sorted(found[word])[:3]}")
    for each in every:
        if each.word in found and who not in each.holds | each.may_also:
            problems.append(f"{each.word} is shown on {sorted(found[each.word])[:4]}")
        if each.word not in found and who in each.holds:
            problems.append(f"{each.word} is shown nowhere")
    return problems


def judged(who: str) -> list[Row]:
    return [row for row in (*ROWS, LAST) if who in row.judged]


def a_share(who: str) -> list[Row]:
    """Give every row in which somebody is let in, and every eighth of those in which they are refused."""
    begin = EVERYBODY.index(who)
    return [row for n, row in enumerate(judged(who), begin) if n % 8 == 0 or row.expected(who) in ("in", "on")]


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_door(matrix: Matrix, who: str) -> None:
    try_doors(matrix, who, a_share(who))


@pytest.mark.endurance
@pytest.mark.parametrize("who", EVERYBODY)
def test_every_door_to_every_record(matrix: Matrix, who: str) -> None:
    try_doors(matrix, who, judged(who))


def try_doors(matrix: Matrix, who: str, rows: Iterable[Row]) -> None:
    problems: list[str] = []
    found: dict[str, set[str]] = {}
    for row in rows:
        answer = matrix.visit(who, row.method, path_of(matrix, row), row.posted(matrix.facts))
        problems += problems_of(row, who, answer)
        for word in words_of(row, answer) if not row.by_link else ():
            found.setdefault(word, set()).add(f"{row.method} {answer.path}")
    problems += leaks_of(who, list(planted(matrix.facts)), found)
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)
