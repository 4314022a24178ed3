"""Marks that records of several features carry: sharing, certainty, audience and the levels of the panel's scheme."""

from enum import StrEnum


class RankedEnum(StrEnum):
    """Members in a stated order, the least first; `rank` is the place in that order."""

    @property
    def rank(self) -> int:
        """Give the member's place, 0 for the least."""
        return list(type(self)).index(self)


class Tlp(RankedEnum):
    """Traffic Light Protocol 2.0, the least restricted first."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber_strict"
    RED = "red"

    @property
    def label(self) -> str:
        """Give the mark as it is written on a paper, for example TLP:AMBER+STRICT."""
        return "TLP:" + self.value.upper().replace("_", "+")


class Certainty(RankedEnum):
    """How sure a statement about a substance is. It is never raised without a result or a formal source."""

    SUSPECTED = "suspected"
    PRESUMPTIVE = "presumptive"
    CONFIRMED = "confirmed"


class Audience(RankedEnum):
    """For whom a message is meant, the narrowest first."""

    PROFESSIONALS = "professionals"
    AT_RISK_AGENCIES = "at_risk_agencies"
    PUBLIC = "public"

    def narrower(self) -> "Audience":
        """Give the next narrower audience; the narrowest is its own."""
        return list(Audience)[max(0, self.rank - 1)]


class Severity(RankedEnum):
    """Severity of harm, S0 to S4; the words belong to the assessment scheme."""

    S0 = "s0"
    S1 = "s1"
    S2 = "s2"
    S3 = "s3"
    S4 = "s4"


class Confidence(RankedEnum):
    """Confidence in what was reported, C1 to C4; the words belong to the assessment scheme."""

    C1 = "c1"
    C2 = "c2"
    C3 = "c3"
    C4 = "c4"


class Grade(RankedEnum):
    """The grade of a Signal, G0 to G4; the words belong to the assessment scheme."""

    G0 = "g0"
    G1 = "g1"
    G2 = "g2"
    G3 = "g3"
    G4 = "g4"

    def moved(self, steps: int) -> "Grade":
        """Give the grade so many steps higher or lower, never beyond G0 or G4."""
        grades = list(Grade)
        return grades[min(max(self.rank + steps, 0), len(grades) - 1)]


class Modifier(StrEnum):
    """What may raise or lower the grade that the table gives."""

    RELEVANCE = "relevance"
    NOVELTY = "novelty"
    VULNERABILITY = "vulnerability"
    TIME = "time"


class ModifierLevel(RankedEnum):
    """How strongly a modifier applies."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
