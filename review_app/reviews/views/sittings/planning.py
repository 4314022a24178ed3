"""The list of sittings, planning and changing one, and its agenda."""

from flask import render_template
from flask.typing import ResponseReturnValue

from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.errors import Stale
from review_app.forms import choice
from review_app.guards import acting, current_actor, read, requires
from review_app.panel.queries import meetings
from review_app.panel.service import meetings as planning
from review_app.policy import Permission, allowed
from review_app.reviews.commands.meetings import AgendaItem
from review_app.reviews.forms.sittings import AgendaForm, ChangeMeetingForm, MeetingFilterForm, MeetingForm
from review_app.reviews.queries import sittings
from review_app.reviews.service import agenda
from review_app.reviews.views.doing import done
from review_app.reviews.views.sittings.blueprint import bp, managing, to_meeting
from review_app.wording import word
from review_app.working_time import london_day


@bp.get("")
@requires(Permission.MEETING_SEE, Permission.MEETING_SEE_OWN, Permission.DECLARATION_SEE)
def index() -> ResponseReturnValue:
    """List the sittings of which the person may know."""
    actor, form = current_actor(), MeetingFilterForm()
    state = form.state.data if not form.state.errors else None
    page = sittings.meetings_page(read(), actor, state, page=asked_page())
    manages = allowed(actor, Permission.MEETING_MANAGE)
    return render_template("meetings/index.html", page=page, form=form, manages=manages, now=utc_now())


def _offer(form: MeetingForm, panel_id: int) -> None:
    people = meetings.seated(read(), panel_id, on=london_day(utc_now()))
    hints = {
        each.user_id: ", ".join(filter(None, (each.agency, "can chair" if each.chairs else ""))) for each in people
    }
    form.offer([(each.user_id, each.name, hints[each.user_id]) for each in people])


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.MEETING_MANAGE)
def new() -> ResponseReturnValue:
    """Plan a sitting."""
    form = MeetingForm()
    _offer(form, meetings.review_panel_of(read(), current_actor()).id)
    made: list[str] = []
    if done(form, lambda s, a: made.append(planning.plan_meeting(s, a, form.to_command(), now=utc_now()).reference)):
        return to_meeting(made[0], "The meeting is planned. Put cases on its agenda next.", "agenda")
    return render_template("meetings/new.html", form=form), form.status


@bp.route("/<reference>/change", methods=["GET", "POST"])
@managing
def change(reference: str) -> ResponseReturnValue:
    """Change the plan of a sitting; if somebody else did meanwhile, show both."""
    meeting = meetings.get_meeting(read(), current_actor(), reference)
    form = ChangeMeetingForm(data=sittings.plan_of(meeting))
    _offer(form, meeting.panel_id)
    try:
        if form.accepted():
            with acting() as (session, actor):
                planning.change_meeting(session, actor, form.to_change(reference), now=utc_now())
            return to_meeting(reference, "The plan is changed.")
    except Stale as stale:
        form.show_stale(stale, meetings.get_meeting(read(), current_actor(), reference).version)
    return render_template("meetings/change.html", meeting=meeting, form=form), form.status


@bp.route("/<reference>/agenda", methods=["GET", "POST"])
@managing
def add(reference: str) -> ResponseReturnValue:
    """Put a case on the agenda."""
    meeting, form = meetings.get_meeting(read(), current_actor(), reference), AgendaForm()
    cases = sittings.cases_to_add(read(), current_actor())
    form.case.choices = [choice(each.reference, each.reference, word(each.state, "case").text) for each in cases]
    if done(form, lambda s, a: agenda.put_on_agenda(s, a, form.to_command(reference), now=utc_now())):
        return to_meeting(reference, "The case is on the agenda.", "agenda")
    return render_template("meetings/agenda.html", meeting=meeting, form=form), form.status


@bp.post("/<reference>/cases/<case_reference>/take-off")
@managing
def take_off(reference: str, case_reference: str) -> ResponseReturnValue:
    """Take a case off the agenda."""
    with acting() as (session, actor):
        item = AgendaItem(meeting=reference, reference=case_reference)
        agenda.take_off_agenda(session, actor, item, now=utc_now())
    return to_meeting(reference, "The case is off the agenda.", "agenda")


@bp.post("/<reference>/cases/<case_reference>/up")
@managing
def move_up(reference: str, case_reference: str) -> ResponseReturnValue:
    """Let a case be dealt with earlier."""
    with acting() as (session, actor):
        item = AgendaItem(meeting=reference, reference=case_reference)
        agenda.move_up_agenda(session, actor, item, now=utc_now())
    return to_meeting(reference, "The agenda has another order.", "agenda")


@bp.post("/<reference>/cases/<case_reference>/list")
@managing
def list_case(reference: str, case_reference: str) -> ResponseReturnValue:
    """List a case, when everybody has declared for it and somebody can chair it."""
    with acting() as (session, actor):
        item = AgendaItem(meeting=reference, reference=case_reference)
        agenda.list_case(session, actor, item, now=utc_now())
    return to_meeting(reference, "The case is listed. Whoever may read its pack can open it now.", "agenda")
