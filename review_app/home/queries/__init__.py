"""What is waiting for one person across every feature, what they wait for from others, and what was decided lately.

Each source starts from the feature's own narrowed reads, so a task never names a record its reader may not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from review_app.home.queries import alerts, audit, learning, meetings, panel, reports, requests, reviews
from review_app.home.queries.task import MOST, Task
from review_app.policy import Actor

FAR = datetime.max.replace(tzinfo=UTC)
SOURCES = (
    reports.reports_to_triage,
    reports.questions_to_answer_as_submitter,
    panel.questions_to_answer_as_agency,
    panel.signals_to_move_on,
    panel.signals_to_grade,
    panel.decisions_to_make,
    alerts.alerts_to_sign,
    alerts.alerts_to_finish,
    alerts.alerts_that_need_a_person,
    alerts.advice_to_sign,
    reviews.people_at_risk,
    reviews.notifications_that_wait,
    reviews.cases_to_take_on,
    reviews.notifications_to_send,
    requests.requests_to_answer,
    requests.requests_overdue,
    requests.cases_with_everything_in,
    meetings.meetings_to_prepare,
    meetings.meetings_to_run,
    meetings.cases_to_sign,
    meetings.destructions_to_approve,
    audit.months_to_prune,
    learning.points_to_agree,
    learning.points_to_finish,
    learning.recommendations_to_decide,
    learning.recommendations_without_action,
    learning.actions_to_carry_out,
    learning.actions_to_check,
)


@dataclass(frozen=True, kw_only=True)
class HomePage:
    """What one person's home page says."""

    tasks: Sequence[Task]
    waiting: Sequence[Task]
    decided: Sequence[Task]


def home_page(session: Session, actor: Actor, *, now: datetime) -> HomePage:
    """Gather everything for one person, what breaks first at the top."""
    tasks = [task for source in SOURCES for task in source(session, actor, now)]
    tasks.sort(key=lambda task: (not task.urgent, task.due_at or FAR, task.title))
    return HomePage(
        tasks=tasks[:MOST],
        waiting=[*panel.waiting_for_others(session, actor, now), *requests.waiting_for_agencies(session, actor, now)],
        decided=panel.decided(session, actor, now),
    )
