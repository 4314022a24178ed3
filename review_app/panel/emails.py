"""Subject and body of each message of the panel: that something waits and where, never what it says."""

from datetime import datetime

from review_app.mail import link, render_mail


def question_mail(partnership: str, token: str, due_at: datetime) -> tuple[str, str]:
    """Tell an agency that a question waits for it."""
    address = link("corroborate.question", token=token)
    body = render_mail("panel/question.txt", partnership=partnership, address=address, due_at=due_at)
    return "A question waits for your answer", body


def chase_mail(partnership: str, token: str, due_at: datetime, *, overdue: bool) -> tuple[str, str]:
    """Remind an agency, once at half time and once when the answer is due."""
    address = link("corroborate.question", token=token)
    body = render_mail("panel/chase.txt", partnership=partnership, address=address, due_at=due_at, overdue=overdue)
    return "Reminder: a question waits for your answer", body


def round_due_mail(reference: str) -> tuple[str, str]:
    """Tell the coordinator that the time for answers is over."""
    address = link("signals.show", reference=reference)
    return f"{reference}: the time for answers is over", render_mail("panel/round_due.txt", address=address)


def grading_mail(reference: str) -> tuple[str, str]:
    """Tell a panel member that a Signal waits for their grading."""
    address = link("panel.grade", reference=reference)
    return f"{reference}: your grading is needed", render_mail("panel/grading.txt", address=address)


def ratification_mail(reference: str, due_at: datetime) -> tuple[str, str]:
    """Tell a chair or deputy that an urgent decision waits to be ratified."""
    address = link("panel.ratify", reference=reference)
    body = render_mail("panel/ratification.txt", address=address, due_at=due_at)
    return f"{reference}: a decision waits to be ratified", body


def meeting_mail(reference: str) -> tuple[str, str]:
    """Tell somebody that they are asked to a sitting of the review panel."""
    address = link("meetings.show", reference=reference)
    return "A meeting waits for you", render_mail("panel/meeting.txt", address=address)


def meeting_moved_mail(reference: str) -> tuple[str, str]:
    """Tell somebody that a sitting has another time or place."""
    address = link("meetings.show", reference=reference)
    return "A meeting has changed", render_mail("panel/meeting_moved.txt", address=address)


def meeting_cancelled_mail(reference: str) -> tuple[str, str]:
    """Tell somebody that a sitting does not take place."""
    address = link("meetings.show", reference=reference)
    return "A meeting is cancelled", render_mail("panel/meeting_cancelled.txt", address=address)
