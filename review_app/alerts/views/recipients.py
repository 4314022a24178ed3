"""Who is on a list: adding, correcting, removing, importing and exporting."""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.alerts.forms.lists import (
    ChangeRecipientForm,
    ConfirmImportForm,
    ImportForm,
    RecipientForm,
    VersionedForm,
)
from review_app.alerts.queries import lists as queries
from review_app.alerts.rules import UnreadableFile, pack_rows
from review_app.alerts.service import lists as service
from review_app.alerts.views.lists import bp
from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.errors import RuleBroken
from review_app.filters import plural
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission
from review_app.spreadsheets import write_rows

NOBODY_NEW = "Everyone in the file is on the list already."


@bp.route("/<reference>/recipients/new", methods=["GET", "POST"])
@requires(Permission.LIST_MANAGE, record=queries.get_list)
def add(reference: str) -> ResponseReturnValue:
    """Put an address on a list."""
    found, form = queries.get_list(read(), current_actor(), reference), RecipientForm()
    form.offer(queries.agency_choices(read(), current_actor()))
    if form.accepted():
        try:
            with acting() as (session, actor):
                service.add_recipient(session, actor, form.to_command(reference), now=utc_now())
            return redirect(url_for("lists.show", reference=reference))
        except RuleBroken as refusal:
            form.add_error("address", refusal.message)
    return render_template("lists/recipient.html", form=form, list=found, recipient=None), form.status


@bp.route("/<reference>/recipients/<int:recipient_id>", methods=["GET", "POST"])
@requires(Permission.LIST_MANAGE, record=queries.get_list)
def change(reference: str, recipient_id: int) -> ResponseReturnValue:
    """Correct who somebody on a list is."""
    found = queries.get_list(read(), current_actor(), reference)
    recipient = queries.get_recipient(read(), current_actor(), reference, recipient_id)
    form = ChangeRecipientForm(obj=recipient, agency=recipient.agency_id, confirmed=False)
    form.offer(queries.agency_choices(read(), current_actor()))
    if form.accepted():
        try:
            with acting() as (session, actor):
                service.change_recipient(session, actor, form.to_change(reference, recipient_id), now=utc_now())
            return redirect(url_for("lists.show", reference=reference))
        except RuleBroken as refusal:
            form.refuse(refusal.message)
    return render_template("lists/recipient.html", form=form, list=found, recipient=recipient), form.status


@bp.post("/<reference>/recipients/<int:recipient_id>/remove")
@requires(Permission.LIST_MANAGE, record=queries.get_list)
def remove(reference: str, recipient_id: int) -> ResponseReturnValue:
    """Take somebody off a list."""
    form = VersionedForm()
    if form.accepted():
        with acting() as (session, actor):
            service.remove_recipient(session, actor, form.to_removal(reference, recipient_id), now=utc_now())
        flash("They are off the list, and get no more alerts from it.", "success")
    return redirect(url_for("lists.show", reference=reference))


@bp.route("/<reference>/import", methods=["GET", "POST"])
@requires(Permission.LIST_MANAGE, record=queries.get_list)
def bring_in(reference: str) -> ResponseReturnValue:
    """Choose a file, and see what importing it would do. Nothing is imported yet."""
    found, form = queries.get_list(read(), current_actor(), reference), ImportForm()
    if form.accepted():
        try:
            preview = queries.preview_import(read(), found, form.rows())
        except UnreadableFile as problem:
            form.add_error("file", str(problem))
        else:
            confirming = ConfirmImportForm(formdata=None, packed=pack_rows(each.row for each in preview.good))
            return render_template("lists/preview.html", form=confirming, preview=preview, list=found)
    return render_template("lists/import.html", form=form, list=found), form.status


@bp.post("/<reference>/import/confirm")
@requires(Permission.LIST_MANAGE, record=queries.get_list)
def confirm(reference: str) -> ResponseReturnValue:
    """Import the rows that were shown, judged once more."""
    form = ConfirmImportForm()
    if form.accepted():
        with acting() as (session, actor):
            added = service.import_recipients(session, actor, form.to_command(reference), now=utc_now())
        flash(
            f"{plural(added, 'recipient')} added." if added else "Everyone in the file is on the list already.",
            "success",
        )
        return redirect(url_for("lists.show", reference=reference))
    return redirect(url_for("lists.bring_in", reference=reference))


@bp.get("/<reference>/export.csv")
@requires(Permission.LIST_SEE, record=queries.get_list)
def export(reference: str) -> ResponseReturnValue:
    """Give everyone on a list as a file that a spreadsheet opens and cannot run."""
    actor = current_actor()
    found = queries.get_list(read(), actor, reference)
    content = write_rows(queries.every_recipient(read(), actor, found))
    record_view(actor, found, at=utc_now(), section="recipients", purpose="export")
    headers = {"Content-Disposition": f'attachment; filename="{found.reference}.csv"'}
    return Response("\ufeff" + content, mimetype="text/csv", headers=headers)
