"""What a notification says, as lines in words, for whoever may read it."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app.accounts.queries import agencies_of, localities_of
from review_app.catalogue.queries import option_words
from review_app.catalogue.rules.review import ReviewSetting
from review_app.fuzzy import NOT_KNOWN, day_in_words, in_words
from review_app.reviews.rules.inclusion import Answer
from review_app.reviews.rules.notified import Known, Place
from review_app.wording import word

Line = tuple[str, str]


def known_lines(session: Session, partnership_id: int, known: Known, *, now: datetime) -> list[Line]:
    """Give every answer with its question, in the order of the page; what was left empty is left out."""
    kinds = option_words(session, ReviewSetting.PLACE_KINDS, partnership_id, now=now)
    agencies = {agency.id: agency.name for agency in agencies_of(session, partnership_id)}
    lines = [
        ("Notified for", agencies.get(known.agency_id or 0, "")),
        ("Told by", "; ".join(source_lines(session, partnership_id, known, now=now))),
        ("Died", in_words(known.died)),
        ("Last known alive", in_words(known.last_alive) if known.last_alive != NOT_KNOWN else ""),
        ("Kind of place", kinds.get(known.place_kind, known.place_kind)),
        *_place_lines(session, partnership_id, known),
        ("Age", _age(known)),
        ("Suspected", _words([each.value for each in known.suspected], "suspected")),
        ("Substances suspected", ", ".join(known.substances) or ("Not known yet" if known.substance_not_known else "")),
        ("Other reviews", _words([each.value for each in known.other_reviews], "other_review")),
        ("About those reviews", known.other_reviews_words),
        ("Anyone at risk now", word(known.risk, "known_answer").text),
        ("Who may be at risk", _words([each.value for each in known.risk_kinds], "risk_kind")),
        ("About the risk", known.risk_words),
        ("What happened", known.story),
    ]
    return [(label, said) for label, said in lines if said]


def source_lines(session: Session, partnership_id: int, known: Known, *, now: datetime) -> list[str]:
    """Give every source in words, with its day."""
    words = option_words(session, ReviewSetting.NOTIFICATION_SOURCES, partnership_id, now=now)
    return [
        f"{words.get(each.kind, each.kind)}{f', on {day_in_words(each.told_on)}' if each.told_on else ''}"
        for each in known.sources
    ]


def _place_lines(session: Session, partnership_id: int, known: Known) -> list[Line]:
    names = {place.id: place.name for place in localities_of(session, partnership_id)}
    labels = {
        Place.RESIDENCE: "Usually lived in our area",
        Place.DEATH: "Died in our area",
        Place.SERVICE: "Used services in our area",
    }
    lines = []
    for place, label in labels.items():
        where = known.where(place)
        name = names.get(where.locality_id or 0, "")
        lines.append((label, f"{word(where.in_area, 'known_answer').text}{f', {name}' if name else ''}"))
    return lines


def _age(known: Known) -> str:
    if known.age is not None:
        return str(known.age)
    return {Answer.YES: "18 or over", Answer.NO: "Under 18", Answer.NOT_KNOWN: "Not known"}[known.adult]


def _words(values: list[str], group: str) -> str:
    return "; ".join(word(value, group).text for value in values)
