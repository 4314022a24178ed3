"""What the coordinator does with requests to agencies, and what coordinator and chairs read of them."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.errors import RuleBroken
from review_app.forms import BaseForm, choice
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Actor, Permission
from review_app.reviews import queries
from review_app.reviews.commands.requests import ChaseRequest, GoOn
from review_app.reviews.forms import requests as forms
from review_app.reviews.queries import requests as request_queries
from review_app.reviews.queries import returns as return_queries
from review_app.reviews.service import requests as service
from review_app.reviews.views.blueprint import bp, managing, to_case

READS = requires(Permission.REQUEST_SEE, record=queries.get_known_case)
Work = Callable[[Session, Actor], object]


def managing_request(view: Callable[[str, str], ResponseReturnValue]) -> Callable[[str, str], ResponseReturnValue]:
    """Only who runs reviews may enter: 404 for who may not know of the case, 403 for who may."""
    return requires(Permission.CASE_MANAGE, record=queries.get_known_case)(view)


def done(form: BaseForm, work: Work) -> bool:
    """Do the work when the form was accepted, and say whether it is done; a refusal is shown above the form."""
    if not form.accepted():
        return False
    try:
        with acting() as (session, actor):
            work(session, actor)
    except RuleBroken as refusal:
        form.refuse(refusal.message)
        return False
    return True


def to_request(reference: str, request: str, message: str) -> ResponseReturnValue:
    """Say what was done, on the request's page."""
    flash(message, "success")
    return redirect(url_for("reviews.request", reference=reference, request=request))


def _step(form: BaseForm, reference: str, request: str, template: str) -> ResponseReturnValue:
    page = return_queries.case_request(read(), current_actor(), reference, request, now=utc_now())
    return render_template(f"reviews/{template}.html", page=page, form=form), form.status


@bp.route("/<reference>/ask", methods=["GET", "POST"])
@managing
def ask(reference: str) -> ResponseReturnValue:
    """Choose agencies and ask them what they know."""
    case, form = queries.get_case(read(), current_actor(), reference), forms.AskForm()
    found = request_queries.ask_choices(read(), case, now=utc_now())
    form.agencies.choices = [choice(str(each.id), each.name, each.agency_type.name) for each in found.agencies]
    if done(form, lambda s, a: service.ask_agencies(s, a, form.to_command(reference), now=utc_now())):
        return to_case(reference, "requests", "The requests are on their way.")
    blocks = request_queries.questions_asked(read(), case, found.agencies, now=utc_now())
    return render_template("reviews/ask.html", case=case, form=form, found=found, blocks=blocks), form.status


@bp.get("/<reference>/requests/<request>")
@READS
def request(reference: str, request: str) -> ResponseReturnValue:
    """Show one request with what was sent. Opening it is recorded."""
    actor, now = current_actor(), utc_now()
    case = queries.get_case(read(), actor, reference)
    record_view(actor, request_queries.get_request_of(read(), case, request), at=now, section="return")
    page = return_queries.case_request(read(), actor, reference, request, now=now)
    return render_template("reviews/request.html", page=page, reveal=forms.RestrictedForm(formdata=None), now=now)


@bp.route("/<reference>/requests/<request>/restricted", methods=["GET", "POST"])
@requires(Permission.SENSITIVE_SEE, Permission.SENSITIVE_SEE_BY_REASON, record=queries.get_known_case)
def restricted(reference: str, request: str) -> ResponseReturnValue:
    """Show what police or safeguarding said in a return, for a purpose; each showing is recorded."""
    form, actor, now = forms.RestrictedForm(), current_actor(), utc_now()
    shown = done(form, lambda s, a: service.read_restricted(s, a, form.to_command(reference, request), now=now))
    page = return_queries.case_request(read(), actor, reference, request, now=now, restricted=shown)
    if shown:
        return render_template("reviews/request.html", page=page, purpose=form.purpose.data, now=now)
    return render_template("reviews/request_restricted.html", page=page, form=form), form.status


@bp.post("/<reference>/requests/<request>/chase")
@managing_request
def chase(reference: str, request: str) -> ResponseReturnValue:
    """Remind the agency."""
    with acting() as (session, actor):
        service.chase(session, actor, ChaseRequest(reference=reference, request=request), now=utc_now())
    return to_request(reference, request, "The agency has been reminded.")


@bp.route("/<reference>/requests/<request>/due", methods=["GET", "POST"])
@managing_request
def move_due(reference: str, request: str) -> ResponseReturnValue:
    """Give the agency more time."""
    form = forms.MoveDueForm()
    if done(form, lambda s, a: service.move_due(s, a, form.to_command(reference, request), now=utc_now())):
        return to_request(reference, request, "The agency has more time now.")
    return _step(form, reference, request, "request_due")


@bp.route("/<reference>/requests/<request>/waive", methods=["GET", "POST"])
@managing_request
def waive(reference: str, request: str) -> ResponseReturnValue:
    """Go on without the agency's answer."""
    form = forms.WaiveForm()
    if done(form, lambda s, a: service.waive(s, a, form.to_command(reference, request), now=utc_now())):
        return to_request(reference, request, "The request is waived.")
    return _step(form, reference, request, "request_waive")


@bp.route("/<reference>/requests/<request>/cancel", methods=["GET", "POST"])
@managing_request
def cancel_request(reference: str, request: str) -> ResponseReturnValue:
    """Take the request back."""
    form = forms.CancelForm()
    if done(form, lambda s, a: service.cancel(s, a, form.to_command(reference, request), now=utc_now())):
        return to_request(reference, request, "The request is taken back. The agency can be asked anew.")
    return _step(form, reference, request, "request_cancel")


@bp.route("/<reference>/requests/<request>/again", methods=["GET", "POST"])
@managing_request
def ask_again(reference: str, request: str) -> ResponseReturnValue:
    """Ask the agency for more."""
    form = forms.AskAgainForm()
    if done(form, lambda s, a: service.ask_again(s, a, form.to_command(reference, request), now=utc_now())):
        return to_request(reference, request, "The agency has been asked again.")
    return _step(form, reference, request, "request_again")


@bp.post("/<reference>/requests/everything-in")
@managing
def go_on(reference: str) -> ResponseReturnValue:
    """Let the case go on, when everyone has answered and nothing new is asked."""
    with acting() as (session, actor):
        service.go_on(session, actor, GoOn(reference=reference), now=utc_now())
    return to_case(reference, "requests", "Everything is in.")
