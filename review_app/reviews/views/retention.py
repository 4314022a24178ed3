"""The end of a case's life: which are due, proposing, approving or refusing that one is destroyed."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.clock import app_clock, utc_now
from review_app.guards import current_actor, read, requires
from review_app.policy import Permission, allowed
from review_app.reviews import queries, upkeep
from review_app.reviews.forms.retention import AnswerProposalForm, DueFilterForm, ProposeForm
from review_app.reviews.queries import retention
from review_app.reviews.service import destroying as service
from review_app.reviews.views.blueprint import bp, to_case
from review_app.reviews.views.doing import done

BOTH = (Permission.CASE_DESTROY_PROPOSE, Permission.CASE_DESTROY_APPROVE)


@bp.get("/due")
@requires(Permission.CASE_DESTROY_PROPOSE)
def due() -> ResponseReturnValue:
    """List the cases whose time is over, or soon will be."""
    form = DueFilterForm()
    rows = retention.cases_due(read(), current_actor(), within=form.span(), now=utc_now())
    return render_template("reviews/due.html", rows=rows, form=form)


@bp.route("/<reference>/destruction", methods=["GET", "POST"])
@requires(Permission.CASE_DESTROY_PROPOSE, record=queries.get_known_case)
def propose_destruction(reference: str) -> ResponseReturnValue:
    """Propose that a case be destroyed, after reading when it may be and what stands in the way."""
    form = ProposeForm()
    if done(form, lambda s, a: service.propose_destruction(s, a, form.to_command(reference), now=utc_now())):
        return to_case(reference, "sign-off", "It is proposed. The information governance lead decides.")
    shown = retention.case_to_propose(read(), current_actor(), reference, now=utc_now())
    return render_template("reviews/propose_destruction.html", shown=shown, form=form), form.status


@bp.get("/destructions")
@requires(*BOTH)
def destructions() -> ResponseReturnValue:
    """List what was proposed, refused and destroyed."""
    rows = retention.destructions(read(), current_actor())
    return render_template("reviews/destructions.html", rows=rows)


@bp.route("/destructions/<reference>", methods=["GET", "POST"])
@requires(*BOTH, record=queries.get_known_case)
def answer_destruction(reference: str) -> ResponseReturnValue:
    """Destroy a case as the second person, or keep it, after reading what that does. Who proposes may only read."""
    form = AnswerProposalForm()
    if done(form, lambda s, a: service.answer_proposal(s, a, form.to_command(reference), now=utc_now())):
        return _answered(reference, form.approved)
    shown = retention.get_destruction(read(), current_actor(), reference)
    answers = allowed(current_actor(), Permission.CASE_DESTROY_APPROVE)
    own = shown.proposed_by_id == current_actor().user_id
    values = {"shown": shown, "form": form, "own": own, "answers": answers}
    return render_template("reviews/answer_destruction.html", **values), form.status


def _answered(reference: str, approved: bool) -> ResponseReturnValue:
    """Once the case is gone its keys go too; the worker does it where this process does not come so far."""
    if not approved:
        flash("The case is kept. It can be proposed again.", "success")
        return redirect(url_for("reviews.destructions"))
    upkeep.destroy_freed_keys(None, (), app_clock())
    flash("The case is destroyed. What stays is its certificate.", "success")
    return redirect(url_for("reviews.show", reference=reference))
