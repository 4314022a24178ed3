"""Signing in and out, choosing a Partnership, and taking up an invitation."""

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, login_user, logout_user
from sqlalchemy.orm import Session

from review_app.accounts import queries, service
from review_app.accounts.forms.signing_in import ChoosePartnershipForm, InvitationForm, SignInForm
from review_app.accounts.rules import normalise_email
from review_app.clock import utc_now
from review_app.crypto import token_hash
from review_app.db import unit_of_work
from review_app.errors import DomainError, RuleBroken
from review_app.forms import choice
from review_app.guards import public, read, signed_in
from review_app.policy import Actor

bp = Blueprint("accounts", __name__)


def init_sign_in(app: Flask) -> None:
    """Let flask-login find the person by our own sign-in rows, which can be ended from anywhere."""
    manager = LoginManager(app)
    manager.user_loader(lambda user_id: _signed_in_user(user_id))


def _signed_in_user(user_id: str) -> object | None:
    found = queries.find_sign_in(read(), token_hash(session.get("sign_in", "")))
    if found is None or found.ended_at is not None or found.expires_at <= utc_now():
        return None
    return found.user if found.user.active and str(found.user_id) == user_id else None


def present_actor(reading: Session) -> Actor | None:
    """Give the Actor of this request's sign-in, with the roles in force now, read from the given session."""
    now = utc_now()
    found = queries.find_sign_in(reading, token_hash(session.get("sign_in", "")))
    if found is None or found.ended_at is not None or found.expires_at <= now or not found.user.active:
        return None
    if found.partnership_id is None:
        return None
    return queries.load_actor(reading, found.user_id, found.partnership_id, on=now.date())


def _local(address: str | None) -> str:
    """Give a return address only if it stays on this site."""
    if not address or not address.isprintable() or not address.startswith("/"):
        return ""
    return "" if address.startswith(("//", "/\\", "/sign-out")) else address


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Sign in with e-mail address and password."""
    form = SignInForm(next=_local(request.args.get("next")))
    if form.accepted():
        outcome = _try_sign_in(form)
        if isinstance(outcome, str):
            return redirect(_local(form.next.data) or url_for("home.index"))
        form.refuse(outcome.message)
    return render_template(
        "accounts/sign_in.html", form=form, demo=current_app.extensions["config"].is_demo
    ), form.status


def _try_sign_in(form: SignInForm) -> str | DomainError:
    """Check the password outside the transaction, then keep the outcome, and remember the browser if it is right."""
    command, now = form.to_command(request.remote_addr or ""), utc_now()
    with unit_of_work() as writing:
        user = (
            None
            if service.throttled(writing, command, now=now)
            else queries.find_user_by_email(writing, normalise_email(command.email))
        )
    right = service.check_password(user.password_hash if user else None, command.password)
    with unit_of_work() as writing:
        outcome = service.sign_in(writing, command, right=right, now=now)
    if isinstance(outcome, str) and user is not None:
        session.clear()
        session["sign_in"] = outcome
        login_user(user)
    return outcome


@bp.route("/sign-out", methods=["POST"])
@public
def sign_out() -> ResponseReturnValue:
    """End this sign-in."""
    with unit_of_work() as writing:
        service.sign_out(writing, session.get("sign_in", ""), now=utc_now())
    logout_user()
    session.clear()
    flash("You are signed out.", "info")
    return redirect(url_for("accounts.sign_in"))


@bp.route("/partnership", methods=["GET", "POST"])
@signed_in
def choose_partnership() -> ResponseReturnValue:
    """Choose the Partnership to act in."""
    found = queries.find_sign_in(read(), token_hash(session["sign_in"]))
    places = queries.partnerships_of(read(), found.user_id, on=utc_now().date()) if found else []
    form = ChoosePartnershipForm()
    form.partnership.choices = [choice(place.slug, place.name) for place in places]
    if form.accepted():
        with unit_of_work() as writing:
            service.choose_partnership(writing, session["sign_in"], form.partnership.data, now=utc_now())
        return redirect(url_for("home.index"))
    return render_template("accounts/choose_partnership.html", form=form, places=places), form.status


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    """Choose a password, once."""
    service.find_invitation(read(), token, now=utc_now())
    form = InvitationForm()
    if form.accepted():
        try:
            with unit_of_work() as writing:
                service.accept_invitation(writing, form.to_command(token), now=utc_now())
        except RuleBroken as refusal:
            form.add_error("password", refusal.message)
        else:
            flash("Your password is set. Sign in with it.", "success")
            return redirect(url_for("accounts.sign_in"))
    return render_template("accounts/invitation.html", form=form), form.status
