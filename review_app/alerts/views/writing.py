"""The editor of an alert, with the text as it will go out."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.alerts.commands import EditAlert, SubmitAlert
from review_app.alerts.forms.editing import EditorForm, ExtensionForm, editor_form
from review_app.alerts.queries import editor
from review_app.alerts.queries.editor import EditorPage
from review_app.alerts.queries.visibility import get_alert
from review_app.alerts.rules import VersionState
from review_app.alerts.service import drafting
from review_app.alerts.views.alerts import bp
from review_app.clock import utc_now
from review_app.errors import RuleBroken, Stale
from review_app.forms import choice
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission

WRITERS = (Permission.ALERT_DRAFT, Permission.ALERT_WITHDRAW)
SAVED = "Saved. It is a draft until you submit it for sign-off."
UNCHANGED = "Nothing was changed, so it stays as it is."


@bp.route("/<reference>/edit", methods=["GET", "POST"])
@requires(*WRITERS, record=get_alert)
def edit(reference: str) -> ResponseReturnValue:
    """Write a version: save it, or save it and put it to the signers."""
    page = editor.editor_page(read(), current_actor(), reference, now=utc_now())
    form = _form(page)
    if not form.is_submitted():
        form.show(page.wording)
        form.version.data = page.version.version
    elif form.accepted() and _save(form, page):
        submitted = form.submit.data and _submit(form, reference)
        return redirect(url_for("alerts.show" if submitted else "alerts.edit", reference=reference))
    return _render(form, reference)


@bp.post("/<reference>/preview")
@requires(*WRITERS, record=get_alert)
def preview(reference: str) -> ResponseReturnValue:
    """Show the text that the words now in the form would make. Nothing is saved."""
    page = editor.editor_page(read(), current_actor(), reference, now=utc_now())
    form = _form(page)
    form.accepted()
    shown = editor.preview(read(), page.version, form.to_wording(page.wording), now=utc_now())
    return render_template("alerts/_preview.html", preview=shown)


def _form(page: EditorPage) -> ExtensionForm:
    form = ExtensionForm() if page.extension else editor_form(page.rules.parts)()
    form.ef8.label.text = page.ef8.words
    if isinstance(form, EditorForm):
        form.lists.choices = [choice(each.reference, f"{each.name} ({each.number:,} on it)") for each in page.lists]
        form.blocks.choices = [
            choice(each.key, each.title if each.signed else f"{each.title} (not signed by a clinician yet)")
            for each in page.blocks
        ]
    return form


def _save(form: ExtensionForm, page: EditorPage) -> bool:
    """Save what was typed; when somebody else saved in between, show both and keep both."""
    command = EditAlert(
        reference=page.alert.reference, version=form.version.data or 0, wording=form.to_wording(page.wording)
    )
    try:
        with acting() as (session, actor):
            version = drafting.edit_alert(session, actor, command, now=utc_now())
    except Stale as stale:
        form.differences = stale.differences
        form.refuse(stale.message)
        return False
    if not form.submit.data:
        flash(SAVED if version.state is VersionState.DRAFT else UNCHANGED, "success")
    return True


def _submit(form: ExtensionForm, reference: str) -> bool:
    try:
        with acting() as (session, actor):
            drafting.submit_alert(session, actor, SubmitAlert(reference=reference), now=utc_now())
    except RuleBroken as refusal:
        flash(refusal.message, "info")
        return False
    flash("It is with the signers now. They have been written to.", "success")
    return True


def _render(form: ExtensionForm, reference: str) -> ResponseReturnValue:
    """Show the form as it was typed beside what is saved now, with the text it would make."""
    page = editor.editor_page(read(), current_actor(), reference, now=utc_now())
    if form.differences:
        form.version.raw_data, form.version.data = None, page.version.version
    shown = editor.preview(read(), page.version, form.to_wording(page.wording), now=utc_now())
    template = "alerts/extend.html" if page.extension else "alerts/edit.html"
    return render_template(template, page=page, form=form, preview=shown, now=utc_now()), form.status
