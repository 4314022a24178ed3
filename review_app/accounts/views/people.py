"""Accounts and roles, for administrators."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from review_app.accounts import queries, service
from review_app.accounts.forms.people import GiveRoleForm, InvitePersonForm, PeopleFilter
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.errors import RuleBroken
from review_app.forms import SelectChoice, choice
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Actor, Permission

bp = Blueprint("people", __name__, url_prefix="/people")
PAGE_SIZE = 50


@bp.route("", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def index() -> ResponseReturnValue:
    """List the people of this Partnership."""
    form, page = PeopleFilter(), asked_page()
    if form.accepted():
        return redirect(form.kept_address())
    words = str(form.chosen().get("words", ""))
    people, total = queries.search_people(read(), current_actor(), words, page=page, size=PAGE_SIZE)
    shown = {"people": people, "total": total, "page": page, "pages": max(1, -(-total // PAGE_SIZE))}
    return render_template("people/index.html", form=form, **shown), form.status


@bp.route("/invite", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def invite() -> ResponseReturnValue:
    """Open an account and mail its link."""
    form = InvitePersonForm()
    form.agency.choices = _agency_choices(read(), current_actor())
    if form.accepted():
        with acting() as (session, actor):
            user = service.invite(session, actor, form.to_command(), now=utc_now())
        flash("The account is open. If it is new, a link to choose a password is on its way.", "success")
        return redirect(url_for("people.show", user_id=user.id))
    return render_template("people/invite.html", form=form), form.status


@bp.get("/<int:user_id>")
@requires(Permission.ACCOUNTS_MANAGE)
def show(user_id: int) -> ResponseReturnValue:
    """Show one account and its roles here."""
    person = queries.get_person(read(), current_actor(), user_id)
    roles = queries.roles_here(read(), current_actor(), user_id)
    return render_template("people/show.html", person=person, roles=roles)


@bp.route("/<int:user_id>/roles", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def give_role(user_id: int) -> ResponseReturnValue:
    """Give a role."""
    person, form = queries.get_person(read(), current_actor(), user_id), GiveRoleForm()
    form.agency.choices = _agency_choices(read(), current_actor())
    form.panel.choices = _panel_choices(read(), current_actor())
    if form.accepted() and _given(form, user_id):
        flash("The role is given and works at once.", "success")
        return redirect(url_for("people.show", user_id=user_id))
    return render_template("people/give_role.html", person=person, form=form), form.status


def _given(form: GiveRoleForm, user_id: int) -> bool:
    """Give the role, or put the refusal beside the form."""
    try:
        with acting() as (session, actor):
            service.give_role(session, actor, form.to_command(user_id), now=utc_now())
    except RuleBroken as refusal:
        form.refuse(refusal.message)
        return False
    return True


@bp.route("/<int:user_id>/roles/<int:assignment_id>/end", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def end_role(user_id: int, assignment_id: int) -> ResponseReturnValue:
    """Say which role ends and what that leaves, then end it."""
    if request.method == "POST":
        with acting() as (session, actor):
            service.end_role(session, actor, user_id, assignment_id, now=utc_now())
        flash("The role has ended.", "success")
        return redirect(url_for("people.show", user_id=user_id))
    held = queries.get_role(read(), current_actor(), user_id, assignment_id)
    leaves = queries.only_coordinator_of(read(), [held], on=utc_now().date())
    return render_template("people/end_role.html", held=held, leaves=leaves)


@bp.route("/<int:user_id>/end", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def end_access(user_id: int) -> ResponseReturnValue:
    """Say what ending someone's access does, then do it."""
    person = queries.get_person(read(), current_actor(), user_id)
    if request.method == "POST":
        with acting() as (session, actor):
            service.end_access(session, actor, user_id, now=utc_now())
        flash("Their access here has ended on every device.", "success")
        return redirect(url_for("people.show", user_id=user_id))
    roles = queries.roles_here(read(), current_actor(), user_id)
    leaves = queries.only_coordinator_of(read(), roles, on=utc_now().date())
    return render_template("people/end_access.html", person=person, leaves=leaves)


@bp.post("/<int:user_id>/invite-again")
@requires(Permission.ACCOUNTS_MANAGE)
def invite_again(user_id: int) -> ResponseReturnValue:
    """Send a fresh link to choose a password."""
    with acting() as (session, actor):
        service.invite_again(session, actor, user_id, now=utc_now())
    flash("A new link to choose a password is on its way. Earlier links no longer work.", "success")
    return redirect(url_for("people.show", user_id=user_id))


def _agency_choices(session: Session, actor: Actor) -> list[SelectChoice]:
    agencies = queries.agencies_of(session, actor.partnership_id)
    return [choice(str(agency.id), agency.name) for agency in agencies]


def _panel_choices(session: Session, actor: Actor) -> list[SelectChoice]:
    panels = queries.panels_of(session, actor.partnership_id)
    return [choice(str(panel.id), panel.name) for panel in panels]
