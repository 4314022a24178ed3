"""What a notification of a death says: what is known, and, apart from that, who the person was.

Both are kept sealed as plain answers. What is written here reads older answers too: what is missing is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from review_app.fuzzy import NOT_KNOWN, DatePrecision, FuzzyDate
from review_app.reviews.rules.inclusion import Answer

MOST_SOURCES = 3
MOST_SUBSTANCES = 6
Answers = Mapping[str, object]


class Suspected(StrEnum):
    """What may have caused the death, as far as the notifier suspects."""

    DRUG_POISONING = "drug_poisoning"
    DRUG_USE = "drug_use"
    DRUG_DEPENDENCE = "drug_dependence"
    ALCOHOL = "alcohol"
    SUICIDE = "suicide"
    NOT_KNOWN = "not_known"


class RiskKind(StrEnum):
    """Who living may be at immediate risk."""

    CHILDREN = "children"
    DEPENDANTS = "dependants"
    USED_WITH = "used_with"
    SAME_BATCH = "same_batch"
    OTHER = "other"


class OtherReview(StrEnum):
    """Other processes about the same death that are needed or run already."""

    SAFEGUARDING_ADULT = "safeguarding_adult"
    ROUGH_SLEEPING = "rough_sleeping"
    DOMESTIC_ABUSE = "domestic_abuse"
    LEARNING_DISABILITY = "learning_disability"
    PATIENT_SAFETY = "patient_safety"
    CHILD_SAFEGUARDING = "child_safeguarding"
    PRISON = "prison"
    SUICIDE_SURVEILLANCE = "suicide_surveillance"
    CRIMINAL = "criminal"
    OTHER = "other"


class Place(StrEnum):
    """The three places of which one, by the settings, says whether a death belongs to the area."""

    RESIDENCE = "residence"
    DEATH = "death"
    SERVICE = "service"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who told the notifier, and on which day if that is known."""

    kind: str
    told_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Where:
    """Whether one of the three places is in the area, and in which locality of it."""

    in_area: Answer = Answer.NOT_KNOWN
    locality_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a notifier knows of a death. Nobody is named in it."""

    sources: tuple[Source, ...]
    died: FuzzyDate = NOT_KNOWN
    last_alive: FuzzyDate = NOT_KNOWN
    place_kind: str = ""
    places: Mapping[Place, Where] = field(default_factory=dict)
    age: int | None = None
    adult: Answer = Answer.NOT_KNOWN
    suspected: tuple[Suspected, ...] = ()
    substances: tuple[str, ...] = ()
    substance_not_known: bool = False
    other_reviews: tuple[OtherReview, ...] = ()
    other_reviews_words: str = field(default="", repr=False)
    risk: Answer = Answer.NOT_KNOWN
    risk_kinds: tuple[RiskKind, ...] = ()
    risk_words: str = field(default="", repr=False)
    story: str = field(default="", repr=False)
    agency_id: int | None = None

    def where(self, place: Place) -> Where:
        """Say what is known of one of the three places."""
        return self.places.get(place, Where())

    @property
    def someone_at_risk(self) -> bool:
        """Say whether somebody living may be at risk now."""
        return self.risk is Answer.YES

    def plain_sources(self) -> list[dict[str, str]]:
        """Give the sources with their days as they are kept in clear, for the statistics of timeliness."""
        return [
            {"source": each.kind, **({"on": each.told_on.isoformat()} if each.told_on else {})} for each in self.sources
        ]

    def answers(self) -> Answers:
        """Write everything as plain answers."""
        return {
            "sources": self.plain_sources(),
            "died": write_date(self.died),
            "last_alive": write_date(self.last_alive),
            "place_kind": self.place_kind,
            "places": {
                place.value: {"in_area": where.in_area.value, "locality": where.locality_id}
                for place, where in self.places.items()
            },
            "age": self.age,
            "adult": self.adult.value,
            "suspected": [each.value for each in self.suspected],
            "substances": list(self.substances),
            "substance_not_known": self.substance_not_known,
            "other_reviews": [each.value for each in self.other_reviews],
            "other_reviews_words": self.other_reviews_words,
            "risk": self.risk.value,
            "risk_kinds": [each.value for each in self.risk_kinds],
            "risk_words": self.risk_words,
            "story": self.story,
            "agency": self.agency_id,
        }


def read_known(answers: Answers) -> Known:
    """Read what `Known.answers` wrote."""
    return Known(
        sources=tuple(
            Source(kind=str(each["source"]), told_on=date.fromisoformat(str(each["on"])) if each.get("on") else None)
            for each in _rows(answers.get("sources"))
        ),
        died=read_date(answers.get("died")),
        last_alive=read_date(answers.get("last_alive")),
        place_kind=_text(answers.get("place_kind")),
        places={Place(place): _where(said) for place, said in _mapping(answers.get("places")).items()},
        age=_number(answers.get("age")),
        adult=_answer(answers.get("adult")),
        suspected=tuple(Suspected(each) for each in _texts(answers.get("suspected"))),
        substances=tuple(_texts(answers.get("substances"))),
        substance_not_known=answers.get("substance_not_known") is True,
        other_reviews=tuple(OtherReview(each) for each in _texts(answers.get("other_reviews"))),
        other_reviews_words=_text(answers.get("other_reviews_words")),
        risk=_answer(answers.get("risk")),
        risk_kinds=tuple(RiskKind(each) for each in _texts(answers.get("risk_kinds"))),
        risk_words=_text(answers.get("risk_words")),
        story=_text(answers.get("story")),
        agency_id=_number(answers.get("agency")),
    )


def _where(said: object) -> Where:
    rows = _mapping(said)
    return Where(in_area=_answer(rows.get("in_area")), locality_id=_number(rows.get("locality")))


def write_date(value: FuzzyDate) -> list[str | None]:
    """Write a rough date as its two days and its precision."""
    days = [each.isoformat() if each else None for each in (value.earliest, value.latest)]
    return [*days, value.precision.value]


def read_date(written: object) -> FuzzyDate:
    """Read a rough date; what is missing is not known."""
    if not isinstance(written, list) or len(written) != 3:
        return NOT_KNOWN
    first, last = (date.fromisoformat(str(each)) if each else None for each in written[:2])
    return FuzzyDate(first, last, DatePrecision(str(written[2])))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> Sequence[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _answer(value: object) -> Answer:
    return Answer(value) if isinstance(value, str) and value else Answer.NOT_KNOWN


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _rows(value: object) -> Sequence[Mapping[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


FIELDS = ("forename", "surname", "other_names", "nhs_number", "born", "address", "postcode")
"""What an identity may hold, in the order of its page."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Identity:
    """Who the person was, as far as it is known. It has no `repr`, so that no log can hold it."""

    forename: str = ""
    surname: str = ""
    other_names: str = ""
    nhs_number: str = ""
    born: date | None = None
    address: str = ""
    postcode: str = ""

    def answers(self) -> Answers:
        """Write what is known, and nothing of what is not."""
        held = {name: getattr(self, name) for name in FIELDS if name != "born"}
        written = {name: value for name, value in held.items() if value}
        return {**written, **({"born": self.born.isoformat()} if self.born else {})}

    def __bool__(self) -> bool:
        """Say whether anything is known."""
        return bool(self.answers())


def read_identity(answers: Answers) -> Identity:
    """Read what `Identity.answers` wrote."""
    born = answers.get("born")
    texts = {name: _text(answers.get(name)) for name in FIELDS if name != "born"}
    return Identity(**texts, born=date.fromisoformat(born) if isinstance(born, str) else None)
