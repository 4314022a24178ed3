"""Use cases of the catalogue: installing what ships, running clocks, signing advice."""

from review_app.catalogue.service.advice import sign_advice_block
from review_app.catalogue.service.clocks import (
    cancel_clocks,
    pause_clock,
    replace_clock,
    resume_clock,
    start_clock,
    stop_clock,
)
from review_app.catalogue.service.installing import install_catalogue

__all__ = [
    "cancel_clocks",
    "install_catalogue",
    "pause_clock",
    "replace_clock",
    "resume_clock",
    "sign_advice_block",
    "start_clock",
    "stop_clock",
]
