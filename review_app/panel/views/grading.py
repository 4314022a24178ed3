"""Opening grading, grading, and the reveal."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.clock import utc_now
from review_app.errors import RuleBroken
from review_app.guards import acting, current_actor, read, requires
from review_app.panel import queries, service
from review_app.panel.commands import OpenGrading
from review_app.panel.forms import GradingForm, RevealForm, grading_form
from review_app.panel.queries.grading import GradingView
from review_app.panel.views.blueprint import bp, to_signal
from review_app.policy import Permission
from review_app.submissions.queries import get_signal


@bp.post("/signals/<reference>/open-grading")
@requires(Permission.PANEL_OPEN_GRADING, record=get_signal)
def open_grading(reference: str) -> ResponseReturnValue:
    """Put a Signal before the panel."""
    with acting() as (session, actor):
        service.open_grading(session, actor, OpenGrading(reference=reference), now=utc_now())
    flash("The panel has been told that this Signal waits for grading.", "success")
    return to_signal(reference, "assessments")


def _own_form(view: GradingView) -> GradingForm:
    """Give the questions of the scheme, with the person's own earlier answers."""
    return grading_form(view.scheme, queries.own_answers(view.mine) if view.mine else {})


@bp.route("/signals/<reference>/grade", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_MAKE, record=get_signal)
def grade(reference: str) -> ResponseReturnValue:
    """Grade a Signal on one's own; the suggested grade can be seen before saving."""
    signal, view = queries.round_to_grade(read(), current_actor(), reference, now=utc_now())
    form = _own_form(view)
    if form.accepted() and not form.preview.data:
        try:
            with acting() as (session, actor):
                service.save_grading(session, actor, form.to_command(reference), now=utc_now())
        except RuleBroken as refusal:
            form.refuse(refusal.message)
        else:
            return redirect(url_for("panel.graded", reference=reference))
    suggestion = form.suggestion(view.scheme) if form.preview.data and not form.errors else None
    page = render_template("panel/grade.html", signal=signal, view=view, form=form, suggestion=suggestion)
    return page, form.status


@bp.get("/signals/<reference>/graded")
@requires(Permission.ASSESSMENT_MAKE, record=get_signal)
def graded(reference: str) -> ResponseReturnValue:
    """Show the person their own grading, and what happens next."""
    signal, view = queries.round_to_grade(read(), current_actor(), reference, now=utc_now())
    if view.mine is None:
        return redirect(url_for("panel.grade", reference=reference))
    return render_template("panel/graded.html", signal=signal, view=view, steps=queries.own_steps(view))


@bp.post("/signals/<reference>/reveal")
@requires(Permission.ASSESSMENT_REVEAL, record=get_signal)
def reveal(reference: str) -> ResponseReturnValue:
    """Show everyone's grading to everyone."""
    command = RevealForm().to_command(reference)
    with acting() as (session, actor):
        service.reveal_grades(session, actor, command, now=utc_now())
    flash("The grades are revealed.", "success")
    return to_signal(reference, "assessments")
