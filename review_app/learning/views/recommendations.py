"""The list of recommendations, one of them, and what is decided about it."""

from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.errors import Stale
from review_app.forgery import token_set_aside
from review_app.guards import acting, current_actor, read, requires
from review_app.learning.forms.recommendations import (
    AcceptForm,
    CompleteForm,
    DeclineForm,
    EditRecommendationForm,
    NewRecommendationForm,
    ProposeForm,
    RecommendationFilterForm,
    RecommendationForm,
    SupersedeForm,
)
from review_app.learning.queries import narrowing
from review_app.learning.queries import points as point_queries
from review_app.learning.queries import recommendations as queries
from review_app.learning.service import recommendations as service
from review_app.learning.views.doing import Differences, done
from review_app.policy import Permission, allowed
from review_app.reviews.queries import get_case, get_known_case

bp = Blueprint("recommendations", __name__, url_prefix="/recommendations")
drafting = requires(Permission.RECOMMENDATION_DRAFT, record=narrowing.get_recommendation)
deciding = requires(Permission.RECOMMENDATION_DECIDE, record=narrowing.get_recommendation)
Form = TypeVar("Form", bound=RecommendationForm)


def to_recommendation(reference: str, message: str = "") -> ResponseReturnValue:
    """Go to a recommendation, and say what was done."""
    if message:
        flash(message, "success")
    return redirect(url_for("recommendations.show", reference=reference))


@bp.get("")
@requires(Permission.RECOMMENDATION_SEE, Permission.RECOMMENDATION_SEE_AGENCY)
def index() -> ResponseReturnValue:
    """List the recommendations the person may see."""
    actor, form = current_actor(), RecommendationFilterForm()
    wanted = queries.RecommendationFilter(
        state=form.state.data if not form.state.errors else None,
        level=form.level.data if not form.level.errors else None,
    )
    page = queries.recommendations(read(), actor, wanted, page=asked_page())
    drafts = allowed(actor, Permission.RECOMMENDATION_DRAFT)
    shown = {"page": page, "form": form, "order": queries.ORDER, "drafts": drafts, "now": utc_now()}
    return render_template("recommendations/index.html", **shown)


@bp.get("/<reference>")
@requires(Permission.RECOMMENDATION_SEE, Permission.RECOMMENDATION_SEE_AGENCY)
def show(reference: str) -> ResponseReturnValue:
    """Show one recommendation, where it comes from, what was decided and what carries it out."""
    view = queries.recommendation_view(read(), current_actor(), reference, now=utc_now())
    return render_template("recommendations/show.html", view=view, now=utc_now())


@bp.route("/new/<reference>", methods=["GET", "POST"])
@requires(Permission.RECOMMENDATION_DRAFT, record=get_known_case)
def new(reference: str) -> ResponseReturnValue:
    """Draw a recommendation from the agreed learning points of a case."""
    actor, now = current_actor(), utc_now()
    with token_set_aside():  # it is shown again, with what was typed, also where the page was open too long
        record_view(actor, get_case(read(), actor, reference), at=now, section="learning")
    form = offered(NewRecommendationForm(), queries.point_choices(read(), actor, reference, now=now))
    made: list[str] = []
    if done(form, lambda s, a: made.append(service.draft_recommendation(s, a, form.to_command(), now=now).reference)):
        return to_recommendation(made[0], "The recommendation is kept as a draft.")
    return render_template("recommendations/new.html", form=form, reference=reference), form.status


@bp.route("/<reference>/edit", methods=["GET", "POST"])
@drafting
def edit(reference: str) -> ResponseReturnValue:
    """Change a draft; if somebody else did meanwhile, show both."""
    content, version, points = queries.saved_recommendation(read(), current_actor(), reference)
    form = offered(EditRecommendationForm(version=version), points)
    form.fill(content)
    differences: Differences = ()
    try:
        if done(form, lambda s, a: service.edit_recommendation(s, a, form.to_command(reference), now=utc_now())):
            return to_recommendation(reference, "The recommendation is changed.")
    except Stale as stale:
        differences = carried_on(form, stale, version)
    shown = {"form": form, "reference": reference, "differences": differences}
    return render_template("recommendations/edit.html", **shown), form.status


@bp.post("/<reference>/propose")
@drafting
def propose(reference: str) -> ResponseReturnValue:
    """Put a recommendation before the Partnership."""
    form = ProposeForm()
    if not form.accepted():
        narrowing.get_recommendation(read(), current_actor(), reference)
        return to_recommendation(reference)
    with acting() as (session, actor):
        service.propose_recommendation(session, actor, form.to_command(reference), now=utc_now())
    return to_recommendation(reference, "The recommendation is proposed. The partnership decides on it.")


@bp.route("/<reference>/accept", methods=["GET", "POST"])
@deciding
def accept(reference: str) -> ResponseReturnValue:
    """Accept a recommendation for the Partnership, with the reason."""
    form = AcceptForm()
    if done(form, lambda s, a: service.accept_recommendation(s, a, form.to_command(reference), now=utc_now())):
        return to_recommendation(reference, "The recommendation is accepted.")
    return asked(form, reference, "Accept")


@bp.route("/<reference>/decline", methods=["GET", "POST"])
@deciding
def decline(reference: str) -> ResponseReturnValue:
    """Decline a recommendation for the Partnership, with the reason."""
    form = DeclineForm()
    if done(form, lambda s, a: service.decline_recommendation(s, a, form.to_command(reference), now=utc_now())):
        return to_recommendation(reference, "The recommendation is declined.")
    return asked(form, reference, "Decline with a reason")


@bp.route("/<reference>/complete", methods=["GET", "POST"])
@drafting
def complete(reference: str) -> ResponseReturnValue:
    """Say that a recommendation was carried out."""
    form = CompleteForm()
    if done(form, lambda s, a: service.complete_recommendation(s, a, form.to_command(reference), now=utc_now())):
        return to_recommendation(reference, "The recommendation is completed.")
    return asked(form, reference, "Complete this recommendation")


@bp.route("/<reference>/supersede", methods=["GET", "POST"])
@drafting
def supersede(reference: str) -> ResponseReturnValue:
    """Put a recommendation aside."""
    form = SupersedeForm()
    if done(form, lambda s, a: service.supersede_recommendation(s, a, form.to_command(reference), now=utc_now())):
        return to_recommendation(reference, "The recommendation is put aside.")
    return asked(form, reference, "Put this recommendation aside")


Ask = AcceptForm | DeclineForm | CompleteForm | SupersedeForm


def asked(form: Ask, reference: str, button: str) -> ResponseReturnValue:
    """Ask what has to be said with a step, under the recommendation it is about."""
    view = queries.recommendation_view(read(), current_actor(), reference, now=utc_now())
    return render_template("recommendations/step.html", form=form, view=view, button=button), form.status


def offered(form: Form, points: list[tuple[str, str]]) -> Form:
    """Give the form with these learning points and the agencies there are."""
    form.offer(points, point_queries.agency_choices(read(), current_actor()))
    return form


def carried_on(form: EditRecommendationForm, stale: Stale, version: int) -> Differences:
    """Show what changed meanwhile, and let the next press count."""
    form.refuse(stale.message)
    form.carry_on_from(version)
    return stale.differences
