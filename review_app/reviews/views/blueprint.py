"""The blueprint of a case's pages, and what their doors share."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from review_app.guards import requires
from review_app.policy import Permission
from review_app.reviews import queries

bp = Blueprint("reviews", __name__, url_prefix="/reviews")


def managing(view: Callable[[str], ResponseReturnValue]) -> Callable[[str], ResponseReturnValue]:
    """Only who runs reviews may enter: 404 for who may not know of the case, 403 for who may."""
    return requires(Permission.CASE_MANAGE, record=queries.get_known_case)(view)


def to_case(reference: str, section: str, message: str = "") -> ResponseReturnValue:
    """Go back to a section of the case's page, and say what was done."""
    if message:
        flash(message, "success")
    return redirect(url_for("reviews.show", reference=reference, _anchor=section))
