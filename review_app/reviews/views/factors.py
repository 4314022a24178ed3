"""Recording the factors of a case, on its own page or, for a scribe, beside the pack."""

from typing import TypeVar

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.catalogue.queries import factors as factor_settings
from review_app.clock import utc_now
from review_app.errors import Stale
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission
from review_app.reviews import queries
from review_app.reviews.commands.findings import RemoveFactor
from review_app.reviews.forms.findings import ChangeFactorForm, FactorForm
from review_app.reviews.queries import factors, packs
from review_app.reviews.service import factors as service
from review_app.reviews.views.blueprint import bp
from review_app.reviews.views.doing import done
from review_app.reviews.views.looking import looked_at

Form = TypeVar("Form", bound=FactorForm)
recording = requires(Permission.LEARNING_RECORD, record=queries.get_known_case)
"""Whoever can record what is learned may enter; the page itself asks whether it is theirs to record."""


def _back(reference: str) -> str:
    """Give where the factors of a case stand for this person: its page, or the pack they read as scribe."""
    meeting = packs.meeting_to_read_in(read(), current_actor(), reference, now=utc_now())
    if not queries.reads_case(read(), current_actor(), reference) and meeting:
        return url_for("meetings.pack", reference=meeting, case_reference=reference, _anchor="factors")
    return url_for("reviews.show", reference=reference, _anchor="factors")


def _offered(form: Form, partnership_id: int) -> Form:
    form.offer(factor_settings(read(), partnership_id, now=utc_now()))
    return form


def _page(reference: str, form: FactorForm, factor_id: int | None = None) -> ResponseReturnValue:
    shown = {"reference": reference, "factor_id": factor_id, "form": form, "back": _back(reference)}
    return render_template("reviews/factor.html", **shown), form.status


@bp.route("/<reference>/factors/new", methods=["GET", "POST"])
@recording
def add_factor(reference: str) -> ResponseReturnValue:
    """Add a factor."""
    case = factors.case_to_record(read(), current_actor(), reference, now=utc_now())
    form = _offered(FactorForm(), case.partnership_id)
    if done(form, lambda s, a: service.add_factor(s, a, form.to_command(reference), now=utc_now())):
        flash("The factor is recorded.", "success")
        return redirect(_back(reference))
    return _page(reference, form)


def _standing(reference: str, factor_id: int) -> factors.FactorToChange:
    return factors.factor_to_change(read(), current_actor(), reference, factor_id, now=utc_now())


@bp.route("/<reference>/factors/<int:factor_id>", methods=["GET", "POST"])
@recording
def change_factor(reference: str, factor_id: int) -> ResponseReturnValue:
    """Change a factor; if somebody else did meanwhile, show both."""
    standing = _standing(reference, factor_id)
    form = _offered(ChangeFactorForm(data=standing.values), standing.partnership_id)
    try:
        if form.accepted():
            with acting() as (session, actor):
                service.change_factor(session, actor, form.to_change(reference, factor_id), now=utc_now())
            flash("The factor is changed.", "success")
            return redirect(_back(reference))
    except Stale as stale:
        form.show_stale(stale, _standing(reference, factor_id).version)
    looked_at(reference, service.SECTION)
    return _page(reference, form, factor_id)


@bp.post("/<reference>/factors/<int:factor_id>/remove")
@recording
def remove_factor(reference: str, factor_id: int) -> ResponseReturnValue:
    """Take a factor away."""
    with acting() as (session, actor):
        service.remove_factor(session, actor, RemoveFactor(reference=reference, factor_id=factor_id), now=utc_now())
    flash("The factor is taken away.", "success")
    return redirect(_back(reference))
