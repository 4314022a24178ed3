"""The blueprint of the panel's pages, all of them under a Signal's address but the list of decisions."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

bp = Blueprint("panel", __name__)


def to_signal(reference: str, section: str) -> ResponseReturnValue:
    """Go back to a section of the Signal's page."""
    return redirect(url_for("signals.show", reference=reference, _anchor=section))
