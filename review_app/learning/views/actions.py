"""The register of actions, one action, and what its owner and the coordinator do with it."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.forms import BaseForm
from review_app.guards import acting, current_actor, read, requires
from review_app.learning.commands import AcceptAction, CloseAction, StartAction, UnblockAction
from review_app.learning.forms.actions import (
    ActionFilterForm,
    BlockForm,
    DoneForm,
    DueForm,
    ImpactForm,
    MoreEvidenceForm,
    NewActionForm,
    RefuseForm,
    SendBackForm,
    TransferForm,
)
from review_app.learning.forms.recommendations import PressForm
from review_app.learning.queries import actions as queries
from review_app.learning.queries import narrowing, themes
from review_app.learning.queries import points as point_queries
from review_app.learning.service import actions as service
from review_app.learning.service.exporting import export_actions
from review_app.learning.views.doing import done
from review_app.policy import Actor, Permission
from review_app.spreadsheets import write_rows

bp = Blueprint("actions", __name__)
SEE = (Permission.ACTION_SEE, Permission.ACTION_SEE_AGENCY)
owning = requires(Permission.ACTION_DO, record=narrowing.get_action)
managing = requires(Permission.ACTION_MANAGE, record=narrowing.get_action)
Work = Callable[[Session, Actor], object]


def to_action(reference: str, message: str = "") -> ResponseReturnValue:
    """Go to an action, and say what was done."""
    if message:
        flash(message, "success")
    return redirect(url_for("actions.show", reference=reference))


def asked_filter() -> tuple[ActionFilterForm, queries.ActionFilter]:
    """Give the filters of the register, and what they narrow it to."""
    actor = current_actor()
    owners = queries.owner_choices(read(), actor)
    form = ActionFilterForm(owners, themes.theme_choices(read(), actor, now=utc_now()))
    wanted = queries.ActionFilter(
        owner_id=form.owner.data if not form.owner.errors else None,
        state=form.state.data if not form.state.errors else None,
        theme_id=form.theme.data if not form.theme.errors else None,
        overdue=form.overdue.data,
    )
    return form, wanted


@bp.get("/actions")
@requires(*SEE)
def index() -> ResponseReturnValue:
    """List the actions the person may see, the first due first."""
    form, wanted = asked_filter()
    page = queries.actions(read(), current_actor(), wanted, page=asked_page(), now=utc_now())
    return render_template("actions/index.html", page=page, form=form, order=queries.ORDER, now=utc_now())


@bp.get("/actions.csv")
@requires(*SEE)
def export() -> ResponseReturnValue:
    """Give the register, as it is filtered, as a file that a spreadsheet opens and cannot run."""
    _form, wanted = asked_filter()
    with acting() as (session, actor):
        rows = export_actions(session, actor, wanted, now=utc_now())
    headers = {"Content-Disposition": 'attachment; filename="actions.csv"'}
    return Response("\ufeff" + write_rows(rows), mimetype="text/csv", headers=headers)


@bp.get("/actions/<reference>")
@requires(*SEE)
def show(reference: str) -> ResponseReturnValue:
    """Show one action, and what the person can do with it."""
    view = queries.action_view(read(), current_actor(), reference, now=utc_now())
    return render_template("actions/show.html", view=view, now=utc_now())


@bp.route("/recommendations/<reference>/actions/new", methods=["GET", "POST"])
@requires(Permission.ACTION_MANAGE, record=narrowing.get_recommendation)
def new(reference: str) -> ResponseReturnValue:
    """Ask an agency to do something about a recommendation."""
    recommendation = narrowing.get_recommendation(read(), current_actor(), reference)
    form = NewActionForm()
    form.offer(point_queries.agency_choices(read(), current_actor()))
    made: list[str] = []

    def work(session: Session, actor: Actor) -> None:
        made.append(service.propose_action(session, actor, form.to_command(reference), now=utc_now()).reference)

    if done(form, work):
        return to_action(made[0], "The action is proposed to its owner.")
    return render_template("actions/new.html", form=form, recommendation=recommendation), form.status


@bp.post("/actions/<reference>/accept")
@owning
def accept(reference: str) -> ResponseReturnValue:
    """Take an action on."""
    command = AcceptAction(reference=reference)
    return pressed(
        reference, lambda s, a: service.accept_action(s, a, command, now=utc_now()), "The action is accepted."
    )


@bp.post("/actions/<reference>/start")
@owning
def start(reference: str) -> ResponseReturnValue:
    """Begin an action."""
    command = StartAction(reference=reference)
    return pressed(
        reference, lambda s, a: service.start_action(s, a, command, now=utc_now()), "The action is in progress."
    )


@bp.post("/actions/<reference>/unblock")
@owning
def unblock(reference: str) -> ResponseReturnValue:
    """Say that an action can go on again."""
    command = UnblockAction(reference=reference)
    return pressed(
        reference, lambda s, a: service.unblock_action(s, a, command, now=utc_now()), "The action can go on."
    )


@bp.post("/actions/<reference>/close")
@managing
def close(reference: str) -> ResponseReturnValue:
    """Close an action whose impact was checked."""
    command = CloseAction(reference=reference)
    return pressed(reference, lambda s, a: service.close_action(s, a, command, now=utc_now()), "The action is closed.")


@bp.route("/actions/<reference>/refuse", methods=["GET", "POST"])
@owning
def refuse(reference: str) -> ResponseReturnValue:
    """Not accept an action, with the reason."""
    form = RefuseForm()
    if done(form, lambda s, a: service.refuse_action(s, a, form.to_command(reference), now=utc_now())):
        return to_action(reference, "The action is not accepted.")
    return asked(form, reference, "Not accept with a reason", of_owner=True)


@bp.route("/actions/<reference>/done", methods=["GET", "POST"])
@owning
def mark_done(reference: str) -> ResponseReturnValue:
    """Say that an action is done, with the evidence."""
    form = DoneForm()
    if done(form, lambda s, a: service.mark_action_done(s, a, form.to_command(reference), now=utc_now())):
        return to_action(reference, "The action is done. Its impact is checked next.")
    return asked(form, reference, "Mark done with evidence", of_owner=True)


@bp.route("/actions/<reference>/evidence", methods=["GET", "POST"])
@owning
def evidence(reference: str) -> ResponseReturnValue:
    """Add to the evidence of an action."""
    form = MoreEvidenceForm()
    if done(form, lambda s, a: service.add_evidence(s, a, form.to_command(reference), now=utc_now())):
        return to_action(reference, "The evidence is added.")
    return asked(form, reference, "Add evidence", of_owner=True)


@bp.route("/actions/<reference>/block", methods=["GET", "POST"])
@owning
def block(reference: str) -> ResponseReturnValue:
    """Say that an action cannot go on, and why."""
    form = BlockForm()
    if done(form, lambda s, a: service.block_action(s, a, form.to_command(reference), now=utc_now())):
        return to_action(reference, "The action is marked as blocked.")
    return asked(form, reference, "Mark as blocked", of_owner=True)


@bp.route("/actions/<reference>/due", methods=["GET", "POST"])
@managing
def due(reference: str) -> ResponseReturnValue:
    """Give an action another day, with the reason."""
    form = DueForm()
    if done(form, lambda s, a: service.change_due(s, a, form.to_command(reference), now=utc_now())):
        return to_action(reference, "The day is changed.")
    return asked(form, reference, "Change the day")


@bp.route("/actions/<reference>/transfer", methods=["GET", "POST"])
@managing
def transfer(reference: str) -> ResponseReturnValue:
    """Move an action to the Partnership's log, with the reason."""
    form = TransferForm()
    if done(form, lambda s, a: service.transfer_action(s, a, form.to_command(reference), now=utc_now())):
        return to_action(reference, "The action is in the partnership’s log.")
    return asked(form, reference, "Move to the partnership’s log")


@bp.route("/actions/<reference>/impact", methods=["GET", "POST"])
@managing
def impact(reference: str) -> ResponseReturnValue:
    """Say whether the theme came up again since the action was done."""
    form = ImpactForm()
    if done(form, lambda s, a: service.check_impact(s, a, form.to_command(reference), now=utc_now())):
        return to_action(reference, "The impact is recorded.")
    return asked(form, reference, "Record the impact")


@bp.route("/actions/<reference>/send-back", methods=["GET", "POST"])
@managing
def send_back(reference: str) -> ResponseReturnValue:
    """Let the owner go on with an action that has not worked or is not done after all."""
    form = SendBackForm()
    if done(form, lambda s, a: service.send_back_action(s, a, form.to_command(reference), now=utc_now())):
        return to_action(reference, "The action is in progress again.")
    return asked(form, reference, "Send back to its owner")


def pressed(reference: str, work: Work, message: str) -> ResponseReturnValue:
    """Do what one press asks for."""
    if not PressForm().accepted():
        return to_action(reference)
    with acting() as (session, actor):
        work(session, actor)
    return to_action(reference, message)


def asked(form: BaseForm, reference: str, button: str, *, of_owner: bool = False) -> ResponseReturnValue:
    """Ask what has to be said with a step, under the action it is about."""
    view = queries.action_view(read(), current_actor(), reference, now=utc_now())
    shown = {"form": form, "view": view, "button": button, "of_owner": of_owner}
    return render_template("actions/step.html", **shown), form.status
