"""What becomes true of reports and Signals, for whoever has to hear of it, or may object, in the same transaction."""

from dataclasses import dataclass
from datetime import datetime

from review_app.submissions.rules import SignalAction


@dataclass(frozen=True, kw_only=True)
class SubmissionReceived:
    """A new report has been received."""

    submission_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SubmissionUpdated:
    """The submitter has added to a report: `submission_id` is what was added, `earlier_id` the first report."""

    submission_id: int
    earlier_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SubmissionAnswered:
    """The submitter has answered a question of the coordinator's."""

    submission_id: int
    question_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SubmissionWithdrawn:
    """The submitter has withdrawn a report. It stays linked, and marked."""

    submission_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SignalCloses:
    """May this Signal close? Asked before it does; whoever knows a reason why not gives it as a sentence."""

    signal_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SignalMoved:
    """A Signal has changed its state by this action."""

    signal_id: int
    action: SignalAction
    at: datetime
