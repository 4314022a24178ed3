"""The facts of inclusion: put together from notifiers, and kept whole."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from review_app.fuzzy import NOT_KNOWN, about_day, in_month, in_year, on_day
from review_app.reviews.rules.inclusion import Answer, Basis, InclusionFacts, InvolvedSubstance
from review_app.reviews.rules.notified import (
    Identity,
    Known,
    OtherReview,
    Place,
    RiskKind,
    Source,
    Suspected,
    Where,
    read_identity,
    read_known,
)
from review_app.reviews.rules.weighing import ANSWERS, agreed, best_date, facts_from, read_facts, write_facts

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
DATES = st.one_of(
    st.just(NOT_KNOWN), DAYS.map(on_day), DAYS.map(about_day), st.builds(in_year, st.integers(2024, 2026))
)
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
SAID = st.sampled_from(Answer)
KNOWN = st.builds(
    Known,
    sources=st.lists(st.builds(Source, kind=WORDS, told_on=st.none() | DAYS), max_size=3).map(tuple),
    died=DATES,
    last_alive=DATES,
    place_kind=WORDS,
    places=st.dictionaries(
        st.sampled_from(Place), st.builds(Where, in_area=SAID, locality_id=st.none() | st.integers(1, 9))
    ),
    age=st.none() | st.integers(0, 120),
    adult=SAID,
    suspected=st.lists(st.sampled_from(Suspected), unique=True).map(tuple),
    substances=st.lists(WORDS, max_size=6).map(tuple),
    substance_not_known=st.booleans(),
    other_reviews=st.lists(st.sampled_from(OtherReview), unique=True).map(tuple),
    other_reviews_words=WORDS,
    risk=SAID,
    risk_kinds=st.lists(st.sampled_from(RiskKind), unique=True).map(tuple),
    risk_words=WORDS,
    story=WORDS,
    agency_id=st.none() | st.integers(1, 99),
)
FACTS = st.builds(
    InclusionFacts,
    died=DATES,
    basis=st.sampled_from(Basis),
    age=st.none() | st.integers(0, 120),
    **dict.fromkeys(ANSWERS, SAID),
    substances=st.lists(
        st.builds(
            InvolvedSubstance,
            name=WORDS,
            mda_class=st.sampled_from(("", "A", "B")),
            controlled_on=st.none() | DAYS,
            controlled_before=st.none() | DAYS,
            verified=st.booleans(),
            controlled=st.none() | SAID,
        ),
        max_size=3,
    ).map(tuple),
    substance_not_known=st.booleans(),
)


@given(KNOWN)
def test_what_is_known_comes_back_as_it_was_written(known):
    assert read_known(known.answers()) == known


@given(FACTS)
def test_the_facts_of_a_decision_come_back_as_they_were_written(facts):
    assert read_facts(write_facts(facts)) == facts


@given(st.builds(Identity, forename=WORDS, surname=WORDS, address=WORDS, born=st.none() | DAYS))
def test_an_identity_comes_back_as_it_was_written_and_shows_in_no_log(identity):
    assert read_identity(identity.answers()) == identity
    assert bool(identity) is bool(identity.answers())
    assert repr(identity).startswith("<")


def test_every_answer_is_weighed():
    assert len(ANSWERS) == 12


def test_notifiers_who_contradict_each_other_leave_it_to_a_person():
    yes, no, not_known = Answer.YES, Answer.NO, Answer.NOT_KNOWN
    assert agreed([yes, not_known, yes]) is yes
    assert agreed([no, not_known]) is no
    assert agreed([yes, no]) is not_known
    assert agreed([]) is not_known


def test_the_best_known_date_counts():
    day = on_day(date(2026, 3, 5))
    assert best_date([NOT_KNOWN, in_month(2026, 3), day, about_day(date(2026, 3, 5))]) == day
    assert best_date([in_year(2026), in_month(2026, 3)]) == in_month(2026, 3)
    assert best_date([NOT_KNOWN]) == NOT_KNOWN


def test_what_several_notifiers_know_is_put_together():
    police = Known(sources=(), suspected=(Suspected.DRUG_POISONING,), substances=("Heroin",), age=42)
    hostel = Known(
        sources=(), suspected=(Suspected.SUICIDE,), substances=("heroin", "Diazepam"), adult=Answer.YES,
        places={Place.RESIDENCE: Where(in_area=Answer.YES)},
    )  # fmt: skip
    facts = facts_from([police, hostel])
    assert [each.name for each in facts.substances] == ["Heroin", "Diazepam"]
    assert (facts.age, facts.adult, facts.residence_in_area) == (42, Answer.YES, Answer.YES)
    assert (facts.drug_poisoning, facts.suicide, facts.drug_use) == (Answer.YES, Answer.YES, Answer.NOT_KNOWN)
