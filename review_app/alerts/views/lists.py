"""Distribution lists: all of them, one of them, making, renaming and archiving."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.alerts.forms.lists import ChangeListForm, NewListForm, RecipientFilterForm, VersionedForm
from review_app.alerts.queries import lists as queries
from review_app.alerts.service import lists as service
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.errors import RuleBroken
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission, allowed

bp = Blueprint("lists", __name__, url_prefix="/lists")
SEES = (Permission.LIST_SEE, Permission.LIST_SEE_TOTALS, Permission.LIST_SEE_AGENCY)


@bp.get("")
@requires(*SEES)
def index() -> ResponseReturnValue:
    """The lists the reader may know of, with how many are on each."""
    actor = current_actor()
    return render_template(
        "lists/index.html",
        rows=queries.list_rows(read(), actor, archived=False),
        archived=queries.list_rows(read(), actor, archived=True),
        manages=allowed(actor, Permission.LIST_MANAGE),
        own=not allowed(actor, Permission.LIST_SEE) and not allowed(actor, Permission.LIST_SEE_TOTALS),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LIST_MANAGE)
def new() -> ResponseReturnValue:
    """Start a list."""
    form = NewListForm()
    if form.accepted():
        try:
            with acting() as (session, actor):
                made = service.make_list(session, actor, form.to_command(), now=utc_now())
            return redirect(url_for("lists.show", reference=made.reference))
        except RuleBroken as refusal:
            form.add_error("name", refusal.message)
    return render_template("lists/new.html", form=form), form.status


@bp.route("/<reference>", methods=["GET", "POST"])
@requires(*SEES, record=queries.get_list)
def show(reference: str) -> ResponseReturnValue:
    """One list: who is on it, or how many."""
    actor, session = current_actor(), read()
    found = queries.get_list(session, actor, reference)
    form = RecipientFilterForm(queries.agency_choices(session, actor))
    if form.accepted():
        return redirect(form.kept_address())
    sees = allowed(actor, Permission.LIST_SEE) or allowed(actor, Permission.LIST_SEE_AGENCY)
    page = queries.recipients_of(session, actor, found, form.to_filter(), page=asked_page()) if sees else None
    shown = {
        "page": page,
        "number": queries.number_on(session, actor, found),
        "manages": allowed(actor, Permission.LIST_MANAGE),
        "own": not allowed(actor, Permission.LIST_SEE),
    }
    return render_template("lists/show.html", list=found, form=form, **shown), form.status


@bp.route("/<reference>/edit", methods=["GET", "POST"])
@requires(Permission.LIST_MANAGE, record=queries.get_list)
def edit(reference: str) -> ResponseReturnValue:
    """Rename a list, or change whom it gathers."""
    found = queries.get_list(read(), current_actor(), reference)
    form = ChangeListForm(obj=found)
    if form.accepted():
        try:
            with acting() as (session, actor):
                service.change_list(session, actor, form.to_command(reference), now=utc_now())
            return redirect(url_for("lists.show", reference=reference))
        except RuleBroken as refusal:
            form.refuse(refusal.message)
    return render_template("lists/edit.html", form=form, list=found), form.status


@bp.post("/<reference>/<any(archive, restore):what>")
@requires(Permission.LIST_MANAGE, record=queries.get_list)
def archive(reference: str, what: str) -> ResponseReturnValue:
    """Put a list out of use, or back into it."""
    form = VersionedForm()
    if form.accepted():
        command = form.to_archive(reference, archived=what == "archive")
        with acting() as (session, actor):
            service.archive_list(session, actor, command, now=utc_now())
        flash("The list is out of use." if command.archived else "The list is in use again.", "success")
    return redirect(url_for("lists.show", reference=reference))
