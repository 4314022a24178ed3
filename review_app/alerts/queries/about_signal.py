"""What a Signal's page shows of alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.alerts.models import Alert, AlertSignal, AlertVersion
from review_app.alerts.queries.pages import AlertRow, alerts_about
from review_app.alerts.queries.versions import may_write, roles_to_sign_as, signatures_missing, version_in_work
from review_app.alerts.queries.visibility import IN_WORK
from review_app.alerts.rules import AlertState, VersionState
from review_app.panel.queries.decisions import alerting_objection, decisions_of
from review_app.policy import Actor, Permission, allowed
from review_app.submissions.events import SignalCloses
from review_app.submissions.models import Signal


@dataclass(frozen=True, kw_only=True)
class AlertsSection:
    """The alerts about a Signal, and what this person can do about them."""

    signal: Signal
    rows: Sequence[AlertRow]
    may_draft: bool
    objection: str
    to_sign: str
    to_write: str
    waiting_for: str


def alerts_section(session: Session, actor: Actor, signal_id: int, *, now: datetime) -> AlertsSection | None:
    """Give the alerts about a Signal that a person may know of, or None while there can be none."""
    signal = session.get_one(Signal, signal_id)
    rows = alerts_about(session, actor, signal_id)
    home = actor.partnership_id == signal.partnership_id
    if not rows and not (home and decisions_of(session, signal_id)):
        return None
    objection = alerting_objection(session, signal) or ""
    work = [version for row in rows if (version := version_in_work(session, row.alert)) is not None] if home else []
    signing = [each for each in work if roles_to_sign_as(session, actor, each, now=now)]
    writing = [each for each in work if each.state is VersionState.DRAFT and may_write(actor, each)]
    waiting = [each for each in work if each.state is VersionState.AWAITING_SIGN_OFF]
    missing = signatures_missing(session, waiting[0], now=now) if waiting else ()
    return AlertsSection(
        signal=signal,
        rows=rows,
        may_draft=home and allowed(actor, Permission.ALERT_DRAFT) and not objection,
        objection=objection,
        to_sign=signing[0].reference if signing else "",
        to_write=writing[0].reference if writing else "",
        waiting_for=", and ".join(missing),
    )


def objection_to_closing(session: Session, event: SignalCloses) -> str | None:
    """Say why alerts do not let a Signal be closed: one that is in force or being written must end first."""
    about = select(AlertSignal.alert_id).where(AlertSignal.signal_id == event.signal_id)
    active = select(Alert.reference).where(Alert.id.in_(about), Alert.state == AlertState.ACTIVE)
    working = select(AlertVersion.alert_id).where(AlertVersion.state.in_(IN_WORK))
    unfinished = select(Alert.reference).where(Alert.id.in_(about), Alert.id.in_(working))
    found = sorted({*session.scalars(active), *session.scalars(unfinished)})
    if not found:
        return None
    return f"Alert {', '.join(found)} has not ended. Withdraw it, let it expire, or watch this Signal instead."
