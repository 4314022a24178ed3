"""The themes of what was learned, and one of them with what may be told of it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from review_app.clock import utc_now
from review_app.guards import current_actor, read, requires
from review_app.learning.forms.points import ThemeFilterForm
from review_app.learning.queries import themes as queries
from review_app.policy import Permission

bp = Blueprint("learning", __name__, url_prefix="/learning")


@bp.get("")
@requires(Permission.THEME_SEE)
def index() -> ResponseReturnValue:
    """List the themes that came up, with numbers that give no small one away."""
    actor, now = current_actor(), utc_now()
    form = ThemeFilterForm(queries.domain_choices(read(), actor, now=now))
    wanted = queries.ThemeFilter(
        domain=form.domain.data or "" if not form.domain.errors else "",
        polarity=form.polarity.data if not form.polarity.errors else None,
        open_actions=form.open_actions.data,
    )
    rows, unseen = queries.theme_rows(read(), actor, wanted, now=now)
    return render_template("learning/index.html", rows=rows, unseen=unseen, form=form)


@bp.get("/<int:theme_id>")
@requires(Permission.THEME_SEE)
def show(theme_id: int) -> ResponseReturnValue:
    """Show one theme, with the wordings of its agreed points that the person may read."""
    actor, now = current_actor(), utc_now()
    row = queries.theme_row(read(), actor, theme_id, now=now)
    told = queries.shared_points(read(), actor, theme_id, now=now)
    return render_template("learning/show.html", row=row, told=told)
