"""Who may know of which alert: drafts for those who write and sign, and afterwards by mark and audience."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from review_app.alerts.commands import AlertFilter
from review_app.alerts.models import Alert, AlertVersion, Delivery, Recipient
from review_app.alerts.queries.editor import editor_page
from review_app.alerts.queries.pages import alert_list, alert_page
from review_app.alerts.queries.versions import newest_version, wording_of
from review_app.alerts.queries.visibility import (
    get_alert,
    get_locked_alert,
    get_own_alert,
    visible_alerts,
    visible_versions,
)
from review_app.alerts.rules import AlertLevel, AlertState, DeliveryState, VersionKind, VersionState, WithdrawalReason
from review_app.errors import NotAllowed, NotVisible
from review_app.marks import Audience, Tlp
from review_app.policy import Actor
from tests import factories
from tests.service.alert_cases import edit, ready_draft, submitted

WRITERS_AND_SIGNERS = {
    "coordinator", "coordinator2", "chair", "deputy", "approver", "dph", "communications", "oncall"
}  # fmt: skip
PANEL = {"police.panel", "clinician.panel", "treatment.panel"}
HOSTEL = {"lead", "hostel.worker"}


def issue(session, alert, mark, *, now):
    """Let the newest version be in force under a mark, sent to the hostel."""
    version = newest_version(session, alert)
    version.tlp, version.digest = mark, version.digest or "d"
    version.release_at = version.released_at = now
    version.state = VersionState.SENT
    alert.state, alert.activated_at = AlertState.ACTIVE, now
    person = session.scalars(select(Recipient)).first()
    session.flush()
    session.add(
        Delivery(
            alert_version_id=version.id,
            recipient_id=person.id,
            exercise=version.exercise,
            address=person.address,
            normalised=f"{version.id}-{person.normalised}",
            agency_id=person.agency_id,
            state=DeliveryState.SENT,
            message_id=f"<{version.id}@alerts.example>",
        )
    )
    session.flush()


def readers(session, place, alert):
    """Give the people of a Partnership who may know of an alert."""
    return {
        key
        for key in place.users
        if session.scalar(visible_alerts(place.actor(key)).where(Alert.id == alert.id)) is not None
    }


def test_a_draft_is_known_to_those_who_write_and_sign_alone(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        alert = ready_draft(session, world.westhaven, now=clock.now())
        assert readers(session, world.westhaven, alert) == WRITERS_AND_SIGNERS
        assert readers(session, world.eastmoor, alert) == set()
        with pytest.raises(NotVisible):
            get_alert(session, None, alert.reference)


def test_the_panel_follows_a_version_from_its_submission_on(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        alert = ready_draft(session, here, now=clock.now())
        submitted(session, here, alert, now=clock.now())
        assert readers(session, here, alert) == WRITERS_AND_SIGNERS | PANEL
        changed = replace(wording_of(session, newest_version(session, alert)), headline="Another")
        edit(session, here, "coordinator", alert, changed, now=clock.now())
        assert readers(session, here, alert) == WRITERS_AND_SIGNERS


@pytest.mark.parametrize("mark", list(Tlp))
def test_what_has_gone_out_is_known_by_its_mark(work, clock, mark):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here, there = world.westhaven, world.eastmoor
        alert = ready_draft(session, here, now=clock.now())
        issue(session, alert, mark, now=clock.now())
        strict = WRITERS_AND_SIGNERS | PANEL
        expected = {
            Tlp.CLEAR: set(here.users),
            Tlp.GREEN: set(here.users),
            Tlp.AMBER: strict | HOSTEL,
            Tlp.AMBER_STRICT: strict,
            Tlp.RED: strict,
        }[mark]
        assert readers(session, here, alert) == expected
        assert readers(session, there, alert) == (set(there.users) if mark in (Tlp.CLEAR, Tlp.GREEN) else set())
        public = session.scalars(visible_alerts(None)).all()
        assert public == ([alert] if mark is Tlp.CLEAR else [])


def test_an_ended_alert_stays_readable(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        issue(session, alert, Tlp.CLEAR, now=clock.now())
        alert.state, alert.ended_at = AlertState.EXPIRED, clock.now()
        session.flush()
        assert alert_page(session, None, alert.reference, now=clock.now()).text is not None


@pytest.mark.parametrize("mark", [Tlp.CLEAR, Tlp.GREEN])
def test_neither_an_exercise_nor_what_is_police_sensitive_is_ever_read_elsewhere(work, clock, mark):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here, there = world.westhaven, world.eastmoor
        alert = ready_draft(session, here, now=clock.now())
        issue(session, alert, mark, now=clock.now())
        drill = Alert(
            partnership_id=here.partnership.id, reference="WES-A-2026-0099", exercise=True, state=AlertState.ACTIVE,
            created_at=clock.now(), created_by_id=here.user("coordinator").id,
        )  # fmt: skip
        session.add(drill)
        first = newest_version(session, alert)
        add_version(session, drill, clock.now(), after=first, number=1, exercise=True)
        assert readers(session, here, drill) == set(here.users)
        assert readers(session, there, drill) == set()
        alert.police_sensitive = True
        session.flush()
        assert session.scalars(visible_alerts(None)).all() == []
        assert readers(session, here, alert) == {"coordinator", "coordinator2", "chair", "deputy", "police.panel"}
        assert readers(session, there, alert) == set()


@pytest.mark.parametrize("state", [AlertState.ACTIVE, AlertState.EXPIRED, AlertState.WITHDRAWN])
def test_a_neighbour_reads_the_text_of_a_green_alert_and_no_more(work, clock, state):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here, coordinator = world.westhaven, world.eastmoor.actor("coordinator")
        alert = ready_draft(session, here, now=clock.now())
        issue(session, alert, Tlp.GREEN, now=clock.now())
        if state is not AlertState.ACTIVE:
            alert.state, alert.ended_at = state, clock.now()
        session.flush()
        page = alert_page(session, coordinator, alert.reference, now=clock.now())
        assert page.text is not None
        assert page.whose == here.partnership.name
        assert not any((page.follows, page.may, page.events, page.signals, page.deliveries, page.names, page.missing))
        (row,) = alert_list(session, coordinator, AlertFilter(), page=1).rows
        assert (row.headline, row.whose) == (newest_version(session, alert).headline, here.partnership.name)
        assert alert_list(session, here.actor("nurse"), AlertFilter(), page=1).rows[0].whose == ""
        assert alert_list(session, None, AlertFilter(), page=1).rows == ()


def test_a_neighbour_may_change_nothing_about_an_alert_they_read(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        alert = ready_draft(session, world.westhaven, now=clock.now())
        issue(session, alert, Tlp.GREEN, now=clock.now())
        for key in ("coordinator", "chair", "approver", "communications", "dph", "oncall"):
            actor = world.eastmoor.actor(key)
            for get in (get_own_alert, get_locked_alert):
                with pytest.raises(NotAllowed):
                    get(session, actor, alert.reference)
            with pytest.raises(NotAllowed):
                editor_page(session, actor, alert.reference, now=clock.now())


def test_somebody_without_a_role_reads_no_green_alert(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        issue(session, alert, Tlp.GREEN, now=clock.now())
        nobody = Actor(user_id=here.actor("nurse").user_id, partnership_id=here.partnership.id)
        assert session.scalars(visible_alerts(nobody)).all() == []


def add_version(session, alert, now, *, after=None, **changes):
    """Let another version of an alert go out that is like an earlier one."""
    first = after or newest_version(session, alert)
    session.add(
        AlertVersion(**{
            "alert": alert, "number": 2, "kind": VersionKind.CORRECTION, "state": VersionState.SENT,
            "exercise": False, "level": first.level, "audience": first.audience, "tlp": first.tlp,
            "headline": "Grey powder", "parts": {}, "author_id": first.author_id, "created_at": now, "digest": "d",
            "release_at": now, "released_at": now, **changes,
        })
    )  # fmt: skip
    session.flush()


def test_a_search_finds_no_words_that_its_reader_can_no_longer_read(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here, now = world.westhaven, clock.now()
        alert = ready_draft(session, here, now=now)
        newest_version(session, alert).headline = "Orange tablets at a named hostel"
        issue(session, alert, Tlp.GREEN, now=now)

        def finds(actor, words):
            return [row.alert.reference for row in alert_list(session, actor, AlertFilter(words=words), page=1).rows]

        readers = here.actor("nurse"), world.eastmoor.actor("coordinator")
        for reader in readers:
            assert finds(reader, "hostel") == [alert.reference]
        add_version(session, alert, now, tlp=Tlp.GREEN)
        for reader in readers:
            assert finds(reader, "hostel") == []
            assert finds(reader, "powder") == [alert.reference]
        assert finds(here.actor("dph"), "hostel") == [alert.reference]
        ending = {"number": 3, "kind": VersionKind.WITHDRAWAL, "headline": "Grey powder"}
        add_version(session, alert, now, withdrawal_reason=WithdrawalReason.IDENTIFIES_SOMEONE, **ending)
        alert.state, alert.ended_at = AlertState.WITHDRAWN, now
        session.flush()
        for reader in readers:
            assert finds(reader, "powder") == []
            assert finds(reader, alert.reference) == [alert.reference]
        assert finds(here.actor("dph"), "powder") == [alert.reference]


def test_the_public_sees_the_version_in_force_and_not_the_next_one(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        issue(session, alert, Tlp.CLEAR, now=clock.now())
        first = newest_version(session, alert)
        session.add(
            AlertVersion(
                alert=alert, number=2, kind=VersionKind.UPDATE, exercise=False, level=first.level,
                audience=Audience.PUBLIC, tlp=Tlp.CLEAR, headline="Not for you yet", parts={},
                author_id=first.author_id, created_at=clock.now(),
            )
        )  # fmt: skip
        session.flush()
        assert [each.number for each in visible_versions(session, None, alert)] == [1]
        assert alert_page(session, None, alert.reference, now=clock.now()).version.number == 1
        assert [each.number for each in visible_versions(session, here.actor("police.panel"), alert)] == [1]
        assert [each.number for each in visible_versions(session, here.actor("dph"), alert)] == [2, 1]
        for number in (2, 3):
            with pytest.raises(NotVisible):
                alert_page(session, None, alert.reference, now=clock.now(), number=number)


def test_a_mark_that_was_narrowed_counts_and_an_earlier_wider_one_does_not(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        issue(session, alert, Tlp.CLEAR, now=clock.now())
        first = newest_version(session, alert)
        session.add(
            AlertVersion(
                alert=alert, number=2, kind=VersionKind.CORRECTION, state=VersionState.SENT, exercise=False,
                level=AlertLevel.RED, audience=Audience.PROFESSIONALS, tlp=Tlp.AMBER_STRICT, headline="Narrower",
                parts={}, author_id=first.author_id, created_at=clock.now(), digest="d", release_at=clock.now(),
                released_at=clock.now(),
            )
        )  # fmt: skip
        session.flush()
        with pytest.raises(NotVisible):
            get_alert(session, None, alert.reference)
        assert readers(session, here, alert) == WRITERS_AND_SIGNERS | PANEL


def test_a_text_withdrawn_because_it_identifies_someone_is_shown_to_nobody_outside(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        issue(session, alert, Tlp.CLEAR, now=clock.now())
        first = newest_version(session, alert)
        session.add(
            AlertVersion(
                alert=alert, number=2, kind=VersionKind.WITHDRAWAL, state=VersionState.SENT, exercise=False,
                level=first.level, audience=first.audience, tlp=Tlp.CLEAR, headline=first.headline, parts={},
                author_id=first.author_id, created_at=clock.now(), digest="d", release_at=clock.now(),
                released_at=clock.now(), withdrawal_reason=WithdrawalReason.IDENTIFIES_SOMEONE,
            )
        )  # fmt: skip
        alert.state, alert.ended_at = AlertState.WITHDRAWN, clock.now()
        session.flush()
        assert alert_page(session, None, alert.reference, now=clock.now()).text is None
        assert alert_page(session, here.actor("nurse"), alert.reference, now=clock.now()).text is None
        assert alert_page(session, here.actor("dph"), alert.reference, now=clock.now()).text is not None


def test_signatures_deliveries_and_the_story_are_not_for_those_who_only_read(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        issue(session, alert, Tlp.GREEN, now=clock.now())
        page = alert_page(session, here.actor("nurse"), alert.reference, now=clock.now())
        assert not any((page.follows, page.may, page.events, page.signals, page.deliveries, page.names))
