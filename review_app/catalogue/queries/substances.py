"""The list of substances and their other names."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from review_app.catalogue.models import Substance
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
