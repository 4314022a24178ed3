"""Reads of reviews, narrowed to what the person may know. Every other feature starts from the names below."""

from review_app.reviews.queries.visibility import (
    NO_CASE,
    agenda_cases,
    counted_cases,
    get_case,
    get_known_case,
    get_locked_case,
    known_cases,
    lock_cases,
    lock_narrowed,
    origin_cases,
    pack_cases,
    readable_since,
    reads_case,
    recording_cases,
    recused,
    visible_cases,
)

__all__ = [
    "NO_CASE",
    "agenda_cases",
    "counted_cases",
    "get_case",
    "get_known_case",
    "get_locked_case",
    "known_cases",
    "lock_cases",
    "lock_narrowed",
    "origin_cases",
    "pack_cases",
    "readable_since",
    "reads_case",
    "recording_cases",
    "recused",
    "visible_cases",
]
