"""Moving a version from state to state. What a move takes away (signatures, digest, time) is taken away here, once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from review_app.alerts.emails import back_to_draft_mail
from review_app.alerts.models import AlertVersion
from review_app.alerts.queries.versions import signatures_in_force, writers_addresses
from review_app.alerts.rules import VERSION_WORKFLOW, VOIDS_SIGNATURES, VersionAction, VersionState
from review_app.audit.service import record
from review_app.outbox.service import owe
from review_app.policy import Actor

MAIL_LASTS = timedelta(days=2)


def move(
    session: Session,
    actor: Actor | None,
    version: AlertVersion,
    action: VersionAction,
    *,
    now: datetime,
    reason: str = "",
    recipients: int | None = None,
) -> VersionState:
    """Make one legal move and record it. Raises MoveRefused. Gives the state before.

    A move that goes back voids every signature; a version that is a draft again has no digest, text or time of
    release until it is submitted anew.
    """
    before = version.state
    version.state = VERSION_WORKFLOW.after(before, action)
    if action in VOIDS_SIGNATURES:
        void_signatures(version, reason or action.value, now=now)
    if version.state is VersionState.DRAFT:
        version.digest = version.release_at = version.submitted_at = version.audience_count = None
        version.subject = version.body = ""
    changes: dict[str, tuple[object, object]] = {"state": (before, version.state)}
    if recipients is not None:
        changes["recipients"] = (None, recipients)
    record(session, actor, action.value, version, at=now, changes=changes)
    return before


def void_signatures(version: AlertVersion, reason: str, *, now: datetime) -> int:
    """Void every signature that counted. They are kept, with the reason; say how many they were."""
    counted = signatures_in_force(version)
    for sign_off in counted:
        sign_off.voided_at, sign_off.void_reason = now, reason[:200]
    return len(counted)


def tell_writers(session: Session, version: AlertVersion, *, but: Actor | None, now: datetime) -> None:
    """Write to those whose words a version holds that it is a draft again, but not to whoever did it."""
    subject, body = back_to_draft_mail(version.reference)
    told = writers_addresses(session, version, but=but.user_id if but else None)
    tell(session, version, told, subject, body, now=now)


def tell(
    session: Session, version: AlertVersion, addresses: Sequence[str], subject: str, body: str, *, now: datetime
) -> None:
    """Owe colleagues a message that says that something waits, and nothing of what it says."""
    for address in addresses:
        owe(
            session,
            to=address,
            subject=subject,
            body=body,
            due_at=now,
            partnership_id=version.partnership_id,
            exercise=version.exercise,
            purpose="alert_signing",
            expires_at=now + MAIL_LASTS,
        )
