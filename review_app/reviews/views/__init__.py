"""The doors of the avoidable-death review."""

from review_app.reviews.views import (
    asking,
    cases,
    chronology,
    deaths,
    factors,
    findings,
    identity,
    inclusion,
    retention,
)
from review_app.reviews.views.answering import requests
from review_app.reviews.views.blueprint import bp
from review_app.reviews.views.notifying import bp as notifying

__all__ = [
    "asking",
    "bp",
    "cases",
    "chronology",
    "deaths",
    "factors",
    "findings",
    "identity",
    "inclusion",
    "notifying",
    "requests",
    "retention",
]
