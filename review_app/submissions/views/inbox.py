"""The coordinator's inbox and the page of one report, with everything that can be done with it."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.doing import done
from review_app.forms import choice
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Actor, Permission, allowed
from review_app.submissions import queries
from review_app.submissions.commands.triage import StartTriage
from review_app.submissions.forms import triage as forms
from review_app.submissions.queries import inbox, report
from review_app.submissions.service import answers, feedback, linking, triage

bp = Blueprint("reports", __name__)

SEE = (
    Permission.SUBMISSION_SEE,
    Permission.SUBMISSION_SEE_URGENT,
    Permission.SUBMISSION_SEE_CORROBORATING,
)
COUNT = (Permission.SUBMISSION_SEE_AGENCY_TOTALS, Permission.SUBMISSION_SEE_TOTALS)
IDENTIFY = (
    Permission.SUBMITTER_IDENTIFY,
    Permission.SUBMITTER_IDENTIFY_URGENT,
    Permission.SUBMITTER_IDENTIFY_CONSENTED,
)


def triaging(view: Callable[[str], ResponseReturnValue]) -> Callable[[str], ResponseReturnValue]:
    """Only who triages may enter: 404 for who may not know the report, 403 for who may."""
    return requires(Permission.SUBMISSION_TRIAGE, record=queries.get_submission)(view)


def back_to(reference: str, message: str) -> ResponseReturnValue:
    """Say what was done, on the report's page."""
    flash(message, "success")
    return redirect(url_for("reports.show", reference=reference))


@bp.route("/reports", methods=["GET", "POST"])
@requires(*SEE, *COUNT, Permission.SUBMISSION_SEE_DEIDENTIFIED)
def index() -> ResponseReturnValue:
    """List what the person may read; who may only count, or only analyse, goes to their own page."""
    actor, form = current_actor(), forms.InboxFilterForm()
    if not any(allowed(actor, permission) for permission in SEE):
        counts = any(allowed(actor, permission) for permission in COUNT)
        return redirect(url_for("reports.totals" if counts else "reports.deidentified"))
    form.offer(inbox.areas_of_inbox(read(), actor))
    if form.accepted():
        return redirect(form.kept_address())
    page = inbox.inbox(read(), actor, _wanted(form), page=asked_page())
    return render_template("reports/index.html", page=page, form=form, order=inbox.ORDER, now=utc_now()), form.status


def _wanted(form: forms.InboxFilterForm) -> inbox.InboxFilter:
    return inbox.InboxFilter(
        state=form.state.data if not form.state.errors else None,
        urgent=form.urgent.data,
        locality_id=form.area.data if not form.area.errors else None,
        substance=form.substance.data,
        since=form.since.data,
        until=form.until.data,
    )


@bp.get("/reports/totals")
@requires(*COUNT)
def totals() -> ResponseReturnValue:
    """Count reports: the Partnership's, or those of the agencies the person leads."""
    return render_template("reports/totals.html", totals=inbox.totals(read(), current_actor()))


@bp.get("/reports/deidentified")
@requires(Permission.SUBMISSION_SEE_DEIDENTIFIED)
def deidentified() -> ResponseReturnValue:
    """List reports without anyone in them, for analysis."""
    page = inbox.deidentified(read(), current_actor(), page=asked_page())
    return render_template("reports/deidentified.html", page=page)


@bp.get("/reports/<reference>")
@requires(*SEE)
def show(reference: str) -> ResponseReturnValue:
    """Show one report as far as the person may see it. Opening it is recorded."""
    actor, now = current_actor(), utc_now()
    record_view(actor, queries.get_submission(read(), actor, reference), at=now)
    page = report.report_page(read(), actor, reference)
    return render_template("reports/show.html", page=page, reveal=forms.RevealForm(formdata=None), now=now)


@bp.post("/reports/<reference>/start-triage")
@triaging
def start_triage(reference: str) -> ResponseReturnValue:
    """Take the report on."""
    with acting() as (session, actor):
        triage.start_triage(session, actor, StartTriage(reference=reference), now=utc_now())
    return back_to(reference, "You have started triage. Read the report, then link it, ask, or close it.")


@bp.route("/reports/<reference>/add", methods=["GET", "POST"])
@triaging
def add(reference: str) -> ResponseReturnValue:
    """Add what was learned since."""
    form = forms.AddAnswersForm()
    form.offer(inbox.areas_of_inbox(read(), current_actor()))
    if done(form, lambda s, a: answers.add_answers(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "Added beside the submitter's words.")
    page = report.report_page(read(), current_actor(), reference)
    return render_template("reports/add.html", page=page, form=form), form.status


@bp.route("/reports/<reference>/ask", methods=["GET", "POST"])
@triaging
def ask(reference: str) -> ResponseReturnValue:
    """Ask the submitter a question."""
    form = forms.AskForm()
    if done(form, lambda s, a: triage.ask_submitter(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "Your question waits for the submitter.")
    page = report.report_page(read(), current_actor(), reference)
    return render_template("reports/ask.html", page=page, form=form), form.status


@bp.route("/reports/<reference>/tell", methods=["GET", "POST"])
@triaging
def tell(reference: str) -> ResponseReturnValue:
    """Write to the submitter."""
    form = forms.TellForm()
    if done(form, lambda s, a: feedback.tell_submitter(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The submitter can read your message now.")
    page = report.report_page(read(), current_actor(), reference)
    return render_template("reports/tell.html", page=page, form=form), form.status


@bp.route("/reports/<reference>/link", methods=["GET", "POST"])
@triaging
def link(reference: str) -> ResponseReturnValue:
    """Join the report to a Signal that is there, or open one with it."""
    search = forms.SearchForm(prefix="search-")
    form, new = forms.LinkForm(prefix="link-"), forms.NewSignalForm(prefix="new-")
    if search.accepted():
        return redirect(search.kept_address())
    found = report.linkable_signals(read(), current_actor(), search.words.data)
    form.signal.choices = [choice(each.reference, each.title, hint=each.reference) for each in found]
    if done(form, lambda s, a: linking.link_to_signal(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The report is linked.")
    if done(new, lambda s, a: linking.open_signal_with(s, a, new.to_command(reference), now=utc_now())):
        return back_to(reference, "A new Signal is open, and the report is its first.")
    page = report.report_page(read(), current_actor(), reference)
    shown = {"page": page, "search": search, "link": form, "new": new, "found": found}
    wrong = next((each for each in (search, new) if each.status != 200), form)
    return render_template("reports/link.html", form=wrong, **shown), wrong.status


@bp.route("/reports/<reference>/unlink", methods=["GET", "POST"])
@triaging
def unlink(reference: str) -> ResponseReturnValue:
    """Take the report out of its Signal."""
    form = forms.UnlinkForm()
    if done(form, lambda s, a: linking.unlink_from_signal(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The report is out of its Signal and being checked again.")
    page = report.report_page(read(), current_actor(), reference)
    return render_template("reports/unlink.html", page=page, form=form), form.status


@bp.route("/reports/<reference>/close", methods=["GET", "POST"])
@triaging
def close(reference: str) -> ResponseReturnValue:
    """Close the report with a reason."""
    page, form = report.report_page(read(), current_actor(), reference), forms.CloseForm()
    form.offer(report.closing_choices(page))
    if done(form, lambda s, a: triage.close_submission(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The report is closed.")
    return render_template("reports/close.html", page=page, form=form), form.status


@bp.route("/reports/<reference>/reopen", methods=["GET", "POST"])
@triaging
def reopen(reference: str) -> ResponseReturnValue:
    """Take a closed report up again."""
    form = forms.ReopenForm()
    if done(form, lambda s, a: triage.reopen_submission(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The report is open again and being checked.")
    page = report.report_page(read(), current_actor(), reference)
    return render_template("reports/reopen.html", page=page, form=form), form.status


@bp.route("/reports/<reference>/withdraw", methods=["GET", "POST"])
@triaging
def withdraw(reference: str) -> ResponseReturnValue:
    """Withdraw the report on the submitter's behalf."""
    form = forms.WithdrawForm()
    if done(form, lambda s, a: triage.withdraw_for_submitter(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The report is withdrawn. Its text is kept.")
    page = report.report_page(read(), current_actor(), reference)
    return render_template("reports/withdraw.html", page=page, form=form), form.status


@bp.post("/reports/<reference>/mark")
@triaging
def mark(reference: str) -> ResponseReturnValue:
    """Set or take away the police-sensitive mark."""
    form = forms.MarkForm()
    if done(form, lambda s, a: triage.mark_submission(s, a, form.to_command(reference), now=utc_now())):
        flash("The mark is changed.", "success")
    return redirect(url_for("reports.show", reference=reference))


@bp.route("/reports/<reference>/reveal", methods=["GET", "POST"])
@requires(*IDENTIFY, record=queries.get_submission)
def reveal(reference: str) -> ResponseReturnValue:
    """Show who sent the report, for a purpose; each showing is recorded."""
    page, form = report.identifiable_page(read(), current_actor(), reference), forms.RevealForm()
    shown: list[feedback.Submitter] = []

    def show_once(session: Session, actor: Actor) -> None:
        shown.append(feedback.reveal_submitter(session, actor, form.to_command(reference), now=utc_now()))

    if done(form, show_once):
        return render_template("reports/revealed.html", page=page, submitter=shown[0], purpose=form.purpose.data)
    return render_template("reports/reveal.html", page=page, form=form), form.status
