"""Who may know of which report and Signal: every role against every kind of record, by content."""

import pytest

from review_app.submissions import queries
from review_app.submissions.models import Signal, Submission
from review_app.submissions.queries.inbox import InboxFilter, deidentified, inbox, totals
from review_app.submissions.queries.report import report_page
from review_app.submissions.rules import NameSharing, SignalState
from tests import factories

LEADS = ("coordinator", "coordinator2", "chair", "deputy")
MEMBERS = ("police.panel", "clinician.panel", "treatment.panel")
SIGNERS = ("approver", "dph", "communications")
NOBODY = frozenset[str]()

REPORTS = {
    "routine": {*LEADS},
    "urgent": {*LEADS, "oncall"},
    "open": {*LEADS},
    "corroborating": {*LEADS, *MEMBERS},
    "with_panel": {*LEADS, *MEMBERS},
    "closed_signal": {*LEADS, *MEMBERS},
    "sensitive": {*LEADS, "police.panel"},
    "sensitive_urgent": {*LEADS},
    "foreign": NOBODY,
}
SIGNALS = {
    "open": {*LEADS, *MEMBERS, "oncall"},
    "corroborating": {*LEADS, *MEMBERS, "oncall"},
    "with_panel": {*LEADS, *MEMBERS, "oncall"},
    "decided": {*LEADS, *MEMBERS, *SIGNERS, "oncall"},
    "monitoring": {*LEADS, *MEMBERS, *SIGNERS, "oncall"},
    "closed": {*LEADS, *MEMBERS, *SIGNERS, "oncall"},
    "sensitive": {*LEADS, "police.panel"},
    "foreign": NOBODY,
    "shared": {"coordinator", "coordinator2"},
}


@pytest.fixture
def scene(work, clock):
    """One report and one Signal of every kind that the rules tell apart."""
    now = clock.now()
    with work() as session:
        world = factories.world(session, now=now)
        here, there = world.westhaven, world.eastmoor

        def report(**answers):
            return factories.make_submission(session, here, now=now, **answers)

        def signal(state, *reports, **marks):
            return factories.make_signal(session, here, now=now, state=state, submissions=reports, **marks)

        reports = {
            "routine": report(),
            "urgent": report(danger_now=True),
            "open": report(),
            "corroborating": report(),
            "with_panel": report(contact="a@b.example", name_sharing=NameSharing.PANEL),
            "closed_signal": report(contact="c@d.example"),
            "sensitive": report(police_sensitive=True),
            "sensitive_urgent": report(danger_now=True, police_sensitive=True),
            "foreign": factories.make_submission(session, there, now=now, danger_now=True),
        }
        signals = {
            "open": signal(SignalState.OPEN, reports["open"]),
            "corroborating": signal(SignalState.CORROBORATING, reports["corroborating"], reports["sensitive"]),
            "with_panel": signal(SignalState.WITH_PANEL, reports["with_panel"]),
            "decided": signal(SignalState.DECIDED),
            "monitoring": signal(SignalState.MONITORING),
            "closed": signal(SignalState.CLOSED, reports["closed_signal"]),
            "sensitive": signal(SignalState.DECIDED, police_sensitive=True),
            "foreign": factories.make_signal(session, there, now=now, state=SignalState.DECIDED),
            "shared": factories.make_signal(session, there, now=now),
        }
        factories.share_signal(session, signals["shared"], here, now=now)
        hidden = factories.make_signal(session, there, now=now, police_sensitive=True)
        factories.share_signal(session, hidden, here, now=now)
        return (
            world,
            {each.reference: kind for kind, each in reports.items()},
            {each.reference: kind for kind, each in signals.items()},
        )


def kinds_for(rules, who):
    return {kind for kind, people in rules.items() if who in people}


def test_every_role_sees_exactly_the_reports_it_may(work, scene):
    world, reports, _ = scene
    with work() as session:
        for who in world.keys:
            visible = queries.visible_submissions(world.westhaven.actor(who)).order_by(Submission.id)
            assert {reports[each.reference] for each in session.scalars(visible)} == kinds_for(REPORTS, who), who


def test_every_role_sees_exactly_the_signals_it_may(work, scene):
    world, _, signals = scene
    with work() as session:
        for who in world.keys:
            visible = queries.visible_signals(world.westhaven.actor(who)).order_by(Signal.id)
            assert {signals[each.reference] for each in session.scalars(visible)} == kinds_for(SIGNALS, who), who


def test_the_inbox_and_its_count_show_no_more_than_may_be_read(work, scene):
    world, reports, _ = scene
    with work() as session:
        for who in world.keys:
            page = inbox(session, world.westhaven.actor(who), InboxFilter())
            assert {reports[row.reference] for row in page.rows} == kinds_for(REPORTS, who)
            assert page.total == len(page.rows)


def test_restricted_answers_and_identity_follow_their_own_rows(work, scene):
    world, reports, _ = scene
    of = {kind: reference for reference, kind in reports.items()}
    expected = {
        ("coordinator", "routine"): (True, True),
        ("chair", "routine"): (True, True),
        ("oncall", "urgent"): (True, True),
        ("police.panel", "corroborating"): (False, False),
        ("police.panel", "with_panel"): (True, True),
        ("police.panel", "closed_signal"): (False, False),
        ("clinician.panel", "with_panel"): (True, True),
    }
    with work() as session:
        for (who, kind), (restricted, identity) in expected.items():
            page = report_page(session, world.westhaven.actor(who), of[kind])
            assert (page.reach.restricted, page.reach.identity) == (restricted, identity), (who, kind)


def test_place_detail_is_left_out_where_it_may_not_be_seen(work, scene, clock):
    world, reports, _ = scene
    of = {kind: reference for reference, kind in reports.items()}
    here = world.westhaven
    with work() as session:
        from review_app.submissions.commands.triage import AddAnswers
        from review_app.submissions.service.answers import add_answers

        command = AddAnswers(reference=of["corroborating"], answers={"B2": "behind the market"})
        add_answers(session, here.actor("coordinator"), command, now=clock.now())
        session.flush()
        for who, expected in [("coordinator", True), ("chair", True), ("police.panel", False)]:
            page = report_page(session, here.actor(who), of["corroborating"])
            assert ("behind the market" in str(page)) is expected, who


def test_numbers_are_the_partnerships_or_the_agencys_and_never_a_text(work, scene, clock):
    world, _, _ = scene
    here = world.westhaven
    with work() as session:
        factories.make_submission(session, here, now=clock.now(), by="hostel.worker", own_words="Secret words")
        (whole,) = totals(session, here.actor("sro"))
        assert (whole.whose, whole.received) == ("All agencies", 7)
        (own,) = totals(session, here.actor("lead"))
        assert (own.whose, own.received) == (here.agencies["hostel"].name, 1)
        assert totals(session, here.actor("board")) == []
        page = deidentified(session, here.actor("analyst"))
        assert page.total == 7
        shown = str(page.rows)
        for secret in ("Secret words", "WES-", "Harbour", "drowsy", "blue tablets"):
            assert secret not in shown


def test_own_reports_are_the_persons_own(work, scene, clock):
    world, _, _ = scene
    here = world.westhaven
    with work() as session:
        mine = factories.make_submission(session, here, now=clock.now(), by="hostel.worker")
        factories.make_submission(session, here, now=clock.now(), by="nurse")
        own = session.scalars(queries.own_submissions(here.actor("hostel.worker")).order_by(Submission.id)).all()
        assert own == [mine]
