"""The doors of the avoidable-death review."""

from review_app.reviews.views import asking, cases, chronology
from review_app.reviews.views.answering import requests
from review_app.reviews.views.blueprint import bp

__all__ = ["asking", "bp", "cases", "chronology", "requests"]
