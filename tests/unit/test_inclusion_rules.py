from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.catalogue import shipped
from review_app.catalogue.rules.review import AreaTest, InclusionSettings, LimbCJoin, read_inclusion
from review_app.fuzzy import NOT_KNOWN, FuzzyDate, about_day, between, in_month, in_year, on_day, ongoing
from review_app.reviews.rules.inclusion import (
    Answer,
    Asked,
    Basis,
    Inclusion,
    InclusionFacts,
    InclusionOutcome,
    InvolvedSubstance,
    Limb,
    Verdict,
    decide,
)

SETTINGS = read_inclusion(next(rules for rules in shipped.rule_sets() if rules.key == "inclusion").content)
WIDE = replace(SETTINGS, limb_c_join=LimbCJoin.OR)
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.NOT_KNOWN
IN, OUT, ASK = InclusionOutcome.IN_SCOPE, InclusionOutcome.OUT_OF_SCOPE, InclusionOutcome.NEEDS_ANSWER

NOTHING = InclusionFacts(
    died=on_day(date(2026, 3, 5)),
    age=41,
    residence_in_area=YES,
    death_in_area=YES,
    service_in_area=YES,
    drug_poisoning=NO,
    drug_use=NO,
    drug_dependence=NO,
    alcohol_directly_related=NO,
    suicide=NO,
    alcohol_significant=NO,
    drugs_significant=NO,
)
"""An adult of the area who died after the start date, to whom no limb applies."""
HEROIN = InvolvedSubstance(name="heroin", mda_class="A", controlled_before=date(2024, 1, 1), verified=True)
NITAZENE = InvolvedSubstance(name="isotonitazene", mda_class="A", controlled_on=date(2024, 3, 20), verified=True)
PARACETAMOL = InvolvedSubstance(name="paracetamol", verified=True)
UNCHECKED = InvolvedSubstance(name="xylazine", mda_class="C", controlled_on=date(2025, 1, 15))
BY_ALCOHOL = replace(NOTHING, alcohol_directly_related=YES)


def by_drugs(*substances: InvolvedSubstance, **facts: Any) -> InclusionFacts:
    return replace(NOTHING, **{"drug_poisoning": YES, "substances": substances, **facts})


def asked(result: Inclusion) -> list[Asked]:
    return [question.asked for question in result.questions]


def words(result: Inclusion) -> str:
    return " ".join(result.sentences())


def test_the_shipped_settings_are_the_literal_ones() -> None:
    assert (SETTINGS.start_date, SETTINGS.limb_c_join, SETTINGS.adult_age, SETTINGS.area_test) == (
        date(2024, 1, 1), LimbCJoin.AND, 18, AreaTest.RESIDENCE,
    )  # fmt: skip


@pytest.mark.parametrize("causes", range(27))
def test_limb_a_needs_one_of_the_three_causes(causes: int) -> None:
    three = [list(Answer)[causes // 9], list(Answer)[causes // 3 % 3], list(Answer)[causes % 3]]
    facts = replace(NOTHING, drug_poisoning=three[0], drug_use=three[1], drug_dependence=three[2], substances=(HEROIN,))
    result = decide(facts, SETTINGS)
    wanted = IN if YES in three else ASK if UNKNOWN in three else OUT
    assert result.outcome is wanted
    assert result.limbs == ((Limb.A,) if wanted is IN else ())
    assert asked(result) == ([Asked.DRUG_CAUSE] if wanted is ASK else [])


@pytest.mark.parametrize(
    ("substances", "outcome"),
    [
        ((HEROIN,), IN),
        ((PARACETAMOL,), OUT),
        ((PARACETAMOL, HEROIN), IN),
        ((UNCHECKED,), ASK),
        ((UNCHECKED, HEROIN), IN),
        ((UNCHECKED, PARACETAMOL), ASK),
        ((replace(UNCHECKED, controlled=YES),), IN),
        ((replace(UNCHECKED, controlled=NO),), OUT),
        ((replace(UNCHECKED, controlled=NO), PARACETAMOL), OUT),
        ((), ASK),
    ],
)
def test_limb_a_needs_one_substance_that_was_controlled_on_the_date_of_death(
    substances: tuple[InvolvedSubstance, ...], outcome: InclusionOutcome
) -> None:
    assert decide(by_drugs(*substances), SETTINGS).outcome is outcome


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("others", [(), (PARACETAMOL,)])
def test_a_substance_that_is_not_known_yet_is_tolerated_only_while_the_cause_is_suspected(
    basis: Basis, others: tuple[InvolvedSubstance, ...]
) -> None:
    result = decide(by_drugs(*others, substance_not_known=True, basis=basis), SETTINGS)
    if basis is Basis.SUSPECTED:
        assert (result.outcome, result.limbs) == (IN, (Limb.A,))
        assert "met as suspected" in words(result)
    else:
        assert (result.outcome, asked(result)) == (ASK, [Asked.SUBSTANCES])
        assert "cannot be met as confirmed" in words(result)


def test_a_known_controlled_substance_needs_no_tolerance() -> None:
    result = decide(by_drugs(HEROIN, substance_not_known=True, basis=Basis.CONFIRMED), SETTINGS)
    assert result.outcome is IN
    assert "not known" not in words(result)


@pytest.mark.parametrize("answer", [None, *Answer])
def test_an_unverified_date_of_control_is_said_and_a_person_is_asked(answer: Answer | None) -> None:
    result = decide(by_drugs(replace(UNCHECKED, controlled=answer)), SETTINGS)
    assert "Nobody has checked this, so it is not relied on." in words(result)
    assert "class C, since 15 January 2025" in words(result)
    match answer:
        case None:
            assert (result.outcome, asked(result)) == (ASK, [Asked.CONTROLLED])
            assert result.questions[0].substance == "xylazine"
            assert "on the date of death (5 March 2026)" in result.questions[0].words
        case Answer.NOT_KNOWN:
            assert result.outcome is IN
            assert "A person was asked, and could not say." in words(result)
            assert "met as suspected" in words(result)
        case _:
            assert result.outcome is (IN if answer is YES else OUT)
            assert "A person has answered" in words(result)


def test_nobody_being_able_to_say_does_not_confirm_anything() -> None:
    result = decide(by_drugs(replace(UNCHECKED, controlled=UNKNOWN), basis=Basis.CONFIRMED), SETTINGS)
    assert result.outcome is ASK


@pytest.mark.parametrize(
    ("unchecked", "said"),
    [
        (InvolvedSubstance(name="bromazolam"), "no class"),
        (InvolvedSubstance(name="flualprazolam", mda_class="C"), "class C, with no date"),
        (InvolvedSubstance(name="codeine", mda_class="B", controlled_before=date(2024, 1, 1)),
         "since some time before 1 January 2024"),
    ],
)  # fmt: skip
def test_what_is_not_checked_is_said_as_it_is(unchecked: InvolvedSubstance, said: str) -> None:
    result = decide(by_drugs(unchecked), SETTINGS)
    assert result.outcome is ASK
    assert said in words(result)


@pytest.mark.parametrize(
    ("died", "outcome"),
    [
        (on_day(date(2024, 3, 19)), OUT),
        (on_day(date(2024, 3, 20)), IN),
        (on_day(date(2024, 3, 21)), IN),
        (in_month(2024, 2), OUT),
        (in_month(2024, 3), ASK),
        (in_month(2024, 4), IN),
        (about_day(date(2024, 3, 16)), OUT),
        (about_day(date(2024, 3, 17)), ASK),
        (about_day(date(2024, 3, 23)), IN),
        (in_year(2024), ASK),
        (between(date(2024, 3, 19), date(2024, 3, 20)), ASK),
    ],
)
def test_a_substance_counts_from_the_day_of_its_control(died: FuzzyDate, outcome: InclusionOutcome) -> None:
    result = decide(by_drugs(NITAZENE, died=died), SETTINGS)
    assert result.outcome is outcome
    assert asked(result) == ([Asked.CONTROLLED] if outcome is ASK else [])


def test_a_person_answers_where_the_date_of_death_straddles_the_day_of_control() -> None:
    for answer, outcome in ((YES, IN), (NO, OUT), (UNKNOWN, IN)):
        facts = by_drugs(replace(NITAZENE, controlled=answer), died=in_month(2024, 3))
        assert decide(facts, SETTINGS).outcome is outcome


def test_a_person_is_not_heard_where_the_law_is_checked_and_clear() -> None:
    before = by_drugs(replace(NITAZENE, controlled=YES), died=on_day(date(2024, 3, 19)))
    after = by_drugs(replace(NITAZENE, controlled=NO))
    assert (decide(before, SETTINGS).outcome, decide(after, SETTINGS).outcome) == (OUT, IN)


def test_controlled_before_a_day_says_nothing_of_a_death_before_that_day() -> None:
    earlier = replace(SETTINGS, start_date=date(2020, 1, 1))
    result = decide(by_drugs(HEROIN, died=on_day(date(2023, 12, 31))), earlier)
    assert (result.outcome, asked(result)) == (ASK, [Asked.CONTROLLED])
    assert decide(by_drugs(HEROIN, died=on_day(date(2024, 1, 1))), earlier).outcome is IN


def test_a_class_without_a_date_asks_even_when_it_is_verified() -> None:
    assert decide(by_drugs(replace(HEROIN, controlled_before=None)), SETTINGS).outcome is ASK


@pytest.mark.parametrize(("said", "outcome"), [(YES, IN), (NO, OUT), (UNKNOWN, ASK)])
@pytest.mark.parametrize("basis", Basis)
def test_limb_b_needs_alcohol_directly_related(said: Answer, outcome: InclusionOutcome, basis: Basis) -> None:
    result = decide(replace(NOTHING, alcohol_directly_related=said, basis=basis), SETTINGS)
    assert result.outcome is outcome
    assert result.limbs == ((Limb.B,) if outcome is IN else ())
    if outcome is not ASK:
        assert basis in result.limb_b.sentences[0]


@pytest.mark.parametrize("settings", [SETTINGS, WIDE], ids=["and", "or"])
@pytest.mark.parametrize("suicide", Answer)
@pytest.mark.parametrize("alcohol", Answer)
@pytest.mark.parametrize("drugs", Answer)
@pytest.mark.parametrize("basis", Basis)
def test_limb_c_needs_suicide_and_the_factors_as_the_setting_reads_them(
    settings: InclusionSettings, suicide: Answer, alcohol: Answer, drugs: Answer, basis: Basis
) -> None:
    facts = replace(NOTHING, suicide=suicide, alcohol_significant=alcohol, drugs_significant=drugs, basis=basis)
    result = decide(facts, settings)
    if settings.limb_c_join is LimbCJoin.AND:
        factors = NO if NO in (alcohol, drugs) else UNKNOWN if UNKNOWN in (alcohol, drugs) else YES
    else:
        factors = YES if YES in (alcohol, drugs) else UNKNOWN if UNKNOWN in (alcohol, drugs) else NO
    both = (suicide, factors)
    assert result.outcome is (OUT if NO in both else ASK if UNKNOWN in both else IN)
    assert result.limb_c_join is settings.limb_c_join
    if result.outcome is ASK:
        open_ones = {Asked.SUICIDE: suicide, Asked.SUICIDE_FACTORS: factors}
        assert asked(result) == [each for each, said in open_ones.items() if said is UNKNOWN]


def test_suicide_with_alcohol_alone_is_out_by_the_literal_reading_and_in_by_the_wide_one() -> None:
    facts = replace(NOTHING, suicide=YES, alcohol_significant=YES)
    literal, wide = decide(facts, SETTINGS), decide(facts, WIDE)
    assert (literal.outcome, wide.outcome) == (OUT, IN)
    assert literal.limb_c.sentences != wide.limb_c.sentences
    assert "must both have been a significant factor" in words(literal)
    assert "alcohol use or drug use as a significant factor is enough" in words(wide)


@pytest.mark.parametrize(
    ("died", "outcome"),
    [
        (on_day(date(2023, 12, 31)), OUT),
        (on_day(date(2024, 1, 1)), IN),
        (in_month(2023, 12), OUT),
        (in_year(2024), IN),
        (between(date(2023, 12, 31), date(2024, 1, 1)), ASK),
        (about_day(date(2023, 12, 29)), ASK),
        (about_day(date(2024, 1, 4)), IN),
        (NOT_KNOWN, ASK),
        (ongoing(), ASK),
        (ongoing(date(2024, 1, 1)), IN),
    ],
)
def test_the_death_is_on_or_after_the_start_date_or_a_person_is_asked(
    died: FuzzyDate, outcome: InclusionOutcome
) -> None:
    result = decide(replace(BY_ALCOHOL, died=died), SETTINGS)
    assert result.outcome is outcome
    assert asked(result) == ([Asked.START_DATE] if outcome is ASK else [])
    for answer, then in ((YES, IN), (NO, OUT)):
        answered = decide(replace(BY_ALCOHOL, died=died, after_start=answer), SETTINGS).outcome
        assert answered is (then if outcome is ASK else outcome)


@pytest.mark.parametrize(
    ("age", "adult", "outcome"),
    [
        (17, YES, OUT),
        (18, NO, IN),
        (None, YES, IN),
        (None, NO, OUT),
        (None, UNKNOWN, ASK),
    ],
)
def test_children_are_out_and_child_death_review_is_named(
    age: int | None, adult: Answer, outcome: InclusionOutcome
) -> None:
    result = decide(replace(BY_ALCOHOL, age=age, adult=adult), SETTINGS)
    assert result.outcome is outcome
    assert ("Child death review applies" in result.summary) == (outcome is OUT)
    assert asked(result) == ([Asked.ADULT] if outcome is ASK else [])


def test_the_adult_age_is_a_setting() -> None:
    result = decide(replace(BY_ALCOHOL, age=20), replace(SETTINGS, adult_age=21))
    assert result.outcome is OUT
    assert "under 21" in words(result)


@pytest.mark.parametrize("decides", AreaTest)
@pytest.mark.parametrize(("said", "outcome"), [(YES, IN), (NO, OUT), (UNKNOWN, ASK)])
def test_the_place_that_the_setting_names_decides_and_the_others_are_only_said(
    decides: AreaTest, said: Answer, outcome: InclusionOutcome
) -> None:
    fields = {
        AreaTest.RESIDENCE: "residence_in_area",
        AreaTest.DEATH: "death_in_area",
        AreaTest.SERVICE: "service_in_area",
    }
    for others in Answer:
        places: dict[str, Any] = {field: said if place is decides else others for place, field in fields.items()}
        result = decide(replace(BY_ALCOHOL, **places), replace(SETTINGS, area_test=decides))
        assert result.outcome is outcome
        assert "The other places do not decide" in words(result)


def test_every_limb_that_applies_is_named_and_what_is_open_about_the_rest_is_kept() -> None:
    facts = by_drugs(UNCHECKED, alcohol_directly_related=YES, suicide=YES, alcohol_significant=YES,
                     drugs_significant=YES)  # fmt: skip
    result = decide(facts, SETTINGS)
    assert (result.outcome, result.limbs) == (IN, (Limb.B, Limb.C))
    assert result.summary == "In scope by limb B and limb C. Any one limb is enough."
    assert asked(result) == [Asked.CONTROLLED]


def test_a_death_that_a_gate_keeps_out_asks_nothing_more() -> None:
    result = decide(replace(by_drugs(UNCHECKED), residence_in_area=NO), SETTINGS)
    assert (result.outcome, result.questions) == (OUT, ())
    assert result.summary.startswith("Out of scope. By our settings")


def test_a_gate_that_is_open_does_not_keep_a_death_in_to_which_no_limb_applies() -> None:
    result = decide(replace(NOTHING, residence_in_area=UNKNOWN), SETTINGS)
    assert (result.outcome, result.summary) == (OUT, "Out of scope. No limb applies.")


ANSWERS = st.sampled_from(Answer)
DAYS = st.dates(date(2023, 6, 1), date(2025, 12, 31))
DIED = st.one_of(
    DAYS.map(on_day),
    DAYS.map(about_day),
    DAYS.map(lambda day: in_month(day.year, day.month)),
    DAYS.map(lambda day: between(day, day + timedelta(days=40))),
    st.just(NOT_KNOWN),
)


@st.composite
def involved(draw: st.DrawFn, *, verified: bool | None = None) -> InvolvedSubstance:
    mda_class = draw(st.sampled_from(["", "A", "B", "C"]))
    day = draw(DAYS) if mda_class else None
    on = draw(st.booleans())
    return InvolvedSubstance(
        name=draw(st.sampled_from(["one", "two", "three"])),
        mda_class=mda_class,
        controlled_on=day if on else None,
        controlled_before=None if on else day,
        verified=draw(st.booleans()) if verified is None else verified,
        controlled=draw(st.sampled_from([None, *Answer])),
    )


FACTS = st.builds(
    InclusionFacts,
    died=DIED,
    basis=st.sampled_from(Basis),
    after_start=ANSWERS,
    age=st.one_of(st.none(), st.integers(0, 99)),
    adult=ANSWERS,
    residence_in_area=ANSWERS,
    death_in_area=ANSWERS,
    service_in_area=ANSWERS,
    drug_poisoning=ANSWERS,
    drug_use=ANSWERS,
    drug_dependence=ANSWERS,
    alcohol_directly_related=ANSWERS,
    suicide=ANSWERS,
    alcohol_significant=ANSWERS,
    drugs_significant=ANSWERS,
    substances=st.lists(involved(), max_size=3).map(tuple),
    substance_not_known=st.booleans(),
)
ANY_SETTINGS = st.builds(
    replace,
    st.just(SETTINGS),
    start_date=DAYS,
    limb_c_join=st.sampled_from(LimbCJoin),
    adult_age=st.integers(16, 25),
    area_test=st.sampled_from(AreaTest),
)


@given(facts=FACTS, settings=ANY_SETTINGS)
def test_every_test_is_explained_and_what_needs_an_answer_says_which(
    facts: InclusionFacts, settings: InclusionSettings
) -> None:
    result = decide(facts, settings)
    assert len(result.tests()) == 6
    for test in result.tests():
        assert test.sentences
        assert all(sentence.strip() and sentence.endswith(".") for sentence in test.sentences)
        assert bool(test.questions) == (test.verdict is Verdict.OPEN)
    assert (result.outcome is IN) <= bool(result.limbs)
    assert (result.outcome is ASK) <= bool(result.questions)
    assert (result.outcome is OUT) <= (result.questions == ())


@given(facts=FACTS, settings=ANY_SETTINGS)
def test_the_dates_of_an_unverified_entry_never_decide(facts: InclusionFacts, settings: InclusionSettings) -> None:
    moved = [
        each if each.verified else replace(each, mda_class="", controlled_on=None, controlled_before=None)
        for each in facts.substances
    ]
    without = decide(replace(facts, substances=tuple(moved)), settings)
    result = decide(facts, settings)
    assert (result.outcome, result.limbs, asked(result)) == (without.outcome, without.limbs, asked(without))


@given(substance=involved(verified=False), settings=ANY_SETTINGS)
def test_an_unverified_entry_alone_is_said_and_asks_until_a_person_answers(
    substance: InvolvedSubstance, settings: InclusionSettings
) -> None:
    result = decide(by_drugs(substance), settings)
    assert "Nobody has checked this" in " ".join(result.limb_a.sentences)
    assert (result.limb_a.verdict is Verdict.OPEN) == (substance.controlled is None)


@given(facts=FACTS, settings=ANY_SETTINGS, limb=st.sampled_from(Limb))
def test_adding_a_limb_never_takes_a_death_out_of_scope(
    facts: InclusionFacts, settings: InclusionSettings, limb: Limb
) -> None:
    limbs: dict[Limb, dict[str, Any]] = {
        Limb.A: {"drug_poisoning": YES, "substances": (*facts.substances, HEROIN)},
        Limb.B: {"alcohol_directly_related": YES},
        Limb.C: {"suicide": YES, "alcohol_significant": YES, "drugs_significant": YES},
    }
    before, after = decide(facts, settings), decide(replace(facts, **limbs[limb]), settings)
    assert set(before.limbs) <= set(after.limbs)
    if before.outcome is IN:
        assert after.outcome is IN
    if before.outcome is ASK:
        assert after.outcome is not OUT
