"""Signing a version, or returning it. The last signature that the rule needs schedules it in the same transaction."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.alerts.commands import ReturnAlert, SignAlert
from review_app.alerts.models import Alert, AlertSignal, AlertVersion, SignOff
from review_app.alerts.queries.readiness import missing
from review_app.alerts.queries.versions import (
    alert_rules,
    digest_of,
    newest_version,
    roles_to_sign_as,
    signatures_in_force,
    signatures_missing,
    version_in_work,
    wrote,
)
from review_app.alerts.queries.visibility import get_locked_alert
from review_app.alerts.rules import (
    VERSION_WORKFLOW,
    AlertState,
    SendTime,
    VersionAction,
    VersionState,
    expiry_objection,
    send_time,
    signatures_needed,
    signatures_suffice,
)
from review_app.alerts.service.moving import move, tell_writers, void_signatures
from review_app.audit.service import record
from review_app.errors import RuleBroken
from review_app.panel.events import PanelDecisionOverturned
from review_app.policy import Actor, Permission, Role, require

__all__ = [
    "return_alert",
    "schedule_what_waits_no_more",
    "sign_alert",
    "signed_text_stands",
    "take_back_when_overturned",
    "void_signatures",
]

HAS_CHANGED = "This alert has changed since you opened it. Read it again before you sign."
OWN_WORDS = "You wrote this version, or part of it, so someone else must sign it."
HAS_SIGNED = "You have signed this version already. Someone else must give the signature that is still needed."
NOT_NEEDED = "No signature in that role is still needed. Nothing was changed."
TOO_LATE = "The send time had passed by more than an hour."


def sign_alert(session: Session, actor: Actor, command: SignAlert, *, now: datetime) -> AlertVersion:
    """Sign the text that was read. Its writers may not; the last signature that is needed schedules it.

    A version whose send time passed more than an hour ago is not signed: it goes back to its writer for a new time.
    """
    alert = get_locked_alert(session, actor, command.reference)
    require(actor, Permission.ALERT_SIGN, acting_as=command.role)
    version = _version_put_to_signers(session, alert, VersionAction.SIGN_OFF)
    _check_text(session, version, command.digest)
    _check_signer(session, actor, version, command.role, now=now)
    if send_time(version.send_at, now) is SendTime.TOO_OLD:
        _miss(session, actor, version, now=now)
        return version
    _check_still_right(session, version, now=now)
    version.sign_offs.append(
        SignOff(
            author_id=version.author_id,
            signed_by_id=actor.user_id,
            role=command.role,
            digest=command.digest,
            signed_at=now,
        )
    )
    if not _schedule_if_signed(session, actor, version, now=now):
        record(session, actor, VersionAction.SIGN_OFF.value, version, at=now)
    return version


def return_alert(session: Session, actor: Actor, command: ReturnAlert, *, now: datetime) -> AlertVersion:
    """Send a version back to its writers with a reason. Signatures already given are void; its writers edit instead."""
    alert = get_locked_alert(session, actor, command.reference)
    require(actor, Permission.ALERT_SIGN)
    version = _version_put_to_signers(session, alert, VersionAction.RETURN)
    if version.digest != command.digest:
        raise RuleBroken(HAS_CHANGED)
    if wrote(version, actor.user_id):
        raise RuleBroken("You wrote this version, or part of it. Edit it instead: that takes it back too.")
    if not command.reason.strip():
        raise RuleBroken("Enter why you return it.")
    version.returned_reason = command.reason.strip()
    move(session, actor, version, VersionAction.RETURN, now=now, reason="It was returned.")
    tell_writers(session, version, but=actor, now=now)
    return version


def schedule_what_waits_no_more(session: Session, alert_id: int, *, now: datetime) -> bool:
    """Schedule a version that lacks only a signer whom its level does not wait for at this hour. Say if it was."""
    alert = session.scalar(select(Alert).where(Alert.id == alert_id).with_for_update())
    version = version_in_work(session, alert) if alert is not None else None
    if version is None or version.state is not VersionState.AWAITING_SIGN_OFF or not signatures_in_force(version):
        return False
    if send_time(version.send_at, now) is SendTime.TOO_OLD:
        _miss(session, None, version, now=now)
        return False
    if version.digest != digest_of(session, version) or _not_right(session, version, now=now):
        return False
    return _schedule_if_signed(session, None, version, now=now)


def signed_text_stands(session: Session, version: AlertVersion, *, now: datetime) -> bool:
    """Say whether a scheduled version is still what was signed, by enough people, and has not ended before it began.

    Whether a signer had to be waited for was settled at the hour of the last signature, and is not judged again.
    """
    signed = signatures_in_force(version)
    whole = version.digest is not None and version.digest == digest_of(session, version)
    rules = alert_rules(session, now=now)
    slots = signatures_needed(rules.signing, version.level, version.audience, out_of_hours=True)
    enough = signatures_suffice(slots, [sign_off.role for sign_off in signed])
    same = all(sign_off.digest == version.digest for sign_off in signed)
    return whole and enough and same and expiry_objection(version.expires_at, now) is None


def take_back_when_overturned(session: Session, event: PanelDecisionOverturned) -> None:
    """Take a first alert that has not gone out back to draft when the decision it rests on is overturned."""
    about = select(AlertSignal.alert_id).where(AlertSignal.signal_id == event.signal_id)
    rows = select(Alert).where(Alert.id.in_(about), Alert.state == AlertState.UNISSUED).order_by(Alert.id)
    for alert in session.scalars(rows.with_for_update().execution_options(populate_existing=True)):
        version = version_in_work(session, alert)
        if version is not None and version.state in (VersionState.AWAITING_SIGN_OFF, VersionState.SCHEDULED):
            version.returned_reason = "The panel's decision was overturned."
            move(session, None, version, VersionAction.EDIT, now=event.at, reason="The decision was overturned.")
            tell_writers(session, version, but=None, now=event.at)


def _version_put_to_signers(session: Session, alert: Alert, action: VersionAction) -> AlertVersion:
    """Give the version that waits for signatures. Raises MoveRefused when it is in no state for this action."""
    version = version_in_work(session, alert) or newest_version(session, alert)
    VERSION_WORKFLOW.after(version.state, action)
    return version


def _check_text(session: Session, version: AlertVersion, read: str) -> None:
    """Refuse unless what was read, what was submitted and what is stored are one and the same."""
    if not version.digest == read == digest_of(session, version):
        raise RuleBroken(HAS_CHANGED)


def _check_signer(session: Session, actor: Actor, version: AlertVersion, role: Role, *, now: datetime) -> None:
    if wrote(version, actor.user_id):
        raise RuleBroken(OWN_WORDS)
    if any(sign_off.signed_by_id == actor.user_id for sign_off in signatures_in_force(version)):
        raise RuleBroken(HAS_SIGNED)
    if role not in roles_to_sign_as(session, actor, version, now=now):
        raise RuleBroken(NOT_NEEDED)


def _check_still_right(session: Session, version: AlertVersion, *, now: datetime) -> None:
    problem = _not_right(session, version, now=now)
    if problem:
        raise RuleBroken(f"This version can no longer go out as it is: {problem} Return it with a reason.")


def _not_right(session: Session, version: AlertVersion, *, now: datetime) -> str:
    """Say what has come in the way since the version was submitted, or give nothing."""
    goes_at = max(version.send_at or now, now)
    ended = expiry_objection(version.expires_at, goes_at)
    rules = alert_rules(session, now=now)
    lacking = [step for step in missing(session, version, rules, now=now) if step.field != "send_when"]
    return ended or "; ".join(f"{step.title}. {step.hint}".strip() for step in lacking)


def _schedule_if_signed(session: Session, actor: Actor | None, version: AlertVersion, *, now: datetime) -> bool:
    if signatures_missing(session, version, now=now):
        return False
    waits = send_time(version.send_at, now) is SendTime.WAITS
    version.release_at = version.send_at if waits else now
    move(session, actor, version, VersionAction.SIGN_OFF, now=now)
    return True


def _miss(session: Session, actor: Actor | None, version: AlertVersion, *, now: datetime) -> None:
    version.returned_reason = TOO_LATE + " Choose a new time, and submit it again."
    move(session, actor, version, VersionAction.MISS, now=now, reason=TOO_LATE)
    tell_writers(session, version, but=None, now=now)
