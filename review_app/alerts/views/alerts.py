"""Alerts: the list, one alert, and beginning one."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.alerts.commands import DraftAlert
from review_app.alerts.forms.signing import AlertFilterForm
from review_app.alerts.queries import pages
from review_app.alerts.rules import DeliveryState
from review_app.alerts.service import drafting
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.guards import acting, find_actor, public, read, requires
from review_app.policy import Permission
from review_app.submissions.queries import get_signal

bp = Blueprint("alerts", __name__, url_prefix="/alerts")


@bp.route("", methods=["GET", "POST"])
@public
def index() -> ResponseReturnValue:
    """The alerts the reader may know of; without an account, those for all the world."""
    actor, form = find_actor(), AlertFilterForm()
    if form.accepted():
        return redirect(form.kept_address())
    found = pages.alert_list(read(), actor, form.to_filter(), page=asked_page())
    template = "alerts/index.html" if actor else "alerts/public_index.html"
    return render_template(template, found=found, form=form, now=utc_now()), form.status


@bp.get("/<reference>")
@public
def show(reference: str) -> ResponseReturnValue:
    """One alert, as the reader may know it."""
    return _page(reference)


@bp.get("/<reference>/versions/<int:number>")
@public
def show_version(reference: str, number: int) -> ResponseReturnValue:
    """One version of an alert, where the reader may know of it."""
    return _page(reference, number)


def _page(reference: str, number: int | None = None) -> ResponseReturnValue:
    page = pages.alert_page(read(), find_actor(), reference, now=utc_now(), number=number)
    template = "alerts/show.html" if page.follows else "alerts/public.html"
    return render_template(template, page=page, may=pages.May, states=DeliveryState, now=utc_now())


@bp.post("/new/<reference>")
@requires(Permission.ALERT_DRAFT, record=get_signal)
def draft(reference: str) -> ResponseReturnValue:
    """Begin an alert about the decided Signal with this reference."""
    with acting() as (session, actor):
        alert = drafting.draft_alert(session, actor, DraftAlert(signal=reference), now=utc_now())
    flash("The draft is begun from what the panel decided. Nothing was copied from anyone's report.", "success")
    return redirect(url_for("alerts.edit", reference=alert.reference))
