"""Who may hold which planted word, and who must: the half of the access rules that no status code shows.

A word that stands for a record's field is found on some page of everyone in `holds`, and in no answer of any kind to
anybody who is neither there nor in `may_also`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.web.matrix.people import (
    COORDINATORS,
    HOUSING_REP,
    IG,
    KNOWN_BY,
    LEAD,
    NEIGHBOUR_COORDINATOR,
    NEIGHBOUR_IG,
    NEIGHBOUR_REVIEWER,
    NEIGHBOUR_WRITER,
    NEIGHBOURS_PANEL,
    NOBODY,
    NOT_RECUSED,
    ON_CALL,
    OWNERS,
    PANEL,
    PANEL_AND_POLICE_ONLY,
    REVIEW_COORDINATOR,
    REVIEW_MEMBER,
    RUNS_IT,
    RUNS_REVIEWS,
    SEES_LEARNING,
    SIGNERS,
    SRO,
    TREATMENT_REP,
    People,
    people,
)
from tests.web.matrix.world import GRADERS, Facts, canary

PLANTED = re.compile(r"zqzq-[a-z]+(?:[-.][A-Za-z0-9]+)*")
REFERENCE = re.compile(r"(?:WES|EAS)-(?:(?:[SALDM]|LP|REC|ACT)-)?\d{4}-\d{4}|(?:WES|EAS)-[RQ]-[2-9A-Z]{6}")

SENDERS_SHOWN = {
    "routine": RUNS_IT,
    "urgent": RUNS_IT | ON_CALL,
    "corroborating": RUNS_IT,
    "panel": PANEL,
    "police": RUNS_IT,
    "eastmoor": NEIGHBOURS_PANEL,
}
"""To whom the pages tried here show who sent a report, each time for a purpose; the submitter agreed for `panel`."""
RESTRICTED_SHOWN = {
    "urgent": RUNS_IT | ON_CALL,
    "open": RUNS_IT,
    "corroborating": RUNS_IT,
    "police": RUNS_IT,
    "panel": PANEL,
    "revealed": PANEL,
    "decided": RUNS_IT,
    "shared": RUNS_IT,
    "eastmoor": NEIGHBOURS_PANEL,
}
"""To whom the place in detail is shown: the panel's members only while the Signal is with the panel."""
THERE = NEIGHBOURS_PANEL | NEIGHBOUR_WRITER
SEES_REPLIES = PANEL | ON_CALL
READS_DECISIONS = PANEL | SIGNERS | ON_CALL | SRO
FOLLOWS = PANEL | SIGNERS | ON_CALL


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One word, and whose pages hold it."""

    word: str
    holds: People
    may_also: People = NOBODY


def planted(facts: Facts) -> Iterator[Planted]:
    """Give every word there is."""
    yield from _of_reports(facts)
    yield from _of_signals()
    yield from _of_alerts()
    yield from _of_lists()
    yield from _of_reviews()
    yield from _references(facts)


def _of_reports(facts: Facts) -> Iterator[Planted]:
    for record, known in KNOWN_BY.items():
        kind, _, name = record.partition(" ")
        if kind != "report":
            continue
        owner = OWNERS.get(name, NOBODY)
        for field in ("words", "sold"):
            yield Planted(word=canary(f"{field}-{name}"), holds=known, may_also=owner)
        shown = SENDERS_SHOWN.get(name, NOBODY)
        for field in ("contact", "name", "organisation"):
            yield Planted(word=canary(f"{field}-{name}"), holds=shown, may_also=owner)
        if name in RESTRICTED_SHOWN:
            yield Planted(word=canary(f"place-{name}"), holds=RESTRICTED_SHOWN[name])
        if name not in ("routine", "urgent", "asked"):
            managers = NEIGHBOUR_COORDINATOR if name == "eastmoor" else COORDINATORS
            reason = canary(f"reason-{facts.references[record]}")
            yield Planted(word=reason, holds=managers, may_also=known)
    for field in ("message-asked", "question-asked"):
        yield Planted(word=canary(field), holds=RUNS_IT | OWNERS["asked"])


def _of_signals() -> Iterator[Planted]:
    for record, known in KNOWN_BY.items():
        kind, _, name = record.partition(" ")
        if kind == "signal":
            yield Planted(word=canary(f"title-{name}"), holds=known)
    asked = people("treatment.rep", "ambulance.rep")
    yield Planted(word=canary("summary-corroborating"), holds=SEES_REPLIES | asked)
    yield Planted(word=canary("summary-police"), holds=PANEL_AND_POLICE_ONLY | people("ambulance.rep"))
    for agency, who in (
        ("treatment", people("treatment.rep")),
        ("ambulance", people("ambulance.rep")),
        ("hostel", LEAD),
    ):
        yield Planted(word=canary(f"reply-{agency}"), holds=SEES_REPLIES | who)
    for name in ("panel", "revealed", "decided", "shared", "eastmoor"):
        managers = NEIGHBOUR_COORDINATOR if name == "eastmoor" else COORDINATORS
        yield Planted(word=canary(f"skipped-{name}"), holds=managers, may_also=KNOWN_BY[f"signal {name}"])
    yield from _of_gradings()
    for field in ("decision", "dissent"):
        yield Planted(word=canary(f"{field}-decided"), holds=READS_DECISIONS)
        yield Planted(word=canary(f"{field}-shared"), holds=READS_DECISIONS | NEIGHBOUR_COORDINATOR)
        yield Planted(word=canary(f"{field}-eastmoor"), holds=THERE)


def _of_gradings() -> Iterator[Planted]:
    for key in ("chair", "clinician.panel"):
        yield Planted(word=canary(f"grading-panel-{key}"), holds=people(key))
    for key in GRADERS:
        yield Planted(word=canary(f"grading-revealed-{key}"), holds=PANEL | ON_CALL)
        yield Planted(word=canary(f"grading-decided-{key}"), holds=PANEL | ON_CALL | SIGNERS)
        yield Planted(word=canary(f"grading-shared-{key}"), holds=PANEL | ON_CALL | SIGNERS)
        yield Planted(word=canary(f"grading-eastmoor-{key}"), holds=THERE)


def _of_alerts() -> Iterator[Planted]:
    for record, known in KNOWN_BY.items():
        kind, _, name = record.partition(" ")
        if kind != "alert":
            continue
        holds = FOLLOWS if name == "withdrawn" else known
        yield Planted(word=canary(f"headline-{name}"), holds=holds)
        yield Planted(word=canary(f"text-{name}"), holds=holds)


def _of_lists() -> Iterator[Planted]:
    keepers = COORDINATORS | people("communications")
    yield Planted(word=canary("list-network"), holds=KNOWN_BY["list network"])
    yield Planted(word=canary("list-eastmoor"), holds=KNOWN_BY["list eastmoor"])
    for field in ("recipient", "post"):
        yield Planted(word=canary(f"{field}-hostel"), holds=keepers | LEAD)
        yield Planted(word=canary(f"{field}-treatment"), holds=keepers)
        yield Planted(word=canary(f"{field}-nobody"), holds=keepers)
        yield Planted(word=canary(f"{field}-eastmoor"), holds=NEIGHBOUR_COORDINATOR | NEIGHBOUR_WRITER)


def _of_reviews() -> Iterator[Planted]:
    """What cases hold is read by those who run the review, unless they are recused, and by whoever wrote it."""
    for name, read in (
        ("notified", RUNS_REVIEWS),
        ("waiting", REVIEW_COORDINATOR),
        ("asked", RUNS_REVIEWS),
        ("panel", NOT_RECUSED),
        ("closed", RUNS_REVIEWS),
        ("eastmoor", NEIGHBOUR_REVIEWER),
    ):
        yield Planted(word=canary(f"story-{name}"), holds=NOBODY, may_also=read)
    yield Planted(word=canary("asked-asked"), holds=RUNS_REVIEWS | HOUSING_REP | TREATMENT_REP)
    for field in ("event-asked", "worked-asked"):
        yield Planted(word=canary(field), holds=RUNS_REVIEWS | HOUSING_REP)
    yield Planted(word=canary("event-own"), holds=RUNS_REVIEWS)
    yield Planted(word=canary("event-draft"), holds=TREATMENT_REP)
    yield Planted(word=canary("factor-panel"), holds=NOT_RECUSED, may_also=REVIEW_MEMBER)
    for field in ("statement-panel", "wording-panel"):
        yield Planted(word=canary(field), holds=NOT_RECUSED | REVIEW_MEMBER)
    yield Planted(word=canary("statement-closed"), holds=RUNS_REVIEWS)
    yield Planted(word=canary("wording-closed"), holds=RUNS_REVIEWS, may_also=SEES_LEARNING)
    for record in ("recommendation accepted", "recommendation proposed", "action housing", "action treatment"):
        field = {"recommendation accepted": "recommendation-closed"}.get(record, record.replace(" ", "-"))
        yield Planted(word=canary(field), holds=KNOWN_BY[record])


def _references(facts: Facts) -> Iterator[Planted]:
    """Who may know that a record exists; the audit names records to its reader, and its staff's to an agency's lead."""
    for record, reference in facts.references.items():
        kind, _, name = record.partition(" ")
        if kind == "ask":
            continue
        known = KNOWN_BY[record]
        readers = NEIGHBOUR_IG if name.endswith("eastmoor") else IG
        may_also = OWNERS.get(name, NOBODY) if kind == "report" else NOBODY
        if may_also & people("hostel.worker"):
            may_also |= LEAD
        if record == "point closed":
            may_also |= SEES_LEARNING
        if kind == "signal" and name in ("decided", "shared"):
            may_also |= SRO
        yield Planted(word=reference, holds=known, may_also=may_also | readers)
