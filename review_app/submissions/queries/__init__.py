"""Reads of reports and Signals, narrowed to what the person may know."""

from review_app.submissions.queries.visibility import (
    Reach,
    counted_signals,
    counted_submissions,
    get_locked_signal,
    get_locked_submission,
    get_own_signal,
    get_signal,
    get_submission,
    own_submissions,
    reach_of,
    signal_of,
    untold_reports,
    visible_signals,
    visible_submissions,
)

__all__ = [
    "Reach",
    "counted_signals",
    "counted_submissions",
    "get_locked_signal",
    "get_locked_submission",
    "get_own_signal",
    "get_signal",
    "get_submission",
    "own_submissions",
    "reach_of",
    "signal_of",
    "untold_reports",
    "visible_signals",
    "visible_submissions",
]
