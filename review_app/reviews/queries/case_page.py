"""The page of one case: its header, what each slice of the review adds to it, and its story."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app import events
from review_app.accounts.queries import people_names
from review_app.audit.queries import timeline
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.queries import running_clocks
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import CaseMove, ReviewCase, SideFlag
from review_app.reviews.queries.retention import Destruction, certificate
from review_app.reviews.queries.visibility import get_known_case, visible_cases
from review_app.reviews.rules.states import CASE_WORKFLOW, CaseAction, CaseState, FlagKind
from review_app.reviews.rules.waiting import WaitsFor, waits_for
from review_app.sections import CasePage, Happening, NextAction, Section
from review_app.submissions.queries.inbox import RunningClock, first_clock


@dataclass(frozen=True, kw_only=True)
class OneCase:
    """Everything the page of one case shows to one person. Without `content` they may know that it exists, no more."""

    reference: str
    content: bool
    state: CaseState
    opened_at: datetime
    waits_for: WaitsFor | None
    clocks: tuple[RunningClock, ...]
    limbs: tuple[str, ...] = ()
    flags: tuple[FlagKind, ...] = ()
    waiting_for: str = ""
    next_action: NextAction | None = None
    sections: tuple[Section, ...] = ()
    happened: tuple[Happening, ...] = ()
    may_manage: bool = False
    certificate: Destruction | None = None
    actions: frozenset[CaseAction] = frozenset()


def case_page(session: Session, actor: Actor, reference: str, *, now: datetime) -> OneCase:
    """Give the page of a case of which the person may know, as deep as they may see it. Raises NotVisible."""
    case = get_known_case(session, actor, reference)
    if session.scalar(visible_cases(actor).where(ReviewCase.id == case.id)) is None:
        return OneCase(
            reference=case.reference,
            content=False,
            state=case.state,
            opened_at=case.opened_at,
            waits_for=waits_for(case.state),
            clocks=_clocks(session, case),
            certificate=certificate(session, case),
        )
    return _whole(session, actor, case, now)


def _whole(session: Session, actor: Actor, case: ReviewCase, now: datetime) -> OneCase:
    asked = CasePage(case_id=case.id, actor=actor, now=now)
    sections = sorted(
        (each for each in events.answers(session, asked) if isinstance(each, Section)), key=lambda each: each.order
    )
    story = [*story_of(session, case), *(each for section in sections for each in section.happened)]
    may_manage = allowed(actor, Permission.CASE_MANAGE)
    return OneCase(
        reference=case.reference,
        content=True,
        state=case.state,
        opened_at=case.opened_at,
        waits_for=waits_for(case.state),
        clocks=_clocks(session, case),
        limbs=tuple(case.limbs),
        flags=_flags(session, case),
        waiting_for=next((each.waiting_for for each in sections if each.waiting_for), ""),
        next_action=next((each.next_action for each in sections if each.next_action is not None), None),
        sections=tuple(sections),
        happened=tuple(sorted(story, key=lambda each: each.at)),
        may_manage=may_manage,
        actions=frozenset(CASE_WORKFLOW.actions_from(case.state)) if may_manage else frozenset(),
    )


def _clocks(session: Session, case: ReviewCase) -> tuple[RunningClock, ...]:
    running = running_clocks(session, ClockOf(partnership_id=case.partnership_id, review_case_id=case.id))
    return tuple(
        replace(shown, label=_told_apart(each.rule.name))
        for each in running
        if (shown := first_clock([each])) is not None
    )


def _told_apart(name: str) -> str:
    """Keep the whole name of a clock: a target and a ceiling differ only after its comma."""
    return f"{name}," if "," in name else name


def _flags(session: Session, case: ReviewCase) -> tuple[FlagKind, ...]:
    standing = select(SideFlag.kind).where(SideFlag.case_id == case.id, SideFlag.ended_at.is_(None))
    return tuple(session.scalars(standing.order_by(SideFlag.raised_at, SideFlag.id)))


STORY = {
    "create": "The case was opened",
    "add_notification": "A notification was added",
    "separate_notification": "A notification of another death was taken out",
    "take_out_notification": "A notification was withdrawn",
    "start_case_triage": "Triage began",
    "exclude": "Found to be out of scope",
    "not_select": "Found to be in scope, and not selected",
    "select": "Selected for review",
    "reconsider": "Taken up again",
    "classify_again": "Classified again",
    "request_info": "Agencies were asked",
    "complete_info": "Everyone who was asked has answered",
    "draft_pack": "The papers were begun",
    "list_case": "Listed for the panel",
    "open_panel": "The panel took it up",
    "defer": "Put off",
    "draft_findings": "The findings were begun",
    "check_accuracy": "The check of facts began",
    "sign_off": "Signed off",
    "open_actions": "Its actions were opened",
    "close": "Closed",
    "reopen": "Opened again",
    "back_to_info": "Back to asking agencies",
    "back_to_pack": "Back to its papers",
    "back_to_findings": "Back to its findings",
    "retain": "Kept until its retention ends",
    "destroy": "Destroyed",
}
"""What happened, by the audit's verb. Looking at a case is in the audit and not in its story."""


def story_of(session: Session, case: ReviewCase) -> Sequence[Happening]:
    """Tell what happened to a case, from the audit, with the reasons that are sealed beside its moves."""
    told = [event for event in timeline(session, "review_case", case.reference) if event.verb in STORY]
    names = people_names(session, {each.actor_id for each in told if each.actor_id is not None})
    moves = session.scalars(select(CaseMove).where(CaseMove.case_id == case.id)).all()
    reasons = {(move.action, move.moved_at): move.reason for move in moves}
    return [
        Happening(
            at=event.at,
            what=STORY[event.verb],
            who=names.get(event.actor_id or 0, ""),
            note=reasons.get((CaseAction(event.verb), event.at), "") if event.verb in set(CaseAction) else "",
        )
        for event in told
    ]
