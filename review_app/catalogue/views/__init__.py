"""The doors of the catalogue: the settings of the review, the substance list, the themes, the agency return."""

from review_app.catalogue.views import agency_return, settings, substances, themes
from review_app.catalogue.views.blueprint import bp

__all__ = ["agency_return", "bp", "settings", "substances", "themes"]
