"""The demo: loaded once, plainly invented, and with something to do for everyone."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from review_app.accounts.models import Partnership, User
from review_app.accounts.queries import load_actor
from review_app.catalogue.models import LearningTheme
from review_app.demo import service as demo
from review_app.demo.deaths import OF_THE_SIGNAL, SITTINGS
from review_app.learning.models import Action, LearningPoint, LearningPointTheme, Recommendation
from review_app.learning.rules.states import ActionState, PointState, Polarity, RecommendationState
from review_app.outbox.models import OutboxMessage
from review_app.reviews.models import (
    DeathNotification,
    DestructionRecord,
    IdentityRecord,
    InformationRequest,
    ReviewCase,
)
from review_app.reviews.rules.notified import read_identity
from review_app.reviews.rules.states import CaseState, NotificationState, RequestState
from review_app.submissions.models import Signal
from review_app.thread.queries import thread_page
from review_app.thread.rules import ItemKind

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
GOOD_PRACTICE, FOR_LEARNING = {1, 2, 3, 4, 5, 6, 7}, {8, 9, 23}
"""The numbers of the themes that stand for those which a partnership has published."""


@pytest.fixture
def loaded(work):
    with work() as session:
        demo.load(session, now=NOW)
    return work


def by_state(session, model):
    return Counter(session.scalars(select(model.state)))


def actor_of(session, key):
    here = session.scalars(select(Partnership).where(Partnership.slug == "westhaven")).one()
    user = session.scalars(select(User).where(User.email == f"{key}@westhaven.example")).one()
    return load_actor(session, user.id, here.id, on=NOW.date())


def test_the_demo_is_loaded_once_and_holds_something_of_everything(loaded):
    """One load, which takes seconds, for all that is to be said of it."""
    with loaded() as session:
        tells_every_stage_of_a_review(session)
        shows_the_review_chair_a_whole_thread(session)
        invents_everyone(session)
        before = session.scalar(select(func.count()).select_from(ReviewCase))
        demo.load(session, now=NOW)
        assert session.scalar(select(func.count()).select_from(ReviewCase)) == before


def tells_every_stage_of_a_review(session):
    states = by_state(session, ReviewCase)
    assert states[CaseState.CLOSED] + states[CaseState.ACTIONS_OPEN] == 18
    assert sum(map(len, SITTINGS)) + 1 == 18
    waiting = (
        CaseState.NOTIFIED, CaseState.TRIAGE, CaseState.SELECTED, CaseState.INFO_REQUESTED, CaseState.PACK_DRAFT,
        CaseState.ACCURACY_CHECK, CaseState.ACTIONS_OPEN, CaseState.RETAINED, CaseState.OUT_OF_SCOPE,
        CaseState.IN_SCOPE_NOT_SELECTED,
    )  # fmt: skip
    assert [state for state in waiting if not states[state]] == []
    assert by_state(session, DeathNotification)[NotificationState.RECEIVED] == 1
    assert by_state(session, InformationRequest)[RequestState.SENT] == 6
    assert set(by_state(session, Recommendation)) == set(RecommendationState)
    assert set(by_state(session, Action)) == set(ActionState)
    assert session.scalar(select(func.count()).select_from(DestructionRecord)) == 2
    themes = (
        select(LearningPoint.polarity, LearningTheme.number)
        .join(LearningPointTheme, LearningPointTheme.point_id == LearningPoint.id)
        .join(LearningTheme, LearningTheme.id == LearningPointTheme.theme_id)
        .where(LearningPoint.state == PointState.AGREED)
    )
    found = {(polarity, number) for polarity, number in session.execute(themes)}
    assert {number for polarity, number in found if polarity is Polarity.GOOD_PRACTICE} == GOOD_PRACTICE
    assert {number for polarity, number in found if polarity is Polarity.AREA_FOR_LEARNING} == FOR_LEARNING


def shows_the_review_chair_a_whole_thread(session):
    signal = session.scalars(select(Signal).where(Signal.title.startswith("Grey tablets"))).one()
    page = thread_page(session, actor_of(session, "review.chair"), signal.reference, now=NOW)
    assert [step.kind for step in page.steps] == list(ItemKind)
    page = thread_page(session, actor_of(session, "coordinator"), signal.reference, now=NOW)
    assert [step.kind for step in page.steps] == [ItemKind.SUBMISSION, ItemKind.SIGNAL, ItemKind.ALERT]
    action = session.scalars(select(Action).order_by(Action.id)).first()
    page = thread_page(session, actor_of(session, "treatment.rep"), action.reference, now=NOW)
    assert [step.kind for step in page.steps] == [
        ItemKind.LEARNING_POINT, ItemKind.RECOMMENDATION, ItemKind.ACTION
    ]  # fmt: skip


def invents_everyone(session):
    people = [read_identity(each.details) for each in session.scalars(select(IdentityRecord))]
    names = [f"{each.forename} {each.surname}" for each in people]
    assert OF_THE_SIGNAL.death.name in names
    assert [name for name in names if "Demo" not in name] == []
    oldest = session.scalar(select(func.min(OutboxMessage.due_at)))
    assert (NOW - oldest).days < 2
