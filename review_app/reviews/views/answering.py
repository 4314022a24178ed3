"""Requests as the asked agency meets them: the list, the return, matching the person, sending and declining."""

import secrets

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.errors import RuleBroken, Stale
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission
from review_app.reviews.commands.requests import CorrectReturn, DropEntry, OpenRequest, SayNothingHeld, ShowPerson
from review_app.reviews.forms import returns as forms
from review_app.reviews.queries.request_list import ORDER, RequestFilter, requests_page
from review_app.reviews.queries.requests import answers_it, get_request
from review_app.reviews.queries.returns import OwnRequest, event_of, own_request
from review_app.reviews.service import matching
from review_app.reviews.service import returns as service
from review_app.reviews.views.asking import done
from review_app.reviews.views.looking import looked_at_return

requests = Blueprint("requests", __name__, url_prefix="/requests")
ANSWERS = requires(Permission.REQUEST_ANSWER, record=get_request)
SAVED = "Your draft is saved. Nothing has been sent yet."


def to_request(reference: str, anchor: str = "") -> ResponseReturnValue:
    """Go back to the request's page."""
    return redirect(url_for("requests.show", reference=reference, _anchor=anchor or None))


def page_of(reference: str) -> OwnRequest:
    """Give the request to somebody who answers it."""
    return own_request(read(), current_actor(), reference, now=utc_now())


@requests.get("")
@requires(Permission.REQUEST_SEE, Permission.REQUEST_SEE_AGENCY)
def index() -> ResponseReturnValue:
    """List the requests of which the person may know."""
    form, now = forms.RequestFilterForm(), utc_now()
    wanted = RequestFilter(state=form.state.data if not form.state.errors else None, late=form.late.data)
    page = requests_page(read(), current_actor(), wanted, now=now, page=asked_page())
    return render_template("requests/index.html", page=page, form=form, order=ORDER, now=now)


@requests.route("/<reference>", methods=["GET", "POST"])
@requires(Permission.REQUEST_ANSWER, Permission.REQUEST_SEE, record=get_request)
def show(reference: str) -> ResponseReturnValue:
    """Show what is asked, and take the return. Who reads the case goes to its page of the request."""
    asked = get_request(read(), current_actor(), reference)
    if not answers_it(current_actor(), asked):
        return redirect(url_for("reviews.request", reference=asked.case.reference, request=reference))
    page = page_of(reference)
    form = forms.return_form(page.blocks, page.content.saved, page.content.answers)
    if form.accepted() and _saved(form, reference):
        return redirect(_next(reference, form.go.data))
    if not form.is_submitted():
        _note_opening(reference)
    return _shown(form, reference)


def _note_opening(reference: str) -> None:
    """Record that somebody of the agency reads the request; the first time, that it was opened."""
    with acting() as (session, actor):
        service.open_request(session, actor, OpenRequest(reference=reference), now=utc_now())


def _saved(form: forms.ReturnForm, reference: str) -> bool:
    """Save what was typed; when a colleague saved in between, show both and keep both."""
    try:
        with acting() as (session, actor):
            service.save_draft(session, actor, form.to_command(reference), now=utc_now())
    except Stale as stale:
        form.differences = stale.differences
        form.refuse(stale.message)
        return False
    except RuleBroken as refusal:
        form.refuse(refusal.message)
        return False
    if not form.go.data:
        flash(SAVED, "success")
    return True


def _next(reference: str, go: str) -> str:
    """Give where the writer of a saved draft goes."""
    if go == forms.SEND:
        return url_for("requests.check", reference=reference)
    if go == forms.ADD:
        return url_for("requests.add_event", reference=reference)
    if go.startswith(forms.CHANGE):
        return url_for("requests.change_event", reference=reference, key=go.removeprefix(forms.CHANGE))
    return url_for("requests.show", reference=reference)


def _shown(form: forms.ReturnForm, reference: str) -> ResponseReturnValue:
    page = page_of(reference)
    if form.is_submitted():
        looked_at_return(reference)
    if form.differences:
        form.saved.raw_data, form.saved.data = None, page.content.saved
    return render_template("requests/show.html", page=page, form=form, now=utc_now()), form.status


@requests.post("/<reference>/who")
@ANSWERS
def who(reference: str) -> ResponseReturnValue:
    """Show whom the request is about, to match the person in the agency's records. Each showing is recorded."""
    with acting() as (session, actor):
        people = matching.show_person(session, actor, ShowPerson(reference=reference), now=utc_now())
    return render_template("requests/who.html", page=page_of(reference), people=people)


@requests.route("/<reference>/events/add", methods=["GET", "POST"])
@ANSWERS
def add_event(reference: str) -> ResponseReturnValue:
    """Add an event to the return."""
    page = page_of(reference)
    form = forms.ReturnEventForm(key=secrets.token_hex(8), saved=0)
    form.offer(page.kinds)
    if done(form, lambda s, a: service.save_entry(s, a, form.to_command(reference), now=utc_now())):
        flash("The event is in your draft. Nothing has been sent yet.", "success")
        return to_request(reference, "events")
    return render_template("requests/event.html", page=page, form=form, event=None), form.status


@requests.route("/<reference>/events/<key>", methods=["GET", "POST"])
@ANSWERS
def change_event(reference: str, key: str) -> ResponseReturnValue:
    """Change an event of the return."""
    event = event_of(page_of(reference), key)
    form = forms.change_event_form(event)
    form.offer(page_of(reference).kinds)
    if form.accepted() and _event_saved(form, reference):
        flash("The event is changed in your draft.", "success")
        return to_request(reference, "events")
    looked_at_return(reference)
    return render_template("requests/event.html", page=page_of(reference), form=form, event=event), form.status


def _event_saved(form: forms.ReturnEventForm, reference: str) -> bool:
    """Save an event; when a colleague changed it in between, show both and keep both."""
    try:
        with acting() as (session, actor):
            service.save_entry(session, actor, form.to_command(reference), now=utc_now())
    except Stale as stale:
        form.differences = stale.differences
        form.saved.raw_data, form.saved.data = None, event_of(page_of(reference), form.key.data).saved
        form.refuse(stale.message)
        return False
    except RuleBroken as refusal:
        form.refuse(refusal.message)
        return False
    return True


@requests.post("/<reference>/events/<key>/remove")
@ANSWERS
def remove_event(reference: str, key: str) -> ResponseReturnValue:
    """Take an event out of the return."""
    with acting() as (session, actor):
        service.drop_entry(session, actor, DropEntry(reference=reference, key=key), now=utc_now())
    flash("The event is out of your draft.", "success")
    return to_request(reference, "events")


@requests.route("/<reference>/check", methods=["GET", "POST"])
@ANSWERS
def check(reference: str) -> ResponseReturnValue:
    """Read the return once more, and send it."""
    page = page_of(reference)
    form = forms.SendForm(number=page.number, checked=page.digest)
    if done(form, lambda s, a: service.send_return(s, a, form.to_command(reference), now=utc_now())):
        return redirect(url_for("requests.sent", reference=reference))
    if not page.writing:
        return to_request(reference)
    looked_at_return(reference)
    page = page_of(reference)
    form.number.raw_data, form.number.data, form.checked.data = None, page.number, page.digest
    return render_template("requests/check.html", page=page, form=form), form.status


@requests.get("/<reference>/sent")
@ANSWERS
def sent(reference: str) -> ResponseReturnValue:
    """Confirm what was sent."""
    page = page_of(reference)
    if not page.versions:
        return to_request(reference)
    return render_template("requests/sent.html", page=page)


@requests.route("/<reference>/nothing-held", methods=["GET", "POST"])
@ANSWERS
def nothing_held(reference: str) -> ResponseReturnValue:
    """Answer, after one more look, that nothing is held."""
    page, form = page_of(reference), forms.NothingHeldForm()
    if done(form, lambda s, a: service.say_nothing_held(s, a, SayNothingHeld(reference=reference), now=utc_now())):
        return redirect(url_for("requests.sent", reference=reference))
    if not page.may_say_nothing and not form.is_submitted():
        return to_request(reference)
    return render_template("requests/nothing_held.html", page=page, form=form), form.status


@requests.route("/<reference>/decline", methods=["GET", "POST"])
@ANSWERS
def decline(reference: str) -> ResponseReturnValue:
    """Decline with a reason."""
    page, form = page_of(reference), forms.DeclineForm()
    if done(form, lambda s, a: service.decline(s, a, form.to_command(reference), now=utc_now())):
        return redirect(url_for("requests.sent", reference=reference))
    if not page.may_decline and not form.is_submitted():
        return to_request(reference)
    return render_template("requests/decline.html", page=page, form=form), form.status


@requests.post("/<reference>/correct")
@ANSWERS
def correct(reference: str) -> ResponseReturnValue:
    """Begin the next version of what was sent."""
    with acting() as (session, actor):
        service.correct_return(session, actor, CorrectReturn(reference=reference), now=utc_now())
    flash("You can correct it now. What was sent stands until you send this.", "success")
    return to_request(reference)
