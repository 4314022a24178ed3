"""A case's meetings, its way to a signature and beyond, and its holds, as the case's page shows them to one person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app import events
from review_app.accounts.queries import people_names
from review_app.errors import NotVisible
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.rules.meetings import UPCOMING, MeetingState
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.events import CaseCloses
from review_app.reviews.models import ReviewCase, SideFlag
from review_app.reviews.queries import agenda, signing
from review_app.reviews.queries.factors import may_record
from review_app.reviews.queries.visibility import NO_CASE, get_case
from review_app.reviews.rules.findings import FINDINGS_OPEN, TO_THE_AGENDA
from review_app.reviews.rules.states import CASE_WORKFLOW, CaseAction, ConflictKind, FlagKind
from review_app.working_time import london_day


@dataclass(frozen=True, kw_only=True)
class CaseMeeting:
    """One sitting that deals or dealt with a case."""

    reference: str
    starts_at: datetime
    state: MeetingState
    decision: str


@dataclass(frozen=True, kw_only=True)
class CaseMeetings:
    """The sittings of one case, who chairs it at the next or latest, and what the person declared."""

    reference: str
    meetings: tuple[CaseMeeting, ...]
    chair: str
    handover: str
    own: ConflictKind | None
    on_agenda: str
    ready: bool
    may_put_on_agenda: bool
    may_defer: bool


def case_meetings(session: Session, actor: Actor, case_id: int, *, now: datetime) -> CaseMeetings:
    """Give the sittings of a case whose content the person reads."""
    case = session.get_one(ReviewCase, case_id)
    items = agenda.meetings_of(session, case)
    ahead = next((item.meeting for item in items if item.meeting.state in UPCOMING), None)
    latest: PanelMeeting | None = ahead or (items[-1].meeting if items else None)
    table = agenda.table_of(session, latest, [case.id], on=london_day(now)) if latest is not None else None
    own = agenda.find_declaration(session, case.id, actor.user_id)
    legal = CASE_WORKFLOW.actions_from(case.state)
    manages = allowed(actor, Permission.MEETING_MANAGE)
    return CaseMeetings(
        reference=case.reference,
        meetings=tuple(
            CaseMeeting(
                reference=item.meeting.reference,
                starts_at=item.meeting.starts_at,
                state=item.meeting.state,
                decision=item.decision,
            )
            for item in items
        ),
        chair=table.chairing(case.id).chair if table is not None else "",
        handover=table.chairing(case.id).words if table is not None else "",
        own=own.kind if own is not None else None,
        on_agenda=ahead.reference if ahead is not None else "",
        ready=ahead is None and case.state in TO_THE_AGENDA,
        may_put_on_agenda=manages and ahead is None and case.state in TO_THE_AGENDA,
        may_defer=CaseAction.DEFER in legal and may_record(session, actor, case, now=now),
    )


def case_to_defer(session: Session, actor: Actor, reference: str) -> str:
    """Give the reference of a case that can be put off. Raises NotVisible or MoveRefused."""
    case = get_case(session, actor, reference)
    CASE_WORKFLOW.after(case.state, CaseAction.DEFER)
    return case.reference


@dataclass(frozen=True, kw_only=True)
class SignedOnce:
    """One signature in the list of versions."""

    number: int
    signed_at: datetime
    signed_by: str


@dataclass(frozen=True, kw_only=True)
class SigningView:
    """How a case stands on its way to a signature and beyond, and what the person can do about it."""

    reference: str
    versions: tuple[SignedOnce, ...]
    accuracy_reason: str
    no_learning: str
    objections: tuple[str, ...]
    steps: frozenset[CaseAction]
    may_say_no_learning: bool

    def can(self, action: str) -> bool:
        """Say whether the person can take a step, by its word."""
        return action in self.steps


def signing_view(session: Session, actor: Actor, case_id: int, *, now: datetime) -> SigningView:
    """Give how a case whose content the person reads stands, with what keeps it from the next step."""
    case = session.get_one(ReviewCase, case_id)
    versions = signing.versions_of(session, case)
    names = people_names(session, {each.signed_by_id for each in versions})
    steps = _steps(session, actor, case, now=now)
    learns = allowed(actor, Permission.LEARNING_AGREE) and case.state in FINDINGS_OPEN
    return SigningView(
        reference=case.reference,
        versions=tuple(
            SignedOnce(number=each.number, signed_at=each.signed_at, signed_by=names.get(each.signed_by_id, ""))
            for each in versions
        ),
        accuracy_reason=signing.accuracy_reason(session, case),
        no_learning=case.no_learning,
        objections=tuple(objections_of(session, case, steps, now=now)),
        steps=steps,
        may_say_no_learning=learns,
    )


CHAIRS_STEPS = frozenset({CaseAction.SIGN_OFF, CaseAction.CLOSE, CaseAction.REOPEN})
PANEL_STEPS = frozenset({CaseAction.DRAFT_FINDINGS, CaseAction.CHECK_ACCURACY})


def _steps(session: Session, actor: Actor, case: ReviewCase, *, now: datetime) -> frozenset[CaseAction]:
    legal = frozenset(CASE_WORKFLOW.actions_from(case.state))
    mine: frozenset[CaseAction] = frozenset()
    if allowed(actor, Permission.CASE_SIGN):
        mine |= CHAIRS_STEPS
    if may_record(session, actor, case, now=now):
        mine |= PANEL_STEPS
    if allowed(actor, Permission.CASE_DESTROY_PROPOSE):
        mine |= {CaseAction.RETAIN}
    return legal & mine


def objections_of(session: Session, case: ReviewCase, steps: frozenset[CaseAction], *, now: datetime) -> list[str]:
    """Say what keeps a case from being signed off, or from closing, whichever comes next."""
    if CaseAction.SIGN_OFF in steps:
        return agenda.objections_to_signing(session, case, now=now)
    if CaseAction.CLOSE in steps:
        return events.objections(session, CaseCloses(case_id=case.id, at=now))
    return []


@dataclass(frozen=True, kw_only=True)
class ToSign:
    """What is about to be signed: which version, what it holds, and what stands in the way."""

    reference: str
    number: int
    digest: str
    counts: tuple[tuple[str, int], ...]
    parts: Mapping[str, object]
    accuracy_reason: str
    no_learning: str
    declared: bool
    objections: tuple[str, ...]


COUNTED = ("notifications", "requests", "chronology", "factors", "learning")


def to_sign(session: Session, actor: Actor, reference: str, *, now: datetime) -> ToSign:
    """Give what a chair or deputy is about to sign. Raises NotVisible or MoveRefused."""
    case = get_case(session, actor, reference)
    CASE_WORKFLOW.after(case.state, CaseAction.SIGN_OFF)
    content, own = signing.content_to_sign(session, case), agenda.find_declaration(session, case.id, actor.user_id)
    return ToSign(
        reference=case.reference,
        number=len(signing.versions_of(session, case)) + 1,
        digest=content.digest,
        counts=tuple((signing.PART_WORDS[key], content.count(key)) for key in COUNTED),
        parts=content.parts,
        accuracy_reason=signing.accuracy_reason(session, case),
        no_learning=case.no_learning,
        declared=own is not None and own.kind is ConflictKind.NONE,
        objections=tuple(agenda.objections_to_signing(session, case, now=now)),
    )


def to_move(session: Session, actor: Actor, reference: str, action: CaseAction, *, now: datetime) -> SigningView:
    """Give how a case stands before a step that the person wants to take. Raises NotVisible or MoveRefused."""
    case = get_case(session, actor, reference)
    CASE_WORKFLOW.after(case.state, action)
    return signing_view(session, actor, case.id, now=now)


@dataclass(frozen=True, kw_only=True)
class FlagView:
    """One hold or warning, standing or ended."""

    kind: FlagKind
    reason: str
    raised_at: datetime
    raised_by: str
    ended_at: datetime | None
    end_reason: str


@dataclass(frozen=True, kw_only=True)
class FlagsView:
    """The holds and warnings of a case, those that stand first, and which can still be raised."""

    reference: str
    standing: tuple[FlagView, ...]
    ended: tuple[FlagView, ...]
    may_manage: bool

    @property
    def free(self) -> list[FlagKind]:
        """Give the kinds that do not stand."""
        taken = {each.kind for each in self.standing}
        return [kind for kind in FlagKind if kind not in taken]


def flags_view(session: Session, actor: Actor, case_id: int) -> FlagsView:
    """Give the holds and warnings of a case whose content the person reads."""
    case = session.get_one(ReviewCase, case_id)
    rows = session.scalars(
        select(SideFlag).where(SideFlag.case_id == case.id).order_by(SideFlag.raised_at, SideFlag.id)
    )
    flags = rows.all()
    names = people_names(session, {row.raised_by_id for row in flags})
    views = [
        FlagView(
            kind=row.kind,
            reason=row.reason,
            raised_at=row.raised_at,
            raised_by=names.get(row.raised_by_id, ""),
            ended_at=row.ended_at,
            end_reason=row.end_reason,
        )
        for row in flags
    ]
    return FlagsView(
        reference=case.reference,
        standing=tuple(each for each in views if each.ended_at is None),
        ended=tuple(each for each in views if each.ended_at is not None),
        may_manage=allowed(actor, Permission.CASE_MANAGE),
    )


def flags_of(session: Session, actor: Actor, reference: str) -> FlagsView:
    """Give the holds and warnings of a case. Raises NotVisible."""
    return flags_view(session, actor, get_case(session, actor, reference).id)


def standing_flag(session: Session, actor: Actor, reference: str, kind: FlagKind) -> FlagView:
    """Give one hold or warning that stands. Raises NotVisible."""
    found = next((each for each in flags_of(session, actor, reference).standing if each.kind is kind), None)
    if found is None:
        raise NotVisible(NO_CASE, reference=reference)
    return found
