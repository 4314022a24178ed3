"""Events join the chain with the work they record, in order, and the database refuses to change them."""

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from review_app.audit import context, outside
from review_app.audit.models import AuditEvent, RecordSalt
from review_app.audit.queries import AuditSearch, search, timeline
from review_app.audit.rules import AuditAction, Head, digest
from review_app.audit.service import RecordName, destroy_salt, record, record_denial, record_view, verify
from review_app.db import db, unit_of_work
from review_app.errors import RuleBroken
from review_app.policy import Actor, Assignment, Held, Role
from tests.conftest import FixedClock, Work

pytestmark = pytest.mark.both_databases

REPORT = RecordName(table="submission", reference="WES-2026-0042", partnership_id=1)
COORDINATOR = Actor(
    user_id=7,
    partnership_id=1,
    assignments=frozenset({Assignment(role=Role.COORDINATOR, held=Held.ALERT_PANEL, panel_id=1)}),
)


class Signal:
    """A record whose state is marked N and whose title is not."""

    __tablename__ = "signal"
    __audit_plain__ = frozenset({"state"})
    reference = "WES-S-2026-0007"
    partnership_id = 1


def head_path(app: Flask) -> Path:
    return Path(app.instance_path) / "audit-head.json"


def whole(app: Flask) -> int:
    """Verify, and give the number of events."""
    with app.app_context():
        report = verify(db.session(), head_path(app))
    assert report.ok, str(report)
    return report.events


def record_some(work: Work, clock: FixedClock, count: int = 6) -> None:
    for number in range(count):
        with work() as session:
            record(session, COORDINATOR, "triage", Signal(), at=clock.now(), changes={"state": ("open", f"s{number}")})


def do_and_fail(session: Session, clock: FixedClock) -> None:
    """Record something and fail."""
    record(session, COORDINATOR, "lost", REPORT, at=clock.now())
    raise RuleBroken("no")


def test_an_event_says_who_what_when_and_in_which_request(work: Work, clock: FixedClock) -> None:
    token = context.request_id.set("req-1")
    with work() as session:
        changes = {"state": (None, "open"), "title": ("old words", "new words")}
        record(session, COORDINATOR, "sign_off", Signal(), at=clock.now(), purpose="duty", changes=changes)
    context.request_id.reset(token)
    with work() as session:
        event = timeline(session, "signal", "WES-S-2026-0007")[0]
        salt = session.scalars(select(RecordSalt.salt)).one()
    assert (event.at, event.actor_id, event.partnership_id) == (clock.now(), 7, 1)
    assert (event.action, event.verb, event.purpose, event.request_id) == (
        AuditAction.SIGN,
        "sign_off",
        "duty",
        "req-1",
    )
    assert event.held_roles == ["alert_panel:coordinator"]
    assert event.changes == {
        "state": {"old": None, "new": "open"},
        "title": {"old_digest": digest(salt, "old words"), "new_digest": digest(salt, "new words")},
    }
    assert "words" not in event.content


def test_destroying_a_records_salt_leaves_its_digests_without_a_key(app: Flask, work: Work, clock: FixedClock) -> None:
    with work() as session:
        record(session, None, "create", Signal(), at=clock.now(), changes={"title": (None, "words")})
    with work() as session:
        destroy_salt(session, "signal", Signal.reference)
        assert session.scalar(select(func.count()).select_from(RecordSalt)) == 0
    assert whole(app) == 1


def test_what_is_rolled_back_leaves_no_event(app: Flask, work: Work, clock: FixedClock) -> None:
    with pytest.raises(RuleBroken), work() as session:
        do_and_fail(session, clock)
    assert whole(app) == 0
    record_some(work, clock, 1)
    assert whole(app) == 1


def test_a_savepoint_takes_only_its_own_events_with_it(app: Flask, work: Work, clock: FixedClock) -> None:
    with work() as session:
        record(session, COORDINATOR, "first", REPORT, at=clock.now())
        with pytest.raises(RuleBroken), session.begin_nested():
            do_and_fail(session, clock)
        with session.begin_nested():
            record(session, COORDINATOR, "second", REPORT, at=clock.now())
    with work() as session:
        assert [event.verb for event in timeline(session, REPORT.table, REPORT.reference)] == ["first", "second"]
    assert whole(app) == 2


def test_a_denial_and_a_view_have_transactions_of_their_own(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        record_denial(COORDINATOR, "submission", "EAS-2026-0001", at=clock.now())
        record_denial(None, "submission", "EAS-2026-0001", at=clock.now())
        record_view(COORDINATOR, REPORT, at=clock.now(), section="contact", purpose="to ring back")
        denied = timeline(db.session(), "submission", "EAS-2026-0001")
        viewed = timeline(db.session(), "submission", REPORT.reference)
    assert [(event.action, event.actor_id, event.partnership_id) for event in denied] == [
        (AuditAction.DENIED, 7, 1),
        (AuditAction.DENIED, None, None),
    ]
    assert [(event.action, event.section, event.purpose) for event in viewed] == [
        (AuditAction.VIEW, "contact", "to ring back")
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET verb = 'other' WHERE sequence = 2",
        "DELETE FROM audit_event WHERE sequence = 2",
        "DELETE FROM audit_event",
    ],
)
def test_the_database_refuses_to_change_or_delete_events(
    app: Flask, work: Work, clock: FixedClock, statement: str
) -> None:
    record_some(work, clock, 3)
    with pytest.raises(DBAPIError, match="append-only"), work() as session:
        session.execute(text(statement))
    assert whole(app) == 3


def test_writers_at_the_same_time_make_one_chain(app: Flask, clock: FixedClock) -> None:
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for _ in range(5):
                with app.app_context(), unit_of_work() as session:
                    record(session, None, f"w{number}", Signal(), at=clock.now(), changes={"title": ("a", "b")})
                    record(session, None, f"w{number}", REPORT, at=clock.now())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert whole(app) == 60
    assert outside.read_head(head_path(app)) is not None


def test_the_outside_head_follows_every_commit_and_never_goes_backwards(
    app: Flask, work: Work, clock: FixedClock
) -> None:
    record_some(work, clock, 2)
    kept = outside.read_head(head_path(app))
    assert kept is not None
    assert kept.sequence == 2
    outside.write_head(head_path(app), Head(sequence=1, hash="0" * 64))
    assert outside.read_head(head_path(app)) == kept
    assert sorted(path.name for path in head_path(app).parent.glob("audit-head*")) == [
        "audit-head.json",
        "audit-head.lock",
    ]


def test_a_head_that_cannot_be_written_does_not_undo_the_work(app: Flask, work: Work, clock: FixedClock) -> None:
    record_some(work, clock, 1)
    head_path(app).unlink()
    head_path(app).mkdir()
    record_some(work, clock, 1)
    with work() as session:
        assert len(timeline(session, "signal", Signal.reference)) == 2


IG_LEAD = Assignment(role=Role.IG_LEAD, held=Held.PARTNERSHIP)
ADMIN = Assignment(role=Role.ADMIN, held=Held.PARTNERSHIP)
LEAD = Assignment(role=Role.AGENCY_LEAD, held=Held.AGENCY, agency_id=3)
CHAIR = Assignment(role=Role.CHAIR, held=Held.ALERT_PANEL, panel_id=1)


def reader(assignment: Assignment, partnership_id: int = 1) -> Actor:
    return Actor(user_id=1, partnership_id=partnership_id, assignments=frozenset({assignment}))


def worker_of(agency_id: int, user_id: int) -> Actor:
    held = frozenset({Assignment(role=Role.AGENCY_REPRESENTATIVE, held=Held.AGENCY, agency_id=agency_id)})
    return Actor(user_id=user_id, partnership_id=1, assignments=held)


def verbs(session: Session, actor: Actor, wanted: AuditSearch) -> list[str]:
    return [event.verb for event in search(session, actor, wanted).events]


def test_each_reader_finds_what_the_table_gives_them(work: Work, clock: FixedClock) -> None:
    start: datetime = clock.now()
    with work() as session:
        record(session, worker_of(3, 20), "view", REPORT, at=start)
        record(session, worker_of(33, 21), "answer", REPORT, at=start + timedelta(hours=1))
        record(session, worker_of(4, 22), "sign_in", Signal(), at=start + timedelta(hours=2))
        other = RecordName(table="submission", reference="EAS-2026-0001", partnership_id=2)
        record(session, None, "elsewhere", other, at=start)
    with work() as session:
        assert verbs(session, reader(IG_LEAD), AuditSearch()) == ["sign_in", "answer", "view"]
        assert verbs(session, reader(IG_LEAD, 2), AuditSearch()) == ["elsewhere"]
        assert verbs(session, reader(ADMIN), AuditSearch()) == ["sign_in"]
        assert verbs(session, reader(LEAD), AuditSearch()) == ["view"]
        assert verbs(session, reader(CHAIR), AuditSearch()) == []
        assert verbs(session, reader(IG_LEAD), AuditSearch(reference=REPORT.reference)) == ["answer", "view"]
        assert verbs(session, reader(IG_LEAD), AuditSearch(actor_id=20)) == ["view"]
        hour = AuditSearch(since=start + timedelta(hours=1), until=start + timedelta(hours=2))
        assert verbs(session, reader(IG_LEAD), hour) == ["answer"]


def test_a_search_is_read_a_page_at_a_time(work: Work, clock: FixedClock) -> None:
    with work() as session:
        for number in range(120):
            record(session, None, f"v{number}", REPORT, at=clock.now())
    with work() as session:
        first = search(session, reader(IG_LEAD), AuditSearch())
        last = search(session, reader(IG_LEAD), AuditSearch(), page=3)
        assert (first.total, first.pages, len(first.events), len(last.events)) == (120, 3, 50, 20)
        assert (first.events[0].verb, last.events[-1].verb) == ("v119", "v0")
        assert search(session, reader(CHAIR), AuditSearch()).pages == 1


def test_events_are_counted_and_not_moved(work: Work, clock: FixedClock) -> None:
    record_some(work, clock, 3)
    with work() as session:
        numbers = session.scalars(select(AuditEvent.sequence).order_by(AuditEvent.sequence)).all()
    assert numbers == [1, 2, 3]
