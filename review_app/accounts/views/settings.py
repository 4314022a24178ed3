"""Agencies, places and the Partnership's particulars, for administrators."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.accounts import queries, service
from review_app.accounts.forms.settings import AgencyForm, EditLocalityForm, LocalityForm, PartnershipForm
from review_app.clock import utc_now
from review_app.errors import RuleBroken
from review_app.forms import choice
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission, allowed

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("")
@requires(Permission.SETTINGS_MANAGE, Permission.ADVICE_SEE)
def index() -> ResponseReturnValue:
    """Say which settings there are."""
    actor = current_actor()
    return render_template(
        "settings/index.html",
        may_manage=allowed(actor, Permission.SETTINGS_MANAGE),
        may_see_advice=allowed(actor, Permission.ADVICE_SEE),
    )


@bp.get("/agencies")
@requires(Permission.SETTINGS_MANAGE)
def agencies() -> ResponseReturnValue:
    """List the member agencies."""
    return render_template(
        "settings/agencies.html", agencies=queries.agencies_of(read(), current_actor().partnership_id)
    )


@bp.route("/agencies/new", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def add_agency() -> ResponseReturnValue:
    """Make an agency a member."""
    form = AgencyForm()
    form.kind.choices = [choice(str(kind.id), kind.name) for kind in queries.agency_types(read())]
    if form.accepted() and _saved(form, None):
        flash("The agency is a member.", "success")
        return redirect(url_for("settings.agencies"))
    return render_template("settings/agency.html", form=form, agency=None), form.status


@bp.route("/agencies/<int:agency_id>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def edit_agency(agency_id: int) -> ResponseReturnValue:
    """Change an agency's particulars."""
    agency = queries.get_member_agency(read(), current_actor(), agency_id)
    form = AgencyForm(obj=agency, kind=agency.agency_type_id, contact=agency.contact_address)
    form.kind.choices = [choice(str(kind.id), kind.name) for kind in queries.agency_types(read())]
    if form.accepted() and _saved(form, agency_id):
        flash("The agency is saved.", "success")
        return redirect(url_for("settings.agencies"))
    return render_template("settings/agency.html", form=form, agency=agency), form.status


def _saved(form: AgencyForm, agency_id: int | None) -> bool:
    """Add or change the agency, or put a taken name beside its field."""
    try:
        with acting() as (session, actor):
            if agency_id is None:
                service.add_agency(session, actor, form.to_add(), now=utc_now())
            else:
                service.edit_agency(session, actor, form.to_edit(agency_id), now=utc_now())
    except RuleBroken as refusal:
        if getattr(refusal, "differences", ()):
            raise
        form.add_error("name", refusal.message)
        return False
    return True


@bp.route("/places", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def places() -> ResponseReturnValue:
    """List the places that reports can name, and add one."""
    areas, form = queries.areas_of(read(), current_actor().partnership_id), LocalityForm()
    form.area.choices = [choice(str(area.id), area.name) for area in areas]
    if form.accepted():
        try:
            with acting() as (session, actor):
                service.add_locality(session, actor, form.to_command(), now=utc_now())
        except RuleBroken as refusal:
            form.add_error("name", refusal.message)
        else:
            flash("The place is added.", "success")
            return redirect(url_for("settings.places"))
    return render_template("settings/places.html", areas=areas, form=form), form.status


@bp.route("/places/<int:locality_id>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def edit_place(locality_id: int) -> ResponseReturnValue:
    """Rename a place or take it out of use."""
    locality = queries.get_locality(read(), current_actor(), locality_id)
    form = EditLocalityForm(obj=locality)
    if form.accepted():
        with acting() as (session, actor):
            service.edit_locality(session, actor, form.to_command(locality_id), now=utc_now())
        flash("The place is saved.", "success")
        return redirect(url_for("settings.places"))
    return render_template("settings/place.html", locality=locality, form=form), form.status


@bp.route("/partnership", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def partnership() -> ResponseReturnValue:
    """Change telephone numbers and whether people may report without a contact."""
    ours = queries.get_partnership(read(), current_actor().partnership_id)
    form = PartnershipForm(obj=ours, anonymous=ours.anonymous_reports, contact=ours.contact_address)
    if form.accepted():
        with acting() as (session, actor):
            service.edit_partnership(session, actor, form.to_command(), now=utc_now())
        flash("The settings are saved.", "success")
        return redirect(url_for("settings.index"))
    return render_template("settings/partnership.html", ours=ours, form=form), form.status


@bp.get("/panels")
@requires(Permission.SETTINGS_MANAGE)
def panels() -> ResponseReturnValue:
    """List the panels and who sits on them."""
    return render_template("settings/panels.html", panels=queries.panels_of(read(), current_actor().partnership_id))
