"""One step of an action: its state by the workflow, who took it, on whose behalf, and why."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.errors import RuleBroken
from review_app.learning.models import Action, ActionStep
from review_app.learning.queries.actions import represents
from review_app.learning.rules.sharing import identifying_objection
from review_app.learning.rules.states import ACTION_OPEN, ACTION_WORKFLOW, ActionMove, ActionState
from review_app.policy import Actor

ON_BEHALF = "on the owner’s behalf"
NO_REASON = "Enter the reason."
DECLINED = "The recommendation it was to carry out was declined."


def take_step(
    session: Session,
    actor: Actor,
    action: Action,
    move: ActionMove,
    *,
    now: datetime,
    reason: str = "",
    on_behalf: bool = False,
    due: tuple[date, date] | None = None,
) -> None:
    """Take a step with an action that is held locked. The use case has asked for its permission. Raises MoveRefused."""
    before, after = action.state, ACTION_WORKFLOW.after(action.state, move)
    action.state = after
    if after not in ACTION_OPEN:
        action.blocked_at, action.blocked_reason = None, ""
    step = ActionStep(
        action_id=action.id,
        move=move,
        at=now,
        by_id=actor.user_id,
        on_behalf=on_behalf,
        reason=reason,
        due_before=due[0] if due else None,
        due_after=due[1] if due else None,
    )
    session.add(step)
    changes: dict[str, tuple[object, object]] = {"state": (before, after)} if before is not after else {}
    if due:
        changes["due_on"] = due
    purpose = ON_BEHALF if on_behalf else ""
    record(session, actor, move, action, at=now, purpose=purpose, changes=changes)


def sound_reason(reason: str, *, missing: str = NO_REASON) -> str:
    """Give a reason as it is kept, or refuse it: many people read it, so nothing in it may point to anybody."""
    kept = reason.strip()
    if not kept:
        raise RuleBroken(missing)
    objection = identifying_objection(kept)
    if objection:
        raise RuleBroken(objection)
    return kept


def for_owner(actor: Actor, action: Action) -> bool:
    """Say whether the person acts on the owner's behalf, not being its representative."""
    return not represents(actor, action.owner_id)


def refuse_with_recommendation(session: Session, actor: Actor, action: Action, *, now: datetime) -> None:
    """Not accept an action that is held locked, because what it was to carry out was declined."""
    take_step(session, actor, action, ActionMove.REFUSE, now=now, reason=DECLINED)
    assert action.state is ActionState.NOT_ACCEPTED
    action.answered_at, action.answered_by_id, action.refusal_reason = now, actor.user_id, DECLINED
