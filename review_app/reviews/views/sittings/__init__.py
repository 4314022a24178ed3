"""The doors of the review panel's sittings."""

from review_app.reviews.views.sittings import declaring, planning, reading, sitting
from review_app.reviews.views.sittings.blueprint import bp

__all__ = ["bp", "declaring", "planning", "reading", "sitting"]
