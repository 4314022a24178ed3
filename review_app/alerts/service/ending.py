"""How an alert ends: withdrawn by a person, or expired by its date. Whoever has it is told once of a withdrawal."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app import events
from review_app.accounts.queries import addresses_of_role, load_actor
from review_app.alerts.commands import StartNextVersion, WithdrawAlert
from review_app.alerts.emails import expiring_mail
from review_app.alerts.events import AlertEnded
from review_app.alerts.models import Alert, AlertSignal, AlertVersion, AlertVersionBlock, AlertVersionList
from review_app.alerts.queries.audience import audience_of
from review_app.alerts.queries.versions import digest_of, version_in_work
from review_app.alerts.queries.visibility import IN_WORK, get_locked_alert, version_in_force
from review_app.alerts.rendering import message_of, reference_data, render_alert, with_issue_time
from review_app.alerts.rules import (
    ALERT_WORKFLOW,
    REMIND_BEFORE_EXPIRY,
    AlertAction,
    AlertState,
    VersionAction,
    VersionKind,
    WithdrawalReason,
)
from review_app.alerts.service.moving import move
from review_app.alerts.service.releasing import ENDED_FIRST, drop, owe_deliveries, stop_earlier
from review_app.audit.service import record
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.service import cancel_clocks
from review_app.errors import RuleBroken
from review_app.outbox.service import owe, take_slot
from review_app.panel.events import PanelDecisionOverturned
from review_app.policy import Actor, Permission, Role, require
from review_app.working_time import london_day

REMINDED = frozenset({Role.COORDINATOR, Role.CHAIR, Role.DEPUTY_CHAIR, Role.APPROVER})
WITHDRAWN_FIRST = "The alert was withdrawn."


def withdraw(session: Session, actor: Actor, command: WithdrawAlert, *, now: datetime) -> Alert:
    """End an alert on one person's authority, with a coded reason and the shipped words.

    Before anything went out, nothing is sent. Afterwards what is queued is cancelled, and everyone who has it, or may
    have it, is told once, also those who have left the list since.
    """
    alert = get_locked_alert(session, actor, command.reference)
    require(actor, Permission.ALERT_WITHDRAW)
    return _withdraw(session, actor, alert, command.reason, now=now)


def withdraw_when_overturned(session: Session, event: PanelDecisionOverturned) -> None:
    """Withdraw what went out because of a decision that is now overturned, on the authority of whoever overturned it.

    An alert that has not gone out is not withdrawn: it is taken back to draft, and waits for a new decision.
    """
    about = select(AlertSignal.alert_id).where(AlertSignal.signal_id == event.signal_id)
    rows = select(Alert).where(Alert.id.in_(about), Alert.state == AlertState.ACTIVE).order_by(Alert.id)
    for alert in session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all():
        actor = load_actor(session, event.by_user_id, alert.partnership_id, on=london_day(event.at))
        _withdraw(session, actor, alert, WithdrawalReason.OVERTURNED, now=event.at)


def _withdraw(session: Session, actor: Actor, alert: Alert, reason: WithdrawalReason, *, now: datetime) -> Alert:
    before, after = alert.state, ALERT_WORKFLOW.after(alert.state, AlertAction.WITHDRAW)
    version = version_in_work(session, alert)
    if version is not None:
        drop(session, actor, version, WITHDRAWN_FIRST, now=now)
    alert.state, alert.ended_at = after, now
    session.flush()
    if before is AlertState.ACTIVE:
        _tell(session, actor, alert, reason, now=now)
    changes = {"state": (before, after), "reason": (None, reason.value)}
    record(session, actor, AlertAction.WITHDRAW, alert, at=now, changes=changes)
    cancel_clocks(session, _clocks_of(alert), now=now)
    events.publish(session, AlertEnded(alert_id=alert.id, at=now))
    return alert


def _tell(session: Session, actor: Actor, alert: Alert, reason: WithdrawalReason, *, now: datetime) -> AlertVersion:
    """Put out the shipped words of a withdrawal to everyone who may have the alert, and stop what is queued."""
    last = version_in_force(session, alert)
    if last is None:
        raise RuleBroken("This alert has not gone out, so there is nobody to tell.")
    identifies = reason is WithdrawalReason.IDENTIFIES_SOMEONE
    version = AlertVersion(
        alert=alert,
        number=_next_number(alert),
        kind=VersionKind.WITHDRAWAL,
        exercise=alert.exercise,
        level=last.level,
        audience=last.audience,
        tlp=last.tlp,
        headline=f"Alert {alert.reference}" if identifies else last.headline,
        parts={},
        author_id=actor.user_id,
        created_at=now,
        withdrawal_reason=reason,
    )
    session.add(version)
    session.flush()
    text = render_alert(message_of(version), reference_data(session, version, now=now))
    version.subject, version.body = text.subject, with_issue_time(text.body, now)
    version.digest = digest_of(session, version)
    version.release_at = version.released_at = now
    told = audience_of(session, version)
    version.audience_count = len(told)
    move(session, actor, version, VersionAction.ISSUE_WITHDRAWAL, now=now, recipients=len(told))
    session.flush()
    owe_deliveries(session, version, told, now=now)
    stop_earlier(session, version, now=now)
    return version


def permission_to_start(kind: VersionKind) -> Permission:
    """Give what beginning a version takes: whoever may end an alert may extend it; new words are for its writers."""
    return Permission.ALERT_WITHDRAW if kind is VersionKind.EXTENSION else Permission.ALERT_DRAFT


def start_next_version(session: Session, actor: Actor, command: StartNextVersion, *, now: datetime) -> AlertVersion:
    """Begin an update, extension or correction from the wording that readers have; the alert stays active."""
    alert = get_locked_alert(session, actor, command.reference)
    extends = command.kind is VersionKind.EXTENSION
    require(actor, permission_to_start(command.kind))
    if alert.state is not AlertState.ACTIVE:
        raise RuleBroken("Only an alert that is active can be changed. Draft a new alert instead.")
    last = version_in_force(session, alert)
    if last is None or any(each.state in IN_WORK for each in alert.versions):
        raise RuleBroken("The next version of this alert is being written already. Go on with that one.")
    version = AlertVersion(
        alert=alert,
        number=_next_number(alert),
        kind=command.kind,
        exercise=alert.exercise,
        level=last.level,
        audience=last.audience,
        tlp=last.tlp,
        headline=last.headline,
        parts=dict(last.parts),
        expires_at=None if extends else last.expires_at,
        author_id=actor.user_id,
        created_at=now,
    )
    session.add(version)
    version.lists = [AlertVersionList(list_id=each.list_id, exercise=each.exercise) for each in last.lists]
    version.blocks = [
        AlertVersionBlock(advice_block_id=each.advice_block_id, position=each.position) for each in last.blocks
    ]
    record(session, actor, f"draft_{command.kind}", alert, at=now)
    return version


def _next_number(alert: Alert) -> int:
    return max(each.number for each in alert.versions) + 1


def _clocks_of(alert: Alert) -> ClockOf:
    return ClockOf(partnership_id=alert.partnership_id, alert_id=alert.id)


def ended_alerts(session: Session, *, now: datetime) -> Sequence[int]:
    """Give the active alerts whose date has passed."""
    rows = select(Alert.id).where(Alert.state == AlertState.ACTIVE, Alert.expires_at <= now)
    return session.scalars(rows.order_by(Alert.id)).all()


def expire(session: Session, alert_id: int, *, now: datetime) -> bool:
    """End an active alert whose date has passed; say if it was. Its page stays, with a banner.

    A next version that has not gone out is stopped: there is nothing left that it could update or extend.
    """
    alert = session.scalar(select(Alert).where(Alert.id == alert_id).with_for_update())
    if alert is None or alert.state is not AlertState.ACTIVE or alert.expires_at is None or alert.expires_at > now:
        return False
    version = version_in_work(session, alert)
    if version is not None:
        drop(session, None, version, ENDED_FIRST, now=now)
    before, alert.state = alert.state, ALERT_WORKFLOW.after(alert.state, AlertAction.EXPIRE)
    alert.ended_at = now
    record(session, None, AlertAction.EXPIRE, alert, at=now, changes={"state": (before, alert.state)})
    cancel_clocks(session, _clocks_of(alert), now=now)
    events.publish(session, AlertEnded(alert_id=alert.id, at=now))
    return True


def alerts_ending_soon(session: Session, *, now: datetime) -> Sequence[int]:
    """Give the active alerts that end within two days."""
    soon = Alert.expires_at > now, Alert.expires_at <= now + REMIND_BEFORE_EXPIRY
    return session.scalars(select(Alert.id).where(Alert.state == AlertState.ACTIVE, *soon).order_by(Alert.id)).all()


def remind_of_end(session: Session, alert_id: int, *, now: datetime) -> bool:
    """Tell the leads, once for each end that an alert is given, that it is about to end; say if this did."""
    alert = session.scalar(select(Alert).where(Alert.id == alert_id, Alert.state == AlertState.ACTIVE))
    if alert is None or alert.expires_at is None:
        return False
    if not take_slot(session, "alert_ends_soon", f"{alert.id}:{alert.expires_at:%Y-%m-%dT%H:%M}", now=now):
        return False
    subject, body = expiring_mail(alert.reference)
    for address in addresses_of_role(session, alert.partnership_id, REMINDED, on=london_day(now)):
        owe(
            session,
            to=address,
            subject=subject,
            body=body,
            due_at=now,
            partnership_id=alert.partnership_id,
            purpose="alert_ends_soon",
            exercise=alert.exercise,
            expires_at=alert.expires_at,
        )
    return True
