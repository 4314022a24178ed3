"""The learning points of one case: adding, changing, agreeing and withdrawing them, and how they may be told."""

from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.errors import Stale
from review_app.forgery import token_set_aside
from review_app.guards import acting, current_actor, read, requires
from review_app.learning.forms.points import (
    EditPointForm,
    NewPointForm,
    PointForm,
    ReadPointForm,
    WithdrawPointForm,
    WordingForm,
)
from review_app.learning.queries import narrowing
from review_app.learning.queries import points as queries
from review_app.learning.service import points as service
from review_app.learning.views.doing import Differences, done
from review_app.policy import Permission, allowed
from review_app.reviews.queries import get_known_case

bp = Blueprint("points", __name__, url_prefix="/reviews/<reference>/learning")
recording = requires(Permission.LEARNING_RECORD, record=get_known_case)
agreeing = requires(Permission.LEARNING_AGREE, record=get_known_case)
SECTION = "learning"
Form = TypeVar("Form", bound=PointForm)


def looked_at(reference: str) -> None:
    """Record that somebody who may read a case's learning opened a page of it. Raises NotVisible.

    It is recorded also where the page was open too long to act on: it is shown again with everything typed.
    """
    actor, now = current_actor(), utc_now()
    case = narrowing.get_reading_case(read(), actor, reference, now=now)
    with token_set_aside():
        record_view(actor, case, at=now, section=SECTION)


def back_to(reference: str, message: str = "") -> ResponseReturnValue:
    """Go back to the learning of the case, on its page for those who read it, and say what was done."""
    if message:
        flash(message, "success")
    if allowed(current_actor(), Permission.CASE_SEE):
        return redirect(url_for("reviews.show", reference=reference, _anchor=SECTION))
    return redirect(url_for("points.index", reference=reference))


@bp.get("")
@recording
def index(reference: str) -> ResponseReturnValue:
    """Show what was learned from a case to those who read it or its pack."""
    looked_at(reference)
    learning = queries.case_learning(read(), current_actor(), reference, now=utc_now())
    return render_template("learning/case.html", learning=learning)


@bp.route("/new", methods=["GET", "POST"])
@recording
def new(reference: str) -> ResponseReturnValue:
    """Add a learning point."""
    looked_at(reference)
    form = offered(NewPointForm())
    if done(form, lambda s, a: service.record_point(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The learning point is added as a draft.")
    return render_template("learning/point.html", form=form, reference=reference), form.status


@bp.route("/<point>/edit", methods=["GET", "POST"])
@recording
def edit(reference: str, point: str) -> ResponseReturnValue:
    """Change a draft; if somebody else did meanwhile, show both."""
    looked_at(reference)
    content, version = queries.saved_point(read(), current_actor(), reference, point, now=utc_now())
    form = offered(EditPointForm(version=version), *content.theme_ids)
    form.fill(content)
    differences: Differences = ()
    try:
        if done(form, lambda s, a: service.edit_point(s, a, form.to_command(reference, point), now=utc_now())):
            return back_to(reference, "The learning point is changed.")
    except Stale as stale:
        differences = carried_on(form, stale, version)
    shown = {"form": form, "reference": reference, "point": point, "differences": differences}
    return render_template("learning/point.html", **shown), form.status


@bp.post("/<point>/agree")
@agreeing
def agree(reference: str, point: str) -> ResponseReturnValue:
    """Agree a learning point for the panel."""
    form = ReadPointForm()
    if not form.accepted():
        get_known_case(read(), current_actor(), reference)
        return back_to(reference)
    with acting() as (session, actor):
        service.agree_point(session, actor, form.to_agree(reference, point), now=utc_now())
    return back_to(reference, f"{point} is agreed.")


@bp.route("/<point>/withdraw", methods=["GET", "POST"])
@recording
def withdraw(reference: str, point: str) -> ResponseReturnValue:
    """Take a learning point back, with a reason."""
    looked_at(reference)
    form = WithdrawPointForm()
    if done(form, lambda s, a: service.withdraw_point(s, a, form.to_command(reference, point), now=utc_now())):
        return back_to(reference, f"{point} is withdrawn.")
    view = queries.point_view(read(), current_actor(), reference, point, now=utc_now())
    return render_template("learning/withdraw.html", form=form, reference=reference, view=view), form.status


@bp.route("/<point>/wording", methods=["GET", "POST"])
@recording
def wording(reference: str, point: str) -> ResponseReturnValue:
    """Write how a learning point may be told; if somebody else did meanwhile, show both."""
    looked_at(reference)
    view = queries.point_view(read(), current_actor(), reference, point, now=utc_now())
    form = WordingForm(wording=view.wording, version=view.version)
    differences: Differences = ()
    try:
        if done(form, lambda s, a: service.word_point(s, a, form.to_command(reference, point), now=utc_now())):
            return back_to(reference, "The wording is kept. Someone else approves it.")
    except Stale as stale:
        differences = carried_on(form, stale, view.version)
    shown = {"form": form, "reference": reference, "view": view, "differences": differences}
    return render_template("learning/wording.html", **shown), form.status


@bp.route("/<point>/approve", methods=["GET", "POST"])
@agreeing
def approve(reference: str, point: str) -> ResponseReturnValue:
    """Read a wording as it will be told, and approve it."""
    looked_at(reference)
    view = queries.point_view(read(), current_actor(), reference, point, now=utc_now())
    form = ReadPointForm(version=view.version)
    if done(form, lambda s, a: service.approve_wording(s, a, form.to_approve(reference, point), now=utc_now())):
        return back_to(reference, f"The wording of {point} is approved. It can be read under Learning.")
    return render_template("learning/approve.html", form=form, reference=reference, view=view), form.status


def offered(form: Form, *keep: int) -> Form:
    """Give the form with the themes and agencies there are."""
    actor = current_actor()
    themes = queries.theme_choices(read(), actor, keep=keep, now=utc_now())
    form.offer(themes, queries.agency_choices(read(), actor))
    return form


def carried_on(form: EditPointForm | WordingForm, stale: Stale, version: int) -> Differences:
    """Show what changed meanwhile, and let the next press count."""
    form.refuse(stale.message)
    form.carry_on_from(version)
    return stale.differences
