"""Recording, agreeing and withdrawing learning points, and approving how they may be told."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.queries import agencies_of
from review_app.accounts.references import next_reference
from review_app.audit.service import record
from review_app.catalogue.queries.themes import all_themes
from review_app.errors import RuleBroken, Stale
from review_app.filters import listing
from review_app.learning.commands import (
    AgreePoint,
    ApproveWording,
    EditPoint,
    PointContent,
    RecordPoint,
    WithdrawPoint,
    WordPoint,
)
from review_app.learning.models import LearningPoint, LearningPointTheme, Recommendation, RecommendationPoint
from review_app.learning.queries.narrowing import cases_to_record, get_point
from review_app.learning.queries.points import content_of, points_of
from review_app.learning.rules.sharing import identifying_objection
from review_app.learning.rules.states import (
    MAY_AGREE,
    MAY_RECORD,
    MAY_WORD,
    MOST_THEMES,
    POINT_WORKFLOW,
    RECOMMENDATION_ENDED,
    PointAction,
    PointState,
)
from review_app.links.models import Relation
from review_app.links.service import link, reverse
from review_app.panel.models.meetings import PanelMeeting
from review_app.policy import Actor, Permission, allowed, require
from review_app.reviews.models import MeetingCase, ReviewCase
from review_app.reviews.queries import get_locked_case, lock_narrowed
from review_app.reviews.rules.states import CaseState
from review_app.wording import word

SECTION = "learning"
NOT_NOW = "The learning of this case cannot be changed as the case stands. Once it is signed off, reopen it first."
NOT_AGREED_YET = "Learning points are agreed once the panel has met about the case and before it is signed off."
CHANGED = "This learning point changed while you had it open. What you typed is kept below: press again to use it."
READ_AGAIN = "This learning point changed after you opened it. Nothing was agreed: read it again first."
NO_WORDING = "There is no wording to approve yet. Write how this may be told to those who do not know the case."
OWN_WORDING = "You wrote this wording, so the other chair must approve it."
STANDING = "{references} comes from this learning point. Put that aside first, then withdraw the point."
WITHDRAWN = "The learning point was withdrawn."


def record_point(session: Session, actor: Actor, command: RecordPoint, *, now: datetime) -> LearningPoint:
    """Add a learning point to a case. Sending the same one twice adds it once."""
    case = _case_to_record(session, actor, command.reference, now=now)
    _refuse_state(case, MAY_RECORD, NOT_NOW)
    content = _sound(session, actor, command.content, (), now=now)
    for earlier in points_of(session, case.id):
        own = earlier.recorded_by_id == actor.user_id and earlier.state is PointState.DRAFT
        if own and content_of(earlier) == content and earlier.wording == command.wording.strip():
            return earlier
    point = LearningPoint(
        reference=next_reference(session, case.partnership_id, "LP", now=now),
        partnership_id=case.partnership_id,
        case_id=case.id,
        case_uuid=case.uuid,
        state=PointState.DRAFT,
        polarity=content.polarity,
        recorded_at=now,
        recorded_by_id=actor.user_id,
    )
    _write(session, point, content)
    if command.wording.strip():
        point.wording, point.worded_by_id = command.wording.strip(), actor.user_id
    session.add(point)
    session.flush()
    link(session, actor, case, point, Relation.GAVE_LEARNING, now=now)
    changes = {"state": (None, point.state), "polarity": (None, point.polarity)}
    record(session, actor, "add", point, at=now, section=SECTION, changes=changes)
    return point


def edit_point(session: Session, actor: Actor, command: EditPoint, *, now: datetime) -> LearningPoint:
    """Change a draft. If somebody else changed it meanwhile the person is shown both."""
    case = _case_to_record(session, actor, command.reference, now=now)
    point = get_point(session, case, command.point, lock=True)
    point.state = POINT_WORKFLOW.after(point.state, PointAction.EDIT)
    _refuse_state(case, MAY_RECORD, NOT_NOW)
    saved = content_of(point)
    content = _sound(session, actor, command.content, saved.theme_ids, now=now)
    if content == saved:
        return point
    if point.version != command.version:
        raise Stale(CHANGED, differences=differences(session, actor, content, saved, now=now))
    _write(session, point, content)
    changes = {"polarity": (saved.polarity, content.polarity)}
    record(session, actor, PointAction.EDIT, point, at=now, section=SECTION, changes=changes)
    return point


def agree_point(session: Session, actor: Actor, command: AgreePoint, *, now: datetime) -> LearningPoint:
    """Agree a learning point for the panel, in the version that was read."""
    case = get_locked_case(session, actor, command.reference)
    require(actor, Permission.LEARNING_AGREE)
    point = get_point(session, case, command.point, lock=True)
    before, after = point.state, POINT_WORKFLOW.after(point.state, PointAction.AGREE)
    _refuse_state(case, MAY_AGREE, NOT_AGREED_YET)
    if point.version != command.version:
        raise Stale(READ_AGAIN)
    point.state, point.agreed_at, point.agreed_by_id = after, now, actor.user_id
    point.meeting_id = _sitting_of(session, case)
    record(session, actor, PointAction.AGREE, point, at=now, section=SECTION, changes={"state": (before, after)})
    return point


def withdraw_point(session: Session, actor: Actor, command: WithdrawPoint, *, now: datetime) -> LearningPoint:
    """Take a learning point back: a draft whoever records, an agreed one a chair, unless something rests on it."""
    chairs = allowed(actor, Permission.LEARNING_AGREE)
    case = (
        get_locked_case(session, actor, command.reference)
        if chairs
        else _case_to_record(session, actor, command.reference, now=now)
    )
    point = get_point(session, case, command.point, lock=True)
    before, after = point.state, POINT_WORKFLOW.after(point.state, PointAction.WITHDRAW)
    if point.state is PointState.AGREED:
        require(actor, Permission.LEARNING_AGREE)
    _refuse_state(case, MAY_RECORD, NOT_NOW)
    if not command.reason.strip():
        raise RuleBroken("Enter why this learning point is withdrawn.")
    resting = _resting_on(session, point)
    if resting:
        raise RuleBroken(STANDING.format(references=listing(resting)))
    point.state, point.withdrawn_at, point.reason = after, now, command.reason.strip()
    point.shareable, point.approved_at, point.approved_by_id = "", None, None
    reverse(session, actor, case, point, Relation.GAVE_LEARNING, reason=WITHDRAWN, now=now)
    record(session, actor, PointAction.WITHDRAW, point, at=now, section=SECTION, changes={"state": (before, after)})
    return point


def word_point(session: Session, actor: Actor, command: WordPoint, *, now: datetime) -> LearningPoint:
    """Write how a point may be told. A wording that was approved has to be approved again once it is changed."""
    case = _case_to_record(session, actor, command.reference, now=now)
    point = get_point(session, case, command.point, lock=True)
    point.state = POINT_WORKFLOW.after(point.state, PointAction.WORD)
    _refuse_state(case, MAY_WORD, NOT_NOW)
    wording = command.wording.strip()
    if wording == point.wording:
        return point
    if point.version != command.version:
        raise Stale(CHANGED, differences=(("Shareable wording", wording, point.wording),))
    point.wording, point.worded_by_id = wording, actor.user_id
    point.shareable, point.approved_at, point.approved_by_id = "", None, None
    record(session, actor, PointAction.WORD, point, at=now, section=SECTION)
    return point


def approve_wording(session: Session, actor: Actor, command: ApproveWording, *, now: datetime) -> LearningPoint:
    """Let a wording be told to those who do not know the case: by a chair who did not write it."""
    case = get_locked_case(session, actor, command.reference)
    require(actor, Permission.LEARNING_AGREE)
    point = get_point(session, case, command.point, lock=True)
    point.state = POINT_WORKFLOW.after(point.state, PointAction.APPROVE_WORDING)
    _refuse_state(case, MAY_WORD, NOT_NOW)
    if point.version != command.version:
        raise Stale(READ_AGAIN)
    wording = point.wording
    if not wording:
        raise RuleBroken(NO_WORDING)
    if point.worded_by_id == actor.user_id:
        raise RuleBroken(OWN_WORDING)
    objection = identifying_objection(wording)
    if objection:
        raise RuleBroken(objection)
    point.shareable, point.approved_at, point.approved_by_id = wording, now, actor.user_id
    record(session, actor, PointAction.APPROVE_WORDING, point, at=now, section=SECTION)
    return point


def differences(
    session: Session, actor: Actor, typed: PointContent, saved: PointContent, *, now: datetime
) -> tuple[tuple[str, str, str], ...]:
    """Give a row for each part in which two drafts of a point differ: its name, what was typed, what is saved now."""
    themes = all_themes(session, actor.partnership_id, now=now)
    agencies = {agency.id: agency.name for agency in agencies_of(session, actor.partnership_id)}

    def written(content: PointContent) -> dict[str, str]:
        return {
            "What was learned": content.statement,
            "Kind": word(content.polarity, "polarity").text,
            "Themes": listing(themes[each].name for each in content.theme_ids),
            "Agencies": listing(agencies.get(each, "") for each in content.agency_ids),
            "Strength of the evidence": word(content.strength, "weight").text if content.strength else "",
            "Confidence": word(content.confidence, "weight").text if content.confidence else "",
        }

    mine, theirs = written(typed), written(saved)
    return tuple((part, mine[part], theirs[part]) for part in mine if mine[part] != theirs[part])


def _case_to_record(session: Session, actor: Actor, reference: str, *, now: datetime) -> ReviewCase:
    """Hold a case for somebody who records its learning. Raises NotVisible or NotAllowed."""
    case = lock_narrowed(session, actor, cases_to_record(session, actor, now=now), reference)
    require(actor, Permission.LEARNING_RECORD)
    return case


def _refuse_state(case: ReviewCase, states: tuple[CaseState, ...], words: str) -> None:
    if case.state not in states:
        raise RuleBroken(words)


def _sound(
    session: Session, actor: Actor, content: PointContent, standing: tuple[int, ...], *, now: datetime
) -> PointContent:
    """Give the content as it is kept, or refuse it. A theme that went out of use stays where it was chosen."""
    statement, chosen = content.statement.strip(), tuple(dict.fromkeys(content.theme_ids))
    if not statement:
        raise RuleBroken("Enter what was learned.")
    if not 1 <= len(chosen) <= MOST_THEMES:
        raise RuleBroken("Select one, two or three themes.")
    known = all_themes(session, actor.partnership_id, now=now)
    if any(each not in known or not (known[each].active or each in standing) for each in chosen):
        raise RuleBroken("A theme you selected is not in use any more. Select another.")
    members = {agency.id for agency in agencies_of(session, actor.partnership_id)}
    if not members.issuperset(content.agency_ids):
        raise RuleBroken("An agency you selected does not belong to this partnership any more. Select another.")
    return PointContent(
        statement=statement,
        polarity=content.polarity,
        theme_ids=chosen,
        agency_ids=tuple(sorted(set(content.agency_ids))),
        strength=content.strength,
        confidence=content.confidence,
    )


def _write(session: Session, point: LearningPoint, content: PointContent) -> None:
    point.polarity, point.statement = content.polarity, content.statement
    point.details = {
        "agencies": list(content.agency_ids),
        "strength": content.strength.value if content.strength else "",
        "confidence": content.confidence.value if content.confidence else "",
    }
    if tuple(each.theme_id for each in point.themes) != content.theme_ids:
        point.themes.clear()
        session.flush()  # the places of those taken away are free again before others take them
        point.themes = [
            LearningPointTheme(theme_id=theme, position=place) for place, theme in enumerate(content.theme_ids, 1)
        ]


def _sitting_of(session: Session, case: ReviewCase) -> int | None:
    """Find the latest sitting that dealt with a case."""
    dealt = (
        select(PanelMeeting.id)
        .join(MeetingCase, MeetingCase.meeting_id == PanelMeeting.id)
        .where(MeetingCase.case_id == case.id, MeetingCase.taken_off_at.is_(None), PanelMeeting.held_at.is_not(None))
    )
    return session.scalar(dealt.order_by(PanelMeeting.held_at.desc(), PanelMeeting.id.desc()).limit(1))


def _resting_on(session: Session, point: LearningPoint) -> list[str]:
    """Give the recommendations that come from a point and have not ended."""
    drawn = (
        select(Recommendation.reference)
        .join(RecommendationPoint, RecommendationPoint.recommendation_id == Recommendation.id)
        .where(RecommendationPoint.point_id == point.id, Recommendation.state.not_in(RECOMMENDATION_ENDED))
    )
    return list(session.scalars(drawn.order_by(Recommendation.id)))
