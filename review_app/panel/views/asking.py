"""Asking agencies about a Signal, and ending a round."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from review_app.accounts.queries import addresses_of_agency, agencies_of
from review_app.clock import utc_now
from review_app.errors import RuleBroken
from review_app.forms import CheckboxesField, choice
from review_app.guards import acting, current_actor, read, requires
from review_app.panel import queries, service
from review_app.panel.commands import CloseRound
from review_app.panel.forms import NEUTRAL, AskAgenciesForm, CancelRoundForm
from review_app.panel.views.blueprint import bp, to_signal
from review_app.policy import Permission
from review_app.submissions.queries import get_own_signal, get_signal
from review_app.working_time import london_day


def _offer_agencies(field: CheckboxesField) -> list[str]:
    """Offer the member agencies that can be reached, and give the names of the others."""
    agencies = agencies_of(read(), current_actor().partnership_id)
    reached = {each.id for each in agencies if addresses_of_agency(read(), each.id, on=london_day(utc_now()))}
    field.choices = [choice(str(each.id), each.name, each.agency_type.name) for each in agencies if each.id in reached]
    return [each.name for each in agencies if each.id not in reached]


@bp.route("/signals/<reference>/ask", methods=["GET", "POST"])
@requires(Permission.CORROBORATION_ASK, record=get_signal)
def ask(reference: str) -> ResponseReturnValue:
    """Choose agencies and send them one neutral question."""
    signal, form = get_own_signal(read(), current_actor(), reference), AskAgenciesForm(summary=NEUTRAL)
    unreachable = _offer_agencies(form.agencies)
    if form.accepted():
        try:
            with acting() as (session, actor):
                service.ask_agencies(session, actor, form.to_command(reference), now=utc_now())
        except RuleBroken as refusal:
            form.refuse(refusal.message)
        else:
            flash("The question is on its way.", "success")
            return to_signal(reference, "corroboration")
    return render_template("panel/ask.html", signal=signal, form=form, unreachable=unreachable), form.status


@bp.post("/signals/<reference>/rounds/<int:round_id>/close")
@requires(Permission.CORROBORATION_ASK, record=get_signal)
def close_round(reference: str, round_id: int) -> ResponseReturnValue:
    """End a round."""
    with acting() as (session, actor):
        service.close_round(session, actor, CloseRound(reference=reference, round_id=round_id), now=utc_now())
    flash("The round is closed. Answers that still come in are kept and marked as late.", "success")
    return to_signal(reference, "corroboration")


@bp.route("/signals/<reference>/rounds/<int:round_id>/cancel", methods=["GET", "POST"])
@requires(Permission.CORROBORATION_ASK, record=get_signal)
def cancel_round(reference: str, round_id: int) -> ResponseReturnValue:
    """Take a question back, with a reason."""
    signal, form = get_own_signal(read(), current_actor(), reference), CancelRoundForm()
    asked = queries.get_round(read(), signal, round_id)
    if form.accepted():
        with acting() as (session, actor):
            service.cancel_round(session, actor, form.to_command(reference, round_id), now=utc_now())
        flash("The question is cancelled.", "success")
        return to_signal(reference, "corroboration")
    return render_template("panel/cancel_round.html", signal=signal, asked=asked, form=form), form.status
