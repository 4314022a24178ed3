"""The doors of the avoidable-death review."""

from review_app.reviews.views import cases
from review_app.reviews.views.blueprint import bp

__all__ = ["bp", "cases"]
