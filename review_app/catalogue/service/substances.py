"""Changing the substance list. Every change keeps what the entry said, who changed it, acting for whom, and why."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from review_app.audit.service import AuditAction, RecordName, record
from review_app.catalogue.commands import AddSubstance, ChangeSubstance, RetireSubstance, SubstanceEntry
from review_app.catalogue.models import Substance, SubstanceAlias, SubstanceVersion
from review_app.catalogue.queries import aliases_of, parts_of_substance
from review_app.catalogue.rules.in_words import changes
from review_app.catalogue.rules.substances import fault_of, substance_parts
from review_app.catalogue.service.settings import CHANGED
from review_app.errors import NotVisible, RuleBroken, Stale
from review_app.policy import Actor, Permission, require


def add_substance(session: Session, actor: Actor, command: AddSubstance, *, now: datetime) -> Substance:
    """Add an entry. One that is verified was checked by the person who adds it."""
    require(actor, Permission.SETTINGS_MANAGE)
    _refuse(session, command.entry, None)
    entry = Substance(novel=None, active=True)
    _write(entry, command.entry)
    session.add(entry)
    _keep(session, actor, entry, command.reason, "add_substance", now)
    return entry


def change_substance(session: Session, actor: Actor, command: ChangeSubstance, *, now: datetime) -> Substance:
    """Change an entry, unless somebody else changed it first. Reports and cases keep what was decided on it."""
    entry = _entry_to_change(session, actor, command.substance_id)
    wanted = command.entry
    names = sorted(wanted.aliases, key=str.casefold)
    parts = substance_parts(wanted.name, wanted.substance_class, wanted.control, names, active=entry.active)
    differing = changes(parts, parts_of_substance(entry))
    if not differing:
        return entry
    if entry.version != command.version:
        raise Stale(CHANGED, differences=differing)
    _refuse(session, wanted, entry.id)
    _write(entry, wanted)
    _keep(session, actor, entry, command.reason, "change_substance", now)
    return entry


def retire_substance(session: Session, actor: Actor, command: RetireSubstance, *, now: datetime) -> Substance:
    """Take an entry off the list, or put it back. Nothing that names it changes."""
    entry = _entry_to_change(session, actor, command.substance_id)
    if entry.active is not command.retire:
        return entry  # pressed twice
    if entry.version != command.version:
        raise Stale(CHANGED)
    entry.active = not command.retire
    _keep(session, actor, entry, command.reason, "retire_substance" if command.retire else "restore_substance", now)
    return entry


def _entry_to_change(session: Session, actor: Actor, substance_id: int) -> Substance:
    require(actor, Permission.SETTINGS_MANAGE)
    entry = session.scalar(select(Substance).where(Substance.id == substance_id).with_for_update(of=Substance))
    if entry is None:
        raise NotVisible("We cannot find that substance.")
    return entry


def _refuse(session: Session, wanted: SubstanceEntry, substance_id: int | None) -> None:
    """Refuse an entry that says something impossible, or has the name of another."""
    fault = fault_of(wanted.control)
    if fault is not None:
        raise RuleBroken(fault[1])
    same = select(Substance.id).where(func.lower(Substance.name) == wanted.name.lower(), Substance.id != substance_id)
    if session.scalar(same) is not None:
        raise RuleBroken("Another entry has this name already")


def _write(entry: Substance, wanted: SubstanceEntry) -> None:
    entry.name, entry.substance_class = wanted.name, wanted.substance_class.value
    entry.mda_class = wanted.control.mda_class
    entry.controlled_on, entry.controlled_before = wanted.control.controlled_on, wanted.control.controlled_before
    entry.source, entry.verified = wanted.control.source, wanted.control.verified
    kept = {each.alias: each for each in entry.aliases}
    entry.aliases = [kept.get(alias) or SubstanceAlias(alias=alias) for alias in wanted.aliases]


def _keep(session: Session, actor: Actor, entry: Substance, reason: str, verb: str, now: datetime) -> None:
    """Count the change, also when it is only of other names; keep what the entry says now, and record it."""
    if entry.id is not None:
        flag_modified(entry, "name")
    session.flush()
    kept = snapshot(entry)
    kept.saved_by_id, kept.saved_for_id, kept.saved_at, kept.reason = actor.user_id, actor.partnership_id, now, reason
    session.add(kept)
    named = RecordName(table="substance", reference=str(entry.id), partnership_id=actor.partnership_id)
    record(session, actor, verb, named, at=now, action=AuditAction.CONFIG)


def snapshot(entry: Substance) -> SubstanceVersion:
    """Give what an entry says now as a version to be kept."""
    return SubstanceVersion(
        substance_id=entry.id,
        version=entry.version,
        name=entry.name,
        substance_class=entry.substance_class,
        mda_class=entry.mda_class,
        controlled_on=entry.controlled_on,
        controlled_before=entry.controlled_before,
        source=entry.source,
        verified=entry.verified,
        active=entry.active,
        aliases=aliases_of(entry),
    )
