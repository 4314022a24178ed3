"""What becomes true of a report by the submitter's doing, for whoever has to hear of it in the same transaction."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class SubmissionReceived:
    """A new report has been received."""

    submission_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SubmissionUpdated:
    """The submitter has added to an earlier report: `submission_id` is what was added, `earlier_id` the first report."""

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
