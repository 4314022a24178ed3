"""Use cases of the catalogue: installing what ships, running clocks, signing advice, changing settings."""

from review_app.catalogue.service.advice import sign_advice_block
from review_app.catalogue.service.agency_return import add_question, switch_question, word_question
from review_app.catalogue.service.clocks import (
    cancel_clocks,
    pause_clock,
    replace_clock,
    resume_clock,
    start_clock,
    stop_clock,
)
from review_app.catalogue.service.installing import install_catalogue
from review_app.catalogue.service.settings import save_setting, set_clock
from review_app.catalogue.service.substances import add_substance, change_substance, retire_substance
from review_app.catalogue.service.themes import add_theme, change_theme, merge_theme, retire_theme

__all__ = [
    "add_question",
    "add_substance",
    "add_theme",
    "cancel_clocks",
    "change_substance",
    "change_theme",
    "install_catalogue",
    "merge_theme",
    "pause_clock",
    "replace_clock",
    "resume_clock",
    "retire_substance",
    "retire_theme",
    "save_setting",
    "set_clock",
    "sign_advice_block",
    "start_clock",
    "stop_clock",
    "switch_question",
    "word_question",
]
