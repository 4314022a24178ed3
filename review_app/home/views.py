"""The start page for everyone, and what is waiting for the person signed in."""

from flask import Blueprint, Flask, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from review_app import health
from review_app.accounts.queries import partnerships_of
from review_app.clock import utc_now
from review_app.guards import current_actor, find_actor, public, read, requires
from review_app.home import queries, rules
from review_app.policy import Permission, allowed
from review_app.working_time import london_day

bp = Blueprint("home", __name__)
VERSION = "0.1.0"


def init_navigation(app: Flask) -> None:
    """Give every page the sections its reader has, and the Partnerships they can switch to."""
    app.context_processor(
        lambda: {
            "navigation": _navigation,
            "signed_in_name": lambda: current_user.name if current_user.is_authenticated else "",
            "partnership_choices": _partnership_choices,
        }
    )


def _navigation() -> list[tuple[str, str, bool]]:
    actor = find_actor()
    if actor is None:
        return []
    here = (request.endpoint or "").partition(".")[0]
    return [
        (label, url_for(endpoint), request.endpoint == endpoint or (here == endpoint.partition(".")[0] != "home"))
        for label, endpoint in rules.sections(actor)
    ]


def _partnership_choices() -> list[tuple[str, str, bool]]:
    actor = find_actor()
    if actor is None:
        return []
    places = partnerships_of(read(), actor.user_id, on=london_day(utc_now()))
    return [(place.slug, place.name, place.id == actor.partnership_id) for place in places]


@bp.get("/")
@public
def start() -> ResponseReturnValue:
    """Say what this is, and let anyone report."""
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    return render_template("home/start.html")


@bp.get("/home")
@requires(Permission.HOME_SEE)
def index() -> ResponseReturnValue:
    """Show what needs the person signed in, what breaks first at the top."""
    actor, now = current_actor(), utc_now()
    return render_template(
        "home/index.html",
        page=queries.home_page(read(), actor, now=now),
        now=now,
        on_call=allowed(actor, Permission.SUBMISSION_SEE_URGENT),
        empty=rules.empty_words(actor),
    )


@bp.get("/live")
@public
def live() -> ResponseReturnValue:
    """Answer 200 while the web process and the database do; for load balancers."""
    answers = health.database_answers(read())
    return jsonify(status="live" if answers else "failing"), 200 if answers else 503


@bp.get("/health")
@public
def judge() -> ResponseReturnValue:
    """Judge the database, the worker and the backlog; for alarms."""
    found = health.judge(read(), utc_now())
    return jsonify(found.as_json(VERSION)), 200 if found.ok else 503
