"""What is known about a death, and how a test of it came out."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from review_app.fuzzy import FuzzyDate


class Answer(StrEnum):
    """What a person knows: yes, no, or that it is not known (they cannot say)."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


class Basis(StrEnum):
    """Whether the cause is suspected, which is enough, or confirmed by toxicology or an inquest."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"


class Limb(StrEnum):
    """The limbs of the inclusion rule; any one of them is enough."""

    A = "a"
    B = "b"
    C = "c"


class InclusionOutcome(StrEnum):
    """What the rule says of a death. It proposes; a person decides."""

    IN_SCOPE = "in_scope"
    OUT_OF_SCOPE = "out_of_scope"
    NEEDS_ANSWER = "needs_answer"


class Verdict(StrEnum):
    """How one test came out."""

    MET = "met"
    NOT_MET = "not_met"
    OPEN = "open"


class Asked(StrEnum):
    """What a person is asked. Each names the fact that the answer goes into."""

    START_DATE = "start_date"
    ADULT = "adult"
    AREA = "area"
    DRUG_CAUSE = "drug_cause"
    SUBSTANCES = "substances"
    CONTROLLED = "controlled"
    ALCOHOL_CAUSE = "alcohol_cause"
    SUICIDE = "suicide"
    SUICIDE_FACTORS = "suicide_factors"


@dataclass(frozen=True, kw_only=True)
class InvolvedSubstance:
    """A substance thought to be involved, as the catalogue lists it on the day of the decision.

    `mda_class` is A, B or C, or empty where the list gives none. `controlled` is a person's answer to "was it
    controlled on the date of death?" (NOT_KNOWN: they cannot say), or None where nobody was asked; it is used only
    where the list itself cannot decide. The list's own entry "not known" is no substance: say `substance_not_known`.
    """

    name: str
    mda_class: str = ""
    controlled_on: date | None = None
    controlled_before: date | None = None
    verified: bool = False
    controlled: Answer | None = None


@dataclass(frozen=True, kw_only=True)
class InclusionFacts:
    """What is known about a death on the day of the decision.

    `age` is in whole years at death; where it is not known, `adult` says whether the person was an adult. `after_start`
    is a person's answer to "on or after the start date?", used only where the date of death leaves that open. Whether
    the person was known to services is not asked, because it does not matter.
    """

    died: FuzzyDate
    basis: Basis = Basis.SUSPECTED
    after_start: Answer = Answer.NOT_KNOWN
    age: int | None = None
    adult: Answer = Answer.NOT_KNOWN
    residence_in_area: Answer = Answer.NOT_KNOWN
    death_in_area: Answer = Answer.NOT_KNOWN
    service_in_area: Answer = Answer.NOT_KNOWN
    drug_poisoning: Answer = Answer.NOT_KNOWN
    drug_use: Answer = Answer.NOT_KNOWN
    drug_dependence: Answer = Answer.NOT_KNOWN
    alcohol_directly_related: Answer = Answer.NOT_KNOWN
    suicide: Answer = Answer.NOT_KNOWN
    alcohol_significant: Answer = Answer.NOT_KNOWN
    drugs_significant: Answer = Answer.NOT_KNOWN
    substances: tuple[InvolvedSubstance, ...] = ()
    substance_not_known: bool = False


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    """Something that a person has to answer; `substance` is named where it is about one."""

    asked: Asked
    words: str
    substance: str = ""


@dataclass(frozen=True, kw_only=True)
class InclusionTest:
    """One test with how it came out, why in plain sentences, and what would settle it if it is open."""

    heading: str
    verdict: Verdict
    sentences: tuple[str, ...]
    questions: tuple[OpenQuestion, ...] = ()
