"""Releasing a signed version at its time: the Deliveries are written in the transaction that releases it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, insert, select, update
from sqlalchemy.orm import Session, aliased

from review_app import events
from review_app.alerts.emails import asked_again_mail, missed_mail, stopped_mail
from review_app.alerts.events import AlertReleased
from review_app.alerts.models import Alert, AlertVersion, Delivery, SignOff
from review_app.alerts.queries.audience import AudienceMember, audience_of
from review_app.alerts.queries.versions import signers_addresses, signers_to_ask, writers_addresses
from review_app.alerts.rendering import with_issue_time
from review_app.alerts.rules import (
    ALERT_WORKFLOW,
    DELIVERY_WORKFLOW,
    TELLS_ALL_WHO_HAVE_IT,
    VERSION_KIND_ACTIONS,
    Channel,
    DeliveryAction,
    DeliveryState,
    SendTime,
    VersionAction,
    VersionState,
    audience_drifted,
    send_time,
)
from review_app.alerts.service.moving import move, tell
from review_app.alerts.service.signing import signed_text_stands
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.service import cancel_clocks, start_clock
from review_app.mail import new_message_id, post
from review_app.policy import Actor

NOT_SENT = "It did not go out: its time passed more than an hour ago, or what was signed no longer stands."
DRIFTED = "The number of people it reaches changed by more than a tenth since it was signed."
ENDED_FIRST = "The alert ended before this version went out."


def due_versions(session: Session, *, now: datetime) -> Sequence[int]:
    """Give the scheduled versions whose time has come, the earliest first."""
    rows = select(AlertVersion.id).where(AlertVersion.state == VersionState.SCHEDULED, AlertVersion.release_at <= now)
    return session.scalars(rows.order_by(AlertVersion.release_at, AlertVersion.id)).all()


def partly_signed_alerts(session: Session) -> Sequence[int]:
    """Give the alerts that wait for a further signature: as the hour changes, one may no longer be waited for."""
    signed = exists().where(SignOff.alert_version_id == AlertVersion.id, SignOff.voided_at.is_(None))
    rows = select(AlertVersion.alert_id).where(AlertVersion.state == VersionState.AWAITING_SIGN_OFF, signed)
    return session.scalars(rows.order_by(AlertVersion.alert_id)).all()


def release(session: Session, version_id: int, *, now: datetime) -> AlertVersion | None:
    """Release one due version, or give None when another worker or a person was first.

    A version whose signatures no longer stand, or whose time passed more than an hour ago, goes back to draft; one
    whose audience has changed by more than a tenth since it was signed is asked for again; one of an alert that has
    ended meanwhile is dropped.
    """
    version = _locked_version(session, version_id)
    if version is None or version.state is not VersionState.SCHEDULED or (version.release_at or now) > now:
        return None
    audience = audience_of(session, version)
    if (version.alert.state, VERSION_KIND_ACTIONS[version.kind]) not in ALERT_WORKFLOW.moves:
        drop(session, None, version, ENDED_FIRST, now=now)
    elif send_time(version.release_at, now) is SendTime.TOO_OLD or not signed_text_stands(session, version, now=now):
        _send_back(session, version, now=now)
    elif audience_drifted(version.audience_count or 0, len(audience)):
        _ask_again(session, version, len(audience), now=now)
    else:
        _release(session, version, audience, now=now)
    return version


def drop(session: Session, actor: Actor | None, version: AlertVersion, reason: str, *, now: datetime) -> None:
    """Stop a version that has not gone out, and tell its other writers."""
    move(session, actor, version, VersionAction.CANCEL, now=now, reason=reason)
    subject, body = stopped_mail(version.reference)
    told = writers_addresses(session, version, but=actor.user_id if actor else None)
    tell(session, version, told, subject, body, now=now)


def _locked_version(session: Session, version_id: int) -> AlertVersion | None:
    """Hold the alert, then read the version: everything that changes an alert takes its lock first."""
    alert_id = session.scalar(select(AlertVersion.alert_id).where(AlertVersion.id == version_id))
    if session.scalar(select(Alert).where(Alert.id == alert_id).with_for_update()) is None:
        return None
    return session.scalar(select(AlertVersion).where(AlertVersion.id == version_id))


def _release(session: Session, version: AlertVersion, audience: list[AudienceMember], *, now: datetime) -> None:
    """Put out the stored text that was signed, with the time of release, to everyone in the audience."""
    version.released_at, version.body = now, with_issue_time(version.body, now)
    move(session, None, version, VersionAction.RELEASE, now=now, recipients=len(audience))
    session.flush()
    owe_deliveries(session, version, audience, now=now)
    stop_earlier(session, version, now=now)
    alert = version.alert
    alert.state = ALERT_WORKFLOW.after(alert.state, VERSION_KIND_ACTIONS[version.kind])
    alert.activated_at, alert.expires_at = alert.activated_at or now, version.expires_at
    of = ClockOf(partnership_id=alert.partnership_id, alert_id=alert.id)
    cancel_clocks(session, of, now=now)
    session.flush()
    start_clock(session, ClockKey.ALERT_REVIEW, of, now=now, due_at=version.expires_at)
    events.publish(session, AlertReleased(alert_id=alert.id, version_id=version.id, at=now))


def owe_deliveries(
    session: Session, version: AlertVersion, audience: Collection[AudienceMember], *, now: datetime
) -> None:
    """Write one Delivery for each address; the table refuses a second one of this version and channel."""
    rows = [delivery_values(version, member, now=now) for member in audience]
    if rows:
        session.execute(insert(Delivery), rows)


def delivery_values(version: AlertVersion, member: AudienceMember, *, now: datetime) -> dict[str, object]:
    """Give the row of one Delivery that is due now."""
    return {
        "alert_version_id": version.id,
        "recipient_id": member.recipient_id,
        "exercise": version.exercise,
        "channel": Channel.EMAIL,
        "address": member.address,
        "normalised": member.normalised,
        "agency_id": member.agency_id,
        "state": DeliveryState.QUEUED,
        "message_id": new_message_id(post().sender),
        "attempts": 0,
        "next_attempt_at": now,
    }


def stop_earlier(session: Session, version: AlertVersion, *, now: datetime) -> None:
    """Start nothing more of an earlier text for whoever gets the new one; after a correction or an end, for nobody.

    What is under way at this moment is settled by its answer.
    """
    earlier = select(AlertVersion.id).where(
        AlertVersion.alert_id == version.alert_id, AlertVersion.number < version.number
    )
    mine: ColumnElement[bool] = Delivery.alert_version_id.in_(earlier)
    if version.kind not in TELLS_ALL_WHO_HAVE_IT:
        newer = aliased(Delivery)
        mine = mine & Delivery.normalised.in_(select(newer.normalised).where(newer.alert_version_id == version.id))
    cancelled = DELIVERY_WORKFLOW.after(DeliveryState.QUEUED, DeliveryAction.CANCEL)
    queued = update(Delivery).where(mine, Delivery.state == DeliveryState.QUEUED)
    unknown = update(Delivery).where(mine, Delivery.state == DeliveryState.UNKNOWN)
    plainly = {"synchronize_session": False}
    session.execute(queued.values(state=cancelled, next_attempt_at=None, settled_at=now), execution_options=plainly)
    session.execute(unknown.values(next_attempt_at=None), execution_options=plainly)


def _send_back(session: Session, version: AlertVersion, *, now: datetime) -> None:
    told = sorted({*writers_addresses(session, version), *signers_addresses(session, version)})
    move(session, None, version, VersionAction.MISS, now=now, reason=NOT_SENT)
    version.returned_reason = NOT_SENT
    subject, body = missed_mail(version.reference)
    tell(session, version, told, subject, body, now=now)


def _ask_again(session: Session, version: AlertVersion, number: int, *, now: datetime) -> None:
    move(session, None, version, VersionAction.ASK_AGAIN, now=now, reason=DRIFTED, recipients=number)
    version.audience_count, version.release_at = number, None
    subject, body = asked_again_mail(version.reference, number)
    tell(session, version, signers_to_ask(session, version, now=now), subject, body, now=now)
