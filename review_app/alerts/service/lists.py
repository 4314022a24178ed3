"""Keeping distribution lists: making and archiving them, and putting people on and off."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from review_app.accounts.models import AgencyMembership
from review_app.accounts.references import next_reference
from review_app.addresses import normalise_address
from review_app.alerts.commands import (
    AddRecipient,
    ArchiveList,
    ChangeList,
    ChangeRecipient,
    ImportRecipients,
    MakeList,
    RecipientDetails,
    RemoveRecipient,
)
from review_app.alerts.models import DistributionList, Recipient
from review_app.alerts.queries.lists import get_locked_list, get_recipient, preview_import
from review_app.audit.service import record
from review_app.errors import RuleBroken, Stale
from review_app.policy import Actor, Permission, require

CHANGED = "Somebody changed this while you had it open. Look at it again, then change it."
NAME_TAKEN = "There is a list of this name already. Choose another name."
ON_THE_LIST = "This address is on the list already."
NOT_AN_AGENCY = "That agency does not belong to your partnership. Choose one from the list."


def make_list(session: Session, actor: Actor, command: MakeList, *, now: datetime) -> DistributionList:
    """Start a list with nobody on it."""
    require(actor, Permission.LIST_MANAGE)
    reference = next_reference(session, actor.partnership_id, "L", now=now)
    _check_name(session, actor, command.name)
    made = DistributionList(
        reference=reference,
        partnership_id=actor.partnership_id,
        name=command.name,
        kind=command.kind,
        exercise=command.exercise,
    )
    session.add(made)
    record(session, actor, "add", made, at=now, changes={"name": (None, command.name), "kind": (None, command.kind)})
    return made


def change_list(session: Session, actor: Actor, command: ChangeList, *, now: datetime) -> DistributionList:
    """Rename a list, or change whom it gathers."""
    found = _list_to_change(session, actor, command.reference)
    _check_version(found, command.version)
    if command.name != found.name:
        _check_name(session, actor, command.name)
    changes = {"name": (found.name, command.name), "kind": (found.kind, command.kind)}
    found.name, found.kind = command.name, command.kind
    record(session, actor, "change", found, at=now, changes=changes)
    return found


def archive_list(session: Session, actor: Actor, command: ArchiveList, *, now: datetime) -> DistributionList:
    """Put a list out of use, or back into it. An alert that was to go to it alone then reaches nobody."""
    found = _list_to_change(session, actor, command.reference)
    _check_version(found, command.version)
    record(session, actor, "archive", found, at=now, changes={"archived": (found.archived, command.archived)})
    found.archived = command.archived
    return found


def add_recipient(session: Session, actor: Actor, command: AddRecipient, *, now: datetime) -> Recipient:
    """Put an address on a list. Somebody who had left comes back."""
    found = _list_to_change(session, actor, command.reference)
    normalised = normalised_or_refused(command.details.address)
    standing = _find(session, found, normalised)
    if standing is not None and standing.left_at is None:
        raise RuleBroken(ON_THE_LIST)
    recipient = standing or Recipient(list_id=found.id, exercise=found.exercise, normalised=normalised)
    recipient.added_at, recipient.left_at = now, None
    _describe(session, actor, recipient, command.details, now=now)
    session.add(recipient)
    record(session, actor, "add", found, at=now, section="recipients", changes={"recipient": (None, normalised)})
    return recipient


def change_recipient(session: Session, actor: Actor, command: ChangeRecipient, *, now: datetime) -> Recipient:
    """Correct who somebody on a list is."""
    found = _list_to_change(session, actor, command.reference)
    recipient = get_recipient(session, actor, command.reference, command.recipient_id)
    _check_version(recipient, command.version)
    normalised = normalised_or_refused(command.details.address)
    if normalised != recipient.normalised and _find(session, found, normalised) is not None:
        raise RuleBroken(ON_THE_LIST)
    changes = {"recipient": (recipient.normalised, normalised)}
    recipient.normalised = normalised
    _describe(session, actor, recipient, command.details, now=now)
    record(session, actor, "change", found, at=now, section="recipients", changes=changes)
    return recipient


def remove_recipient(session: Session, actor: Actor, command: RemoveRecipient, *, now: datetime) -> Recipient:
    """Take somebody off a list at once. Removing them twice changes nothing."""
    found = _list_to_change(session, actor, command.reference)
    recipient = get_recipient(session, actor, command.reference, command.recipient_id)
    if recipient.left_at is not None:
        return recipient
    _check_version(recipient, command.version)
    recipient.left_at = now
    changes = {"recipient": (recipient.normalised, None)}
    record(session, actor, "remove", found, at=now, section="recipients", changes=changes)
    return recipient


def import_recipients(session: Session, actor: Actor, command: ImportRecipients, *, now: datetime) -> int:
    """Put the good rows of a file on a list, judged again against the list as it is now; say how many were added.

    Importing the same file twice adds nobody the second time.
    """
    found = _list_to_change(session, actor, command.reference)
    good = preview_import(session, found, command.rows).good
    if not good:
        return 0
    session.execute(
        insert(Recipient),
        [
            {
                "list_id": found.id,
                "exercise": found.exercise,
                "address": judged.row.address,
                "normalised": judged.normalised,
                "agency_id": judged.agency_id,
                "role": judged.row.role,
                "added_at": now,
                "version": 1,
            }
            for judged in good
        ],
    )
    record(session, actor, "import", found, at=now, section="recipients", changes={"recipients": (None, len(good))})
    return len(good)


def normalised_or_refused(address: str) -> str:
    """Give the one spelling of an address. Raises RuleBroken for what is none."""
    try:
        return normalise_address(address)
    except ValueError as problem:
        raise RuleBroken(str(problem)) from None


def _list_to_change(session: Session, actor: Actor, reference: str) -> DistributionList:
    found = get_locked_list(session, actor, reference)
    require(actor, Permission.LIST_MANAGE)
    return found


def _check_version(found: DistributionList | Recipient, version: int) -> None:
    if found.version != version:
        raise Stale(CHANGED)


def _check_name(session: Session, actor: Actor, name: str) -> None:
    taken = select(DistributionList.id).filter_by(partnership_id=actor.partnership_id, name=name)
    if session.scalar(taken) is not None:
        raise RuleBroken(NAME_TAKEN)


def _find(session: Session, found: DistributionList, normalised: str) -> Recipient | None:
    return session.scalar(select(Recipient).filter_by(list_id=found.id, normalised=normalised))


def _describe(
    session: Session, actor: Actor, recipient: Recipient, details: RecipientDetails, *, now: datetime
) -> None:
    if details.agency_id is not None:
        members = select(AgencyMembership.id).filter_by(
            partnership_id=actor.partnership_id, agency_id=details.agency_id, ended_on=None
        )
        if session.scalar(members) is None:
            raise RuleBroken(NOT_AN_AGENCY)
    recipient.address, recipient.agency_id, recipient.role = details.address.strip(), details.agency_id, details.role
    if details.confirmed:
        recipient.confirmed_at = now
