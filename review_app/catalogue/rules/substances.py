"""What an entry of the substance list may say about control under the Misuse of Drugs Act 1971, and how it is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from review_app.catalogue.rules.in_words import Part
from review_app.fuzzy import day_in_words


class SubstanceClass(StrEnum):
    """The classes of the substance list. Reports that name a nitazene or a synthetic opioid are urgent."""

    OPIOID = "opioid"
    SYNTHETIC_OPIOID = "synthetic_opioid"
    NITAZENE = "nitazene"
    BENZODIAZEPINE = "benzodiazepine"
    Z_DRUG = "z_drug"
    GABAPENTINOID = "gabapentinoid"
    STIMULANT = "stimulant"
    CATHINONE = "cathinone"
    DISSOCIATIVE = "dissociative"
    DEPRESSANT = "depressant"
    CANNABINOID = "cannabinoid"
    SYNTHETIC_CANNABINOID = "synthetic_cannabinoid"
    HALLUCINOGEN = "hallucinogen"
    VOLATILE = "volatile"
    SEDATIVE_ADULTERANT = "sedative_adulterant"
    ALCOHOL = "alcohol"
    ANALGESIC = "analgesic"
    MEDICINE = "medicine"
    OTHER = "other"
    UNKNOWN = "unknown"


CLASS_WORDS = {each: each.value.replace("_", " ").capitalize() for each in SubstanceClass} | {
    SubstanceClass.Z_DRUG: "Z-drug",
    SubstanceClass.SEDATIVE_ADULTERANT: "Sedative used as an adulterant",
    SubstanceClass.VOLATILE: "Volatile substance or nitrous oxide",
    SubstanceClass.UNKNOWN: "Not known",
}


def class_words(stored: str) -> str:
    """Give the words of a stored class; one that is not listed is shown as its own name."""
    return next((words for each, words in CLASS_WORDS.items() if each == stored), stored.replace("_", " ").capitalize())


class MdaClass(StrEnum):
    """The classes of the Act."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, kw_only=True)
class Control:
    """What an entry says of control. At most one date: the day itself, or a day before which it was controlled."""

    mda_class: MdaClass | None
    controlled_on: date | None
    controlled_before: date | None
    source: str
    verified: bool


class Fault(StrEnum):
    """The part of an entry that is wrong, named as its field."""

    CONTROLLED_ON = "controlled_on"
    CONTROLLED_BEFORE = "controlled_before"
    SOURCE = "source"
    VERIFIED = "verified"


def fault_of(control: Control) -> tuple[Fault, str] | None:
    """Give what is wrong with an entry, in words for the person who edits it; None when nothing is."""
    dated = control.controlled_on is not None or control.controlled_before is not None
    if control.controlled_on is not None and control.controlled_before is not None:
        return Fault.CONTROLLED_BEFORE, "Enter only one of the two dates"
    if control.mda_class is None and dated:
        field = Fault.CONTROLLED_ON if control.controlled_on is not None else Fault.CONTROLLED_BEFORE
        return field, "Select a class, or take out the date: what has no class is not controlled"
    if control.verified and not control.source:
        return Fault.SOURCE, "Enter the legislation against which this was checked"
    if control.verified and control.mda_class is not None and not dated:
        return Fault.VERIFIED, "Enter a date of control that you have checked, or select that it is not checked"
    return None


def class_in_words(control: Control) -> str:
    """Say the class under the Act."""
    return f"class {control.mda_class}" if control.mda_class else "no class"


def control_in_words(control: Control) -> str:
    """Say since when a substance is controlled. What nobody has checked is said to be unchecked."""
    if control.mda_class is None:
        said = "Not controlled" if control.verified else "No class is listed"
    elif control.controlled_on is not None:
        said = f"Since {day_in_words(control.controlled_on)}"
    elif control.controlled_before is not None:
        said = f"Since some time before {day_in_words(control.controlled_before)}"
    else:
        said = "No date is listed"
    return said if control.verified else f"{said}; not verified"


def substance_parts(
    name: str, substance_class: str, control: Control, aliases: Sequence[str], *, active: bool
) -> tuple[Part, ...]:
    """Say what an entry says, part by part."""
    rows = {
        "Name": name,
        "Kind": class_words(substance_class),
        "Class under the Act": control.mda_class or "None",
        "Controlled": control_in_words(control),
        "Source": control.source,
        "Other names": ", ".join(aliases) or "None",
        "On the list": "Yes" if active else "No",
    }
    return tuple(Part(key=label, label=label, words=words) for label, words in rows.items())
