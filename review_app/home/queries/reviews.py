"""What waits for those who notify deaths and those who take cases on."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app.catalogue.queries import running_clocks_by_case
from review_app.home.queries.task import MOST, Task
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import NotificationDraft, ReviewCase
from review_app.reviews.queries import visible_cases
from review_app.reviews.queries.notification_page import risks_to_settle, waiting_notifications
from review_app.reviews.queries.notifications import own_drafts
from review_app.reviews.rules.states import CaseState

DOING = {
    CaseState.NOTIFIED: ("Nobody has started triage", "Open and start triage"),
    CaseState.TRIAGE: ("Being checked: decide its inclusion", "Decide inclusion"),
}


def people_at_risk(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Notifications after which somebody living may be at risk: to be seen to on the same day."""
    return [
        Task(
            title=f"Notification {each.reference}",
            endpoint="deaths.show",
            values={"reference": each.reference},
            button="See to it",
            text="Somebody living may be at risk: say what has been done",
            due_at=each.risk_due_at,
            urgent=True,
        )
        for each in risks_to_settle(session, actor)
    ]


def notifications_that_wait(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Notifications of which the coordinator has to say to which case they belong."""
    return [
        Task(
            title=f"Notification {each.line.reference}",
            endpoint="deaths.show",
            values={"reference": each.line.reference},
            button="Say which case",
            text="It may be about a death that was notified before",
        )
        for each in waiting_notifications(session, actor)
    ]


def cases_to_take_on(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Cases to triage and to decide on, each with its clock."""
    if not allowed(actor, Permission.CASE_MANAGE):
        return []
    rows = visible_cases(actor).where(ReviewCase.state.in_(tuple(DOING)))
    found = session.scalars(rows.order_by(ReviewCase.opened_at, ReviewCase.id).limit(MOST)).all()
    clocks = running_clocks_by_case(session, [each.id for each in found])
    return [
        Task(
            title=f"Case {each.reference}",
            endpoint="reviews.show",
            values={"reference": each.reference},
            button=DOING[each.state][1],
            text=DOING[each.state][0],
            due_at=min((clock.due_at for clock in clocks.get(each.id, [])), default=None),
        )
        for each in found
    ]


def notifications_to_send(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Notifications that the person began and has not sent."""
    drafts = session.scalars(own_drafts(actor).order_by(NotificationDraft.saved_at)).all()
    return [
        Task(
            title="A notification of a death that you have not sent",
            endpoint="deaths.known",
            values={"token": each.form_token},
            button="Go on",
        )
        for each in drafts
    ]
