"""Whether a substance was controlled under the Misuse of Drugs Act 1971 on the date of death.

A date that nobody has checked against the legislation decides nothing.
"""

from review_app.fuzzy import FuzzyDate, day_in_words
from review_app.reviews.rules.inclusion.facts import (
    Answer,
    Asked,
    Basis,
    InclusionFacts,
    InclusionTest,
    InvolvedSubstance,
    OpenQuestion,
    Verdict,
)
from review_app.reviews.rules.inclusion.logic import any_of, on_or_after, verdict_of


def judge_any_controlled(facts: InclusionFacts) -> InclusionTest:
    """Any substance used was controlled on the date of death.

    What is not known yet, or what a person was asked and cannot say, is no obstacle while the cause is suspected.
    """
    tests = [_controlled(substance, facts.died) for substance in facts.substances]
    sentences = [sentence for test in tests for sentence in test.sentences]
    not_said = [each.name for each, test in zip(facts.substances, tests, strict=True) if _cannot_say(each, test)]
    verdict = any_of(test.verdict for test in tests)
    questions = [question for test in tests for question in test.questions]
    if verdict is Verdict.MET:
        questions = []
    elif facts.substance_not_known or not_said:
        what = "which substance was used" if facts.substance_not_known else f"whether {' or '.join(not_said)} counts"
        if facts.basis is Basis.SUSPECTED:
            verdict, questions = Verdict.MET, []
            sentences.append(
                f"It is not known yet {what}. That is no obstacle while the cause is suspected, so this part is met as"
                " suspected. Look again when toxicology is known."
            )
        else:
            verdict = Verdict.OPEN
            sentences.append(f"It is not known {what}, so this part cannot be met as confirmed.")
            questions.append(OpenQuestion(asked=Asked.SUBSTANCES, words="Which substances were found?"))
    elif not facts.substances:
        verdict = Verdict.OPEN
        sentences.append("No substance has been named, nor has it been said that it is not known yet.")
        questions.append(OpenQuestion(asked=Asked.SUBSTANCES, words="Which substances are thought to have been used?"))
    return InclusionTest(heading="Substances", verdict=verdict, sentences=tuple(sentences), questions=tuple(questions))


def _cannot_say(substance: InvolvedSubstance, test: InclusionTest) -> bool:
    """Say whether a person was asked about this substance, because the list cannot decide, and could not say."""
    return test.verdict is Verdict.OPEN and substance.controlled is Answer.NOT_KNOWN


def _controlled(substance: InvolvedSubstance, died: FuzzyDate) -> InclusionTest:
    """The substance was controlled under the Misuse of Drugs Act 1971 on the date of death.

    The list decides where its entry is verified and the date of death leaves no doubt. Else a person is asked, and
    their answer decides.
    """
    verdict, reason = by_the_list(substance, died)
    if verdict is Verdict.OPEN and substance.controlled in {Answer.YES, Answer.NO}:
        verdict = verdict_of(substance.controlled)
        said = "was" if verdict is Verdict.MET else "was not"
        reason = f"{reason} A person has answered that it {said} controlled on the date of death."
    elif verdict is Verdict.OPEN and substance.controlled is Answer.NOT_KNOWN:
        reason = f"{reason} A person was asked, and could not say."
    elif verdict is Verdict.OPEN:
        reason = f"{reason} It can count only if a person answers."
    question = OpenQuestion(
        asked=Asked.CONTROLLED,
        words=f"Was {substance.name} controlled under the Misuse of Drugs Act 1971 on the date of death ({died})?",
        substance=substance.name,
    )
    questions = (question,) if verdict is Verdict.OPEN else ()
    return InclusionTest(heading=substance.name, verdict=verdict, sentences=(reason,), questions=questions)


def by_the_list(substance: InvolvedSubstance, died: FuzzyDate) -> tuple[Verdict, str]:
    """Say what the list alone decides about control on a date of death, and why. Unverified, it decides nothing."""
    name, since, before = substance.name, substance.controlled_on, substance.controlled_before
    as_class = f"{name} (class {substance.mda_class})"
    if not substance.verified:
        return Verdict.OPEN, f"{name}: {_unverified(substance)} Nobody has checked this, so it is not relied on."
    if not substance.mda_class:
        return Verdict.NOT_MET, f"{name} is not controlled under the Misuse of Drugs Act 1971."
    if since is not None:
        verdict = on_or_after(died, since)
        return verdict, {
            Verdict.MET: f"{as_class} has been controlled since {day_in_words(since)}, and was on the date of death.",
            Verdict.NOT_MET: f"{as_class} was not controlled on the date of death: only since {day_in_words(since)}.",
            Verdict.OPEN: f"{as_class} has been controlled since {day_in_words(since)}; the date of death"
            f" ({died}) may be before or after that.",
        }[verdict]
    if before is not None and on_or_after(died, before) is Verdict.MET:
        return Verdict.MET, f"{as_class} was controlled before {day_in_words(before)}, and so on the date of death."
    if before is not None:
        return Verdict.OPEN, (
            f"{as_class} was controlled at some time before {day_in_words(before)}; the list does not say since when,"
            f" and the date of death ({died}) may be earlier."
        )
    return Verdict.OPEN, f"{as_class}: the list does not say since when it has been controlled."


def _unverified(substance: InvolvedSubstance) -> str:
    """Say what the list holds about control without anybody having checked it."""
    if not substance.mda_class:
        return "the list gives no class under the Misuse of Drugs Act 1971."
    if substance.controlled_on is not None:
        when = f"since {day_in_words(substance.controlled_on)}"
    elif substance.controlled_before is not None:
        when = f"since some time before {day_in_words(substance.controlled_before)}"
    else:
        when = "with no date"
    return f"the list gives class {substance.mda_class}, {when}."
