"""Withdrawing an alert, beginning its next version, and seeing to what did not arrive."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.alerts.commands import ResendUnknown
from review_app.alerts.forms.delivery import NextVersionForm, SeeToForm, WithdrawForm
from review_app.alerts.queries import deliveries
from review_app.alerts.queries.visibility import get_alert, get_own_alert
from review_app.alerts.rules import VersionKind
from review_app.alerts.service import acknowledging, ending
from review_app.alerts.views.alerts import bp
from review_app.clock import utc_now
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission, require


@bp.route("/<reference>/withdraw", methods=["GET", "POST"])
@requires(Permission.ALERT_WITHDRAW, record=get_alert)
def withdraw(reference: str) -> ResponseReturnValue:
    """Say what a withdrawal does and to how many, then do it."""
    alert, form = get_own_alert(read(), current_actor(), reference), WithdrawForm()
    if form.accepted():
        with acting() as (session, actor):
            ending.withdraw(session, actor, form.to_command(reference), now=utc_now())
        flash("The alert is withdrawn. Everyone who has it is being told.", "success")
        return redirect(url_for("alerts.show", reference=reference))
    told = deliveries.number_told(read(), alert.id)
    return render_template("alerts/withdraw.html", alert=alert, told=told, form=form), form.status


@bp.route("/<reference>/next/<any(update, extension, correction):kind>", methods=["GET", "POST"])
@requires(Permission.ALERT_DRAFT, Permission.ALERT_WITHDRAW, record=get_alert)
def next_version(reference: str, kind: str) -> ResponseReturnValue:
    """Say what a new version does, then begin it."""
    alert, form = get_own_alert(read(), current_actor(), reference), NextVersionForm()
    require(current_actor(), ending.permission_to_start(VersionKind(kind)))
    if form.accepted():
        with acting() as (session, actor):
            ending.start_next_version(session, actor, form.to_command(reference, VersionKind(kind)), now=utc_now())
        return redirect(url_for("alerts.edit", reference=reference))
    return render_template("alerts/next_version.html", alert=alert, kind=VersionKind(kind), form=form), form.status


@bp.post("/<reference>/versions/<int:number>/resend")
@requires(Permission.DELIVERY_RESEND, record=get_alert)
def resend(reference: str, number: int) -> ResponseReturnValue:
    """Send again what may not have arrived."""
    with acting() as (session, actor):
        command = ResendUnknown(reference=reference, number=number)
        sent = acknowledging.resend_unknown(session, actor, command, now=utc_now())
    flash(f"{sent} uncertain messages are being sent again, each with the same Message-ID.", "success")
    return redirect(url_for("alerts.show", reference=reference))


@bp.route("/<reference>/versions/<int:number>/seen-to", methods=["GET", "POST"])
@requires(Permission.DELIVERY_SETTLE, record=get_alert)
def see_to(reference: str, number: int) -> ResponseReturnValue:
    """Say what was done about messages that did not arrive, so that they wait for nobody."""
    actor, form = current_actor(), SeeToForm()
    version = deliveries.get_released(read(), get_own_alert(read(), actor, reference), number)
    form.offer(deliveries.to_see_to(read(), actor, version.id))
    if form.accepted():
        with acting() as (session, writer):
            acknowledging.see_to(session, writer, form.to_command(reference, number), now=utc_now())
        flash("Noted. They are no longer on anybody’s home page.", "success")
        return redirect(url_for("alerts.show_version", reference=reference, number=number))
    return render_template("alerts/see_to.html", version=version, form=form), form.status
