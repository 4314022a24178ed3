"""Rounds of grading, narrowed so that nobody reads another's grading before the reveal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from review_app.accounts.models import Agency, AssignmentState, Panel, PanelMember, RoleAssignment, User
from review_app.catalogue.models import AssessmentScheme
from review_app.catalogue.rules import QuorumRule, Scheme, read_scheme
from review_app.errors import NotAllowed, RuleBroken
from review_app.marks import Modifier, ModifierLevel
from review_app.panel.models import Assessment, PanelDecision
from review_app.panel.rules import (
    REVEALED,
    EfficacyAnswer,
    Grader,
    Quorum,
    SuggestedGrade,
    grade_steps,
    quorum,
    urgent_quorum,
)
from review_app.policy import PANEL_ROLES, Actor, Assignment, Permission, Role, allowed, qualifying
from review_app.submissions.models import Signal
from review_app.submissions.queries import get_signal
from review_app.working_time import london_day

NO_SEAT = "You have no seat on this Signal’s panel, so you cannot grade it. An administrator can give you one."
NOT_OPENED = "Grading has not been opened for this Signal. The coordinator opens it when the Signal is ready."
CHAIRING = frozenset({Role.CHAIR, Role.DEPUTY_CHAIR})


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A person on the panel, for their agency, and whether they have graded: never how."""

    user_id: int
    name: str
    email: str
    agency: str
    chairs: bool
    graded: bool = False


@dataclass(frozen=True, kw_only=True)
class GradingView:
    """What one person may know of one round of grading."""

    decision: PanelDecision
    scheme: Scheme
    seats: tuple[Seat, ...]
    quorum: Quorum
    urgent_quorum: Quorum
    mine: Assessment | None
    shown: tuple[Assessment, ...]
    revealed: bool

    @property
    def graded(self) -> int:
        """Say how many have graded."""
        return self.quorum.counted


def latest_round(session: Session, signal_id: int) -> PanelDecision | None:
    """Find a Signal's newest round of grading."""
    newest = select(PanelDecision).where(PanelDecision.signal_id == signal_id)
    return session.scalar(newest.order_by(PanelDecision.round.desc()).limit(1))


def get_locked_decision(session: Session, signal: Signal) -> PanelDecision:
    """Give a Signal's newest round and hold it until the transaction ends. Raises RuleBroken while there is none."""
    newest = select(PanelDecision).where(PanelDecision.signal_id == signal.id)
    ordered = newest.order_by(PanelDecision.round.desc()).limit(1).with_for_update()
    decision = session.scalar(ordered.execution_options(populate_existing=True))
    if decision is None:
        raise RuleBroken(NOT_OPENED)
    return decision


def round_to_grade(session: Session, actor: Actor, reference: str, *, now: datetime) -> tuple[Signal, GradingView]:
    """Give a Signal and its newest round to somebody who may grade it, with nothing of others before the reveal.

    Raises NotVisible, NotAllowed without a seat on its panel, or RuleBroken while no round was opened.
    """
    signal = get_signal(session, actor, reference)
    if seat_of(actor, signal) is None:
        raise NotAllowed(NO_SEAT)
    decision = latest_round(session, signal.id)
    if decision is None:
        raise RuleBroken(NOT_OPENED)
    return signal, grading_view(session, actor, signal, decision, now=now)


def modifiers_of(grading: Assessment) -> dict[Modifier, ModifierLevel]:
    """Give the four modifiers of a grading."""
    return {
        Modifier.RELEVANCE: grading.relevance,
        Modifier.NOVELTY: grading.novelty,
        Modifier.VULNERABILITY: grading.vulnerability,
        Modifier.TIME: grading.time_sensitivity,
    }


def own_answers(mine: Assessment) -> dict[str, object]:
    """Give the answers of a grading by the names of the questions, to fill them in again."""
    levels = {modifier.value: level for modifier, level in modifiers_of(mine).items()}
    efficacy = {key: EfficacyAnswer(answer) for key, answer in mine.efficacy.items()}
    return {"severity": mine.severity, "confidence": mine.confidence, **levels, "reason": mine.reason, **efficacy}


def own_steps(view: GradingView) -> list[str]:
    """Say how the scheme comes to the grade it suggests from the person's own grading."""
    mine = view.mine
    return grade_steps(view.scheme, mine.severity, mine.confidence, modifiers_of(mine)) if mine is not None else []


def earlier_rounds(session: Session, decision: PanelDecision) -> list[PanelDecision]:
    """Give the rounds before this one, the newest first."""
    before = select(PanelDecision).where(
        PanelDecision.signal_id == decision.signal_id, PanelDecision.round < decision.round
    )
    return list(session.scalars(before.order_by(PanelDecision.round.desc())))


def scheme_of(session: Session, decision: PanelDecision) -> Scheme:
    """Give the scheme that was in force when this round was opened."""
    return read_scheme(session.get_one(AssessmentScheme, decision.scheme_id).content)


def quorum_rule(session: Session, signal: Signal, scheme: Scheme) -> QuorumRule:
    """Give the scheme's quorum with the number of other agencies that the panel has set for itself."""
    panel = session.get_one(Panel, signal.panel_id)
    return replace(scheme.quorum, other_agencies=panel.other_agencies_needed)


def gradings_in_force(session: Session, decision_id: int) -> list[Assessment]:
    """Give every member's grading in force. For services and for pages after the reveal only."""
    standing = select(Assessment).where(Assessment.decision_id == decision_id, Assessment.replaced_at.is_(None))
    return list(session.scalars(standing.options(joinedload(Assessment.agency)).order_by(Assessment.id)))


def own_grading(session: Session, decision_id: int, user_id: int) -> Assessment | None:
    """Find the person's own grading in force."""
    return session.scalar(
        select(Assessment).where(
            Assessment.decision_id == decision_id, Assessment.user_id == user_id, Assessment.replaced_at.is_(None)
        )
    )


def graders(gradings: Iterable[Assessment]) -> list[Grader]:
    """Give those who have graded as the quorum counts them."""
    return [
        Grader(
            user_id=each.user_id,
            agency_id=each.agency_id,
            agency_type=each.agency_type,
            clinical=each.clinical,
            chairs=each.chairs,
        )
        for each in gradings
    ]


def suggestions(gradings: Iterable[Assessment]) -> list[SuggestedGrade]:
    """Give what the scheme suggests from each grading."""
    return [SuggestedGrade(grade=each.suggested_grade, star=each.starred) for each in gradings]


def seat_of(actor: Actor, signal: Signal) -> Assignment | None:
    """Find the seat by which the person may grade this Signal: on its panel, for an agency."""
    held = [
        a
        for a in qualifying(actor, Permission.ASSESSMENT_MAKE)
        if a.panel_id == signal.panel_id and a.agency_id is not None
    ]
    return min(held, key=lambda a: a.role, default=None)


def chairs_panel(actor: Actor, signal: Signal) -> bool:
    """Say whether the person is the chair or a deputy of this Signal's panel."""
    return any(a.panel_id == signal.panel_id and a.role in CHAIRING for a in actor.assignments)


def seats(session: Session, panel_id: int, *, now: datetime) -> list[Seat]:
    """Give the people who may grade on a panel today, by name."""
    on = london_day(now)
    sitting = (
        select(PanelMember)
        .join(PanelMember.user)
        .where(
            PanelMember.panel_id == panel_id,
            PanelMember.starts_on <= on,
            or_(PanelMember.ends_on.is_(None), PanelMember.ends_on >= on),
            User.active,
        )
        .options(joinedload(PanelMember.user), joinedload(PanelMember.agency).joinedload(Agency.agency_type))
    )
    roles = _roles_on(session, panel_id, now=now)
    found: dict[int, Seat] = {}
    for member in session.scalars(sitting.order_by(User.name, PanelMember.id)):
        if member.user_id in roles:
            found[member.user_id] = Seat(
                user_id=member.user_id,
                name=member.user.name,
                email=member.user.email,
                agency=member.agency.name,
                chairs=bool(roles[member.user_id] & CHAIRING),
            )
    return list(found.values())


def _roles_on(session: Session, panel_id: int, *, now: datetime) -> Mapping[int, frozenset[Role]]:
    on = london_day(now)
    rows = session.execute(
        select(RoleAssignment.user_id, RoleAssignment.role).where(
            RoleAssignment.panel_id == panel_id,
            RoleAssignment.role.in_(PANEL_ROLES),
            RoleAssignment.state == AssignmentState.ACTIVE,
            RoleAssignment.starts_on <= on,
            or_(RoleAssignment.ends_on.is_(None), RoleAssignment.ends_on >= on),
        )
    )
    found: dict[int, frozenset[Role]] = {}
    for user_id, role in rows:
        found[user_id] = found.get(user_id, frozenset()) | {role}
    return found


def sees_who_graded(actor: Actor) -> bool:
    """Say whether the person may know, before the reveal, who has graded: those who grade and those who reveal."""
    return allowed(actor, Permission.ASSESSMENT_MAKE) or allowed(actor, Permission.ASSESSMENT_REVEAL)


def grading_view(
    session: Session, actor: Actor, signal: Signal, decision: PanelDecision, *, now: datetime
) -> GradingView:
    """Give what this person may know of a round: others' gradings only after the reveal and with the permission."""
    gradings = gradings_in_force(session, decision.id)
    scheme = scheme_of(session, decision)
    rule, counted = quorum_rule(session, signal, scheme), graders(gradings)
    revealed = decision.state in REVEALED
    shown = gradings if revealed and allowed(actor, Permission.ASSESSMENT_SEE) else []
    by = {each.user_id for each in gradings}
    members = [replace(seat, graded=seat.user_id in by) for seat in seats(session, signal.panel_id, now=now)]
    return GradingView(
        decision=decision,
        scheme=scheme,
        seats=tuple(members),
        quorum=quorum(rule, counted),
        urgent_quorum=urgent_quorum(rule, counted),
        mine=next((each for each in gradings if each.user_id == actor.user_id), None),
        shown=tuple(shown),
        revealed=revealed,
    )
