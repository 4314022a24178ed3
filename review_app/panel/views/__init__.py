"""The doors of the panel: `panel` under a Signal's address, `corroborate` for the agencies that are asked."""

from review_app.panel.views import asking, deciding, grading
from review_app.panel.views.answering import bp as corroborate
from review_app.panel.views.blueprint import bp

__all__ = ["asking", "bp", "corroborate", "deciding", "grading"]
