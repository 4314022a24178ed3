"""What the page of a Signal shows of alerts."""

from flask import url_for
from sqlalchemy.orm import Session

from review_app.alerts.queries import about_signal
from review_app.sections import NextAction, Section, SignalPage


def signal_section(session: Session, page: SignalPage) -> Section | None:
    """Give the alerts about a Signal, and how to draft one; nothing while there is nothing to say."""
    found = about_signal.alerts_section(session, page.actor, page.signal_id, now=page.now)
    if found is None:
        return None
    return Section(
        order=50,
        key="alerts",
        template="alerts/_signal.html",
        context={"found": found, "now": page.now},
        waiting_for=found.waiting_for,
        next_action=_next(found),
    )


def _next(found: about_signal.AlertsSection) -> NextAction | None:
    if found.to_sign:
        return NextAction(
            title="Read and sign the alert",
            text="An alert about this Signal waits for your signature.",
            button="Read and sign",
            href=url_for("alerts.sign", reference=found.to_sign),
        )
    if found.to_write:
        return NextAction(
            title="Finish the alert",
            text="An alert about this Signal is a draft.",
            button="Go on writing",
            href=url_for("alerts.edit", reference=found.to_write),
        )
    return None
