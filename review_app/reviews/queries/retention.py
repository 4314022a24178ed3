"""Which cases are due to be destroyed, which were proposed, and what stays of those that are gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_app.accounts.queries import people_names
from review_app.catalogue.queries import retention
from review_app.errors import NotVisible
from review_app.fuzzy import FuzzyDate
from review_app.policy import Actor
from review_app.reviews.models import CaseMove, DeathNotification, DestructionRecord, ReviewCase, SideFlag
from review_app.reviews.queries.visibility import NO_CASE, get_case, get_known_case, known_cases, visible_cases
from review_app.reviews.rules.notified import read_known
from review_app.reviews.rules.retention import OVER, due_on, objections_to_destroying
from review_app.reviews.rules.states import CaseAction, CaseState, FlagKind
from review_app.working_time import london_day

ENDING = (CaseAction.CLOSE, CaseAction.EXCLUDE, CaseAction.NOT_SELECT)
A_YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class DueCase:
    """One case whose work is over: from when it may be destroyed, what holds it, and whether it was proposed."""

    reference: str
    state: CaseState
    ended_on: date
    due_on: date
    holds: tuple[FlagKind, ...]
    objections: tuple[str, ...]
    proposed: bool


def cases_due(session: Session, actor: Actor, *, within: timedelta, now: datetime) -> list[DueCase]:
    """Give the cases that are due, or will be within a time, the first due first."""
    periods, today = retention(session, actor.partnership_id, now=now), london_day(now)
    last = today + within
    found = visible_cases(actor).where(ReviewCase.state.in_(OVER)).order_by(ReviewCase.id)
    rows = []
    for case in session.scalars(found):
        ended = ended_on(session, case)
        if ended.year + periods.case_years_after_closure <= last.year:  # only then is its content opened
            due = due_case(session, case, now=now)
            if due.due_on <= last:
                rows.append(due)
    return sorted(rows, key=lambda each: (each.due_on, each.reference))


def due_case(session: Session, case: ReviewCase, *, now: datetime) -> DueCase:
    """Give how a case stands before its destruction, as it is at this moment."""
    periods, ended = retention(session, case.partnership_id, now=now), ended_on(session, case)
    due = due_on(periods, deaths_of(session, case), opened_on=london_day(case.opened_at), ended_on=ended)
    flags = standing_flags(session, case)
    return DueCase(
        reference=case.reference,
        state=case.state,
        ended_on=ended,
        due_on=due,
        holds=flags,
        objections=tuple(objections_to_destroying(case.state, flags, due, london_day(now))),
        proposed=open_proposal(session, case) is not None,
    )


def ended_on(session: Session, case: ReviewCase) -> date:
    """Give the day on which the work on a case was over: that of the last move that ended it."""
    last = session.scalar(
        select(func.max(CaseMove.moved_at)).where(CaseMove.case_id == case.id, CaseMove.action.in_(ENDING))
    )
    return london_day(case.closed_at or last or case.moved_at)


def deaths_of(session: Session, case: ReviewCase) -> Sequence[FuzzyDate]:
    """Give the dates of death that the case's notifications tell."""
    rows = select(DeathNotification).where(DeathNotification.case_id == case.id).order_by(DeathNotification.id)
    return [read_known(each.content).died for each in session.scalars(rows)]


def standing_flags(session: Session, case: ReviewCase) -> tuple[FlagKind, ...]:
    """Give the holds and warnings that stand beside a case."""
    rows = select(SideFlag.kind).where(SideFlag.case_id == case.id, SideFlag.ended_at.is_(None))
    return tuple(session.scalars(rows.order_by(SideFlag.id)))


def open_proposal(session: Session, case: ReviewCase) -> DestructionRecord | None:
    """Find the proposal to destroy a case that waits for its second person."""
    return session.scalar(
        select(DestructionRecord).where(
            DestructionRecord.case_id == case.id,
            DestructionRecord.approved_at.is_(None),
            DestructionRecord.refused_at.is_(None),
        )
    )


def case_to_propose(session: Session, actor: Actor, reference: str, *, now: datetime) -> DueCase:
    """Give how a case stands whose content the person reads. Raises NotVisible."""
    return due_case(session, get_case(session, actor, reference), now=now)


@dataclass(frozen=True, kw_only=True)
class Destruction:
    """What may be known of a destruction, proposed, refused or carried out: nothing of what the case held."""

    reference: str
    record_classes: tuple[str, ...]
    authority: str
    due_on: date
    proposed_at: datetime
    proposed_by: str
    proposed_by_id: int
    approved_at: datetime | None
    approved_by: str
    refused_at: datetime | None
    refused_by: str
    refusal_reason: str
    keys_gone_at: datetime | None

    @property
    def waits(self) -> bool:
        """Say whether it waits for its second person."""
        return self.approved_at is None and self.refused_at is None


def destructions(session: Session, actor: Actor) -> list[Destruction]:
    """Give the destructions of cases of which the person may know, those that wait first, then the latest."""
    known = known_cases(actor).with_only_columns(ReviewCase.id)
    rows = session.scalars(
        select(DestructionRecord)
        .where(DestructionRecord.partnership_id == actor.partnership_id, DestructionRecord.case_id.in_(known))
        .order_by(DestructionRecord.id.desc())
    ).all()
    return sorted(_views(session, rows), key=lambda each: not each.waits)


def get_destruction(session: Session, actor: Actor, reference: str) -> Destruction:
    """Give the destruction of a case that waits for its second person. Raises NotVisible."""
    proposal = open_proposal(session, get_known_case(session, actor, reference))
    if proposal is None:
        raise NotVisible(NO_CASE, reference=reference)
    return _views(session, [proposal])[0]


def certificate(session: Session, case: ReviewCase) -> Destruction | None:
    """Find what stays of a case that was destroyed."""
    rows = select(DestructionRecord).where(
        DestructionRecord.case_id == case.id, DestructionRecord.approved_at.is_not(None)
    )
    found = session.scalar(rows)
    return _views(session, [found])[0] if found is not None else None


def _views(session: Session, rows: Sequence[DestructionRecord]) -> list[Destruction]:
    people = {
        number for row in rows for number in (row.proposed_by_id, row.approved_by_id, row.refused_by_id) if number
    }
    names = people_names(session, people)
    return [
        Destruction(
            reference=row.reference,
            record_classes=tuple(row.record_classes),
            authority=row.authority,
            due_on=row.due_on,
            proposed_at=row.proposed_at,
            proposed_by=names.get(row.proposed_by_id, ""),
            proposed_by_id=row.proposed_by_id,
            approved_at=row.approved_at,
            approved_by=names.get(row.approved_by_id or 0, ""),
            refused_at=row.refused_at,
            refused_by=names.get(row.refused_by_id or 0, ""),
            refusal_reason=row.refusal_reason,
            keys_gone_at=row.keys_gone_at,
        )
        for row in rows
    ]


def waiting_for_keys(session: Session) -> list[DestructionRecord]:
    """Give the destructions whose keys may still be in the key store."""
    rows = select(DestructionRecord).where(
        DestructionRecord.approved_at.is_not(None), DestructionRecord.keys_gone_at.is_(None)
    )
    return list(session.scalars(rows.order_by(DestructionRecord.id)))
