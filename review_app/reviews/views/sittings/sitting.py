"""The page of one sitting: accepting, who came, that it was held, its minutes, or that it was cancelled."""

from flask import render_template
from flask.typing import ResponseReturnValue

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.forms import BaseForm
from review_app.guards import acting, current_actor, read
from review_app.panel.commands import AcceptStatement
from review_app.panel.service.meetings import accept_statement
from review_app.reviews.commands.meetings import HoldMeeting
from review_app.reviews.forms.sittings import CancelMeetingForm, attendance_form, minute_form
from review_app.reviews.queries import sittings
from review_app.reviews.service import sittings as service
from review_app.reviews.views.doing import done
from review_app.reviews.views.sittings.blueprint import attending, bp, managing, seeing, to_meeting


@bp.get("/<reference>")
@seeing
def show(reference: str) -> ResponseReturnValue:
    """Show one sitting, with what the person has to do first. Opening it is recorded."""
    actor, now = current_actor(), utc_now()
    page = sittings.meeting_page(read(), actor, reference, now=now)
    record_view(actor, page.meeting, at=now, section="declarations" if page.declarations else "")
    return render_template("meetings/show.html", page=page, meeting=page.meeting, now=now)


@bp.post("/<reference>/accept")
@attending
def accept(reference: str) -> ResponseReturnValue:
    """Accept the confidentiality statement."""
    with acting() as (session, actor):
        accept_statement(session, actor, AcceptStatement(reference=reference), now=utc_now())
    return to_meeting(reference, "You have accepted the statement.")


@bp.route("/<reference>/attendance", methods=["GET", "POST"])
@attending
def attendance(reference: str) -> ResponseReturnValue:
    """Record who came and who sent apologies."""
    meeting, people = sittings.people_to_record(read(), current_actor(), reference, now=utc_now())
    form = attendance_form([(each.user_id, each.name, each.presence) for each in people])
    if done(form, lambda s, a: service.record_attendance(s, a, form.to_command(reference), now=utc_now())):
        return to_meeting(reference, "The attendance is recorded.", "attendance")
    return render_template("meetings/attendance.html", meeting=meeting, form=form), form.status


@bp.route("/<reference>/hold", methods=["GET", "POST"])
@managing
def hold(reference: str) -> ResponseReturnValue:
    """Say that the sitting took place, after reading what that does."""
    form, now = BaseForm(), utc_now()
    if done(form, lambda s, a: service.hold_meeting(s, a, HoldMeeting(meeting=reference), now=now)):
        return to_meeting(reference, "The meeting is held. Its listed cases are before the panel.")
    page = sittings.meeting_page(read(), current_actor(), reference, now=now)
    return render_template("meetings/hold.html", page=page, meeting=page.meeting, form=form), form.status


@bp.route("/<reference>/minute", methods=["GET", "POST"])
@attending
def minute(reference: str) -> ResponseReturnValue:
    """Write down what was decided about each case."""
    meeting, cases = sittings.cases_to_minute(read(), current_actor(), reference, now=utc_now())
    form = minute_form(cases)
    if done(form, lambda s, a: service.minute_meeting(s, a, form.to_command(reference), now=utc_now())):
        return to_meeting(reference, "The minutes are kept.", "agenda")
    return render_template("meetings/minute.html", meeting=meeting, form=form), form.status


@bp.route("/<reference>/cancel", methods=["GET", "POST"])
@managing
def cancel(reference: str) -> ResponseReturnValue:
    """Cancel the sitting, after reading what that does."""
    form, now = CancelMeetingForm(), utc_now()
    if done(form, lambda s, a: service.cancel_meeting(s, a, form.to_command(reference), now=now)):
        return to_meeting(reference, "The meeting is cancelled, and everybody who was invited is told.")
    page = sittings.meeting_page(read(), current_actor(), reference, now=now)
    return render_template("meetings/cancel.html", page=page, meeting=page.meeting, form=form), form.status
