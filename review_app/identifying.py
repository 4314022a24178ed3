"""Finds what may identify a person in free text. It hints; a person decides."""

import re
from dataclasses import dataclass
from enum import StrEnum


class IdentifierKind(StrEnum):
    """What a piece of text looks like."""

    NHS_NUMBER = "nhs_number"
    EMAIL = "email"
    PHONE = "phone"
    POSTCODE = "postcode"
    STREET_ADDRESS = "street_address"
    DATE_OF_BIRTH = "date_of_birth"


@dataclass(frozen=True, kw_only=True)
class IdentifierHint:
    """A piece of text that may identify somebody, and where it begins."""

    kind: IdentifierKind
    text: str
    start: int


MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
BIRTH_YEAR = r"19\d\d|200\d|201[0-5]|0\d|1[0-5]|[3-9]\d"
"""Years of birth rather than of a recent event; two figures are read as the nearest such year."""
STREETS = r"street|st|road|rd|avenue|ave|lane|close|drive|court|crescent|terrace|place|way|gardens|grove|square|house"
PATTERNS: dict[IdentifierKind, re.Pattern[str]] = {
    IdentifierKind.EMAIL: re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"),
    IdentifierKind.NHS_NUMBER: re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)"),
    IdentifierKind.PHONE: re.compile(r"(?<![\d+])(?:\+44[ -]?(?:\(0\)[ -]?)?|0)(?:\d[ -]?){9,10}(?!\d)"),
    IdentifierKind.POSTCODE: re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE),
    IdentifierKind.STREET_ADDRESS: re.compile(rf"\b\d+[a-z]?,? (?:[A-Z][\w'-]+ ){{1,3}}(?:(?i:{STREETS}))\b"),
    IdentifierKind.DATE_OF_BIRTH: re.compile(
        rf"\b(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:{BIRTH_YEAR})|\d{{1,2}}(?:st|nd|rd|th)? {MONTH},? (?:{BIRTH_YEAR})"
        rf"|(?:born|dob|d\.o\.b\.)[^.\n\d]{{0,20}}\d[\d/.-]*\d)\b",
        re.IGNORECASE,
    ),
}


def identifying_hints(text: str) -> list[IdentifierHint]:
    """Give what may identify a person, in the order of the text; each stretch is named once."""
    found: list[IdentifierHint] = []
    for kind, pattern in PATTERNS.items():
        for match in pattern.finditer(text):
            if kind is IdentifierKind.NHS_NUMBER and not is_nhs_number(match.group()):
                continue
            if not any(overlap(match, hint) for hint in found):
                found.append(IdentifierHint(kind=kind, text=match.group().strip(), start=match.start()))
    return sorted(found, key=lambda hint: hint.start)


def overlap(match: re.Match[str], hint: IdentifierHint) -> bool:
    """Say whether a match covers a stretch that is named already."""
    return match.start() < hint.start + len(hint.text) and hint.start < match.end()


def is_nhs_number(text: str) -> bool:
    """Say whether ten digits carry a valid NHS check digit (modulus 11)."""
    digits = [int(character) for character in text if character.isdigit()]
    if len(digits) != 10:
        return False
    remainder = sum(digit * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return (11 - remainder) % 11 == digits[9]
