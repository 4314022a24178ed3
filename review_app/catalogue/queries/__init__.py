"""Reads of the catalogue. Nothing in it is confidential; a clock is read for a record that was read before."""

from review_app.catalogue.queries.advice import (
    advice_blocks,
    get_advice_block,
    unsigned_blocks,
)
from review_app.catalogue.queries.clocks import (
    bank_holidays,
    clocks_of,
    find_running_clock,
    running_clocks,
    running_clocks_by_case,
    running_clocks_by_request,
    running_clocks_by_signal,
    running_clocks_by_submission,
)
from review_app.catalogue.queries.review import (
    agency_chasing,
    agency_return,
    confidentiality_statement,
    factors,
    inclusion_settings,
    option_words,
    retention,
    review_options,
    risk_windows,
    small_numbers,
    theme_codes,
)
from review_app.catalogue.queries.substances import (
    aliases_of,
    substance_names,
    substances,
    substances_called,
    synthetic_opioid_terms,
)
from review_app.catalogue.queries.themes import (
    Theme,
    all_themes,
    get_theme,
    themes,
)
from review_app.catalogue.queries.versions import (
    current_clock_rule,
    current_form,
    current_rule_set,
    current_scheme,
    reporting_criteria,
)

__all__ = [
    "Theme",
    "advice_blocks",
    "agency_chasing",
    "agency_return",
    "aliases_of",
    "all_themes",
    "bank_holidays",
    "clocks_of",
    "confidentiality_statement",
    "current_clock_rule",
    "current_form",
    "current_rule_set",
    "current_scheme",
    "factors",
    "find_running_clock",
    "get_advice_block",
    "get_theme",
    "inclusion_settings",
    "option_words",
    "reporting_criteria",
    "retention",
    "review_options",
    "risk_windows",
    "running_clocks",
    "running_clocks_by_case",
    "running_clocks_by_request",
    "running_clocks_by_signal",
    "running_clocks_by_submission",
    "small_numbers",
    "substance_names",
    "substances",
    "substances_called",
    "synthetic_opioid_terms",
    "theme_codes",
    "themes",
    "unsigned_blocks",
]
