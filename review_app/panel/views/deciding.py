"""Recording the decision, dissent, ratification, and the list of decisions."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from review_app.clock import utc_now
from review_app.errors import RuleBroken
from review_app.forms import BaseForm
from review_app.guards import acting, current_actor, read, requires
from review_app.panel import queries, service
from review_app.panel.forms import DissentForm, RatifyForm, decision_form
from review_app.panel.views.blueprint import bp, to_signal
from review_app.policy import Permission
from review_app.submissions.queries import get_own_signal, get_signal


def _show_refusal(form: BaseForm, refusal: RuleBroken) -> None:
    """Show each thing that stands in the way as a line of its own."""
    for sentence in getattr(refusal, "objections", (refusal.message,)):
        form.refuse(sentence)


@bp.route("/signals/<reference>/decide", methods=["GET", "POST"])
@requires(Permission.DECISION_MAKE, record=get_signal)
def decide(reference: str) -> ResponseReturnValue:
    """Record what the chair decides."""
    signal, view = queries.round_to_decide(read(), current_actor(), reference, now=utc_now())
    form = decision_form(view.scheme)
    if form.accepted():
        try:
            with acting() as (session, actor):
                service.record_decision(session, actor, form.to_command(reference), now=utc_now())
        except RuleBroken as refusal:
            _show_refusal(form, refusal)
        else:
            flash("The decision is recorded.", "success")
            return to_signal(reference, "decision")
    help_ = queries.decision_help(read(), view)
    return render_template("panel/decide.html", signal=signal, view=view, form=form, help=help_), form.status


@bp.route("/signals/<reference>/dissent", methods=["GET", "POST"])
@requires(Permission.DECISION_DISSENT, record=get_signal)
def dissent(reference: str) -> ResponseReturnValue:
    """Record that one disagrees with the decision, and why."""
    get_own_signal(read(), current_actor(), reference)
    view = queries.decision_on(read(), current_actor(), reference)
    form = DissentForm(reason=queries.own_dissent(read(), current_actor(), view))
    if form.accepted():
        with acting() as (session, actor):
            service.record_dissent(session, actor, form.to_command(reference), now=utc_now())
        flash("Your dissent is recorded.", "success")
        return to_signal(reference, "decision")
    return render_template("panel/dissent.html", view=view, form=form), form.status


@bp.route("/signals/<reference>/ratify", methods=["GET", "POST"])
@requires(Permission.DECISION_MAKE, record=get_signal)
def ratify(reference: str) -> ResponseReturnValue:
    """Ratify or overturn an urgent decision."""
    view, form = queries.decision_on(read(), current_actor(), reference), RatifyForm()
    if form.accepted():
        try:
            with acting() as (session, actor):
                service.settle_decision(session, actor, form.to_command(reference), now=utc_now())
        except RuleBroken as refusal:
            form.refuse(refusal.message)
        else:
            flash(form.done, "success")
            return to_signal(reference, "decision")
    return render_template("panel/ratify.html", view=view, form=form), form.status


@bp.get("/decisions")
@requires(Permission.DECISION_SEE, Permission.DECISION_SEE_TOTALS)
def decisions() -> ResponseReturnValue:
    """List the decisions a person may read, and count them by outcome."""
    listed = queries.decision_views(read(), current_actor())
    totals = queries.decision_totals(read(), current_actor())
    return render_template("panel/decisions.html", listed=listed, totals=totals)


@bp.get("/decisions/<reference>")
@requires(Permission.DECISION_SEE, record=queries.get_decision)
def decision(reference: str) -> ResponseReturnValue:
    """Show one decision with its reason and dissent."""
    view = queries.decision_on(read(), current_actor(), reference)
    return render_template("panel/decision.html", view=view)
