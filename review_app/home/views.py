"""The start page for everyone, and what is waiting for the person signed in."""

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from review_app import health
from review_app.clock import utc_now
from review_app.guards import current_actor, public, read, requires
from review_app.policy import Permission

bp = Blueprint("home", __name__)
VERSION = "0.1.0"


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
    return render_template("home/index.html", actor=current_actor())


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
