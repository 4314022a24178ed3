"""The whole decision: every gate passed, and any one limb met."""

from collections.abc import Iterable
from dataclasses import dataclass

from review_app.catalogue.rules.review import InclusionSettings, LimbCJoin
from review_app.reviews.rules.inclusion.facts import (
    Basis,
    InclusionFacts,
    InclusionOutcome,
    InclusionTest,
    Limb,
    OpenQuestion,
    Verdict,
)
from review_app.reviews.rules.inclusion.gates import judge_adult, judge_area, judge_start_date
from review_app.reviews.rules.inclusion.limbs import judge_limb_a, judge_limb_b, judge_limb_c
from review_app.reviews.rules.inclusion.logic import all_of, any_of


@dataclass(frozen=True, kw_only=True)
class Inclusion:
    """What the rule says of a death.

    `limbs` are those that apply. `questions` are what a person must answer when the outcome is NEEDS_ANSWER; when the
    death is in scope already, what is still open about the other limbs; when it is out of scope, nothing.
    """

    outcome: InclusionOutcome
    limbs: tuple[Limb, ...]
    limb_c_join: LimbCJoin
    basis: Basis
    start_date: InclusionTest
    adult: InclusionTest
    area: InclusionTest
    limb_a: InclusionTest
    limb_b: InclusionTest
    limb_c: InclusionTest
    summary: str
    questions: tuple[OpenQuestion, ...]

    def tests(self) -> tuple[InclusionTest, ...]:
        """Give every test in the order in which it is explained."""
        return (self.start_date, self.adult, self.area, self.limb_a, self.limb_b, self.limb_c)

    def sentences(self) -> list[str]:
        """Give the whole explanation: the outcome first, then every test."""
        return [self.summary, *(sentence for test in self.tests() for sentence in test.sentences)]


def decide(facts: InclusionFacts, settings: InclusionSettings) -> Inclusion:
    """Say whether a death is in scope: every gate passed, and any one limb met."""
    gates = (judge_start_date(facts, settings), judge_adult(facts, settings), judge_area(facts, settings))
    by_limb = {Limb.A: judge_limb_a(facts), Limb.B: judge_limb_b(facts), Limb.C: judge_limb_c(facts, settings)}
    limbs = tuple(limb for limb, test in by_limb.items() if test.verdict is Verdict.MET)
    outcome = _OUTCOMES[all_of([*(gate.verdict for gate in gates), any_of(t.verdict for t in by_limb.values())])]
    still_open = [test for test in (*gates, *by_limb.values()) if test.verdict is Verdict.OPEN]
    return Inclusion(
        outcome=outcome,
        limbs=limbs,
        limb_c_join=settings.limb_c_join,
        basis=facts.basis,
        start_date=gates[0],
        adult=gates[1],
        area=gates[2],
        limb_a=by_limb[Limb.A],
        limb_b=by_limb[Limb.B],
        limb_c=by_limb[Limb.C],
        summary=_summary(outcome, limbs, gates),
        questions=()
        if outcome is InclusionOutcome.OUT_OF_SCOPE
        else tuple(question for test in still_open for question in test.questions),
    )


_OUTCOMES = {
    Verdict.MET: InclusionOutcome.IN_SCOPE,
    Verdict.NOT_MET: InclusionOutcome.OUT_OF_SCOPE,
    Verdict.OPEN: InclusionOutcome.NEEDS_ANSWER,
}


def _summary(outcome: InclusionOutcome, limbs: tuple[Limb, ...], gates: Iterable[InclusionTest]) -> str:
    named = " and ".join(f"limb {limb.upper()}" for limb in limbs)
    match outcome:
        case InclusionOutcome.IN_SCOPE:
            return f"In scope by {named}. Any one limb is enough."
        case InclusionOutcome.NEEDS_ANSWER:
            return "This cannot be decided yet: a person has to answer the questions that are open."
    failed = [gate.sentences[0] for gate in gates if gate.verdict is Verdict.NOT_MET]
    return " ".join(["Out of scope.", *(failed or ["No limb applies."])])
