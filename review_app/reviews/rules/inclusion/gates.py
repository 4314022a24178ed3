"""What every death must pass: the start date, the adult age and the area."""

from review_app.catalogue.rules.review import AreaTest, InclusionSettings
from review_app.fuzzy import day_in_words
from review_app.reviews.rules.inclusion.facts import (
    Answer,
    Asked,
    InclusionFacts,
    InclusionTest,
    OpenQuestion,
    Verdict,
)
from review_app.reviews.rules.inclusion.logic import if_open, on_or_after, verdict_of


def judge_start_date(facts: InclusionFacts, settings: InclusionSettings) -> InclusionTest:
    """The death occurred on or after the start date."""
    verdict, start = on_or_after(facts.died, settings.start_date), day_in_words(settings.start_date)
    heading = "Date of death"
    if verdict is not Verdict.OPEN:
        side = "on or after" if verdict is Verdict.MET else "before"
        return InclusionTest(
            heading=heading, verdict=verdict, sentences=(f"The person died {side} {start}: {facts.died}.",)
        )
    rough = f"The date of death ({facts.died}) does not say whether it was on or after {start}."
    if facts.after_start is not Answer.NOT_KNOWN:
        said = "was on or after" if facts.after_start is Answer.YES else "was before"
        return InclusionTest(
            heading=heading,
            verdict=verdict_of(facts.after_start),
            sentences=(rough, f"A person has answered that it {said} that day."),
        )
    question = OpenQuestion(asked=Asked.START_DATE, words=f"Did the person die on or after {start}?")
    return InclusionTest(
        heading=heading, verdict=Verdict.OPEN, sentences=(rough, "A person has to say."), questions=(question,)
    )


def judge_adult(facts: InclusionFacts, settings: InclusionSettings) -> InclusionTest:
    """The person had reached the adult age."""
    age, heading = settings.adult_age, "Adult"
    known = facts.adult if facts.age is None else Answer.YES if facts.age >= age else Answer.NO
    match known:
        case Answer.YES:
            sentence = f"The person was {age} or over."
        case Answer.NO:
            sentence = f"The person was under {age}. Child death review applies instead of this review."
        case Answer.NOT_KNOWN:
            sentence = f"It is not known whether the person was {age} or over. A person has to say."
    questions = (OpenQuestion(asked=Asked.ADULT, words=f"Was the person {age} or over?"),)
    return InclusionTest(
        heading=heading, verdict=verdict_of(known), sentences=(sentence,), questions=if_open(known, questions)
    )


_PLACES = {
    AreaTest.RESIDENCE: "where the person usually lived",
    AreaTest.DEATH: "where the person died",
    AreaTest.SERVICE: "the area of the services that the person used",
}


def judge_area(facts: InclusionFacts, settings: InclusionSettings) -> InclusionTest:
    """The place that decides, by the settings, is in the area; the other two are kept and said."""
    answers = {
        AreaTest.RESIDENCE: facts.residence_in_area,
        AreaTest.DEATH: facts.death_in_area,
        AreaTest.SERVICE: facts.service_in_area,
    }
    decides, place = answers[settings.area_test], _PLACES[settings.area_test]
    words = {Answer.YES: "in our area", Answer.NO: "not in our area", Answer.NOT_KNOWN: "not known"}
    rest = [each for each in AreaTest if each is not settings.area_test]
    others = "; ".join(f"{_PLACES[each]} is {words[answers[each]]}" for each in rest)
    sentences = (
        f"By our settings the place that decides is {place}, and that is {words[decides]}.",
        f"The other places do not decide: {others}.",
        *(("A person has to say.",) if decides is Answer.NOT_KNOWN else ()),
    )
    question = OpenQuestion(asked=Asked.AREA, words=f"Is {place} in our area?")
    return InclusionTest(
        heading="Area", verdict=verdict_of(decides), sentences=sentences, questions=if_open(decides, (question,))
    )
