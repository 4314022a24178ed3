"""The merged chronology of a case, and the coordinator's own entries in it."""

from collections.abc import Callable

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.errors import RuleBroken, Stale
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission
from review_app.reviews import queries
from review_app.reviews.forms import chronology as forms
from review_app.reviews.forms.requests import RestrictedForm
from review_app.reviews.queries import chronology as chronology_queries
from review_app.reviews.queries.chronology import ChronologyFilter, ChronologyPage
from review_app.reviews.service import chronology as service
from review_app.reviews.service.requests import read_restricted
from review_app.reviews.views.asking import done
from review_app.reviews.views.blueprint import bp, managing
from review_app.reviews.views.looking import looked_at


def managing_event(view: Callable[[str, int], ResponseReturnValue]) -> Callable[[str, int], ResponseReturnValue]:
    """Only who runs reviews may enter: 404 for who may not know of the case, 403 for who may."""
    return requires(Permission.CASE_MANAGE, record=queries.get_known_case)(view)


def to_chronology(reference: str) -> ResponseReturnValue:
    """Go back to the chronology."""
    return redirect(url_for("reviews.chronology", reference=reference))


def _page(reference: str, form: forms.ChronologyFilterForm, *, restricted: bool = False) -> ChronologyPage:
    """Give the chronology, narrowed to what the form names and the person may read."""
    actor, now = current_actor(), utc_now()
    page = chronology_queries.chronology_page(read(), actor, reference, now=now, restricted=restricted)
    form.offer(page.sources, page.kinds)
    if not form.filtered:
        return page
    wanted = ChronologyFilter(
        source=form.source.data if not form.source.errors else None,
        kind=form.kind.data or "" if not form.kind.errors else "",
    )
    return chronology_queries.chronology_page(read(), actor, reference, wanted, now=now, restricted=restricted)


@bp.get("/<reference>/chronology")
@requires(Permission.CASE_SEE, record=queries.get_known_case)
def chronology(reference: str) -> ResponseReturnValue:
    """Show the merged chronology. Opening it is recorded."""
    case = queries.get_case(read(), current_actor(), reference)
    record_view(current_actor(), case, at=utc_now(), section="chronology")
    form = forms.ChronologyFilterForm()
    return render_template("reviews/chronology.html", page=_page(reference, form), form=form)


@bp.route("/<reference>/chronology/restricted", methods=["GET", "POST"])
@requires(Permission.SENSITIVE_SEE, Permission.SENSITIVE_SEE_BY_REASON, record=queries.get_known_case)
def restricted_chronology(reference: str) -> ResponseReturnValue:
    """Show the chronology with what police or safeguarding said, for a purpose; each showing is recorded."""
    form, narrow = RestrictedForm(), forms.ChronologyFilterForm()
    shown = done(form, lambda s, a: read_restricted(s, a, form.to_command(reference), now=utc_now()))
    page = _page(reference, narrow, restricted=shown)
    if shown:
        return render_template("reviews/chronology.html", page=page, form=narrow, purpose=form.purpose.data)
    return render_template("reviews/chronology_restricted.html", page=page, form=form), form.status


@bp.route("/<reference>/chronology/add", methods=["GET", "POST"])
@managing
def add_event(reference: str) -> ResponseReturnValue:
    """Add an event of the coordinator's own."""
    form, choices = forms.OwnEventForm(), _choices(reference)
    form.offer(choices.kinds)
    form.offer_agencies(choices.agencies)
    if done(form, lambda s, a: service.add_event(s, a, form.to_command(reference), now=utc_now())):
        return to_chronology(reference)
    return render_template("reviews/event.html", reference=reference, form=form, event=None), form.status


def _choices(reference: str) -> chronology_queries.EventChoices:
    return chronology_queries.event_choices(read(), current_actor(), reference, now=utc_now())


@bp.route("/<reference>/chronology/<int:number>", methods=["GET", "POST"])
@managing_event
def correct_event(reference: str, number: int) -> ResponseReturnValue:
    """Correct one of the coordinator's own events; what it said is kept."""
    event, choices = chronology_queries.own_event(read(), current_actor(), reference, number), _choices(reference)
    form = forms.correction_form(event.entry, event.version)
    form.offer(choices.kinds)
    form.offer_agencies(choices.agencies)
    if form.accepted() and _corrected(form, reference, number):
        return to_chronology(reference)
    looked_at(reference, service.SECTION)
    return render_template("reviews/event.html", reference=reference, form=form, event=event), form.status


def _corrected(form: forms.CorrectEventForm, reference: str, number: int) -> bool:
    """Save the correction; when somebody else was first, show both and keep both."""
    try:
        with acting() as (session, actor):
            service.correct_event(session, actor, form.to_correction(reference, number), now=utc_now())
    except Stale as stale:
        form.differences = stale.differences
        newest = chronology_queries.own_event(read(), current_actor(), reference, number)
        form.version.raw_data, form.version.data = None, newest.version
        form.refuse(stale.message)
        return False
    except RuleBroken as refusal:
        form.refuse(refusal.message)
        return False
    return True


@bp.route("/<reference>/chronology/<int:number>/remove", methods=["GET", "POST"])
@managing_event
def remove_event(reference: str, number: int) -> ResponseReturnValue:
    """Take one of the coordinator's own events out, with a reason."""
    event, form = chronology_queries.own_event(read(), current_actor(), reference, number), forms.RemoveEventForm()
    if done(form, lambda s, a: service.remove_event(s, a, form.to_command(reference, number), now=utc_now())):
        return to_chronology(reference)
    looked_at(reference, service.SECTION)
    return render_template("reviews/event_remove.html", reference=reference, form=form, event=event), form.status
