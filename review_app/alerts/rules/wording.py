"""What an alert's marks mean in words, the order of its parts, and which marks go together."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from review_app.alerts.rules.content import Part
from review_app.alerts.rules.states import AlertLevel, WithdrawalReason, level_for
from review_app.marks import Audience, Certainty, Grade, Tlp

ISSUED_AT = "[[issued-at]]"
"""Stands in a signed text for the time of its release, which nobody knows before."""

FIRST_PARTS = ("do_people", "do_staff", "do_clinicians")
CALL_PARTS = ("naloxone", "services")
LAST_PARTS = ("not_known", "report_back", "issued_by")

TLP_MEANINGS: Mapping[Tlp, str] = {
    Tlp.CLEAR: "You may share this with anyone.",
    Tlp.GREEN: "You may share this with colleagues and partner agencies, but not in public.",
    Tlp.AMBER: "Share this only with people in your agency, and its clients, who need to know.",
    Tlp.AMBER_STRICT: "Share this only with people in your own agency who need to know.",
    Tlp.RED: "This is for you alone. Do not pass it on.",
}
LEVEL_TITLES: Mapping[AlertLevel, str] = {
    AlertLevel.INFORMATION: "For information",
    AlertLevel.AMBER: "Amber alert",
    AlertLevel.RED: "Red alert",
}
AUDIENCE_WORDS: Mapping[Audience, str] = {
    Audience.PROFESSIONALS: "professionals",
    Audience.AT_RISK_AGENCIES: "agencies that work with people at risk",
    Audience.PUBLIC: "the public",
}
CERTAINTY_WORDS: Mapping[Certainty, str] = {
    Certainty.SUSPECTED: "Suspected: no test has shown it.",
    Certainty.PRESUMPTIVE: "Presumptive: a first test points to it and is not confirmed.",
    Certainty.CONFIRMED: "Confirmed: by a laboratory or another formal source.",
}
DEFAULT_TLP: Mapping[Audience, Tlp] = {
    Audience.PROFESSIONALS: Tlp.GREEN,
    Audience.AT_RISK_AGENCIES: Tlp.AMBER,
    Audience.PUBLIC: Tlp.CLEAR,
}
HEADLINE_KEPT_FROM_SUBJECT = frozenset({Tlp.RED})
"""A subject line shows on a locked phone, so nothing of such an alert stands in it."""

NOT_SHOWN_AFTERWARDS = frozenset({WithdrawalReason.IDENTIFIES_SOMEONE})
"""A text withdrawn for this reason is repeated nowhere, and read only by those who write and sign."""


def in_reading_order(parts: Iterable[Part]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Give the parts as they are read: what to do, then the rest, with what is not known and who says so last."""
    by_key = {part.key: part for part in parts if part.key != "headline"}
    first = [by_key[key] for key in (*FIRST_PARTS, *CALL_PARTS) if key in by_key]
    last = [by_key[key] for key in LAST_PARTS if key in by_key]
    middle = [part for part in by_key.values() if part not in first and part not in last]
    return tuple(first), (*middle, *last)


def audience_objection(audience: Audience, tlp: Tlp) -> str | None:
    """Say why an audience and a mark do not go together: what all the world may read is signed as public."""
    if audience is Audience.PUBLIC and tlp is not Tlp.CLEAR:
        return "A public alert is marked TLP:CLEAR. Choose TLP:CLEAR, or a narrower audience."
    if tlp is Tlp.CLEAR and audience is not Audience.PUBLIC:
        return "TLP:CLEAR can be read by all the world. Choose the public as audience, or a narrower mark."
    return None


def least_level(grades: Iterable[Grade | None]) -> AlertLevel:
    """Give the level below which an alert about these Signals may not go: the panel decided how urgent it is."""
    levels = [level_for(grade) for grade in grades if grade is not None]
    return max(levels, key=lambda level: level.rank, default=AlertLevel.INFORMATION)


def expiry_objection(expires_at: datetime | None, goes_at: datetime, *, extends: datetime | None = None) -> str | None:
    """Say what is wrong with an expiry date, or give None. `extends` is the end that an extension puts off."""
    if expires_at is None:
        return "Enter the date on which it ends"
    if expires_at <= goes_at:
        return "The end must come after the alert goes out"
    if extends is not None and expires_at <= extends:
        return "An extension must end later than the alert does now"
    return None
