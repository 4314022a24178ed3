"""Who may know of which report and which Signal: the one place that carries out those rows of the access rules.

Every other read of reports and Signals starts from `visible_submissions` or `visible_signals`. A draft is nobody's but
its writer's. A neighbour sees a Signal only while it is shared with them, and never a report.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from review_app.errors import NotAllowed, NotVisible
from review_app.links.models import Share
from review_app.policy import Actor, Permission, allowed, qualifying
from review_app.submissions.models import (
    Signal,
    SignalLink,
    Submission,
    SubmissionMessage,
    SubmitterContact,
)
from review_app.submissions.rules import NameSharing, SignalState, SubmissionState, Urgency

URGENT = (Urgency.URGENT, Urgency.CRITICAL)
FROM_CORROBORATING = (
    SignalState.CORROBORATING,
    SignalState.PANEL_READY,
    SignalState.WITH_PANEL,
    SignalState.DECIDED,
    SignalState.MONITORING,
    SignalState.CLOSED,
)
FROM_DECIDED = (SignalState.DECIDED, SignalState.MONITORING, SignalState.CLOSED)
NO_REPORT = "We cannot find that report. Check the reference, or look for it in the list of reports."
NO_SIGNAL = "We cannot find that Signal. Check the reference, or look for it in the list of Signals."
NOT_YOURS = "This Signal belongs to another partnership, which shared it with you to read. Nothing was changed."


def visible_submissions(actor: Actor) -> Select[Submission]:
    """Narrow to the reports whose ordinary answers the person may read. The caller states the order."""
    tests: list[ColumnElement[bool]] = []
    if allowed(actor, Permission.SUBMISSION_SEE):
        tests.append(Submission.id > 0)
    if allowed(actor, Permission.SUBMISSION_SEE_URGENT):
        tests.append(Submission.urgency.in_(URGENT))
    if allowed(actor, Permission.SUBMISSION_SEE_CORROBORATING):
        tests.append(Submission.id.in_(_linked_to(*FROM_CORROBORATING)))
    return select(Submission).where(
        Submission.partnership_id == actor.partnership_id,
        Submission.state != SubmissionState.DRAFT,
        _not_hidden_from(actor, Submission.police_sensitive),
        or_(false(), *tests),
    )


def own_submissions(actor: Actor) -> Select[Submission]:
    """Narrow to the reports the person sent while signed in."""
    return select(Submission).where(
        Submission.partnership_id == actor.partnership_id,
        Submission.submitted_by_id == actor.user_id,
        Submission.state != SubmissionState.DRAFT,
    )


def counted_submissions(actor: Actor) -> Select[Submission]:
    """Narrow to the reports the person may know as numbers: of the Partnership, or of the agencies they lead."""
    tests: list[ColumnElement[bool]] = []
    if allowed(actor, Permission.SUBMISSION_SEE_TOTALS) or allowed(actor, Permission.SUBMISSION_SEE_DEIDENTIFIED):
        tests.append(Submission.id > 0)
    if allowed(actor, Permission.SUBMISSION_SEE_AGENCY_TOTALS):
        tests.append(Submission.agency_id.in_(agencies_led(actor)))
    return select(Submission).where(
        Submission.partnership_id == actor.partnership_id,
        Submission.state != SubmissionState.DRAFT,
        Submission.exercise.is_(False),
        _not_hidden_from(actor, Submission.police_sensitive),
        or_(false(), *tests),
    )


def agencies_led(actor: Actor) -> frozenset[int]:
    """Give the agencies whose totals the person may see as their lead."""
    held = qualifying(actor, Permission.SUBMISSION_SEE_AGENCY_TOTALS)
    return frozenset(a.agency_id for a in held if a.agency_id is not None)


def visible_signals(actor: Actor) -> Select[Signal]:
    """Narrow to the Signals the person may read, a neighbour's shared ones among them. The caller states the order."""
    tests: list[ColumnElement[bool]] = []
    if allowed(actor, Permission.SIGNAL_SEE):
        tests.append(Signal.id > 0)
    if allowed(actor, Permission.SIGNAL_SEE_DECIDED):
        tests.append(Signal.state.in_(FROM_DECIDED))
    own = and_(
        Signal.partnership_id == actor.partnership_id,
        _not_hidden_from(actor, Signal.police_sensitive),
        or_(false(), *tests),
    )
    return select(Signal).where(or_(own, _shared_with(actor)))


def counted_signals(actor: Actor) -> Select[Signal]:
    """Narrow to the Signals the person may know as numbers."""
    counts = allowed(actor, Permission.SIGNAL_SEE_TOTALS)
    return select(Signal).where(
        Signal.partnership_id == actor.partnership_id,
        Signal.exercise.is_(False),
        _not_hidden_from(actor, Signal.police_sensitive),
        Signal.id > 0 if counts else false(),
    )


def get_submission(session: Session, actor: Actor, reference: str) -> Submission:
    """Give a report. Raises NotVisible."""
    submission = session.scalar(visible_submissions(actor).where(Submission.reference == reference))
    if submission is None:
        raise NotVisible(NO_REPORT, reference=reference)
    return submission


def get_locked_submission(session: Session, actor: Actor, reference: str) -> Submission:
    """Give a report and hold it until the transaction ends, as it is now. Raises NotVisible."""
    narrowed = visible_submissions(actor).where(Submission.reference == reference)
    submission = session.scalar(narrowed.with_for_update(of=Submission).execution_options(populate_existing=True))
    if submission is None:
        raise NotVisible(NO_REPORT, reference=reference)
    return submission


def get_signal(session: Session, actor: Actor, reference: str) -> Signal:
    """Give a Signal. Raises NotVisible."""
    signal = session.scalar(visible_signals(actor).where(Signal.reference == reference))
    if signal is None:
        raise NotVisible(NO_SIGNAL, reference=reference)
    return signal


def get_locked_signal(session: Session, actor: Actor, reference: str) -> Signal:
    """Give a Signal of the person's own Partnership and hold it until the transaction ends. Raises NotVisible.

    One that a neighbour shared can be read and not changed, so it raises NotAllowed.
    """
    narrowed = visible_signals(actor).where(Signal.reference == reference)
    signal = session.scalar(narrowed.with_for_update(of=Signal).execution_options(populate_existing=True))
    if signal is None:
        raise NotVisible(NO_SIGNAL, reference=reference)
    if signal.partnership_id != actor.partnership_id:
        raise NotAllowed(NOT_YOURS)
    return signal


def get_own_signal(session: Session, actor: Actor, reference: str) -> Signal:
    """Give a Signal of the person's own Partnership. Raises NotVisible, or NotAllowed for a neighbour's."""
    signal = get_signal(session, actor, reference)
    if signal.partnership_id != actor.partnership_id:
        raise NotAllowed(NOT_YOURS)
    return signal


def signal_of(session: Session, submission_id: int) -> Signal | None:
    """Give the Signal that a report is linked to now. Whoever asks has already been let see the report."""
    return session.scalar(
        select(Signal)
        .join(SignalLink, SignalLink.signal_id == Signal.id)
        .where(SignalLink.submission_id == submission_id, SignalLink.unlinked_at.is_(None))
    )


def untold_reports(session: Session, signal_id: int) -> list[str]:
    """Give the references of the linked reports whose submitters were not told what was decided, in order."""
    told = select(SubmissionMessage.submission_id).where(SubmissionMessage.outcome)
    linked = select(SignalLink.submission_id).where(SignalLink.signal_id == signal_id, SignalLink.unlinked_at.is_(None))
    waiting = select(Submission.reference).where(
        Submission.id.in_(linked), Submission.state == SubmissionState.LINKED, Submission.id.not_in(told)
    )
    return list(session.scalars(waiting.order_by(Submission.id)))


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What of one visible report the person may know beside its ordinary answers."""

    restricted: bool
    identity: bool


def reach_of(actor: Actor, submission: Submission, signal: Signal | None, contact: SubmitterContact | None) -> Reach:
    """Say whether restricted answers (place detail, price, photos) and the submitter's identity may be shown."""
    urgent = submission.urgency in URGENT
    with_panel = signal is not None and signal.state is SignalState.WITH_PANEL
    consented = contact is not None and contact.name_sharing is NameSharing.PANEL
    return Reach(
        restricted=allowed(actor, Permission.SUBMISSION_SEE_RESTRICTED)
        or (urgent and allowed(actor, Permission.SUBMISSION_SEE_RESTRICTED_URGENT))
        or (with_panel and allowed(actor, Permission.SUBMISSION_SEE_RESTRICTED_WITH_PANEL)),
        identity=allowed(actor, Permission.SUBMITTER_IDENTIFY)
        or (urgent and allowed(actor, Permission.SUBMITTER_IDENTIFY_URGENT))
        or (consented and allowed(actor, Permission.SUBMITTER_IDENTIFY_CONSENTED)),
    )


def _linked_to(*states: SignalState) -> Select[int]:
    """Give the ids of reports now linked to a Signal in one of these states."""
    return (
        select(SignalLink.submission_id)
        .join(Signal, Signal.id == SignalLink.signal_id)
        .where(SignalLink.unlinked_at.is_(None), Signal.state.in_(states))
    )


def _not_hidden_from(actor: Actor, mark: InstrumentedAttribute[bool]) -> ColumnElement[bool]:
    """Leave out what is marked police-sensitive, for those who may not see that."""
    return mark.is_not(None) if allowed(actor, Permission.POLICE_SENSITIVE_SEE) else mark.is_(False)


def _shared_with(actor: Actor) -> ColumnElement[bool]:
    """Match the Signals that a neighbour shows to this person's Partnership, for its coordinator alone."""
    if not allowed(actor, Permission.SIGNAL_MANAGE):
        return false()
    shares = select(Share.signal_id).where(
        Share.to_partnership_id == actor.partnership_id, Share.ended_at.is_(None), Share.signal_id.is_not(None)
    )
    return and_(Signal.id.in_(shares), Signal.police_sensitive.is_(False))
