"""What can be asked of the catalogue."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ClockOf:
    """The one record that a clock belongs to. Exactly one of the ids is given."""

    partnership_id: int
    submission_id: int | None = None
    signal_id: int | None = None
    corroboration_request_id: int | None = None
    alert_id: int | None = None
    review_case_id: int | None = None
    information_request_id: int | None = None

    def __post_init__(self) -> None:
        """Refuse a clock of no record or of several."""
        if len(self.subject()) != 1:
            raise ValueError("a clock belongs to exactly one record")

    def subject(self) -> dict[str, int]:
        """Give the column that names the record, with its id."""
        columns = {
            "submission_id": self.submission_id,
            "signal_id": self.signal_id,
            "corroboration_request_id": self.corroboration_request_id,
            "alert_id": self.alert_id,
            "review_case_id": self.review_case_id,
            "information_request_id": self.information_request_id,
        }
        return {column: value for column, value in columns.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class SignAdviceBlock:
    """Agree, as a clinician, to one version of an advice block."""

    key: str
    version: int
