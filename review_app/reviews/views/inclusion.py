"""Triage, and the wizard of inclusion: what is known, what the rules say of it, and what a person decides."""

from flask import render_template
from flask.typing import ResponseReturnValue

from review_app.catalogue.queries import substance_names
from review_app.clock import utc_now
from review_app.doing import done
from review_app.guards import acting, current_actor, read
from review_app.reviews import queries
from review_app.reviews.commands.inclusion import StartCaseTriage
from review_app.reviews.forms.inclusion import ClassifyForm, DecideForm, ReconsiderForm
from review_app.reviews.queries import inclusion as weighing
from review_app.reviews.service import triage
from review_app.reviews.views.blueprint import bp, managing, to_case
from review_app.reviews.views.looking import looked_at


@bp.post("/<reference>/start-triage")
@managing
def start_triage(reference: str) -> ResponseReturnValue:
    """Take the case on."""
    with acting() as (session, actor):
        triage.start_case_triage(session, actor, StartCaseTriage(reference=reference), now=utc_now())
    return to_case(reference, "inclusion", "You have started triage. Read what was notified, then decide inclusion.")


@bp.route("/<reference>/inclusion", methods=["GET", "POST"])
@managing
def inclusion(reference: str) -> ResponseReturnValue:
    """Decide inclusion: see what the rules say of what is known, answer what they ask, and decide."""
    form = DecideForm()
    if form.save.data and done(
        form, lambda s, a: triage.decide_inclusion(s, a, form.to_command(reference), now=utc_now())
    ):
        return to_case(reference, "inclusion", "Your decision is kept, with its facts and its reason.")
    return _wizard(reference, form, "reviews/inclusion.html")


@bp.route("/<reference>/classification", methods=["GET", "POST"])
@managing
def classification(reference: str) -> ResponseReturnValue:
    """Classify a case under review again, when something is confirmed."""
    form = ClassifyForm()
    if form.save.data and done(
        form, lambda s, a: triage.classify_again(s, a, form.to_command(reference), now=utc_now())
    ):
        return to_case(reference, "inclusion", "The classification is kept beside the first one.")
    return _wizard(reference, form, "reviews/classification.html")


@bp.route("/<reference>/reconsider", methods=["GET", "POST"])
@managing
def reconsider(reference: str) -> ResponseReturnValue:
    """Take up a case again that was not selected."""
    form = ReconsiderForm()
    if done(form, lambda s, a: triage.reconsider_case(s, a, form.to_command(reference), now=utc_now())):
        return to_case(reference, "inclusion", "The case is taken up again.")
    case = queries.get_case(read(), current_actor(), reference)
    return render_template("reviews/reconsider.html", case=case, form=form), form.status


def _wizard(reference: str, form: DecideForm | ClassifyForm, template: str) -> ResponseReturnValue:
    case = queries.get_case(read(), current_actor(), reference)
    looked_at(reference, "inclusion")
    if not form.is_submitted():
        form.show(weighing.facts_known(read(), case))
    elif not form.save.data:
        form.accepted()
    nothing: dict[str, object] = {"said": None, "asked": {}, "other": form.other({})}
    shown = _weighed(reference, form) if form.readable else nothing
    return render_template(template, case=case, form=form, names=substance_names(read()), **shown), form.status


def _weighed(reference: str, form: DecideForm | ClassifyForm) -> dict[str, object]:
    """Give what the rules say of the facts on the page, and what they ask. What nobody has said yet is left open."""
    case = queries.get_case(read(), current_actor(), reference)
    settings = weighing.settings_in_force(read(), case, now=utc_now())
    said = weighing.what_rules_say(read(), weighing.look_up(read(), form.facts()), settings)
    form.reads(form.facts(), settings.id)
    asked = form.asked(said.questions, weighing.deciding_place(settings))
    if not form.is_submitted():
        form.leave_open(asked)
    return {"said": said, "asked": asked, "other": form.other(asked)}
