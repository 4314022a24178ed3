"""The months of the audit, and pruning those that are past their time: two people, and never one of them alone."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.accounts import queries
from review_app.accounts.forms.audit_trail import ProposePruningForm
from review_app.accounts.views.audit_trail import bp
from review_app.audit import queries as audit
from review_app.audit import service
from review_app.audit.commands import ApprovePruning, WithdrawPruning
from review_app.clock import utc_now
from review_app.doing import done
from review_app.filters import month
from review_app.forms import BaseForm, choice
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission


@bp.route("/audit/months", methods=["GET", "POST"])
@requires(Permission.AUDIT_PRUNE)
def months() -> ResponseReturnValue:
    """List the signed months, and propose to prune the oldest."""
    form, due = ProposePruningForm(), audit.months_due(read(), now=utc_now())
    form.up_to.choices = [choice(each.month, month(each.month)) for each in due]
    proposed: list[int] = []
    if done(form, lambda s, a: proposed.append(service.propose_pruning(s, a, form.to_command(), now=utc_now()).id)):
        flash("Proposed. Nothing is pruned until somebody else approves it.", "success")
        return redirect(url_for("audit.pruning", number=proposed[0]))
    shown = {"months": audit.signed_months(read()), "due": due, "standing": audit.open_pruning(read())}
    years = audit.years_kept(read(), now=utc_now())
    return render_template("audit/months.html", form=form, years=years, **shown), form.status


@bp.route("/audit/prunings/<int:number>", methods=["GET", "POST"])
@requires(Permission.AUDIT_PRUNE)
def pruning(number: int) -> ResponseReturnValue:
    """Say what goes for good, and approve it."""
    actor, form = current_actor(), BaseForm()
    command = ApprovePruning(number=number)
    if done(form, lambda s, a: service.approve_pruning(s, a, command, now=utc_now())):
        flash("Approved. The page says how it stands now.", "success")
        return redirect(url_for("audit.pruning", number=number))
    page = audit.pruning_page(read(), actor, number)
    approvers = {each.approved_by_id for each in page.pruning.approvals}
    names = queries.people_names(read(), {page.pruning.proposed_by_id, *approvers})
    places = {each.id: each.name for each in queries.all_partnerships(read())}
    shown = {"names": names, "places": places, "mine": page.pruning.proposed_by_id == actor.user_id}
    return render_template("audit/pruning.html", page=page, form=form, **shown), form.status


@bp.post("/audit/prunings/<int:number>/withdraw")
@requires(Permission.AUDIT_PRUNE)
def withdraw_pruning(number: int) -> ResponseReturnValue:
    """Let the proposal fall."""
    with acting() as (session, actor):
        service.withdraw_pruning(session, actor, WithdrawPruning(number=number), now=utc_now())
    flash("The proposal is withdrawn. Nothing was pruned.", "success")
    return redirect(url_for("audit.months"))
