"""The list of cases and the page of one case."""

from flask import render_template
from flask.typing import ResponseReturnValue

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.guards import current_actor, read, requires
from review_app.policy import Permission, allowed
from review_app.reviews import queries
from review_app.reviews.forms.cases import CaseFilterForm
from review_app.reviews.queries import case_page, cases, notification_page
from review_app.reviews.views.blueprint import bp

KNOW = (Permission.CASE_SEE, Permission.CASE_SEE_EXISTS, Permission.CASE_SEE_LISTED)

ENDS = (Permission.CASE_DESTROY_PROPOSE, Permission.CASE_DESTROY_APPROVE)


@bp.get("")
@requires(*KNOW)
def index() -> ResponseReturnValue:
    """List the cases of which the person may know."""
    actor, form = current_actor(), CaseFilterForm()
    page = cases.cases(read(), actor, _wanted(form), page=asked_page())
    reads = allowed(actor, Permission.CASE_SEE)
    waiting = notification_page.waiting_notifications(read(), actor)
    shown = {"page": page, "form": form, "reads": reads, "waiting": waiting, "order": cases.ORDER}
    shown["proposes"], shown["ends"] = (allowed(actor, each) for each in ENDS)
    return render_template("reviews/index.html", **shown, now=utc_now())


@bp.get("/<reference>")
@requires(*KNOW)
def show(reference: str) -> ResponseReturnValue:
    """Show one case as deep as the person may see it. Opening it is recorded."""
    actor, now = current_actor(), utc_now()
    record_view(actor, queries.get_known_case(read(), actor, reference), at=now)
    page = case_page.case_page(read(), actor, reference, now=now)
    template = "reviews/show.html" if page.content else "reviews/known.html"
    return render_template(template, page=page, now=now)


def _wanted(form: CaseFilterForm) -> cases.CaseFilter:
    return cases.CaseFilter(
        state=form.state.data if not form.state.errors else None,
        limb=form.limb.data if not form.limb.errors else None,
        waiting=form.waiting.data if not form.waiting.errors else None,
    )
