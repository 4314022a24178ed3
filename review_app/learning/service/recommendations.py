"""Drafting, proposing, deciding and ending recommendations."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.queries import agencies_of
from review_app.accounts.references import next_reference
from review_app.audit.service import record
from review_app.errors import NotVisible, RuleBroken, Stale
from review_app.filters import listing
from review_app.learning.commands import (
    AcceptRecommendation,
    CompleteRecommendation,
    DeclineRecommendation,
    DraftRecommendation,
    EditRecommendation,
    ProposeRecommendation,
    RecommendationContent,
    SupersedeRecommendation,
)
from review_app.learning.models import Action, LearningPoint, Recommendation, RecommendationPoint
from review_app.learning.queries.narrowing import (
    get_locked_recommendation,
    get_recommendation,
    reading_cases,
)
from review_app.learning.queries.recommendations import content_of, points_behind, seen_content
from review_app.learning.rules.sharing import identifying_objection
from review_app.learning.rules.states import (
    ACTION_OPEN,
    RECOMMENDATION_ENDED,
    RECOMMENDATION_WORKFLOW,
    ActionState,
    PointState,
    RecommendationAction,
    RecommendationState,
)
from review_app.learning.service.steps import refuse_with_recommendation
from review_app.links.models import Relation
from review_app.links.service import link, reverse
from review_app.policy import Actor, Permission, require
from review_app.reviews.models import ReviewCase
from review_app.wording import word

CHANGED = "This recommendation changed while you had it open. What you typed is kept below: press again to use it."
READ_AGAIN = "This recommendation changed after you opened it. Nothing was proposed: read it again first."
NO_POINT = "Select at least one agreed learning point that it comes from."
NOT_AGREED = "{reference} is not an agreed learning point that you may read. Check the reference."
TAKEN_OUT = "The recommendation is no longer drawn from it."
ACTIONS_OPEN = "Actions that carry it out are open: {references}. They are done, or not accepted, first."


def draft_recommendation(
    session: Session, actor: Actor, command: DraftRecommendation, *, now: datetime
) -> Recommendation:
    """Draw a recommendation from agreed learning points. Sending the same one twice draws it once."""
    require(actor, Permission.RECOMMENDATION_DRAFT)
    content = _sound(session, actor, command.content)
    points = _agreed_points(session, actor, content.points, (), now=now)
    mine = select(Recommendation).where(
        Recommendation.drafted_by_id == actor.user_id, Recommendation.state == RecommendationState.DRAFT
    )
    for earlier in session.scalars(mine.order_by(Recommendation.id)):
        if content_of(earlier) == content:
            return earlier
    drawn = Recommendation(
        reference=next_reference(session, actor.partnership_id, "REC", now=now),
        partnership_id=actor.partnership_id,
        state=RecommendationState.DRAFT,
        drafted_at=now,
        drafted_by_id=actor.user_id,
    )
    _write(drawn, content)
    drawn.points = [RecommendationPoint(point=point) for point in points]
    session.add(drawn)
    session.flush()
    for point in points:
        link(session, actor, point, drawn, Relation.LED_TO, now=now)
    changes = {"state": (None, drawn.state), "level": (None, drawn.level)}
    record(session, actor, "draft", drawn, at=now, changes=changes)
    return drawn


def edit_recommendation(
    session: Session, actor: Actor, command: EditRecommendation, *, now: datetime
) -> Recommendation:
    """Change a draft. If somebody else changed it meanwhile the person is shown both.

    A point of a case that is hidden from them stays: they do not know of it, so they cannot have taken it out.
    """
    found = get_locked_recommendation(session, actor, command.reference)
    require(actor, Permission.RECOMMENDATION_DRAFT)
    found.state = RECOMMENDATION_WORKFLOW.after(found.state, RecommendationAction.EDIT)
    behind = points_behind(session, actor, found)
    saved, content = seen_content(content_of(found), behind), _sound(session, actor, command.content)
    points = _agreed_points(session, actor, content.points, saved.points, now=now)
    if content == saved:
        return found
    if found.version != command.version:
        raise Stale(CHANGED, differences=differences(session, actor, content, saved))
    points += [each.point for each in found.points if each.point not in behind]
    changes = {"level": (found.level, content.level)}
    _write(found, content)
    _draw_from(session, actor, found, points, now=now)
    found.drafted_at = now
    record(session, actor, RecommendationAction.EDIT, found, at=now, changes=changes)
    return found


def propose_recommendation(
    session: Session, actor: Actor, command: ProposeRecommendation, *, now: datetime
) -> Recommendation:
    """Put a recommendation before the Partnership, in the version that was read."""
    found = get_locked_recommendation(session, actor, command.reference)
    require(actor, Permission.RECOMMENDATION_DRAFT)
    before, after = found.state, RECOMMENDATION_WORKFLOW.after(found.state, RecommendationAction.PROPOSE)
    if found.version != command.version:
        raise Stale(READ_AGAIN)
    if not any(each.point.state is PointState.AGREED for each in found.points):
        raise RuleBroken(NO_POINT)
    found.state, found.proposed_at = after, now
    record(session, actor, RecommendationAction.PROPOSE, found, at=now, changes={"state": (before, after)})
    return found


def accept_recommendation(
    session: Session, actor: Actor, command: AcceptRecommendation, *, now: datetime
) -> Recommendation:
    """Accept a recommendation for the Partnership, with the reason."""
    if not command.reason.strip():
        raise RuleBroken("Enter why it is accepted.")
    return _decide(session, actor, command.reference, RecommendationAction.ACCEPT, command.reason, now=now)


def decline_recommendation(
    session: Session, actor: Actor, command: DeclineRecommendation, *, now: datetime
) -> Recommendation:
    """Decline a recommendation with the reason. Actions that nobody has answered are not accepted with it."""
    if not command.reason.strip():
        raise RuleBroken("Enter why it is declined.")
    found = _decide(session, actor, command.reference, RecommendationAction.DECLINE, command.reason, now=now)
    waiting = select(Action).where(Action.recommendation_id == found.id, Action.state == ActionState.PROPOSED)
    for action in session.scalars(waiting.order_by(Action.id).with_for_update()):
        refuse_with_recommendation(session, actor, action, now=now)
    return found


def complete_recommendation(
    session: Session, actor: Actor, command: CompleteRecommendation, *, now: datetime
) -> Recommendation:
    """Say that a recommendation was carried out. None of its actions is still open."""
    if not command.reason.strip():
        raise RuleBroken("Enter what came of it.")
    found = _locked_to_end(session, actor, command.reference)
    return _end(session, actor, found, RecommendationAction.COMPLETE, command.reason, now=now)


def supersede_recommendation(
    session: Session, actor: Actor, command: SupersedeRecommendation, *, now: datetime
) -> Recommendation:
    """Put a recommendation aside with the reason, and if there is one with what takes its place."""
    if not command.reason.strip():
        raise RuleBroken("Enter why it is put aside.")
    found = _locked_to_end(session, actor, command.reference)
    by = _replacement(session, actor, found, command.by.strip()) if command.by.strip() else None
    _end(session, actor, found, RecommendationAction.SUPERSEDE, command.reason, now=now)
    found.superseded_by_id = by.id if by is not None else None
    return found


def differences(
    session: Session, actor: Actor, typed: RecommendationContent, saved: RecommendationContent
) -> tuple[tuple[str, str, str], ...]:
    """Give a row for each part in which two drafts differ: its name, what was typed, what is saved now."""
    agencies = {agency.id: agency.name for agency in agencies_of(session, actor.partnership_id)}

    def written(content: RecommendationContent) -> dict[str, str]:
        owner = agencies.get(content.owner_id, "") if content.owner_id is not None else content.owner_words
        return {
            "Recommendation": content.words,
            "Level": word(content.level, "recommendation_level").text,
            "Owner": owner,
            "Expected effect": content.expected_effect,
            "How it will be monitored": content.monitoring,
            "Learning points": listing(content.points),
        }

    mine, theirs = written(typed), written(saved)
    return tuple((part, mine[part], theirs[part]) for part in mine if mine[part] != theirs[part])


def _sound(session: Session, actor: Actor, content: RecommendationContent) -> RecommendationContent:
    """Give the content as it is kept, or refuse it: nothing in it may point to anybody, since many people read it."""
    kept = RecommendationContent(
        words=content.words.strip(),
        level=content.level,
        owner_id=content.owner_id,
        owner_words="" if content.owner_id is not None else content.owner_words.strip(),
        expected_effect=content.expected_effect.strip(),
        monitoring=content.monitoring.strip(),
        points=tuple(sorted({each.strip().upper() for each in content.points if each.strip()})),
    )
    if not (kept.words and kept.expected_effect and kept.monitoring):
        raise RuleBroken("Enter what is recommended, its expected effect and how it will be monitored.")
    if kept.owner_id is None and not kept.owner_words:
        raise RuleBroken("Select the agency that owns it, or name the body that does.")
    if kept.owner_id is not None and all(
        agency.id != kept.owner_id for agency in agencies_of(session, actor.partnership_id)
    ):
        raise RuleBroken("That agency does not belong to this partnership any more. Select another.")
    objection = identifying_objection("\n".join((kept.words, kept.owner_words, kept.expected_effect, kept.monitoring)))
    if objection:
        raise RuleBroken(objection)
    return kept


def _agreed_points(
    session: Session, actor: Actor, references: tuple[str, ...], standing: tuple[str, ...], *, now: datetime
) -> list[LearningPoint]:
    """Give the points a recommendation is drawn from: those it had, and agreed ones of cases the person reads."""
    if not references:
        raise RuleBroken(NO_POINT)
    readable = reading_cases(session, actor, now=now).with_only_columns(ReviewCase.id)
    agreed = select(LearningPoint).where(
        LearningPoint.partnership_id == actor.partnership_id, LearningPoint.reference.in_(references)
    )
    mine = agreed.where(LearningPoint.state == PointState.AGREED, LearningPoint.case_id.in_(readable))
    found = {point.reference: point for point in session.scalars(mine.with_for_update(of=LearningPoint))}
    kept = agreed.where(LearningPoint.reference.in_(standing))
    found |= {point.reference: point for point in session.scalars(kept)}
    for reference in references:
        if reference not in found:
            raise RuleBroken(NOT_AGREED.format(reference=reference))
    return [found[reference] for reference in references]


def _draw_from(
    session: Session, actor: Actor, found: Recommendation, points: list[LearningPoint], *, now: datetime
) -> None:
    wanted = {point.id for point in points}
    for each in [each for each in found.points if each.point_id not in wanted]:
        found.points.remove(each)
        reverse(session, actor, each.point, found, Relation.LED_TO, reason=TAKEN_OUT, now=now)
    present = {each.point_id for each in found.points}
    for point in points:
        if point.id not in present:
            found.points.append(RecommendationPoint(point=point))
            link(session, actor, point, found, Relation.LED_TO, now=now)


def _write(found: Recommendation, content: RecommendationContent) -> None:
    found.words, found.level = content.words, content.level
    found.owner_id, found.owner_words = content.owner_id, content.owner_words
    found.expected_effect, found.monitoring = content.expected_effect, content.monitoring


def _decide(
    session: Session, actor: Actor, reference: str, action: RecommendationAction, reason: str, *, now: datetime
) -> Recommendation:
    found = get_locked_recommendation(session, actor, reference)
    require(actor, Permission.RECOMMENDATION_DECIDE)
    before, after = found.state, RECOMMENDATION_WORKFLOW.after(found.state, action)
    objection = identifying_objection(reason)
    if objection:
        raise RuleBroken(objection)
    found.state, found.decision_reason = after, reason.strip()
    found.decided_at, found.decided_by_id = now, actor.user_id
    record(session, actor, action, found, at=now, changes={"state": (before, after)})
    return found


def _locked_to_end(session: Session, actor: Actor, reference: str) -> Recommendation:
    found = get_locked_recommendation(session, actor, reference)
    require(actor, Permission.RECOMMENDATION_DRAFT)
    return found


def _end(
    session: Session, actor: Actor, found: Recommendation, action: RecommendationAction, reason: str, *, now: datetime
) -> Recommendation:
    before, after = found.state, RECOMMENDATION_WORKFLOW.after(found.state, action)
    objection = identifying_objection(reason)
    if objection:
        raise RuleBroken(objection)
    carrying = select(Action.reference).where(Action.recommendation_id == found.id, Action.state.in_(ACTION_OPEN))
    open_ones = list(session.scalars(carrying.order_by(Action.id)))
    if open_ones:
        raise RuleBroken(ACTIONS_OPEN.format(references=listing(open_ones)))
    found.state, found.ended_at, found.end_reason = after, now, reason.strip()
    record(session, actor, action, found, at=now, changes={"state": (before, after)})
    return found


def _replacement(session: Session, actor: Actor, found: Recommendation, reference: str) -> Recommendation:
    try:
        by = get_recommendation(session, actor, reference.upper())
    except NotVisible:
        raise RuleBroken("There is no such recommendation. Check the reference of what takes its place.") from None
    if by.id == found.id or by.state in RECOMMENDATION_ENDED:
        raise RuleBroken("What takes its place must be another recommendation that has not ended.")
    return by
