"""The rules of reports and Signals: states, moves, urgency, what may be closed, and the submitter's plain words."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from review_app.addresses import normalise_address
from review_app.marks import Confidence, RankedEnum, Severity
from review_app.terms import mentioned_terms
from review_app.workflow import Workflow


class SubmissionState(StrEnum):
    """Where one report stands."""

    DRAFT = "draft"
    RECEIVED = "received"
    TRIAGE = "triage"
    NEEDS_INFO = "needs_info"
    LINKED = "linked"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class SubmissionAction(StrEnum):
    """What can be done to one report."""

    SEND = "send"
    START_TRIAGE = "start_triage"
    ASK = "ask"
    RESUME = "resume"
    LINK = "link"
    UNLINK = "unlink"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


SUBMISSION_WORKFLOW = Workflow(
    {
        (SubmissionState.DRAFT, SubmissionAction.SEND): SubmissionState.RECEIVED,
        (SubmissionState.RECEIVED, SubmissionAction.START_TRIAGE): SubmissionState.TRIAGE,
        (SubmissionState.TRIAGE, SubmissionAction.LINK): SubmissionState.LINKED,
        (SubmissionState.TRIAGE, SubmissionAction.ASK): SubmissionState.NEEDS_INFO,
        (SubmissionState.TRIAGE, SubmissionAction.CLOSE): SubmissionState.CLOSED,
        (SubmissionState.NEEDS_INFO, SubmissionAction.RESUME): SubmissionState.TRIAGE,
        (SubmissionState.LINKED, SubmissionAction.UNLINK): SubmissionState.TRIAGE,
        (SubmissionState.LINKED, SubmissionAction.CLOSE): SubmissionState.CLOSED,
        (SubmissionState.CLOSED, SubmissionAction.REOPEN): SubmissionState.TRIAGE,
        (SubmissionState.DRAFT, SubmissionAction.WITHDRAW): SubmissionState.WITHDRAWN,
        (SubmissionState.RECEIVED, SubmissionAction.WITHDRAW): SubmissionState.WITHDRAWN,
        (SubmissionState.TRIAGE, SubmissionAction.WITHDRAW): SubmissionState.WITHDRAWN,
        (SubmissionState.NEEDS_INFO, SubmissionAction.WITHDRAW): SubmissionState.WITHDRAWN,
        (SubmissionState.LINKED, SubmissionAction.WITHDRAW): SubmissionState.WITHDRAWN,
    }
)


class SignalState(StrEnum):
    """Where one Signal stands."""

    OPEN = "open"
    CORROBORATING = "corroborating"
    PANEL_READY = "panel_ready"
    WITH_PANEL = "with_panel"
    DECIDED = "decided"
    MONITORING = "monitoring"
    CLOSED = "closed"


class SignalAction(StrEnum):
    """What can be done to one Signal."""

    ASK_AGENCIES = "ask_agencies"
    MAKE_READY = "make_ready"
    SKIP_CORROBORATION = "skip_corroboration"
    OPEN_GRADING = "open_grading"
    DECIDE = "decide"
    WATCH = "watch"
    CLOSE = "close"
    REOPEN = "reopen"


SIGNAL_WORKFLOW = Workflow(
    {
        (SignalState.OPEN, SignalAction.ASK_AGENCIES): SignalState.CORROBORATING,
        (SignalState.OPEN, SignalAction.SKIP_CORROBORATION): SignalState.PANEL_READY,
        (SignalState.CORROBORATING, SignalAction.ASK_AGENCIES): SignalState.CORROBORATING,
        (SignalState.CORROBORATING, SignalAction.MAKE_READY): SignalState.PANEL_READY,
        (SignalState.CORROBORATING, SignalAction.SKIP_CORROBORATION): SignalState.PANEL_READY,
        (SignalState.PANEL_READY, SignalAction.OPEN_GRADING): SignalState.WITH_PANEL,
        (SignalState.PANEL_READY, SignalAction.ASK_AGENCIES): SignalState.PANEL_READY,
        (SignalState.WITH_PANEL, SignalAction.DECIDE): SignalState.DECIDED,
        (SignalState.WITH_PANEL, SignalAction.ASK_AGENCIES): SignalState.WITH_PANEL,
        (SignalState.DECIDED, SignalAction.WATCH): SignalState.MONITORING,
        (SignalState.DECIDED, SignalAction.CLOSE): SignalState.CLOSED,
        (SignalState.DECIDED, SignalAction.REOPEN): SignalState.OPEN,
        (SignalState.DECIDED, SignalAction.ASK_AGENCIES): SignalState.DECIDED,
        (SignalState.MONITORING, SignalAction.CLOSE): SignalState.CLOSED,
        (SignalState.MONITORING, SignalAction.REOPEN): SignalState.OPEN,
        (SignalState.MONITORING, SignalAction.ASK_AGENCIES): SignalState.MONITORING,
        (SignalState.CLOSED, SignalAction.REOPEN): SignalState.OPEN,
    }
)


class PlainStage(StrEnum):
    """The only words of progress a submitter sees."""

    RECEIVED = "received"
    BEING_CHECKED = "being_checked"
    WITH_PANEL = "with_panel"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


SIGNAL_STAGES: Mapping[SignalState, PlainStage] = {
    SignalState.OPEN: PlainStage.BEING_CHECKED,
    SignalState.CORROBORATING: PlainStage.BEING_CHECKED,
    SignalState.PANEL_READY: PlainStage.BEING_CHECKED,
    SignalState.WITH_PANEL: PlainStage.WITH_PANEL,
    SignalState.DECIDED: PlainStage.DECIDED,
    SignalState.MONITORING: PlainStage.DECIDED,
    SignalState.CLOSED: PlainStage.DECIDED,
}


def plain_stage(state: SubmissionState, signal: SignalState | None) -> PlainStage:
    """Give the submitter's word for where the report stands; a linked report follows its Signal."""
    match state:
        case SubmissionState.WITHDRAWN:
            return PlainStage.WITHDRAWN
        case SubmissionState.CLOSED:
            return PlainStage.DECIDED
        case SubmissionState.DRAFT | SubmissionState.RECEIVED:
            return PlainStage.RECEIVED
        case SubmissionState.LINKED if signal is not None:
            return SIGNAL_STAGES[signal]
    return PlainStage.BEING_CHECKED


class Depth(StrEnum):
    """Which form was filled in."""

    SHORT = "short"
    FULL = "full"


class SubmissionKind(StrEnum):
    """What a report is: somebody's own, more on an earlier one, or an alert from elsewhere."""

    REPORT = "report"
    UPDATE = "update"
    EXTERNAL_ALERT = "external_alert"


class ReportKind(StrEnum):
    """A1: what is being reported."""

    SUSPECTED_DEATH = "suspected_death"
    NON_FATAL_OVERDOSE = "non_fatal_overdose"
    SEVERE_EFFECT = "severe_effect"
    ADULTERATED = "adulterated"
    UNUSUALLY_STRONG = "unusually_strong"
    NEW_DRUG = "new_drug"
    NEW_WAY_OF_TAKING = "new_way_of_taking"
    FINDING_WITHOUT_HARM = "finding_without_harm"
    WARNING_HEARD = "warning_heard"
    UPDATE = "update"
    NOT_KNOWN = "not_known"
    OTHER = "other"


class WhenKind(StrEnum):
    """A5: how well it is known when it happened."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    ONGOING = "ongoing"
    NOT_KNOWN = "not_known"


class KnownPlace(StrEnum):
    """B1: the two answers beside the configured Localities."""

    OUTSIDE_AREA = "outside_area"
    NOT_KNOWN = "not_known"


class SourceKind(StrEnum):
    """E1: how the submitter knows."""

    SAW_IT = "saw_it"
    AFFECTED_PERSON = "affected_person"
    SOMEONE_ELSE = "someone_else"
    RECORD = "record"
    SOCIAL_MEDIA = "social_media"
    LAB_RESULT = "lab_result"
    NOT_KNOWN = "not_known"
    OTHER = "other"


class NameSharing(StrEnum):
    """F4: who may see the submitter's name."""

    PANEL = "panel"
    LDIS_ONLY = "ldis_only"


class AgeBand(RankedEnum):
    """D2: age bands, counts only."""

    UNDER_16 = "under_16"
    FROM_16_TO_17 = "16_17"
    FROM_18_TO_24 = "18_24"
    FROM_25_TO_34 = "25_34"
    FROM_35_TO_44 = "35_44"
    FROM_45_TO_54 = "45_54"
    OVER_54 = "55_plus"


class Vulnerability(StrEnum):
    """D10: what made the people affected more vulnerable."""

    UNDER_18 = "under_18"
    PREGNANT = "pregnant"
    RECENTLY_RELEASED = "recently_released"
    OPIOID_NAIVE = "opioid_naive"
    ROUGH_SLEEPING = "rough_sleeping"
    POLYDRUG = "polydrug"
    RECENT_OVERDOSE = "recent_overdose"
    NOT_KNOWN = "not_known"
    OTHER = "other"


class Urgency(RankedEnum):
    """How fast a report must be looked at."""

    ROUTINE = "routine"
    URGENT = "urgent"
    CRITICAL = "critical"


class UrgentTick(StrEnum):
    """What a coordinator can tick at triage, any one of which makes a report urgent."""

    DANGER_NOW = "danger_now"
    DEATH = "death"
    CLUSTER = "cluster"
    SYNTHETIC_OPIOID = "synthetic_opioid"
    UNDER_18 = "under_18"


@dataclass(frozen=True, kw_only=True)
class UrgencyFacts:
    """What decides urgency. `words` holds what was written in C1, C2, C3 and D0."""

    kinds: Collection[ReportKind] = ()
    danger_now: bool = False
    deaths: int = 0
    ages: Collection[AgeBand] = ()
    vulnerabilities: Collection[Vulnerability] = ()
    words: Sequence[str] = ()
    ticks: Collection[UrgentTick] = ()
    severity: Severity | None = None
    confidence: Confidence | None = None
    open_incident_level: int = 0


def ticks_death(kinds: Collection[ReportKind], deaths: int = 0) -> bool:
    """Say whether a report tells of a death, in A1 or in D7."""
    return ReportKind.SUSPECTED_DEATH in kinds or deaths >= 1


def urgent_ticks(facts: UrgencyFacts, synthetic_opioids: Iterable[str]) -> frozenset[UrgentTick]:
    """Give the urgent ticks that the answers already justify, with those the coordinator has made."""
    found = set(facts.ticks)
    if facts.danger_now:
        found.add(UrgentTick.DANGER_NOW)
    if ticks_death(facts.kinds, facts.deaths):
        found.add(UrgentTick.DEATH)
    if Vulnerability.UNDER_18 in facts.vulnerabilities or {AgeBand.UNDER_16, AgeBand.FROM_16_TO_17} & set(facts.ages):
        found.add(UrgentTick.UNDER_18)
    if mentioned_terms(facts.words, synthetic_opioids):
        found.add(UrgentTick.SYNTHETIC_OPIOID)
    return frozenset(found)


def urgency(facts: UrgencyFacts, synthetic_opioids: Iterable[str]) -> Urgency:
    """Give the default urgency. Words only ever raise it, never lower it."""
    severe = facts.severity is not None and facts.severity.rank >= Severity.S3.rank
    sure = facts.confidence in {Confidence.C3, Confidence.C4}
    if (facts.severity is Severity.S4 and sure) or facts.open_incident_level >= 2:
        return Urgency.CRITICAL
    if severe or urgent_ticks(facts, synthetic_opioids):
        return Urgency.URGENT
    return Urgency.ROUTINE


class ClosureReason(StrEnum):
    """Why a report was closed."""

    OUT_OF_SCOPE = "out_of_scope"
    REDIRECTED = "redirected"
    NO_ACTION = "no_action"
    FEEDBACK_SENT = "feedback_sent"
    FEEDBACK_REFUSED = "feedback_refused"
    NO_CONTACT = "no_contact"


TRIAGE_CLOSURES = (ClosureReason.OUT_OF_SCOPE, ClosureReason.REDIRECTED, ClosureReason.NO_ACTION)
LINKED_CLOSURES = (ClosureReason.FEEDBACK_SENT, ClosureReason.FEEDBACK_REFUSED, ClosureReason.NO_CONTACT)


class LinkReason(StrEnum):
    """Why a report was joined to a Signal."""

    SAME_BATCH = "same_batch"
    SAME_EVENT = "same_event"
    DUPLICATE = "duplicate"
    SAME_PLACE_AND_TIME = "same_place_and_time"
    FIRST_REPORT = "first_report"
    OTHER = "other"


def closure_reasons(state: SubmissionState) -> tuple[ClosureReason, ...]:
    """Give the reasons with which a report in this state may be closed."""
    return LINKED_CLOSURES if state is SubmissionState.LINKED else TRIAGE_CLOSURES


def closure_objection(
    state: SubmissionState, reason: ClosureReason, *, tells_of_death: bool, signal_decided: bool, feedback_sent: bool
) -> str | None:
    """Say why a report may not be closed, or give None.

    At triage a report that tells of a death is never closed. A linked report closes once its Signal is decided and
    feedback was sent, or feedback was refused, or there is no contact.
    """
    if reason not in closure_reasons(state):
        return "Select a reason that fits where this report stands."
    if state is not SubmissionState.LINKED:
        return "This report tells of a death, so link it to a Signal instead of closing it." if tells_of_death else None
    if not signal_decided:
        return "Its Signal is not decided yet. Close this report after the panel has decided."
    if reason is ClosureReason.FEEDBACK_SENT and not feedback_sent:
        return "Tell the submitter what was decided first, or say why that is not possible."
    return None


class RevealPurpose(StrEnum):
    """Why a submitter's identity is looked at."""

    RING_BACK = "ring_back"
    CHECK_DETAILS = "check_details"
    TELL_OUTCOME = "tell_outcome"
    SAFEGUARDING = "safeguarding"


REFERENCE = re.compile(r"[A-Z]{3}-\d{4}-\d{4,}")


def is_submission_reference(text: str) -> bool:
    """Say whether a text has the shape of a report's reference, such as WES-2026-0042."""
    return REFERENCE.fullmatch(text.strip().upper()) is not None


REPORTS_AN_ADDRESS = 10
REPORTS_WINDOW = timedelta(hours=1)
"""How many reports one network address may send without an account, in what time."""

FOLLOW_LINK_MONTHS = 24
"""How long the private link to a report works."""

PHONE = re.compile(r"[0-9+()./ -]+(?:(?:ext|x|#)[. ]*[0-9]+)?", re.IGNORECASE)


def readable_contact(text: str) -> str:
    """Give an e-mail address or a phone number as it is kept. Raises ValueError when it is neither."""
    if "@" in text:
        return normalise_address(text)
    digits = sum(character in "0123456789" for character in text)
    if PHONE.fullmatch(text.strip()) and 7 <= digits <= 20:
        return " ".join(text.split())
    raise ValueError("Enter an e-mail address or a phone number")


def is_address(contact: str) -> bool:
    """Say whether a readable contact is one that can be written to, rather than rung."""
    return "@" in contact
