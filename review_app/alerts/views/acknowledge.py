"""Reading an alert by one's own link, without signing in. Opening the link writes nothing: mail scanners do that."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.alerts import rendering
from review_app.alerts.forms.delivery import AcknowledgeForm, SayActionForm
from review_app.alerts.queries.reading import get_reading
from review_app.alerts.service import acknowledging
from review_app.clock import utc_now
from review_app.db import unit_of_work
from review_app.guards import public, read

bp = Blueprint("acknowledge", __name__, url_prefix="/acknowledge")


@bp.route("/<token>", methods=["GET", "POST"])
@public
def show(token: str) -> ResponseReturnValue:
    """Show the alert, and note the reading when the button is pressed."""
    reading, form = get_reading(read(), token), AcknowledgeForm()
    if form.accepted():
        with unit_of_work() as session:
            acknowledging.acknowledge(session, form.to_command(token), now=utc_now())
        return redirect(url_for("acknowledge.act", token=token))
    text = rendering.without_link(reading.version.body)
    return render_template("acknowledge/show.html", reading=reading, text=text, form=form, token=token), form.status


@bp.route("/<token>/action", methods=["GET", "POST"])
@public
def act(token: str) -> ResponseReturnValue:
    """Thank the reader, and ask what they have done."""
    reading, form = get_reading(read(), token), SayActionForm()
    if form.accepted():
        with unit_of_work() as session:
            acknowledging.say_action(session, form.to_command(token), now=utc_now())
        return redirect(url_for("acknowledge.done", token=token))
    return render_template("acknowledge/act.html", reading=reading, form=form, token=token), form.status


@bp.get("/<token>/done")
@public
def done(token: str) -> ResponseReturnValue:
    """Thank the reader."""
    return render_template("acknowledge/done.html", reading=get_reading(read(), token), token=token)
