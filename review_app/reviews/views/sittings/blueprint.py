"""The blueprint of the pages of sittings, and what their doors share."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from review_app.guards import requires
from review_app.panel.queries.meetings import get_meeting
from review_app.policy import Permission

bp = Blueprint("meetings", __name__, url_prefix="/meetings")
attending = requires(Permission.MEETING_SEE, Permission.MEETING_SEE_OWN, record=get_meeting)
"""Whoever can be asked to a sitting may enter; the page itself asks whether they are."""
managing = requires(Permission.MEETING_MANAGE, record=get_meeting)
"""Only who plans sittings may enter: 404 for who may not know of this one, 403 for who may."""
seeing = requires(Permission.MEETING_SEE, Permission.MEETING_SEE_OWN, Permission.DECLARATION_SEE, record=get_meeting)
"""Whoever may know of sittings may enter, those who look after declarations too."""


def to_meeting(reference: str, message: str = "", anchor: str | None = None) -> ResponseReturnValue:
    """Go back to the sitting's page, and say what was done."""
    if message:
        flash(message, "success")
    return redirect(url_for("meetings.show", reference=reference, _anchor=anchor))
