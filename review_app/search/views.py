"""The door of the search box. What is typed there is posted, and stands in no address."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from review_app.clock import utc_now
from review_app.guards import current_actor, read, requires
from review_app.policy import Permission
from review_app.search import queries
from review_app.search.forms import SearchForm

bp = Blueprint("search", __name__)


@bp.route("/search", methods=["GET", "POST"])
@requires(Permission.SEARCH)
def index() -> ResponseReturnValue:
    """Show what was found of every kind that the person may know of."""
    form = SearchForm()
    if form.accepted():
        return redirect(form.kept_address())
    typed = str(form.chosen().get("words", ""))
    groups = queries.search(read(), current_actor(), typed, now=utc_now()) if typed else []
    return render_template("search/index.html", form=form, typed=typed, groups=groups, searching=True), form.status
