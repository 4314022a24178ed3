"""One version in work: what it says as a whole, what a signature on it covers, and who may sign it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from review_app.accounts.models import User
from review_app.accounts.queries import addresses_of_role
from review_app.alerts.commands import Wording
from review_app.alerts.models import Alert, AlertVersion, SignOff, SubmittedText, VersionWriter
from review_app.alerts.queries.audience import chosen_lists
from review_app.alerts.queries.visibility import IN_WORK
from review_app.alerts.rules import (
    AlertRules,
    Certainty,
    SignerSlot,
    VersionKind,
    VersionState,
    digest,
    may_sign_as,
    read_alert_rules,
    signatures_needed,
    still_needed,
)
from review_app.catalogue.queries import bank_holidays, current_rule_set
from review_app.policy import Actor, Permission, Role, allowed, qualifying, require
from review_app.working_time import is_working_hours, london_day

CERTAINTY = "certainty"


def alert_rules(session: Session, *, now: datetime) -> AlertRules:
    """Give the rules of alerts that are in force."""
    return read_alert_rules(current_rule_set(session, "alert_rules", now=now).content)


def version_in_work(session: Session, alert: Alert) -> AlertVersion | None:
    """Find the version that is being written, signed, waited for or sent. There is at most one."""
    return session.scalar(
        select(AlertVersion).where(AlertVersion.alert_id == alert.id, AlertVersion.state.in_(IN_WORK))
    )


def newest_version(session: Session, alert: Alert) -> AlertVersion:
    """Give the newest version of an alert, whatever became of it."""
    every = select(AlertVersion).where(AlertVersion.alert_id == alert.id)
    return session.scalars(every.order_by(AlertVersion.number.desc()).limit(1)).one()


def wording_of(session: Session, version: AlertVersion) -> Wording:
    """Give everything that is written and chosen for a version, as the editor holds it."""
    texts = {key: str(value) for key, value in version.parts.items()}
    return Wording(
        headline=version.headline,
        certainty=Certainty(texts.pop(CERTAINTY, Certainty.SUSPECTED)),
        parts=texts,
        kind=version.alert.kind,
        level=version.level,
        audience=version.audience,
        tlp=version.tlp,
        expires_at=version.expires_at,
        send_at=version.send_at,
        lists=tuple(sorted(each.reference for each in chosen_lists(session, version))),
        blocks=tuple(str(each.advice_block_id) for each in version.blocks),
        ef8=version.ef8,
        ef8_resolution=version.ef8_resolution,
    )


def digest_of(session: Session, version: AlertVersion) -> str:
    """Give the digest of what a submitted version is now: its finished text, marks, audience, exercise flag and time.

    Whoever signs or releases it compares this with the digest that was kept when it was submitted.
    """
    wording = wording_of(session, version)
    return digest(
        parts={
            "subject": version.subject,
            "body": version.body,
            "number": str(version.number),
            "kind": version.kind.value,
            "level": version.level.value,
            "tlp": version.tlp.value,
            "expires_at": version.expires_at.isoformat() if version.expires_at else "",
            "ef8": version.ef8.value if version.ef8 else "",
            "ef8_resolution": version.ef8_resolution,
            "blocks": ",".join(wording.blocks),
            "headline": wording.headline,
            **{f"part:{key}": text for key, text in wording.parts.items()},
            "certainty": wording.certainty.value,
        },
        attachments=[],
        audience={"audience": version.audience.value, "tlp": version.tlp.value, "lists": list(wording.lists)},
        exercise=version.exercise,
        send_at=version.send_at,
    )


def signatures_in_force(version: AlertVersion) -> list[SignOff]:
    """Give the signatures that count, in the order in which they were made."""
    return [sign_off for sign_off in version.sign_offs if sign_off.voided_at is None]


def signer_slots(session: Session, version: AlertVersion, *, now: datetime) -> tuple[SignerSlot, ...]:
    """Give the signatures a version needs, by the rules in force and by whether people are at work now."""
    at_work = is_working_hours(now, bank_holidays(session))
    rules = alert_rules(session, now=now)
    return signatures_needed(rules.signing, version.level, version.audience, out_of_hours=not at_work)


def signatures_missing(session: Session, version: AlertVersion, *, now: datetime) -> tuple[str, ...]:
    """Give in words who must still sign."""
    signed = [sign_off.role for sign_off in signatures_in_force(version)]
    return still_needed(signer_slots(session, version, now=now), signed)


def may_write(actor: Actor, version: AlertVersion) -> bool:
    """Say whether the person may edit and submit a version; whoever may extend an alert may write its extension."""
    extends = version.kind is VersionKind.EXTENSION and allowed(actor, Permission.ALERT_WITHDRAW)
    return extends or allowed(actor, Permission.ALERT_DRAFT)


def require_writer(actor: Actor, version: AlertVersion) -> None:
    """Refuse with NotAllowed unless the person may write this version."""
    if not may_write(actor, version):
        require(actor, Permission.ALERT_DRAFT)


def wrote(version: AlertVersion, user_id: int) -> bool:
    """Say whether any of a version's words are this person's."""
    return user_id == version.author_id or any(writer.user_id == user_id for writer in version.writers)


def roles_to_sign_as(session: Session, actor: Actor, version: AlertVersion, *, now: datetime) -> list[Role]:
    """Give the roles in which the person's signature would bring the version nearer to being sent."""
    signed = signatures_in_force(version)
    if version.state is not VersionState.AWAITING_SIGN_OFF or wrote(version, actor.user_id):
        return []
    if any(sign_off.signed_by_id == actor.user_id for sign_off in signed):
        return []
    slots, given = signer_slots(session, version, now=now), [sign_off.role for sign_off in signed]
    held = {assignment.role for assignment in qualifying(actor, Permission.ALERT_SIGN)}
    return [role for role in Role if role in held and may_sign_as(slots, given, role)]


def signers_to_ask(session: Session, version: AlertVersion, *, now: datetime) -> list[str]:
    """Give the addresses of those whose signature would help and who wrote none of it."""
    slots, given = signer_slots(session, version, now=now), [each.role for each in signatures_in_force(version)]
    roles = frozenset(role for slot in slots for role in slot.roles if may_sign_as(slots, given, role))
    found = addresses_of_role(session, version.partnership_id, roles, on=london_day(now))
    return [address for address in found if address not in set(writers_addresses(session, version))]


def writers_addresses(session: Session, version: AlertVersion, *, but: int | None = None) -> Sequence[str]:
    """Give the addresses of those whose words a version holds, leaving out one account."""
    writers = select(VersionWriter.user_id).where(VersionWriter.alert_version_id == version.id)
    rows = select(User.email).where(or_(User.id == version.author_id, User.id.in_(writers)), User.active)
    if but is not None:
        rows = rows.where(User.id != but)
    return session.scalars(rows.order_by(User.email)).all()


def signers_addresses(session: Session, version: AlertVersion) -> Sequence[str]:
    """Give the addresses of those whose signatures on a version count."""
    rows = select(User.email).join(SignOff, SignOff.signed_by_id == User.id)
    signed = rows.where(SignOff.alert_version_id == version.id, SignOff.voided_at.is_(None), User.active)
    return session.scalars(signed.order_by(User.email)).all()


def last_signed_text(session: Session, version: AlertVersion) -> SubmittedText | None:
    """Find the text of this version that was last signed, if it has been changed since."""
    signed = {sign_off.digest for sign_off in version.sign_offs} - {version.digest}
    newest = select(SubmittedText).where(SubmittedText.alert_version_id == version.id, SubmittedText.digest.in_(signed))
    return session.scalar(newest.order_by(SubmittedText.id.desc()).limit(1))
