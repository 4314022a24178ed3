"""The three limbs. The cause need only be suspected, and any one limb is enough."""

from review_app.catalogue.rules.review import InclusionSettings, LimbCJoin
from review_app.reviews.rules.inclusion.control import judge_any_controlled
from review_app.reviews.rules.inclusion.facts import (
    Answer,
    Asked,
    InclusionFacts,
    InclusionTest,
    OpenQuestion,
    Verdict,
)
from review_app.reviews.rules.inclusion.logic import all_of, any_of, if_open, verdict_of


def judge_limb_a(facts: InclusionFacts) -> InclusionTest:
    """Drug poisoning, use or dependence is the cause, and any substance used was controlled on the date of death."""
    cause, substances = _drug_cause(facts), judge_any_controlled(facts)
    verdict = all_of([cause.verdict, substances.verdict])
    lead = {
        Verdict.MET: "Limb A (drugs) applies.",
        Verdict.NOT_MET: "Limb A (drugs) does not apply.",
        Verdict.OPEN: "Limb A (drugs) is open.",
    }[verdict]
    return InclusionTest(
        heading="Limb A: drugs",
        verdict=verdict,
        sentences=(lead, *cause.sentences, *substances.sentences),
        questions=(*cause.questions, *substances.questions) if verdict is Verdict.OPEN else (),
    )


def _drug_cause(facts: InclusionFacts) -> InclusionTest:
    """The cause is drug poisoning, drug use or drug dependence."""
    causes = {
        "drug poisoning": facts.drug_poisoning,
        "drug use": facts.drug_use,
        "drug dependence": facts.drug_dependence,
    }
    verdict = any_of(map(verdict_of, causes.values()))
    named = [cause for cause, said in causes.items() if said is Answer.YES]
    match verdict:
        case Verdict.MET:
            sentence = f"The {facts.basis} cause of death is {' and '.join(named)}."
        case Verdict.NOT_MET:
            sentence = f"The {facts.basis} cause of death is not drug poisoning, drug use or drug dependence."
        case Verdict.OPEN:
            sentence = "It is not known whether the cause of death is drug poisoning, drug use or drug dependence."
    asked = OpenQuestion(
        asked=Asked.DRUG_CAUSE,
        words=f"Is the {facts.basis} cause of death drug poisoning, drug use or drug dependence?",
    )
    questions = (asked,) if verdict is Verdict.OPEN else ()
    return InclusionTest(heading="Cause", verdict=verdict, sentences=(sentence,), questions=questions)


def judge_limb_b(facts: InclusionFacts) -> InclusionTest:
    """Alcohol use is directly related to the cause of death."""
    said, heading = facts.alcohol_directly_related, "Limb B: alcohol"
    match said:
        case Answer.YES:
            sentence = f"Limb B (alcohol) applies. Alcohol use is {facts.basis} to be directly related to the cause."
        case Answer.NO:
            sentence = f"Limb B (alcohol) does not apply. Alcohol use is not {facts.basis} to be directly related."
        case Answer.NOT_KNOWN:
            sentence = "Limb B (alcohol) is open. It is not known whether alcohol use is directly related to the cause."
    asked = OpenQuestion(
        asked=Asked.ALCOHOL_CAUSE,
        words=f"Is alcohol use {facts.basis} to be directly related to the cause of death?",
    )
    return InclusionTest(
        heading=heading, verdict=verdict_of(said), sentences=(sentence,), questions=if_open(said, (asked,))
    )


_READINGS = {
    LimbCJoin.AND: "as it is written: alcohol and drug use must both have been a significant factor",
    LimbCJoin.OR: "widely: alcohol use or drug use as a significant factor is enough",
}
_JOINS = {LimbCJoin.AND: all_of, LimbCJoin.OR: any_of}


def judge_limb_c(facts: InclusionFacts, settings: InclusionSettings) -> InclusionTest:
    """Suicide by any means, where alcohol and drug use (or, by the setting, either) was a significant factor."""
    alcohol, drugs = verdict_of(facts.alcohol_significant), verdict_of(facts.drugs_significant)
    suicide, factors = verdict_of(facts.suicide), _JOINS[settings.limb_c_join]([alcohol, drugs])
    verdict = all_of([suicide, factors])
    lead = {
        Verdict.MET: "Limb C (suicide) applies.",
        Verdict.NOT_MET: "Limb C (suicide) does not apply.",
        Verdict.OPEN: "Limb C (suicide) is open.",
    }[verdict]
    questions = []
    if verdict is Verdict.OPEN and suicide is Verdict.OPEN:
        questions.append(OpenQuestion(asked=Asked.SUICIDE, words="Is this a suicide, by any means?"))
    if verdict is Verdict.OPEN and factors is Verdict.OPEN:
        words = "Was alcohol use, and was drug use, a significant factor in the person’s life?"
        questions.append(OpenQuestion(asked=Asked.SUICIDE_FACTORS, words=words))
    means = {
        Verdict.MET: f"The death is {facts.basis} to be suicide.",
        Verdict.NOT_MET: f"The death is not {facts.basis} to be suicide.",
        Verdict.OPEN: "It is not known whether the death is suicide.",
    }[suicide]
    reading = f"By our settings limb C is read {_READINGS[settings.limb_c_join]}."
    return InclusionTest(
        heading="Limb C: suicide",
        verdict=verdict,
        sentences=(lead, means, reading, _significant(alcohol, drugs)),
        questions=tuple(questions),
    )


def _significant(alcohol: Verdict, drugs: Verdict) -> str:
    """Say what is known of alcohol and drugs in the person's life."""
    words = {
        Verdict.MET: "was a significant factor",
        Verdict.NOT_MET: "was not a significant factor",
        Verdict.OPEN: "may or may not have been one: it is not known",
    }
    if alcohol is drugs is Verdict.MET:
        return "Alcohol use and drug use were both a significant factor in the person’s life."
    return f"Alcohol use {words[alcohol]}; drug use {words[drugs]}."
