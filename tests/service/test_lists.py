"""Who keeps distribution lists, who sees whom on them, and what a file may bring in."""

import time
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from review_app.alerts.commands import (
    AddRecipient,
    ArchiveList,
    ChangeList,
    ChangeRecipient,
    ImportRecipients,
    MakeList,
    RecipientDetails,
    RecipientFilter,
    RemoveRecipient,
)
from review_app.alerts.models import Recipient
from review_app.alerts.queries import lists as queries
from review_app.alerts.rules import ImportRow, ListKind
from review_app.alerts.service import lists as service
from review_app.audit.queries import timeline
from review_app.errors import NotAllowed, NotVisible, RuleBroken, Stale
from tests import factories
from tests.service.alert_cases import make_list

KEEPERS = {"coordinator", "coordinator2", "communications"}
COUNTERS = {"chair", "deputy", "approver", "dph", "oncall"}


def on(session, made):
    return session.scalars(select(Recipient).where(Recipient.list_id == made.id).order_by(Recipient.id)).all()


def test_who_sees_a_list_who_sees_a_number_and_who_knows_of_none(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        made = make_list(session, here, now=clock.now(), people=2)
        police = AddRecipient(
            reference=made.reference,
            details=RecipientDetails(address="duty@police.example", agency_id=here.agencies["police"].id),
        )
        service.add_recipient(session, here.actor("coordinator"), police, now=clock.now())
        session.flush()
        for key in sorted(here.users):
            actor, rows = here.actor(key), queries.list_rows(session, here.actor(key), archived=False)
            page = queries.recipients_of(session, actor, made, RecipientFilter(), page=1)
            seen = {row.recipient.address for row in page.rows}
            if key in KEEPERS:
                assert (len(rows), rows[0].number, len(seen)) == (1, 3, 3), key
            elif key in COUNTERS:
                assert (len(rows), rows[0].number, len(seen)) == (1, 3, 0), key
            elif key == "lead":
                assert (rows[0].number, len(seen)) == (2, 2)
                assert "duty@police.example" not in seen
            else:
                assert (rows, seen) == ([], set()), key
                with pytest.raises(NotVisible):
                    queries.get_list(session, actor, made.reference)
        assert queries.list_rows(session, world.eastmoor.actor("coordinator"), archived=False) == []


def test_only_coordinator_and_communications_keep_lists(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        made = make_list(session, here, now=clock.now(), people=1)
        person = on(session, made)[0]
        details = RecipientDetails(address="a@b.example")
        for key in sorted(here.users):
            actor = here.actor(key)
            acts = (
                lambda who: service.add_recipient(
                    session, who, AddRecipient(reference=made.reference, details=details), now=clock.now()
                ),
                lambda who: service.remove_recipient(
                    session,
                    who,
                    RemoveRecipient(reference=made.reference, recipient_id=person.id, version=1),
                    now=clock.now(),
                ),
                lambda who: service.import_recipients(
                    session, who, ImportRecipients(reference=made.reference), now=clock.now()
                ),
                lambda who: service.change_list(
                    session,
                    who,
                    ChangeList(reference=made.reference, version=1, name="X", kind=ListKind.CLINICAL),
                    now=clock.now(),
                ),
                lambda who: service.archive_list(
                    session, who, ArchiveList(reference=made.reference, version=1, archived=True), now=clock.now()
                ),
            )
            if key in KEEPERS:
                continue
            for act in acts:
                with pytest.raises((NotAllowed, NotVisible)):
                    act(actor)
        with pytest.raises(NotAllowed):
            service.make_list(session, here.actor("chair"), MakeList(name="Y", kind=ListKind.NETWORK), now=clock.now())


def test_a_list_is_made_renamed_archived_and_each_is_recorded(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        communications = here.actor("communications")
        made = service.make_list(session, communications, MakeList(name="A", kind=ListKind.NETWORK), now=clock.now())
        session.flush()
        renamed = ChangeList(reference=made.reference, version=made.version, name="B", kind=ListKind.CLINICAL)
        service.change_list(session, communications, renamed, now=clock.now())
        session.flush()
        with pytest.raises(Stale):
            service.change_list(session, communications, renamed, now=clock.now())
        shut = ArchiveList(reference=made.reference, version=made.version, archived=True)
        service.archive_list(session, communications, shut, now=clock.now())
        with pytest.raises(RuleBroken, match="already"):
            service.make_list(session, communications, MakeList(name="B", kind=ListKind.NETWORK), now=clock.now())
        assert made.reference == "WES-L-2026-0001"
        reference = made.reference
    with work() as session:
        assert [event.verb for event in timeline(session, "distribution_list", reference)] == [
            "add",
            "change",
            "archive",
        ]


def test_an_address_is_on_a_list_once_and_comes_back_after_leaving(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        made, coordinator = make_list(session, here, now=clock.now(), people=0), here.actor("coordinator")
        details = RecipientDetails(address="Duty@Hostel.EXAMPLE", role="Manager", confirmed=True)
        command = AddRecipient(reference=made.reference, details=details)
        added = service.add_recipient(session, coordinator, command, now=clock.now())
        session.flush()
        assert (added.normalised, added.confirmed_at) == ("duty@hostel.example", clock.now())
        with pytest.raises(RuleBroken, match="already"):
            service.add_recipient(
                session,
                coordinator,
                replace(command, details=replace(details, address="duty@hostel.example ")),
                now=clock.now(),
            )
        gone = RemoveRecipient(reference=made.reference, recipient_id=added.id, version=added.version)
        service.remove_recipient(session, coordinator, gone, now=clock.now())
        session.flush()
        assert service.remove_recipient(session, coordinator, gone, now=clock.now()).left_at == clock.now()
        assert service.add_recipient(session, coordinator, command, now=clock.now()) is added
        assert added.left_at is None
        with pytest.raises(RuleBroken, match="correct format"):
            service.add_recipient(
                session, coordinator, replace(command, details=replace(details, address="nobody")), now=clock.now()
            )


def test_a_recipient_is_corrected_by_one_of_two_who_opened_them(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        made, coordinator = make_list(session, here, now=clock.now(), people=2), here.actor("coordinator")
        first, second = on(session, made)
        details = RecipientDetails(address="new@hostel.example", agency_id=here.agencies["hostel"].id)
        command = ChangeRecipient(
            reference=made.reference, recipient_id=first.id, version=first.version, details=details
        )
        service.change_recipient(session, coordinator, command, now=clock.now())
        session.flush()
        assert first.normalised == "new@hostel.example"
        with pytest.raises(Stale):
            service.change_recipient(session, coordinator, command, now=clock.now())
        taken = replace(command, recipient_id=second.id, version=second.version)
        with pytest.raises(RuleBroken, match="already"):
            service.change_recipient(session, coordinator, taken, now=clock.now())
        foreign = replace(details, address="x@y.example", agency_id=world.eastmoor.agencies["hostel"].id)
        with pytest.raises(RuleBroken, match="does not belong"):
            service.change_recipient(session, coordinator, replace(taken, details=foreign), now=clock.now())


def test_a_file_is_imported_once_however_often_it_is_confirmed(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        made, coordinator = make_list(session, here, now=clock.now(), people=1), here.actor("coordinator")
        agency = here.agencies["hostel"].name.upper()
        rows = (
            ImportRow(line=2, address="one@hostel.example", agency=agency, role="Manager"),
            ImportRow(line=3, address="ONE@hostel.example"),
            ImportRow(line=4, address="p0@wes-l-2026-0001.example"),
            ImportRow(line=5, address="two@hostel.example"),
        )
        command = ImportRecipients(reference=made.reference, rows=rows)
        assert service.import_recipients(session, coordinator, command, now=clock.now()) == 2
        assert service.import_recipients(session, coordinator, command, now=clock.now()) == 0
        people = {each.normalised: each for each in on(session, made)}
        assert len(people) == 3
        assert people["one@hostel.example"].agency_id == here.agencies["hostel"].id
        assert people["one@hostel.example"].version == 1


def test_those_who_left_are_not_brought_back_by_a_file(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        made, coordinator = make_list(session, here, now=clock.now(), people=1), here.actor("coordinator")
        person = on(session, made)[0]
        gone = RemoveRecipient(reference=made.reference, recipient_id=person.id, version=person.version)
        service.remove_recipient(session, coordinator, gone, now=clock.now())
        session.flush()
        rows = (ImportRow(line=1, address=person.address),)
        assert (
            service.import_recipients(
                session, coordinator, ImportRecipients(reference=made.reference, rows=rows), now=clock.now()
            )
            == 0
        )
        [judged] = queries.preview_import(session, made, rows).wrong
        assert "has left" in judged.words


@pytest.mark.both_databases
def test_twelve_hundred_rows_are_judged_and_imported_within_three_seconds(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        made, coordinator = make_list(session, here, now=clock.now(), people=0), here.actor("coordinator")
        agency = here.agencies["hostel"].name
        rows = tuple(ImportRow(line=n, address=f"worker{n}@hostel.example", agency=agency) for n in range(1200))
        session.flush()
        started = time.process_time()
        assert len(queries.preview_import(session, made, rows).good) == 1200
        command = ImportRecipients(reference=made.reference, rows=rows)
        assert service.import_recipients(session, coordinator, command, now=clock.now()) == 1200
        assert time.process_time() - started < 3
        assert session.scalar(select(func.count()).select_from(Recipient)) == 1200


def test_recipients_are_paged_searched_and_filtered(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        made, coordinator = make_list(session, here, now=clock.now(), people=120), here.actor("coordinator")
        first = queries.recipients_of(session, coordinator, made, RecipientFilter(), page=1)
        assert (len(first.rows), first.total, first.pages) == (50, 120, 3)
        last = queries.recipients_of(session, coordinator, made, RecipientFilter(), page=3)
        assert len(last.rows) == 20
        found = queries.recipients_of(session, coordinator, made, RecipientFilter(words="P11@"), page=1)
        assert [row.recipient.normalised for row in found.rows] == ["p11@wes-l-2026-0001.example"]
        assert queries.recipients_of(session, coordinator, made, RecipientFilter(words="%"), page=1).total == 0
        none = RecipientFilter(agency_id=here.agencies["police"].id)
        assert queries.recipients_of(session, coordinator, made, none, page=1).total == 0
        assert queries.recipients_of(session, coordinator, made, RecipientFilter(left=True), page=1).total == 0


def test_an_exercise_list_makes_exercise_recipients(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        made = make_list(session, here, now=clock.now(), people=0, exercise=True)
        rows = (ImportRow(line=1, address="a@b.example"),)
        service.import_recipients(
            session, here.actor("coordinator"), ImportRecipients(reference=made.reference, rows=rows), now=clock.now()
        )
        assert [each.exercise for each in on(session, made)] == [True]
