"""Reading, signing and returning a version."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.alerts.forms.signing import ReturnForm, SignForm
from review_app.alerts.queries import editor
from review_app.alerts.queries.visibility import get_alert
from review_app.alerts.rules import VersionState
from review_app.alerts.service import signing
from review_app.alerts.views.alerts import bp
from review_app.clock import utc_now
from review_app.errors import RuleBroken
from review_app.filters import when
from review_app.forms import choices
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission, Role

NEXT = {
    VersionState.AWAITING_SIGN_OFF: "You have signed. It still waits for others.",
    VersionState.DRAFT: "The send time passed more than an hour ago, so it is a draft again. Its writers are told.",
}


@bp.route("/<reference>/sign", methods=["GET", "POST"])
@requires(Permission.ALERT_SIGN, record=get_alert)
def sign(reference: str) -> ResponseReturnValue:
    """Show exactly what will go out, and sign it."""
    form = SignForm()
    form.role.choices = choices(Role, "role")
    if form.accepted() and _sign(form, reference):
        return redirect(url_for("alerts.show", reference=reference))
    return _render(reference, form, ReturnForm(formdata=None))


@bp.post("/<reference>/return")
@requires(Permission.ALERT_SIGN, record=get_alert)
def send_back(reference: str) -> ResponseReturnValue:
    """Send it back to its writers with a reason."""
    form = ReturnForm()
    if form.accepted() and _return(form, reference):
        return redirect(url_for("alerts.show", reference=reference))
    return _render(reference, SignForm(formdata=None), form)


def _sign(form: SignForm, reference: str) -> bool:
    try:
        with acting() as (session, actor):
            version = signing.sign_alert(session, actor, form.to_command(reference), now=utc_now())
    except RuleBroken as refusal:
        form.refuse(refusal.message)
        return False
    scheduled = f"Signed by all who must. It goes out on {when(version.release_at)}." if version.release_at else ""
    flash(NEXT.get(version.state, scheduled), "success" if version.state is not VersionState.DRAFT else "info")
    return True


def _return(form: ReturnForm, reference: str) -> bool:
    try:
        with acting() as (session, actor):
            signing.return_alert(session, actor, form.to_command(reference), now=utc_now())
    except RuleBroken as refusal:
        form.refuse(refusal.message)
        return False
    flash("Returned. Its writers are told that it is a draft again, and find your reason there.", "success")
    return True


def _render(reference: str, form: SignForm, returning: ReturnForm) -> ResponseReturnValue:
    page = editor.sign_page(read(), current_actor(), reference, now=utc_now())
    form.role.choices = choices(page.roles, "role")
    form.role.data = form.role.data or (page.roles[0] if len(page.roles) == 1 else None)
    form.digest.data = returning.digest.data = page.version.digest or ""
    status = max(form.status, returning.status)
    return render_template("alerts/sign.html", page=page, form=form, returning=returning, now=utc_now()), status
