"""The list of substances and their other names."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from review_app.catalogue.models import Substance, SubstanceVersion
from review_app.catalogue.rules.in_words import Part
from review_app.catalogue.rules.substances import (
    Control,
    MdaClass,
    class_in_words,
    class_words,
    control_in_words,
    substance_parts,
)
from review_app.errors import NotVisible
from review_app.terms import names_of

SYNTHETIC_OPIOID_CLASSES = ("nitazene", "synthetic_opioid")


def substances(session: Session) -> list[Substance]:
    """Give the active substances with their aliases, by name."""
    active = select(Substance).where(Substance.active).options(selectinload(Substance.aliases))
    return list(session.scalars(active.order_by(Substance.name)))


def substance_names(session: Session) -> list[str]:
    """Give every name and alias that a form can suggest, each once, in alphabetical order."""
    names = {name for entry in substances(session) for name in (entry.name, *(each.alias for each in entry.aliases))}
    return sorted(names, key=str.casefold)


def substances_called(session: Session, written: str) -> list[Substance]:
    """Give the active substances that have exactly this name or alias; a street name may stand for several."""
    wanted = written.strip().casefold()
    return [
        entry
        for entry in substances(session)
        if wanted in {name.casefold() for name in (entry.name, *names_of(entry.name, aliases_of(entry)))}
    ]


def aliases_of(entry: Substance) -> list[str]:
    """Give the other names of a substance."""
    return [each.alias for each in entry.aliases]


def synthetic_opioid_terms(session: Session) -> list[str]:
    """Give every name and alias of the synthetic opioids in the list, which make a report urgent."""
    opioids = [entry for entry in substances(session) if entry.substance_class in SYNTHETIC_OPIOID_CLASSES]
    return sorted({term for entry in opioids for term in names_of(entry.name, aliases_of(entry))})


def substances_on_list(session: Session, *, retired: bool = False) -> list[Substance]:
    """Give the entries that are on the list, or those that were taken off it, by name."""
    wanted = select(Substance).where(Substance.active.is_not(retired)).options(selectinload(Substance.aliases))
    return list(session.scalars(wanted.order_by(func.lower(Substance.name))))


def get_substance(session: Session, substance_id: int) -> Substance:
    """Give one entry, whether or not it is on the list."""
    entry = session.get(Substance, substance_id)
    if entry is None:
        raise NotVisible("We cannot find that substance.")
    return entry


def control_of(entry: Substance | SubstanceVersion) -> Control:
    """Give what an entry, or a version of it, says of control under the Act."""
    return Control(
        mda_class=MdaClass(entry.mda_class) if entry.mda_class else None,
        controlled_on=entry.controlled_on,
        controlled_before=entry.controlled_before,
        source=entry.source,
        verified=entry.verified,
    )


@dataclass(frozen=True, kw_only=True)
class SubstanceLine:
    """One entry as the list of settings shows it, in words."""

    id: int
    name: str
    kind: str
    controlled: str
    verified: bool
    source: str


def substance_line(entry: Substance) -> SubstanceLine:
    """Say an entry in words."""
    return SubstanceLine(
        id=entry.id,
        name=entry.name,
        kind=f"{class_words(entry.substance_class)}, {class_in_words(control_of(entry))}",
        controlled=control_in_words(control_of(entry)),
        verified=entry.verified,
        source=entry.source,
    )


def substance_values(entry: Substance) -> dict[str, object]:
    """Give what the form of an entry is filled with."""
    return {
        "name": entry.name,
        "kind": entry.substance_class,
        "aliases": "\n".join(aliases_of(entry)),
        "mda_class": entry.mda_class or "none",
        "controlled_on": entry.controlled_on,
        "controlled_before": entry.controlled_before,
        "source": entry.source,
        "verified": "yes" if entry.verified else "no",
        "version": entry.version,
    }


def substance_lines(session: Session, show: str = "") -> list[SubstanceLine]:
    """Give the entries on the list by name: all, only those that are not verified, or those taken off (`retired`)."""
    return [
        substance_line(entry)
        for entry in substances_on_list(session, retired=show == "retired")
        if show != "unverified" or not entry.verified
    ]


def parts_of_substance(entry: Substance | SubstanceVersion) -> tuple[Part, ...]:
    """Say what an entry, or a version of it, says, part by part."""
    names = aliases_of(entry) if isinstance(entry, Substance) else entry.aliases
    ordered = sorted(names, key=str.casefold)
    return substance_parts(entry.name, entry.substance_class, control_of(entry), ordered, active=entry.active)
