"""One notification: for its notifier how it stands, for the coordinator what it says and to which case it belongs."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.doing import done
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission
from review_app.reviews.forms.notifying import AttachForm, ExcludeForm, RiskForm, StartCaseForm, WithdrawForm
from review_app.reviews.queries import notification_page, notifications
from review_app.reviews.service import attaching, settling
from review_app.reviews.views.blueprint import to_case
from review_app.reviews.views.notifying import bp

deciding = requires(Permission.CASE_MANAGE, record=notifications.get_known_notification)


def to_notification(reference: str, message: str) -> ResponseReturnValue:
    """Say what was done, on the notification's page."""
    flash(message, "success")
    return redirect(url_for("deaths.show", reference=reference))


@bp.get("/<reference>")
@requires(Permission.DEATH_NOTIFY, Permission.CASE_SEE, record=notifications.get_known_notification)
def show(reference: str) -> ResponseReturnValue:
    """Show one notification as deep as the person may see it. Reading what it says is recorded."""
    actor, now = current_actor(), utc_now()
    page = notification_page.notification_page(read(), actor, reference, now=now)
    if page.content:
        record_view(actor, notifications.get_notification(read(), actor, reference), at=now)
        page = notification_page.notification_page(read(), actor, reference, now=now)
    return render_template("deaths/show.html", page=page, now=now)


@bp.post("/<reference>/attach")
@deciding
def attach(reference: str) -> ResponseReturnValue:
    """Put the notification into a case."""
    form = AttachForm()
    if form.accepted():
        with acting() as (session, actor):
            attaching.attach_notification(session, actor, form.to_command(reference), now=utc_now())
        return to_case(form.case.data, "notifications", "The notification is attached to this case.")
    notifications.get_known_notification(read(), current_actor(), reference)
    return redirect(url_for("deaths.show", reference=reference))


@bp.post("/<reference>/start-case")
@deciding
def start_case(reference: str) -> ResponseReturnValue:
    """Open a case with the notification."""
    form = StartCaseForm()
    if form.accepted():
        with acting() as (session, actor):
            case = attaching.start_case(session, actor, form.to_command(reference), now=utc_now())
        return to_case(case.reference, "notifications", "The case is open.")
    notifications.get_known_notification(read(), current_actor(), reference)
    return redirect(url_for("deaths.show", reference=reference))


@bp.route("/<reference>/withdraw", methods=["GET", "POST"])
@requires(Permission.DEATH_NOTIFY, record=notifications.get_known_notification)
def withdraw(reference: str) -> ResponseReturnValue:
    """Withdraw the notification, and destroy what it said."""
    form = WithdrawForm()
    if done(form, lambda s, a: settling.withdraw_notification(s, a, form.to_command(reference), now=utc_now())):
        return to_notification(reference, "The notification is withdrawn. What it said is destroyed.")
    page = notification_page.notification_page(read(), current_actor(), reference, now=utc_now())
    return render_template("deaths/withdraw.html", page=page, form=form), form.status


@bp.route("/<reference>/out-of-scope", methods=["GET", "POST"])
@deciding
def exclude(reference: str) -> ResponseReturnValue:
    """Say that the notification is nothing for the review."""
    form = ExcludeForm()
    if done(form, lambda s, a: settling.exclude_notification(s, a, form.to_command(reference), now=utc_now())):
        return to_notification(reference, "The notification is out of scope. No case starts with it.")
    page = notification_page.notification_page(read(), current_actor(), reference, now=utc_now())
    return render_template("deaths/exclude.html", page=page, form=form), form.status


@bp.route("/<reference>/risk", methods=["GET", "POST"])
@deciding
def risk(reference: str) -> ResponseReturnValue:
    """Say what was done for somebody who may be at risk."""
    form = RiskForm()
    if done(form, lambda s, a: settling.settle_risk(s, a, form.to_command(reference), now=utc_now())):
        return to_notification(reference, "What was done is kept.")
    page = notification_page.notification_page(read(), current_actor(), reference, now=utc_now())
    return render_template("deaths/risk.html", page=page, form=form), form.status
