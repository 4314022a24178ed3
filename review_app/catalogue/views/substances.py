"""The substance list: what each entry says of control under the Act, whether it was checked, and by whom."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.catalogue import queries, service
from review_app.catalogue.forms.substances import RetireForm, SubstanceFilter, SubstanceForm
from review_app.catalogue.views.blueprint import bp
from review_app.clock import utc_now
from review_app.errors import RuleBroken, Stale
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission


@bp.get("/substances")
@requires(Permission.SETTINGS_MANAGE)
def substances() -> ResponseReturnValue:
    """List the entries, with what is not verified said in words."""
    form = SubstanceFilter()
    lines = queries.substance_lines(read(), str(form.chosen().get("show", "")))
    return render_template("settings/substances/index.html", lines=lines, form=form)


@bp.route("/substances/new", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def add_substance() -> ResponseReturnValue:
    """Add an entry."""
    form = SubstanceForm(data={"version": 0})
    if form.accepted() and _saved(form, None):
        flash("The substance is on the list.", "success")
        return redirect(url_for("catalogue.substances"))
    return render_template("settings/substances/new.html", form=form), form.status


@bp.route("/substances/<int:substance_id>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def edit_substance(substance_id: int) -> ResponseReturnValue:
    """Change an entry, with everything it said before."""
    entry, actor = queries.get_substance(read(), substance_id), current_actor()
    form = SubstanceForm(data=queries.substance_values(entry))
    if form.accepted() and _saved(form, substance_id):
        flash("The substance is saved.", "success")
        return redirect(url_for("catalogue.edit_substance", substance_id=substance_id))
    page = {
        "line": queries.substance_line(entry),
        "checked": queries.who_verified(read(), actor, entry.id),
        "history": queries.substance_history(read(), actor, entry.id),
    }
    return render_template("settings/substances/edit.html", form=form, entry=entry, **page), form.status


def _saved(form: SubstanceForm, substance_id: int | None) -> bool:
    """Save the entry, or put a name that is taken beside its field."""
    try:
        with acting() as (session, actor):
            if substance_id is None:
                service.add_substance(session, actor, form.to_add(), now=utc_now())
            else:
                service.change_substance(session, actor, form.to_change(substance_id), now=utc_now())
    except Stale:
        raise
    except RuleBroken as refusal:
        form.add_error("name", refusal.message)
        return False
    return True


@bp.route("/substances/<int:substance_id>/retire", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def retire_substance(substance_id: int) -> ResponseReturnValue:
    """Take an entry off the list, after saying what that does."""
    return _off_the_list(substance_id, retire=True, done="The substance is taken off the list.")


@bp.route("/substances/<int:substance_id>/restore", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def restore_substance(substance_id: int) -> ResponseReturnValue:
    """Put an entry back on the list, after saying what that does."""
    return _off_the_list(substance_id, retire=False, done="The substance is on the list again.")


def _off_the_list(substance_id: int, *, retire: bool, done: str) -> ResponseReturnValue:
    entry = queries.get_substance(read(), substance_id)
    form = RetireForm(data={"version": entry.version})
    if form.accepted():
        with acting() as (session, actor):
            command = form.to_retire(substance_id, retire=retire)
            service.retire_substance(session, actor, command, now=utc_now())
        flash(done, "success")
        return redirect(url_for("catalogue.substances"))
    return render_template("settings/substances/retire.html", form=form, entry=entry, retire=retire), form.status
