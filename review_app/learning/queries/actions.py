"""The register of actions, and one action with its owner, its day, its evidence and its story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, joinedload

from review_app.accounts.models import Agency
from review_app.accounts.queries import people_names
from review_app.catalogue.queries.themes import all_themes
from review_app.filters import day
from review_app.learning.models import (
    Action,
    ActionStep,
    LearningPoint,
    LearningPointTheme,
    Recommendation,
    RecommendationPoint,
)
from review_app.learning.queries.narrowing import (
    get_action,
    not_of_hidden_cases,
    own_agencies,
    visible_actions,
    visible_recommendations,
)
from review_app.learning.queries.recommendations import points_behind
from review_app.learning.queries.themes import Recurrence, cases_behind, recurrences
from review_app.learning.rules.states import (
    ACTION_OPEN,
    ACTION_WORKFLOW,
    OF_COORDINATOR,
    OF_OWNER,
    ActionMove,
    ActionState,
    Strength,
)
from review_app.policy import Actor, Permission, allowed
from review_app.sections import Happening
from review_app.wording import word
from review_app.working_time import london_day

PER_PAGE = 25
ORDER = "open first, then by the day each is due"
STORY = {
    ActionMove.ACCEPT: "Accepted",
    ActionMove.REFUSE: "Not accepted",
    ActionMove.START: "Started",
    ActionMove.MARK_DONE: "Marked done",
    ActionMove.CHECK_IMPACT: "Impact checked",
    ActionMove.LOOK_AGAIN: "Too soon to say whether it changed anything",
    ActionMove.SEND_BACK: "Sent back to its owner",
    ActionMove.CLOSE: "Closed",
    ActionMove.ADD_EVIDENCE: "Evidence added",
    ActionMove.BLOCK: "Marked as blocked",
    ActionMove.UNBLOCK: "Going on again",
    ActionMove.TRANSFER: "Moved to the partnership’s log",
    ActionMove.CHANGE_DUE: "Due on another day",
}


@dataclass(frozen=True, kw_only=True)
class ActionFilter:
    """What a person narrows the register to."""

    owner_id: int | None = None
    state: ActionState | None = None
    theme_id: int | None = None
    overdue: bool = False


@dataclass(frozen=True, kw_only=True)
class ActionRow:
    """One action as the register shows it."""

    reference: str
    words: str
    owner: str
    state: ActionState
    strength: Strength
    due_on: date
    overdue: bool
    blocked: bool
    transferred: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class ActionsPage:
    """One page of the register."""

    rows: tuple[ActionRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty register has one."""
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True, kw_only=True)
class ShownEvidence:
    """A piece of evidence, with who gave it, for whom."""

    words: str
    kept_where: str
    at: datetime
    who: str
    on_behalf: bool


@dataclass(frozen=True, kw_only=True)
class ActionView:
    """One action as one person sees it."""

    row: Action
    overdue: bool
    source: str
    source_words: str
    cases: tuple[str, ...]
    recurrences: tuple[Recurrence, ...]
    evidence: tuple[ShownEvidence, ...]
    on_behalf: bool
    may: frozenset[ActionMove]
    happened: tuple[Happening, ...]


def represents(actor: Actor, agency_id: int) -> bool:
    """Say whether the person is this agency's representative."""
    return agency_id in own_agencies(actor)


def may_act_for(actor: Actor, agency_id: int) -> bool:
    """Say whether the person may do what the owner does: its representative, or the coordinator on its behalf."""
    return represents(actor, agency_id) or allowed(actor, Permission.ACTION_MANAGE)


def is_overdue(action: Action, today: date) -> bool:
    """Say whether an open action should have been done by now."""
    return action.state in ACTION_OPEN and action.due_on < today


def actions(session: Session, actor: Actor, wanted: ActionFilter, *, page: int = 1, now: datetime) -> ActionsPage:
    """Give one page of the actions the person may see."""
    found = _narrow(session, actor, wanted, now)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    rows = session.scalars(_in_order(found).limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    return ActionsPage(rows=_rows(rows, london_day(now)), total=total, page=page)


def action_table(session: Session, actor: Actor, wanted: ActionFilter, *, now: datetime) -> list[list[str]]:
    """Give every action of the register as rows of words, with their heading, for a file."""
    head = ["Reference", "Action", "Owner", "State", "Strength", "Due", "Overdue", "Blocked", "Moved to log", "From"]
    rows = _rows(session.scalars(_in_order(_narrow(session, actor, wanted, now))).all(), london_day(now))
    told = [
        [
            row.reference,
            row.words,
            row.owner,
            word(row.state, "action").text,
            word(row.strength, "strength_short").text,
            row.due_on.isoformat(),
            *("Yes" if each else "No" for each in (row.overdue, row.blocked, row.transferred)),
            row.source,
        ]
        for row in rows
    ]
    return [head, *told]


def _narrow(session: Session, actor: Actor, wanted: ActionFilter, now: datetime) -> Select[Action]:
    found = visible_actions(actor)
    if wanted.owner_id is not None:
        found = found.where(Action.owner_id == wanted.owner_id)
    if wanted.state is not None:
        found = found.where(Action.state == wanted.state)
    if wanted.overdue:
        found = found.where(Action.state.in_(ACTION_OPEN), Action.due_on < london_day(now))
    if wanted.theme_id is not None:
        themes = all_themes(session, actor.partnership_id, now=now)
        members = [key for key, theme in themes.items() if theme.counts_as_id == wanted.theme_id]
        having = (
            select(RecommendationPoint.recommendation_id)
            .join(LearningPointTheme, LearningPointTheme.point_id == RecommendationPoint.point_id)
            .join(LearningPoint, LearningPoint.id == LearningPointTheme.point_id)
            .where(LearningPointTheme.theme_id.in_(members), not_of_hidden_cases(actor))
        )
        found = found.where(Action.recommendation_id.in_(having))
    return found


def _in_order(found: Select[Action]) -> Select[Action]:
    shown = found.options(joinedload(Action.owner), joinedload(Action.recommendation), joinedload(Action.incident))
    ended = case((Action.state.in_(ACTION_OPEN), 0), else_=1)
    return shown.options(joinedload(Action.debrief)).order_by(ended, Action.due_on, Action.id)


def _rows(rows: Sequence[Action], today: date) -> tuple[ActionRow, ...]:
    return tuple(
        ActionRow(
            reference=row.reference,
            words=row.words,
            owner=row.owner.name,
            state=row.state,
            strength=row.strength,
            due_on=row.due_on,
            overdue=is_overdue(row, today),
            blocked=row.blocked_at is not None,
            transferred=row.transferred_at is not None,
            source=source_of(row),
        )
        for row in rows
    )


def source_of(action: Action) -> str:
    """Give the reference of what an action comes from."""
    source = action.recommendation or action.incident or action.debrief
    return source.reference if source is not None else ""


def action_view(session: Session, actor: Actor, reference: str, *, now: datetime) -> ActionView:
    """Give one action as the person sees it. Raises NotVisible."""
    row = get_action(session, actor, reference)
    points = points_behind(session, actor, row.recommendation) if row.recommendation is not None else []
    return ActionView(
        row=row,
        overdue=is_overdue(row, london_day(now)),
        source=_seen_source(session, actor, row),
        source_words=row.recommendation.words if row.recommendation is not None else "",
        cases=cases_behind(session, actor, points),
        recurrences=tuple(_recurrences(session, actor, row, points, now=now)),
        evidence=_evidence(session, row),
        on_behalf=not represents(actor, row.owner_id),
        may=moves_of(actor, row),
        happened=tuple(_story(session, row)),
    )


def moves_of(actor: Actor, action: Action) -> frozenset[ActionMove]:
    """Give what the person can do with an action now."""
    manages, acts = allowed(actor, Permission.ACTION_MANAGE), may_act_for(actor, action.owner_id)
    blocked, moved = action.blocked_at is not None, action.transferred_at is not None
    pointless = {ActionMove.BLOCK: blocked, ActionMove.UNBLOCK: not blocked, ActionMove.TRANSFER: moved}
    return frozenset(
        move
        for move in ACTION_WORKFLOW.actions_from(action.state)
        if ((move in OF_OWNER and acts) or (move in OF_COORDINATOR and manages)) and not pointless.get(move, False)
    )


def _seen_source(session: Session, actor: Actor, action: Action) -> str:
    """Give the reference of the recommendation if the person may open it."""
    seen = visible_recommendations(actor).where(Recommendation.id == action.recommendation_id)
    return session.scalar(seen.with_only_columns(Recommendation.reference)) or ""


def _recurrences(
    session: Session, actor: Actor, action: Action, points: Sequence[LearningPoint], *, now: datetime
) -> list[Recurrence]:
    themes = [each.theme_id for point in points for each in point.themes]
    return recurrences(session, actor, themes, since=action.done_at, now=now)


def _evidence(session: Session, action: Action) -> tuple[ShownEvidence, ...]:
    names = people_names(session, {each.added_by_id for each in action.evidence})
    return tuple(
        ShownEvidence(
            words=each.words,
            kept_where=each.kept_where,
            at=each.added_at,
            who=names.get(each.added_by_id, ""),
            on_behalf=each.on_behalf,
        )
        for each in action.evidence
    )


def _story(session: Session, action: Action) -> list[Happening]:
    names = people_names(session, {action.proposed_by_id, *(step.by_id for step in action.steps)})

    def words(step: ActionStep) -> str:
        behalf = ", on the owner’s behalf" if step.on_behalf else ""
        days = (
            f": {day(step.due_after)} instead of {day(step.due_before)}" if step.due_after and step.due_before else ""
        )
        return f"{STORY[step.move]}{behalf}{days}"

    first = Happening(at=action.proposed_at, what="Proposed", who=names.get(action.proposed_by_id, ""))
    steps = [
        Happening(at=step.at, what=words(step), who=names.get(step.by_id, ""), note=step.reason)
        for step in action.steps
    ]
    return [first, *steps]


def owner_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Give the agencies that own an action the person may see, by name."""
    owners = visible_actions(actor).with_only_columns(Action.owner_id)
    named = select(Agency.id, Agency.name).where(Agency.id.in_(owners)).order_by(Agency.name)
    return [(number, name) for number, name in session.execute(named)]
