from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.catalogue import shipped
from review_app.marks import Confidence, Severity
from review_app.submissions.rules import (
    AgeBand,
    ClosureReason,
    PlainStage,
    ReportKind,
    SignalState,
    SubmissionState,
    Urgency,
    UrgencyFacts,
    UrgentTick,
    Vulnerability,
    closure_objection,
    closure_reasons,
    is_submission_reference,
    plain_stage,
    ticks_death,
    urgency,
    urgent_ticks,
)
from review_app.terms import mentioned_terms, names_of

OPIOIDS = ("nitazene", "fentanyl", "fent", "N-desethyl isotonitazene", "etonitazepyne")
QUIET = UrgencyFacts(kinds=[ReportKind.NEW_DRUG], words=["green crystals"])


def test_an_ordinary_report_is_routine() -> None:
    assert urgency(QUIET, OPIOIDS) is Urgency.ROUTINE


@pytest.mark.parametrize(
    ("change", "tick"),
    [
        ({"danger_now": True}, UrgentTick.DANGER_NOW),
        ({"kinds": [ReportKind.SUSPECTED_DEATH]}, UrgentTick.DEATH),
        ({"deaths": 1}, UrgentTick.DEATH),
        ({"vulnerabilities": [Vulnerability.UNDER_18]}, UrgentTick.UNDER_18),
        ({"ages": [AgeBand.UNDER_16]}, UrgentTick.UNDER_18),
        ({"ages": [AgeBand.FROM_16_TO_17]}, UrgentTick.UNDER_18),
        ({"ticks": [UrgentTick.CLUSTER]}, UrgentTick.CLUSTER),
        ({"words": ["Sold as FENTANYL, they said"]}, UrgentTick.SYNTHETIC_OPIOID),
    ],
)
def test_each_urgent_tick_makes_a_report_urgent(change: dict[str, object], tick: UrgentTick) -> None:
    facts = replace(QUIET, **change)  # type: ignore[arg-type]
    assert urgent_ticks(facts, OPIOIDS) == {tick}
    assert urgency(facts, OPIOIDS) is Urgency.URGENT


@pytest.mark.parametrize(("severity", "confidence"), list(product(Severity, Confidence)))
def test_severity_raises_urgency_and_a_sure_s4_is_critical(severity: Severity, confidence: Confidence) -> None:
    expected = Urgency.URGENT if severity in {Severity.S3, Severity.S4} else Urgency.ROUTINE
    if severity is Severity.S4 and confidence in {Confidence.C3, Confidence.C4}:
        expected = Urgency.CRITICAL
    assert urgency(replace(QUIET, severity=severity, confidence=confidence), OPIOIDS) is expected


@pytest.mark.parametrize(("level", "expected"), [(0, Urgency.ROUTINE), (1, Urgency.ROUTINE), (2, Urgency.CRITICAL)])
def test_an_open_incident_from_level_two_makes_every_report_critical(level: int, expected: Urgency) -> None:
    assert urgency(replace(QUIET, open_incident_level=level), OPIOIDS) is expected


@given(
    st.builds(
        UrgencyFacts,
        kinds=st.lists(st.sampled_from(list(ReportKind))),
        danger_now=st.booleans(),
        deaths=st.integers(0, 3),
        ticks=st.lists(st.sampled_from(list(UrgentTick))),
        severity=st.none() | st.sampled_from(list(Severity)),
        confidence=st.none() | st.sampled_from(list(Confidence)),
    ),
    st.lists(st.sampled_from(["fentanyl", "no fentanyl at all", "not a nitazene", "just cannabis", ""])),
)
def test_words_only_ever_raise_urgency(facts: UrgencyFacts, words: list[str]) -> None:
    assert urgency(replace(facts, words=words), OPIOIDS).rank >= urgency(facts, OPIOIDS).rank


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("could be nitazenes", ["nitazene"]),
        ("NITAZENE", ["nitazene"]),
        ("N desethyl  isotonitazene", ["N-desethyl isotonitazene"]),
        ("n-desethyl-isotonitazene", ["N-desethyl isotonitazene"]),
        ("(fent)", ["fent"]),
        ("fented up", []),
        ("prefent", []),
        ("a tent", []),
        ("etonitazepyne\nand fentanyl", ["etonitazepyne", "fentanyl"]),
    ],
)
def test_a_term_is_found_as_a_whole_word_whatever_its_case_hyphens_or_plural(written: str, found: list[str]) -> None:
    assert mentioned_terms([written], OPIOIDS) == found


def test_a_term_does_not_run_from_one_answer_into_the_next_by_being_cut() -> None:
    assert mentioned_terms(["nita", "zene"], OPIOIDS) == []


def test_the_words_in_brackets_of_a_listed_name_are_a_name_of_their_own() -> None:
    assert names_of("heroin (diamorphine)", ["gear"]) == ["heroin", "diamorphine", "gear"]


def test_every_shipped_nitazene_is_found_by_its_name_and_aliases() -> None:
    for entry in shipped.substances():
        if entry.substance_class == "nitazene":
            for term in names_of(entry.name, [each.alias for each in entry.aliases]):
                assert mentioned_terms([f"Sold as {term.upper()}."], [term]) == [term]


@pytest.mark.parametrize(
    ("state", "signal", "stage"),
    [
        (SubmissionState.DRAFT, None, PlainStage.RECEIVED),
        (SubmissionState.RECEIVED, None, PlainStage.RECEIVED),
        (SubmissionState.TRIAGE, None, PlainStage.BEING_CHECKED),
        (SubmissionState.NEEDS_INFO, None, PlainStage.BEING_CHECKED),
        (SubmissionState.LINKED, None, PlainStage.BEING_CHECKED),
        (SubmissionState.LINKED, SignalState.OPEN, PlainStage.BEING_CHECKED),
        (SubmissionState.LINKED, SignalState.CORROBORATING, PlainStage.BEING_CHECKED),
        (SubmissionState.LINKED, SignalState.PANEL_READY, PlainStage.BEING_CHECKED),
        (SubmissionState.LINKED, SignalState.WITH_PANEL, PlainStage.WITH_PANEL),
        (SubmissionState.LINKED, SignalState.DECIDED, PlainStage.DECIDED),
        (SubmissionState.LINKED, SignalState.MONITORING, PlainStage.DECIDED),
        (SubmissionState.LINKED, SignalState.CLOSED, PlainStage.DECIDED),
        (SubmissionState.CLOSED, None, PlainStage.DECIDED),
        (SubmissionState.WITHDRAWN, SignalState.WITH_PANEL, PlainStage.WITHDRAWN),
    ],
)
def test_the_submitter_sees_plain_words_only(
    state: SubmissionState, signal: SignalState | None, stage: PlainStage
) -> None:
    assert plain_stage(state, signal) is stage


@pytest.mark.parametrize(
    ("kinds", "deaths", "tells"),
    [
        ([], 0, False),
        ([ReportKind.SUSPECTED_DEATH], 0, True),
        ([], 1, True),
        ([ReportKind.NON_FATAL_OVERDOSE], 0, False),
    ],
)
def test_a_death_is_told_by_a1_or_by_d7(kinds: list[ReportKind], deaths: int, tells: bool) -> None:
    assert ticks_death(kinds, deaths) is tells


def closing(state: SubmissionState, reason: ClosureReason, **facts: bool) -> str | None:
    known = {"tells_of_death": False, "signal_decided": False, "feedback_sent": False, **facts}
    return closure_objection(state, reason, **known)


def test_a_report_in_triage_closes_with_a_reason_of_triage_only() -> None:
    for reason in ClosureReason:
        allowed = reason in closure_reasons(SubmissionState.TRIAGE)
        assert (closing(SubmissionState.TRIAGE, reason) is None) is allowed


def test_a_report_that_tells_of_a_death_is_never_closed_at_triage() -> None:
    for reason in closure_reasons(SubmissionState.TRIAGE):
        objection = closing(SubmissionState.TRIAGE, reason, tells_of_death=True)
        assert objection is not None
        assert "death" in objection


@pytest.mark.parametrize(("decided", "sent", "death"), list(product([False, True], repeat=3)))
def test_a_linked_report_closes_after_the_decision_and_feedback(decided: bool, sent: bool, death: bool) -> None:
    for reason in closure_reasons(SubmissionState.LINKED):
        objection = closing(
            SubmissionState.LINKED, reason, signal_decided=decided, feedback_sent=sent, tells_of_death=death
        )
        told = sent or reason is not ClosureReason.FEEDBACK_SENT
        assert (objection is None) is (decided and told)


@pytest.mark.parametrize(
    ("written", "is_one"),
    [("WES-2026-0042", True), (" wes-2026-0042 ", True), ("WES-S-2026-0007", False), ("2026-0042", False), ("", False)],
)
def test_a_reference_is_known_by_its_shape(written: str, is_one: bool) -> None:
    assert is_submission_reference(written) is is_one
