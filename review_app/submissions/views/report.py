"""Sending a report, by anyone; and the list of one's own for those who have an account."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from review_app.accounts import queries as accounts
from review_app.catalogue.queries import current_form
from review_app.catalogue.rules import Form, read_form
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.db import unit_of_work
from review_app.errors import RuleBroken, Throttled
from review_app.forms import choice
from review_app.guards import acting, current_actor, find_actor, public, read, requires
from review_app.mail import link
from review_app.policy import Actor, Permission
from review_app.submissions.commands.following import ByLink
from review_app.submissions.forms.report import ChoosePlaceForm, ReportPages, Turn
from review_app.submissions.queries import own
from review_app.submissions.service import intake
from review_app.working_time import is_working_hours

bp = Blueprint("report", __name__)


class Whereto(NamedTuple):
    """The Partnership a report goes to, the form it asks for, and the person's account if it is theirs too."""

    slug: str
    name: str
    urgent_phone: str
    out_of_hours_phone: str
    contact_needed: bool
    actor: Actor | None
    elsewhere: bool


@bp.route("/report", methods=["GET", "POST"])
@public
def choose() -> ResponseReturnValue:
    """Choose the Partnership; who has only one to choose goes straight on."""
    places, actor = accounts.all_partnerships(read()), find_actor()
    own_place = [place for place in places if actor is not None and place.id == actor.partnership_id]
    form = ChoosePlaceForm()
    form.place.choices = [choice(place.slug, place.name) for place in places]
    if len(own_place or places) == 1:
        return redirect(url_for("report.form", slug=(own_place or places)[0].slug))
    if form.accepted():
        return redirect(url_for("report.form", slug=form.place.data))
    return render_template("report/choose.html", form=form, places=places), form.status


@bp.route("/report/<slug>", methods=["GET", "POST"])
@public
def form(slug: str) -> ResponseReturnValue:
    """Ask the short form in two screens, and receive it."""
    to = _whereto(slug)
    pages = _pages(to)
    if pages.turn is Turn.SEND and (done := _send(pages, to)) is not None:
        return redirect(url_for("report.sent", token=done.follow_token))
    return _show(pages, to)


@bp.get("/report/sent/<token>")
@public
def sent(token: str) -> ResponseReturnValue:
    """Confirm that the report has come in, and say what happens next."""
    now = utc_now()
    report = own.own_report(read(), ByLink(token=token), now=now)
    place = accounts.get_partnership(read(), report.partnership_id)
    return render_template(
        "report/sent.html",
        report=report,
        place=place,
        now=now,
        token=token,
        address=link("follow.show", token=token),
        office_hours=is_working_hours(now),
    )


@bp.get("/my-reports")
@requires(Permission.SUBMISSION_MAKE)
def mine() -> ResponseReturnValue:
    """List the person's own reports in plain words."""
    page = asked_page()
    lines, total = own.own_lines(read(), current_actor(), page)
    pages = -(-total // own.A_PAGE)
    return render_template("report/mine.html", lines=lines, total=total, page=page, pages=pages)


def _whereto(slug: str) -> Whereto:
    place, actor = accounts.get_partnership_by_slug(read(), slug), find_actor()
    at_home = actor is not None and actor.partnership_id == place.id
    return Whereto(
        slug=slug,
        name=place.name,
        urgent_phone=place.urgent_phone,
        out_of_hours_phone=place.out_of_hours_phone,
        contact_needed=not place.anonymous_reports and not at_home,
        actor=actor if at_home else None,
        elsewhere=actor is not None and not at_home,
    )


def _pages(to: Whereto) -> ReportPages:
    place = accounts.get_partnership_by_slug(read(), to.slug)
    places = [(str(each.id), each.name) for each in accounts.localities_of(read(), place.id)]
    own_contact = own.own_address(read(), to.actor) if to.actor else ""
    return ReportPages(_definition(), places, contact_needed=to.contact_needed, own_contact=own_contact)


def _definition() -> Form:
    return read_form(current_form(read(), intake.SHORT_FORM, now=utc_now()).content)


def _send(pages: ReportPages, to: Whereto) -> intake.SentReport | None:
    """Receive the report; or show on the same page, with everything typed, why it was not taken."""
    command = pages.to_command(to.slug, request.remote_addr or "")
    try:
        with _writing(to) as (session, actor):
            return intake.send_report(session, actor, command, now=utc_now())
    except RuleBroken as refusal:
        pages.refuse(refusal)
    except Throttled as refusal:
        pages.refuse(refusal, status=429)
    return None


@contextmanager
def _writing(to: Whereto) -> Iterator[tuple[Session, Actor | None]]:
    """Open the unit of work in which a report is received: for the person signed in, or for anyone."""
    if to.actor is not None:
        with acting() as (session, actor):
            yield session, actor
    else:
        with unit_of_work() as session:
            yield session, None


def _show(pages: ReportPages, to: Whereto) -> ResponseReturnValue:
    """Show the screen that is due. This browser may keep it, so that Back finds it as it was left."""
    response = make_response(
        render_template(
            f"report/{'first' if pages.turn is Turn.FIRST else 'second'}.html",
            form=pages.present,
            pages=pages,
            to=to,
            office_hours=is_working_hours(utc_now()),
        ),
        pages.present.status,
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response
