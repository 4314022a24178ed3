"""What the meetings of the review panel ask of somebody: to accept and declare, to run them, to sign, to let go."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select
from sqlalchemy.orm import Session

from review_app.filters import plural
from review_app.home.queries.task import MOST, Task
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.queries.meetings import own_meetings, visible_meetings
from review_app.panel.rules.meetings import UPCOMING, MeetingState
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries import visible_cases
from review_app.reviews.queries.retention import destructions
from review_app.reviews.queries.sittings import MeetingPage, meeting_page
from review_app.reviews.rules.states import CaseState


def meetings_to_prepare(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Ask whoever is invited to accept the statement and to declare, by the time the meeting begins."""
    if not (allowed(actor, Permission.MEETING_SEE) or allowed(actor, Permission.MEETING_SEE_OWN)):
        return []
    words = {
        "accept": ("Accept the confidentiality statement, then declare for each case", "Accept"),
        "declare": ("Say whether you have an interest in a case on its agenda", "Declare"),
    }
    pages = _pages(session, actor, own_meetings(actor).where(PanelMeeting.state.in_(UPCOMING)), now)
    return [_task(page, *words[page.step], due_at=page.meeting.starts_at) for page in pages if page.step]


def meetings_to_run(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Ask the coordinator for the next step of each meeting."""
    if not allowed(actor, Permission.MEETING_MANAGE):
        return []
    running = (*UPCOMING, MeetingState.HELD)
    pages = _pages(session, actor, visible_meetings(actor).where(PanelMeeting.state.in_(running)), now)
    found = []
    for page in pages:
        text, button = _next_step(page, now)
        if text:
            due = page.meeting.starts_at if page.upcoming else None
            found.append(_task(page, text, button, due_at=due))
    return found


def _next_step(page: MeetingPage, now: datetime) -> tuple[str, str]:
    """Say what is next for whoever runs a meeting, and the words of its button; nothing where others are waited for."""
    if page.can_minute:
        return "It was held: keep its minutes", "Minute"
    if not page.lines:
        return "No case is on its agenda yet", "Choose cases"
    free = [line for line in page.lines if line.can_list]
    ready = [line for line in free if not line.waits_for]
    if ready:
        return f"Everybody has declared: list {plural(len(ready), 'case')}", "List"
    if page.can_hold and page.meeting.starts_at <= now:
        return "Record who came, then say that it was held", "Hold"
    if free:
        missing = {name for line in free for name in line.waits_for}
        return f"{plural(len(missing), 'person has', 'people have')} still to declare", "See who"
    return "", ""


def _pages(session: Session, actor: Actor, found: Select[PanelMeeting], now: datetime) -> Sequence[MeetingPage]:
    narrowed = found.order_by(PanelMeeting.starts_at, PanelMeeting.id).limit(MOST)
    return [meeting_page(session, actor, row.reference, now=now) for row in session.scalars(narrowed).all()]


def _task(page: MeetingPage, text: str, button: str, *, due_at: datetime | None) -> Task:
    return Task(
        title=f"Meeting {page.meeting.reference}",
        endpoint="meetings.show",
        values={"reference": page.meeting.reference},
        button=button,
        text=text,
        due_at=due_at,
    )


def cases_to_sign(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Ask chairs and deputies to finish findings and to sign."""
    if not allowed(actor, Permission.CASE_SIGN):
        return []
    words = {
        CaseState.IN_PANEL: ("reviews.show", "The panel has discussed it: start its findings", "Open"),
        CaseState.FINDINGS_DRAFT: ("reviews.show", "Its findings are being written", "Open"),
        CaseState.ACCURACY_CHECK: ("reviews.sign", "Its findings wait for your signature", "Read and sign"),
    }
    rows = visible_cases(actor).where(ReviewCase.state.in_(tuple(words))).order_by(ReviewCase.moved_at, ReviewCase.id)
    return [
        Task(
            title=f"Case {case.reference}",
            endpoint=words[case.state][0],
            values={"reference": case.reference},
            button=words[case.state][2],
            text=words[case.state][1],
        )
        for case in session.scalars(rows.limit(MOST)).all()
    ]


def destructions_to_approve(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Ask the information governance lead about cases that were proposed to be destroyed."""
    if not allowed(actor, Permission.CASE_DESTROY_APPROVE):
        return []
    return [
        Task(
            title=f"Case {each.reference}",
            endpoint="reviews.answer_destruction",
            values={"reference": each.reference},
            button="Decide",
            text="It is proposed that this case be destroyed",
        )
        for each in destructions(session, actor)
        if each.waits and each.proposed_by_id != actor.user_id
    ][:MOST]
