"""Recusal wins over every right: who declared what sees how much of a case, and what happens at the same moment."""

import pytest
from sqlalchemy import select

from review_app.audit.models import AuditEvent
from review_app.audit.queries import AuditSearch, search
from review_app.audit.service import AuditAction, record
from review_app.errors import DomainError, NotVisible
from review_app.learning.rules.states import RecommendationState
from review_app.policy import Role
from review_app.reviews.commands.findings import SignCase
from review_app.reviews.commands.meetings import AgendaItem, CorrectDeclaration, DeclareInterest
from review_app.reviews.models import CaseVersion, DeathNotification, DeclarationOfInterest, ReviewCase
from review_app.reviews.queries import (
    agenda_cases,
    counted_cases,
    get_locked_case,
    known_cases,
    pack_cases,
    readable_since,
    recording_cases,
    visible_cases,
)
from review_app.reviews.queries.cases import CaseFilter, cases, every_case
from review_app.reviews.queries.notification_page import notification_page, own_page
from review_app.reviews.queries.signing import content_to_sign
from review_app.reviews.queries.sittings import meeting_page, meetings_page
from review_app.reviews.rules.states import CONFLICTS, HIDES_FROM_ANYONE, CaseState, ConflictKind
from review_app.reviews.service import agenda, declaring, signing
from tests import factories, learned, reviewing, sittings
from tests.racing import at_once
from tests.service.test_signing import to_sign

COORDINATOR, CHAIR, DEPUTY, MEMBER = sittings.SITTERS
CHAIRS = (CHAIR, DEPUTY)
DEPTHS = ("content", "known", "agenda", "pack", "records", "counted")
FULL = {
    COORDINATOR: {"content", "known", "agenda", "pack", "records", "counted"},
    CHAIR: {"content", "known", "agenda", "pack", "records", "counted"},
    DEPUTY: {"content", "known", "agenda", "pack", "records", "counted"},
    MEMBER: {"known", "agenda", "pack", "records"},
}
"""What each person reaches of a listed case at whose meeting they are, as coordinator, chair, deputy and scribe."""
INVOLVED = {COORDINATOR: FULL[COORDINATOR] - {"pack", "records"}, MEMBER: {"known", "agenda"}}
"""What is left to those who do not chair, having been involved or managing somebody who was."""


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def reached(session, actor, case, *, now) -> set[str]:
    since = readable_since(session, actor.partnership_id, now=now)
    narrowed = {
        "content": visible_cases(actor),
        "known": known_cases(actor),
        "agenda": agenda_cases(actor),
        "pack": pack_cases(actor, since=since),
        "records": recording_cases(actor, since=since),
        "counted": counted_cases(actor),
    }
    return {depth for depth, found in narrowed.items() if session.scalar(found.where(ReviewCase.id == case.id))}


def expected(who: str, kind: ConflictKind) -> set[str]:
    if kind is ConflictKind.NONE:
        return FULL[who]
    if kind in HIDES_FROM_ANYONE or who in CHAIRS:
        return set()
    return INVOLVED[who]


@pytest.mark.both_databases
def test_what_somebody_declared_decides_what_they_reach_at_every_depth(work, here, clock):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.INFO_READY)
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case], scribe=MEMBER)
        sittings.be_ready(session, here, meeting, now=clock.now())
        for who in sittings.SITTERS:
            for kind in ConflictKind:
                standing = session.scalars(
                    select(DeclarationOfInterest).where(
                        DeclarationOfInterest.user_id == here.user(who).id, DeclarationOfInterest.replaced_at.is_(None)
                    )
                ).one()
                standing.kind = kind
                session.flush()
                assert reached(session, here.actor(who), case, now=clock.now()) == expected(who, kind), (who, kind)
            standing.kind = ConflictKind.NONE
            session.flush()


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", CONFLICTS)
def test_a_recused_chair_cannot_list_open_find_count_export_or_sign(work, here, clock, kind):
    with work() as session:
        case = to_sign(session, here, clock, review_chair=kind)
        chair, reference = here.actor(CHAIR), case.reference
        assert cases(session, chair, CaseFilter()).total == 0
        assert every_case(session, chair, CaseFilter()) == ()
        assert session.scalars(counted_cases(chair)).all() == []
        assert [row.cases for row in meetings_page(session, chair, None).rows] == [0]
        meeting = meetings_page(session, chair, None).rows[0].reference
        page = meeting_page(session, chair, meeting, now=clock.now())
        assert (page.lines, page.declarations, page.step) == ((), (), "")
        with pytest.raises(NotVisible):
            get_locked_case(session, chair, reference)
        command = SignCase(reference=reference, digest=content_to_sign(session, case).digest)
        with pytest.raises(NotVisible):
            signing.sign_case(session, chair, command, now=clock.now())
        again = DeclareInterest(reference=reference, kind=ConflictKind.NONE)
        with pytest.raises(NotVisible):
            declaring.declare_interest(session, chair, again, now=clock.now())
        deputy = here.actor(DEPUTY)
        assert cases(session, deputy, CaseFilter()).total == 1
        assert signing.sign_case(session, deputy, command, now=clock.now()).number == 1


@pytest.mark.both_databases
def test_of_a_signature_and_a_conflict_at_the_same_moment_none_is_conflicted(app, work, here, clock):
    outcomes = set()
    for _round in range(8):
        with work() as session:
            case = to_sign(session, here, clock)
            command = SignCase(reference=case.reference, digest=content_to_sign(session, case).digest)
        conflict = DeclareInterest(reference=case.reference, kind=ConflictKind.LINE_MANAGES, words="I manage one.")
        ends = at_once(
            app,
            lambda session, command=command: signing.sign_case(session, here.actor(CHAIR), command, now=clock.now()),
            lambda session, conflict=conflict: declaring.declare_interest(
                session, here.actor(CHAIR), conflict, now=clock.now()
            ),
        )
        assert ends[1] is None
        outcomes.add(type(ends[0]).__name__)
        with work() as session:
            verbs = list(
                session.scalars(
                    select(AuditEvent.verb)
                    .where(AuditEvent.object_reference == case.reference)
                    .order_by(AuditEvent.sequence)
                )
            )
            signed = session.scalars(select(CaseVersion).where(CaseVersion.case_id == case.id)).all()
        if ends[0] is None:
            last = len(verbs) - 1 - verbs[::-1].index("declare_interest")
            assert verbs.index("sign_off") < last
        else:
            assert isinstance(ends[0], DomainError)
            assert signed == []
    assert outcomes <= {"NoneType", "NotVisible"}


@pytest.mark.both_databases
def test_of_listing_and_the_only_free_chairs_conflict_at_the_same_moment_listing_never_stands_on_it(
    app, work, here, clock
):
    for _round in range(6):
        with work() as session:
            case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.INFO_READY)
            meeting = sittings.plan_meeting(
                session, here, now=clock.advance(minutes=20), people=(CHAIR, MEMBER), cases=[case]
            )
            for who in (CHAIR, MEMBER):
                sittings.declare(session, here, case, who, now=clock.now())
        item = AgendaItem(meeting=meeting.reference, reference=case.reference)
        conflict = CorrectDeclaration(
            reference=case.reference, user_id=here.user(CHAIR).id, kind=ConflictKind.MEDIA, reason="They told me."
        )
        ends = at_once(
            app,
            lambda session, item=item: agenda.list_case(session, here.actor(COORDINATOR), item, now=clock.now()),
            lambda session, conflict=conflict: declaring.correct_declaration(
                session, here.actor(COORDINATOR), conflict, now=clock.now()
            ),
        )
        assert ends[1] is None
        with work() as session:
            verbs = list(
                session.scalars(
                    select(AuditEvent.verb)
                    .where(AuditEvent.object_reference == case.reference)
                    .order_by(AuditEvent.sequence)
                )
            )
        assert ends[0] is not None or verbs.index("list_case") < verbs.index("correct_declaration")


@pytest.mark.both_databases
def test_two_signatures_at_once_make_one_version(app, work, here, clock):
    with work() as session:
        case = to_sign(session, here, clock)
        command = SignCase(reference=case.reference, digest=content_to_sign(session, case).digest)
    ends = at_once(
        app,
        *(
            lambda session, who=who: signing.sign_case(session, here.actor(who), command, now=clock.now())
            for who in (CHAIR, DEPUTY)
        ),
    )
    assert [end is None for end in ends].count(True) == 1
    with work() as session:
        assert len(session.scalars(select(CaseVersion)).all()) == 1


@pytest.mark.both_databases
def test_a_recused_lead_finds_the_case_nowhere_in_the_audit(work, here, clock):
    now, lead = clock.now(), here.actor("ig")
    with work() as session:
        case = reviewing.make_case(session, here, now=now, state=CaseState.SELECTED, identity=reviewing.SAM)
        notification = session.scalars(select(DeathNotification.reference)).one()
        request = reviewing.ask(session, here, case, "treatment", now=now)[0]
        case.state = CaseState.IN_PANEL
        point = learned.agreed_point(session, here, case, now=now)
        advice = learned.make_recommendation(session, here, [point], now=now, state=RecommendationState.ACCEPTED)
        action = learned.make_action(session, here, advice, now=now)
        hidden = {each.reference for each in (case, request, point, advice, action)} | {notification}
        other = reviewing.make_case(session, here, now=now).reference
        record(session, lead, AuditAction.VIEW, here.partnership, at=now, section="audit", purpose=case.reference)
    with work() as session:
        assert hidden <= told_by_audit(session, lead)
        reviewing.declare(session, here, case, "ig", ConflictKind.FAMILY_OR_FRIEND, now=now)
    with work() as session:
        assert other in told_by_audit(session, lead)
        assert hidden.isdisjoint(told_by_audit(session, lead))
        assert [search(session, lead, AuditSearch(reference=each)).total for each in hidden] == [0] * 6


def told_by_audit(session, reader) -> set[str]:
    events = search(session, reader, AuditSearch()).events
    return {text for event in events for text in (event.object_reference, event.purpose)}


@pytest.mark.both_databases
def test_a_recused_representative_no_longer_finds_what_their_agency_notified(work, here, clock):
    now = clock.now()
    with work() as session:
        notification = reviewing.notify(session, here, "housing.rep", now=now, identity=reviewing.SAM)
        case, waiting = reviewing.case_of(notification), reviewing.notify(session, here, "housing.rep", now=now)
        colleague = factories.make_user(session, "second@housing.example", "Second Person", now=now)
        factories.give_role(
            session, here, colleague, Role.AGENCY_REPRESENTATIVE, now=now, agency_id=here.agencies["housing"].id
        )
        people = [here.actor("housing.rep"), factories.actor_of(session, here, colleague, now=now)]
        both = {notification.reference, waiting.reference}
        assert [{row.reference for row in own_page(session, each).rows} for each in people] == [both, both]
        case.state = CaseState.SELECTED
        reviewing.ask(session, here, case, "housing", now=now)
        reviewing.declare(session, here, case, "housing.rep", ConflictKind.FAMILY_OR_FRIEND, now=now)
        assert {row.reference for row in own_page(session, people[0]).rows} == {waiting.reference}
        assert {row.reference for row in own_page(session, people[1]).rows} == both
        with pytest.raises(NotVisible):
            notification_page(session, people[0], notification.reference, now=now)
