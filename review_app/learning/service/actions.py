"""Proposing actions, carrying them out with evidence, and checking whether they changed anything."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.queries import agencies_of
from review_app.accounts.references import next_reference
from review_app.audit.service import record
from review_app.errors import NotAllowed, RuleBroken
from review_app.learning.commands import (
    AcceptAction,
    AddEvidence,
    BlockAction,
    ChangeDue,
    CheckImpact,
    CloseAction,
    Evidence,
    MarkActionDone,
    ProposeAction,
    RefuseAction,
    SendBackAction,
    StartAction,
    TransferAction,
    UnblockAction,
)
from review_app.learning.models import Action, ActionEvidence, LearningPoint, Recommendation, RecommendationPoint
from review_app.learning.queries.actions import may_act_for
from review_app.learning.queries.narrowing import (
    get_action,
    get_locked_action,
    get_locked_recommendation,
    get_recommendation,
)
from review_app.learning.rules.states import (
    RECOMMENDATION_ENDED,
    RECOMMENDATION_WORKFLOW,
    ActionMove,
    ActionState,
    RecommendationAction,
    Recurred,
)
from review_app.learning.service.steps import for_owner, sound_reason, take_step
from review_app.links.models import Relation
from review_app.links.service import link
from review_app.policy import Actor, Permission, require
from review_app.reviews.models import ReviewCase
from review_app.reviews.rules.states import CaseState
from review_app.working_time import london_day

NOT_YOURS = "Only the agency that owns this action, or the review coordinator on its behalf, can do this."
IN_THE_PAST = "Enter a day from today on by which it is due."
SAME_DAY = "Enter another day than the one on which it is due already."
AFTER_CLOSING = "It was proposed after the review that it came from was closed."
BACK_AFTER_CLOSING = "It was sent back after the review that it came from was closed."
LOOK_LATER = "Enter a day after today on which it is looked at again."
WAS_ENDED = "Its recommendation has ended, so it stays as it is. Draft another recommendation for what is still needed."
ENDED = (CaseState.CLOSED, CaseState.RETAINED)


def propose_action(session: Session, actor: Actor, command: ProposeAction, *, now: datetime) -> Action:
    """Ask an agency to do something about a recommendation. Sending the same one twice asks once.

    An action that comes after the case was closed belongs to the Partnership's log from the start.
    """
    get_recommendation(session, actor, command.recommendation)
    require(actor, Permission.ACTION_MANAGE)
    cases = _hold_cases(session, actor, command.recommendation)
    found = get_locked_recommendation(session, actor, command.recommendation)
    found.state = RECOMMENDATION_WORKFLOW.after(found.state, RecommendationAction.ADD_ACTION)
    words = sound_reason(command.words, missing="Enter what is to be done.")
    if command.due_on < london_day(now):
        raise RuleBroken(IN_THE_PAST)
    if all(agency.id != command.owner_id for agency in agencies_of(session, actor.partnership_id)):
        raise RuleBroken("That agency does not belong to this partnership any more. Select another.")
    same = select(Action).where(
        Action.recommendation_id == found.id, Action.state == ActionState.PROPOSED, Action.owner_id == command.owner_id
    )
    for earlier in session.scalars(same.order_by(Action.id)):
        if (earlier.words, earlier.due_on, earlier.strength) == (words, command.due_on, command.strength):
            return earlier
    action = Action(
        reference=next_reference(session, actor.partnership_id, "ACT", now=now),
        partnership_id=actor.partnership_id,
        recommendation_id=found.id,
        state=ActionState.PROPOSED,
        words=words,
        owner_id=command.owner_id,
        strength=command.strength,
        due_on=command.due_on,
        proposed_at=now,
        proposed_by_id=actor.user_id,
    )
    if any(case.state in ENDED for case in cases):
        action.transferred_at, action.transfer_reason = now, AFTER_CLOSING
    session.add(action)
    session.flush()
    link(session, actor, found, action, Relation.CARRIED_OUT_BY, now=now)
    changes = {"state": (None, action.state), "due_on": (None, action.due_on), "strength": (None, action.strength)}
    record(session, actor, "add", action, at=now, changes=changes)
    return action


def accept_action(session: Session, actor: Actor, command: AcceptAction, *, now: datetime) -> Action:
    """Take an action on, for its owner."""
    action = _held_for_owner(session, actor, command.reference)
    take_step(session, actor, action, ActionMove.ACCEPT, now=now, on_behalf=for_owner(actor, action))
    action.answered_at, action.answered_by_id = now, actor.user_id
    return action


def refuse_action(session: Session, actor: Actor, command: RefuseAction, *, now: datetime) -> Action:
    """Not accept an action, for its owner, with the reason."""
    action = _held_for_owner(session, actor, command.reference)
    reason = sound_reason(command.reason, missing="Enter why it is not accepted.")
    behalf = for_owner(actor, action)
    take_step(session, actor, action, ActionMove.REFUSE, now=now, reason=reason, on_behalf=behalf)
    action.answered_at, action.answered_by_id, action.refusal_reason = now, actor.user_id, reason
    return action


def start_action(session: Session, actor: Actor, command: StartAction, *, now: datetime) -> Action:
    """Begin an action, for its owner."""
    action = _held_for_owner(session, actor, command.reference)
    take_step(session, actor, action, ActionMove.START, now=now, on_behalf=for_owner(actor, action))
    return action


def mark_action_done(session: Session, actor: Actor, command: MarkActionDone, *, now: datetime) -> Action:
    """Say that an action is done, for its owner, with the evidence."""
    action = _held_for_owner(session, actor, command.reference)
    evidence = _sound(command.evidence)
    take_step(session, actor, action, ActionMove.MARK_DONE, now=now, on_behalf=for_owner(actor, action))
    action.done_at = now
    _keep(session, actor, action, evidence, now=now)
    return action


def add_evidence(session: Session, actor: Actor, command: AddEvidence, *, now: datetime) -> Action:
    """Add to the evidence of an action, for its owner. Adding the same twice adds it once."""
    action = _held_for_owner(session, actor, command.reference)
    evidence = _sound(command.evidence)
    if any(each.words == evidence.words for each in action.evidence):
        return action
    take_step(session, actor, action, ActionMove.ADD_EVIDENCE, now=now, on_behalf=for_owner(actor, action))
    _keep(session, actor, action, evidence, now=now)
    return action


def block_action(session: Session, actor: Actor, command: BlockAction, *, now: datetime) -> Action:
    """Say that an action cannot go on, and why."""
    action = _held_for_owner(session, actor, command.reference)
    reason = sound_reason(command.reason, missing="Enter what stands in the way.")
    behalf = for_owner(actor, action)
    take_step(session, actor, action, ActionMove.BLOCK, now=now, reason=reason, on_behalf=behalf)
    action.blocked_at, action.blocked_reason = now, reason
    return action


def unblock_action(session: Session, actor: Actor, command: UnblockAction, *, now: datetime) -> Action:
    """Say that an action can go on again. One that is not blocked is left as it is."""
    action = _held_for_owner(session, actor, command.reference)
    if action.blocked_at is not None:
        take_step(session, actor, action, ActionMove.UNBLOCK, now=now, on_behalf=for_owner(actor, action))
        action.blocked_at, action.blocked_reason = None, ""
    return action


def transfer_action(session: Session, actor: Actor, command: TransferAction, *, now: datetime) -> Action:
    """Move an open action to the Partnership's log, with the reason, so that it keeps no case open."""
    action = _held_for_coordinator(session, actor, command.reference)
    reason = sound_reason(command.reason, missing="Enter why it moves to the partnership’s log.")
    if action.transferred_at is None:
        take_step(session, actor, action, ActionMove.TRANSFER, now=now, reason=reason)
        action.transferred_at, action.transfer_reason = now, reason
    return action


def change_due(session: Session, actor: Actor, command: ChangeDue, *, now: datetime) -> Action:
    """Give an open action another day, with the reason. The earlier days are kept."""
    action = _held_for_coordinator(session, actor, command.reference)
    reason = sound_reason(command.reason, missing="Enter why the day changes.")
    if command.due_on < london_day(now):
        raise RuleBroken(IN_THE_PAST)
    if command.due_on == action.due_on:
        raise RuleBroken(SAME_DAY)
    due = (action.due_on, command.due_on)
    take_step(session, actor, action, ActionMove.CHANGE_DUE, now=now, reason=reason, due=due)
    action.due_on = command.due_on
    return action


def check_impact(session: Session, actor: Actor, command: CheckImpact, *, now: datetime) -> Action:
    """Say whether the theme came up again since the action was done, and what that tells.

    While it is too soon to say, the action stays done and is looked at again on the day that is given.
    """
    action = _held_for_coordinator(session, actor, command.reference)
    impact = sound_reason(command.impact, missing="Enter what the check found.")
    if command.recurred is Recurred.TOO_SOON:
        if command.look_again_on is None or command.look_again_on <= london_day(now):
            raise RuleBroken(LOOK_LATER)
        take_step(session, actor, action, ActionMove.LOOK_AGAIN, now=now, reason=impact)
        action.look_again_on = command.look_again_on
        return action
    take_step(session, actor, action, ActionMove.CHECK_IMPACT, now=now, reason=impact)
    action.checked_at, action.recurred, action.impact, action.look_again_on = now, command.recurred, impact, None
    return action


def send_back_action(session: Session, actor: Actor, command: SendBackAction, *, now: datetime) -> Action:
    """Let the owner go on with an action that is not done after all or has not worked, by another day.

    It is open again. Where its case has been closed meanwhile, it belongs to the Partnership's log from then on.
    """
    get_action(session, actor, command.reference)
    require(actor, Permission.ACTION_MANAGE)
    source = _source_of(session, command.reference)
    cases = _hold_cases(session, actor, source) if source else []
    if source and get_locked_recommendation(session, actor, source).state in RECOMMENDATION_ENDED:
        raise RuleBroken(WAS_ENDED)
    action = _held_for_coordinator(session, actor, command.reference)
    reason = sound_reason(command.reason, missing="Enter what is still needed.")
    if command.due_on < london_day(now):
        raise RuleBroken(IN_THE_PAST)
    due = (action.due_on, command.due_on)
    take_step(session, actor, action, ActionMove.SEND_BACK, now=now, reason=reason, due=due)
    action.due_on, action.look_again_on = command.due_on, None
    action.done_at = action.checked_at = action.recurred = None
    action.impact = ""
    if action.transferred_at is None and any(case.state in ENDED for case in cases):
        action.transferred_at, action.transfer_reason = now, BACK_AFTER_CLOSING
    return action


def close_action(session: Session, actor: Actor, command: CloseAction, *, now: datetime) -> Action:
    """Close an action whose impact was checked."""
    action = _held_for_coordinator(session, actor, command.reference)
    take_step(session, actor, action, ActionMove.CLOSE, now=now)
    action.closed_at = now
    return action


def _held_for_owner(session: Session, actor: Actor, reference: str) -> Action:
    action = get_locked_action(session, actor, reference)
    require(actor, Permission.ACTION_DO)
    if not may_act_for(actor, action.owner_id):
        raise NotAllowed(NOT_YOURS)
    return action


def _held_for_coordinator(session: Session, actor: Actor, reference: str) -> Action:
    action = get_locked_action(session, actor, reference)
    require(actor, Permission.ACTION_MANAGE)
    return action


def _source_of(session: Session, reference: str) -> str:
    """Give the reference of the recommendation that an action carries out, or nothing."""
    carried_out = select(Recommendation.reference).join(Action, Action.recommendation_id == Recommendation.id)
    return session.scalar(carried_out.where(Action.reference == reference)) or ""


def _hold_cases(session: Session, actor: Actor, reference: str) -> list[ReviewCase]:
    """Hold the cases a recommendation comes from, so that none closes while an action is added to it."""
    of = (
        select(LearningPoint.case_id)
        .join(RecommendationPoint, RecommendationPoint.point_id == LearningPoint.id)
        .join(Recommendation, Recommendation.id == RecommendationPoint.recommendation_id)
        .where(Recommendation.reference == reference, Recommendation.partnership_id == actor.partnership_id)
    )
    cases = select(ReviewCase).where(ReviewCase.id.in_(of)).order_by(ReviewCase.id).with_for_update()
    return list(session.scalars(cases.execution_options(populate_existing=True)))


def _sound(evidence: Evidence) -> Evidence:
    words = sound_reason(evidence.words, missing="Enter what shows that it is done.")
    kept_where = sound_reason(evidence.kept_where) if evidence.kept_where.strip() else ""
    return Evidence(words=words, kept_where=kept_where)


def _keep(session: Session, actor: Actor, action: Action, evidence: Evidence, *, now: datetime) -> None:
    session.add(
        ActionEvidence(
            action_id=action.id,
            words=evidence.words,
            kept_where=evidence.kept_where,
            added_at=now,
            added_by_id=actor.user_id,
            on_behalf=for_owner(actor, action),
        )
    )
