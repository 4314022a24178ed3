from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.catalogue import shipped
from review_app.catalogue.rules import read_scheme
from review_app.errors import RuleBroken
from review_app.marks import Audience, Confidence, Grade, Modifier, ModifierLevel, Severity
from review_app.panel.rules import (
    ALERTING_OUTCOMES,
    AgencyAnswer,
    CombinedGrade,
    EfficacyAnswer,
    Grader,
    Outcome,
    ProposedDecision,
    ReplyAnswer,
    SuggestedGrade,
    combine_grades,
    decision_objections,
    efficacy_needed,
    efficacy_verdict,
    quorum,
    star_blocks,
    suggest_grade,
    urgent_quorum,
)

SCHEME = read_scheme(next(shipped.schemes()).content)
L, N, V, T = Modifier.RELEVANCE, Modifier.NOVELTY, Modifier.VULNERABILITY, Modifier.TIME
MEDIUM = dict.fromkeys(Modifier, ModifierLevel.MEDIUM)
ALL_YES_OR_NO = {
    "ef1": EfficacyAnswer.YES,
    "ef2": EfficacyAnswer.YES,
    "ef3": EfficacyAnswer.YES,
    "ef4": EfficacyAnswer.NO,
    "ef5": EfficacyAnswer.NO,
    "ef6": EfficacyAnswer.YES,
    "ef7": EfficacyAnswer.NO,
    "ef8": EfficacyAnswer.NO,
}


def graded(severity: str, confidence: str, high: str = "", low_relevance: bool = False) -> str:
    named = {"L": L, "N": N, "V": V, "T": T}
    levels = {**MEDIUM, **{named[letter]: ModifierLevel.HIGH for letter in high}}
    if low_relevance:
        levels[L] = ModifierLevel.LOW
    return str(suggest_grade(SCHEME, Severity(severity), Confidence(confidence), levels))


@pytest.mark.parametrize(
    ("severity", "confidence", "high", "low_relevance", "grade"),
    [
        ("s4", "c3", "LVT", False, "G4"),  # Bristol, July 2023
        ("s4", "c3", "LT", False, "G4"),  # North Devon, April 2024
        ("s4", "c3", "T", True, "G3"),  # Cambridgeshire amber, July 2019
        ("s1", "c4", "NT", False, "G3"),  # Manchester, December 2022
        ("s4", "c1", "", False, "G1*"),  # a forwarded message
        ("s1", "c2", "", True, "G0"),  # one person sick, direct report
    ],
)
def test_the_worked_examples(severity: str, confidence: str, high: str, low_relevance: bool, grade: str) -> None:
    assert graded(severity, confidence, high, low_relevance) == grade


@pytest.mark.parametrize(
    ("severity", "row"),
    [
        ("s0", ["G0", "G0", "G1", "G1"]),
        ("s1", ["G0", "G1", "G1", "G2"]),
        ("s2", ["G1", "G2", "G2", "G3"]),
        ("s3", ["G1", "G2", "G3", "G3"]),
        ("s4", ["G1*", "G3", "G4", "G4"]),
    ],
)
def test_without_modifiers_the_table_decides(severity: str, row: list[str]) -> None:
    assert [graded(severity, confidence) for confidence in Confidence] == row


@pytest.mark.parametrize(
    ("severity", "confidence", "high", "low_relevance", "grade"),
    [
        ("s0", "c1", "", True, "G0"),  # never below G0
        ("s4", "c4", "NVT", True, "G3"),  # first up, held at G4, then down
        ("s4", "c1", "", True, "G1*"),  # the star keeps G1
        ("s4", "c1", "NVT", False, "G2*"),  # and stays when modifiers raise the grade
        ("s4", "c1", "NV", True, "G1*"),
        ("s2", "c2", "N", False, "G2"),  # one high modifier is not enough
        ("s2", "c2", "NV", True, "G2"),  # up and down again
        ("s3", "c4", "LNVT", False, "G4"),
    ],
)
def test_modifiers_move_the_grade_in_the_stated_order(
    severity: str, confidence: str, high: str, low_relevance: bool, grade: str
) -> None:
    assert graded(severity, confidence, high, low_relevance) == grade


modifier_levels = st.fixed_dictionaries({modifier: st.sampled_from(list(ModifierLevel)) for modifier in Modifier})


@given(modifier_levels)
def test_more_severity_or_confidence_never_lowers_the_grade(levels: dict[Modifier, ModifierLevel]) -> None:
    for confidence in Confidence:
        ranks = [suggest_grade(SCHEME, severity, confidence, levels).grade.rank for severity in Severity]
        assert ranks == sorted(ranks)
    for severity in Severity:
        ranks = [suggest_grade(SCHEME, severity, confidence, levels).grade.rank for confidence in Confidence]
        assert ranks == sorted(ranks)


@given(st.sampled_from(list(Severity)), st.sampled_from(list(Confidence)), modifier_levels)
def test_only_a_rumour_of_s4_carries_the_star_and_the_floors_hold(
    severity: Severity, confidence: Confidence, levels: dict[Modifier, ModifierLevel]
) -> None:
    suggested = suggest_grade(SCHEME, severity, confidence, levels)
    assert suggested.star is (severity is Severity.S4 and confidence is Confidence.C1)
    if suggested.star:
        assert suggested.grade.rank >= Grade.G1.rank
    if severity is Severity.S4 and confidence in {Confidence.C3, Confidence.C4}:
        assert suggested.grade.rank >= Grade.G2.rank


@given(
    st.sampled_from(list(Severity)), st.sampled_from(list(Confidence)), modifier_levels, st.sampled_from(list(Modifier))
)
def test_raising_a_modifier_never_lowers_the_grade(
    severity: Severity, confidence: Confidence, levels: dict[Modifier, ModifierLevel], raised: Modifier
) -> None:
    before = suggest_grade(SCHEME, severity, confidence, levels)
    after = suggest_grade(SCHEME, severity, confidence, {**levels, raised: ModifierLevel.HIGH})
    assert after.grade.rank >= before.grade.rank


def combined(*grades: str) -> CombinedGrade:
    return combine_grades(
        SCHEME, [SuggestedGrade(grade=Grade(grade.rstrip("*")), star=grade.endswith("*")) for grade in grades]
    )


@pytest.mark.parametrize(
    ("grades", "shown", "spread", "disagreement"),
    [
        (["g2"], "G2", 0, False),
        (["g1", "g2", "g4"], "G2", 3, True),
        (["g2", "g3"], "G3", 1, False),  # even: the higher middle one
        (["g1", "g1", "g3", "g4"], "G3", 3, True),
        (["g0", "g0", "g1*"], "G1*", 1, False),
        (["g0", "g1*", "g3", "g3", "g4"], "G3*", 4, True),
        (["g0", "g2"], "G2", 2, True),
    ],
)
def test_several_grades_come_to_their_median(grades: list[str], shown: str, spread: int, disagreement: bool) -> None:
    found = combined(*grades)
    assert (str(found), found.spread, found.disagreement) == (shown, spread, disagreement)


def test_no_grades_at_all_come_to_nothing() -> None:
    with pytest.raises(RuleBroken):
        combined()


@given(st.lists(st.sampled_from(["g0", "g1", "g2", "g3", "g4"]), min_size=1, max_size=9))
def test_the_combined_grade_is_one_that_somebody_gave_whatever_their_order(grades: list[str]) -> None:
    assert combined(*grades).grade in {Grade(grade) for grade in grades}
    assert combined(*grades) == combined(*reversed(grades))


def test_a_scheme_with_a_hole_in_its_table_is_refused() -> None:
    content = dict(next(shipped.schemes()).content)
    content["table"] = {"s0": {"c1": "g0"}}
    with pytest.raises(ValueError):
        read_scheme(content)


CHAIR = Grader(user_id=1, agency_id=1, agency_type="council_public_health", chairs=True)
POLICE = Grader(user_id=2, agency_id=2, agency_type="police")
CLINICIAN = Grader(user_id=3, agency_id=3, agency_type="acute_trust_ed", clinical=True)
TREATMENT = Grader(user_id=4, agency_id=4, agency_type="adult_treatment")
HOUSING = Grader(user_id=5, agency_id=5, agency_type="council_housing")
DEPUTY = Grader(user_id=6, agency_id=5, agency_type="council_housing", chairs=True)
COLLEAGUE = Grader(user_id=7, agency_id=1, agency_type="council_public_health", clinical=True)

NO_CHAIR = "the chair or deputy chair"
NO_CLINICIAN = "a clinician or a treatment provider"
NO_POLICE = "the police or public health"


@pytest.mark.parametrize(
    ("graders", "missing"),
    [
        ([CHAIR, POLICE, CLINICIAN], ()),
        ([CHAIR, HOUSING, TREATMENT], ()),  # the chair stands for public health
        ([CHAIR, POLICE, HOUSING], (NO_CLINICIAN,)),
        ([DEPUTY, POLICE, CLINICIAN], ()),
        ([DEPUTY, CLINICIAN, TREATMENT], (NO_POLICE,)),
        ([POLICE, CLINICIAN, HOUSING], (NO_CHAIR,)),
        ([CHAIR, POLICE], ("a member from another agency", NO_CLINICIAN)),
        ([CHAIR, COLLEAGUE, POLICE], ("a member from another agency",)),
        ([CHAIR, DEPUTY, CLINICIAN], ()),
        ([CHAIR], ("members from 2 other agencies", NO_CLINICIAN)),
        ([], (NO_CHAIR, "members from 2 other agencies", NO_CLINICIAN, NO_POLICE)),
    ],
)
def test_the_quorum_says_who_is_missing(graders: list[Grader], missing: tuple[str, ...]) -> None:
    found = quorum(SCHEME.quorum, graders)
    assert found.missing == missing
    assert found.counted == len(graders)
    assert found.met is not bool(missing)


@pytest.mark.parametrize(
    ("graders", "missing"),
    [
        ([CHAIR, POLICE], ()),
        ([COLLEAGUE, HOUSING], ()),
        ([CHAIR], ("a member from another agency",)),
        ([CHAIR, COLLEAGUE], ("a member from another agency",)),
        ([POLICE], ("the public health lead",)),
        ([POLICE, CLINICIAN], ("the public health lead",)),
        ([], ("the public health lead", "a member from another agency")),
    ],
)
def test_the_urgent_rule_needs_public_health_and_one_other_agency(
    graders: list[Grader], missing: tuple[str, ...]
) -> None:
    assert urgent_quorum(SCHEME.quorum, graders).missing == missing


@given(st.lists(st.sampled_from([CHAIR, POLICE, CLINICIAN, TREATMENT, HOUSING, DEPUTY, COLLEAGUE]), unique=True))
def test_one_more_grader_never_breaks_a_quorum(graders: list[Grader]) -> None:
    if quorum(SCHEME.quorum, graders).met:
        assert quorum(SCHEME.quorum, [*graders, HOUSING]).met


@pytest.mark.parametrize(
    ("agency_type", "answer", "urgent"),
    list(product(["police", "ambulance", "acute_trust_ed", "hostels_homeless"], ReplyAnswer, [True, False])),
)
def test_only_an_urgent_answer_of_police_ambulance_or_hospital_clears_the_star(
    agency_type: str, answer: ReplyAnswer, urgent: bool
) -> None:
    clears = agency_type != "hostels_homeless" and answer is not ReplyAnswer.CANNOT_SAY and urgent
    replies = [AgencyAnswer(agency_type=agency_type, answer=answer, urgent=urgent)]
    assert star_blocks(SCHEME, star=True, answers=replies) is not clears
    assert not star_blocks(SCHEME, star=False, answers=replies)


def test_a_star_blocks_while_nobody_has_answered() -> None:
    assert star_blocks(SCHEME, star=True, answers=[])


@pytest.mark.parametrize(("key", "answer"), list(product([f"ef{number}" for number in range(1, 9)], EfficacyAnswer)))
def test_each_answer_of_the_efficacy_check(key: str, answer: EfficacyAnswer) -> None:
    verdict = efficacy_verdict(SCHEME, {**ALL_YES_OR_NO, key: answer})
    narrows = (key, answer) in {
        ("ef1", EfficacyAnswer.NO),
        ("ef2", EfficacyAnswer.NO),
        ("ef4", EfficacyAnswer.YES),
    }
    assert verdict.recommends_narrower is narrows
    assert verdict.blocks_sign_off is (key == "ef8" and answer is not EfficacyAnswer.NO)
    assert verdict.missing == ()


def test_unanswered_efficacy_questions_are_named() -> None:
    assert [question.key for question in efficacy_verdict(SCHEME, {"ef1": EfficacyAnswer.YES}).missing] == [
        "ef2", "ef3", "ef4", "ef5", "ef6", "ef7", "ef8",
    ]  # fmt: skip


def test_the_efficacy_check_is_needed_from_g2() -> None:
    assert [grade for grade in Grade if efficacy_needed(SCHEME, grade)] == [Grade.G2, Grade.G3, Grade.G4]


def test_the_next_narrower_audience() -> None:
    assert [audience.narrower() for audience in Audience] == [
        Audience.PROFESSIONALS, Audience.PROFESSIONALS, Audience.AT_RISK_AGENCIES,
    ]  # fmt: skip


def proposed(**change: object) -> ProposedDecision:
    ordinary: dict[str, object] = {
        "suggested": combined("g4", "g4", "g3"),
        "final": Grade.G4,
        "outcome": Outcome.FORMAL_ALERT,
        "reason": "Three linked deaths.",
        "grade_reason": "",
        "efficacy": ALL_YES_OR_NO,
        "audience_reason": "",
    }
    return ProposedDecision(**{**ordinary, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"reason": " "}, "reason for the decision"),
        ({"final": Grade.G3}, "differs"),
        ({"efficacy": {}}, "efficacy check"),
        ({"efficacy": {**ALL_YES_OR_NO, "ef1": EfficacyAnswer.NO}}, "narrower"),
    ],
)
def test_a_decision_is_objected_to_for_one_reason(change: dict[str, object], word: str) -> None:
    (objection,) = decision_objections(SCHEME, proposed(**change), star_still_blocks=False)
    assert word in objection


def test_a_complete_decision_meets_no_objection() -> None:
    assert decision_objections(SCHEME, proposed(), star_still_blocks=False) == []
    reasoned = proposed(final=Grade.G3, grade_reason="Contained already.")
    assert decision_objections(SCHEME, reasoned, star_still_blocks=False) == []
    low = proposed(suggested=combined("g1"), final=Grade.G1, outcome=Outcome.MONITOR, efficacy={})
    assert decision_objections(SCHEME, low, star_still_blocks=False) == []


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_star_blocks_exactly_the_outcomes_that_alert(outcome: Outcome) -> None:
    objections = decision_objections(SCHEME, proposed(outcome=outcome), star_still_blocks=True)
    assert bool(objections) is (outcome in ALERTING_OUTCOMES)
