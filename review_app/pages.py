"""The public pages that stand still: privacy, accessibility, cookies, and how to report a problem."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from review_app.guards import public

bp = Blueprint("pages", __name__)


@bp.route("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """What is kept about people, why, and what their rights are."""
    return render_template("content/privacy.html")


@bp.route("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    """How far everybody can use the service, and what to do where they cannot."""
    return render_template("content/accessibility.html")


@bp.route("/cookies")
@public
def cookies() -> ResponseReturnValue:
    """The one cookie, and what it is for."""
    return render_template("content/cookies.html")


@bp.route("/report-a-problem")
@public
def problem() -> ResponseReturnValue:
    """Whom to tell when the service itself is at fault."""
    return render_template("content/problem.html")
