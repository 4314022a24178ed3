"""What waits about alerts: to write, to sign, to look after, and advice to sign."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, literal, or_, select
from sqlalchemy.orm import Session

from review_app.alerts.models import Alert, AlertVersion, Delivery
from review_app.alerts.queries import deliveries, versions, visibility
from review_app.alerts.rules import AlertState, VersionKind, VersionState
from review_app.catalogue.queries import advice_blocks, unsigned_blocks
from review_app.home.queries.task import LATELY, MOST, Task
from review_app.policy import Actor, Permission, allowed

ENDS_SOON = timedelta(days=2)


def _versions(session: Session, actor: Actor, *states: VersionState) -> Sequence[AlertVersion]:
    mine = visibility.visible_alerts(actor).with_only_columns(Alert.id)
    rows = (
        select(AlertVersion)
        .join(Alert)
        .where(Alert.id.in_(mine), Alert.partnership_id == actor.partnership_id, AlertVersion.state.in_(states))
    )
    return session.scalars(rows.order_by(AlertVersion.id).limit(MOST)).all()


def alerts_to_sign(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not allowed(actor, Permission.ALERT_SIGN):
        return []
    return [
        Task(
            title=f"Alert {version.reference}: {version.headline}",
            endpoint="alerts.sign",
            values={"reference": version.reference},
            button="Read and sign",
            text="Awaiting sign-off",
            due_at=version.send_at,
            urgent=version.level.value == "red",
        )
        for version in _versions(session, actor, VersionState.AWAITING_SIGN_OFF)
        if versions.roles_to_sign_as(session, actor, version, now=now)
    ]


def alerts_to_finish(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not allowed(actor, Permission.ALERT_DRAFT):
        return []
    return [
        Task(
            title=f"Alert {version.reference}: {version.headline or 'no headline yet'}",
            endpoint="alerts.edit",
            values={"reference": version.reference},
            button="Go on writing",
            text=f"Returned: {version.returned_reason}" if version.returned_reason else "A draft",
        )
        for version in _versions(session, actor, VersionState.DRAFT)
        if versions.wrote(version, actor.user_id)
    ]


def alerts_that_need_a_person(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not (allowed(actor, Permission.ALERT_WITHDRAW) or allowed(actor, Permission.DELIVERY_SETTLE)):
        return []
    rows = visibility.visible_alerts(actor).where(
        Alert.partnership_id == actor.partnership_id,
        or_(
            Alert.state == AlertState.ACTIVE,
            and_(Alert.state == AlertState.WITHDRAWN, Alert.ended_at >= now - LATELY),
        ),
    )
    tasks = []
    for alert in session.scalars(rows.order_by(Alert.expires_at, Alert.id)).all():
        stuck = _stuck(session, alert)
        active = alert.state is AlertState.ACTIVE
        ends_soon = active and alert.expires_at is not None and alert.expires_at - now <= ENDS_SOON
        if not (stuck or ends_soon):
            continue
        tasks.append(
            Task(
                title=f"Alert {alert.reference}",
                endpoint="alerts.show",
                values={"reference": alert.reference},
                button="Open the alert",
                text="Some messages failed or are uncertain" if stuck else "Ends soon: extend, update or withdraw it",
                due_at=None if stuck else alert.expires_at,
                urgent=stuck,
            )
        )
    return tasks


def _stuck(session: Session, alert: Alert) -> bool:
    """Say whether messages of what an alert says now failed or are uncertain, and nobody has seen to them."""
    ended = alert.state is AlertState.WITHDRAWN
    rows = (
        select(Delivery.id)
        .join(AlertVersion, AlertVersion.id == Delivery.alert_version_id)
        .where(
            AlertVersion.alert_id == alert.id,
            or_(AlertVersion.kind == VersionKind.WITHDRAWAL, literal(not ended)),
            deliveries.needs_a_person(),
        )
    )
    return session.scalar(rows.limit(1)) is not None


def advice_to_sign(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not allowed(actor, Permission.ADVICE_SIGN):
        return []
    blocks = advice_blocks(session, now=now)
    unsigned = unsigned_blocks(session, actor.partnership_id, [block.id for block in blocks])
    return [
        Task(
            title=f"Advice: {block.title}",
            endpoint="advice.index",
            button="Read and sign",
            text="No alert can hold it until a clinician has signed it",
        )
        for block in unsigned
    ]
