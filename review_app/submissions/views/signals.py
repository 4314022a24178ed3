"""The list of Signals and the page of one Signal, with what the coordinator can do with it."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.doing import done
from review_app.errors import Stale
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission, allowed
from review_app.submissions import queries
from review_app.submissions.forms import signals as forms
from review_app.submissions.queries import signals as signal_queries
from review_app.submissions.service import feedback, linking
from review_app.submissions.service import signals as service

bp = Blueprint("signals", __name__, url_prefix="/signals")
SEE = (Permission.SIGNAL_SEE, Permission.SIGNAL_SEE_DECIDED)


def managing(view: Callable[[str], ResponseReturnValue]) -> Callable[[str], ResponseReturnValue]:
    """Only who manages Signals may enter: 404 for who may not know the Signal, 403 for who may."""
    return requires(Permission.SIGNAL_MANAGE, record=queries.get_signal)(view)


def back_to(reference: str, message: str) -> ResponseReturnValue:
    """Say what was done, on the Signal's page."""
    flash(message, "success")
    return redirect(url_for("signals.show", reference=reference))


@bp.route("", methods=["GET", "POST"])
@requires(*SEE, Permission.SIGNAL_SEE_TOTALS)
def index() -> ResponseReturnValue:
    """List what the person may read; who may only count goes to the numbers."""
    actor, form = current_actor(), forms.SignalFilterForm()
    if not any(allowed(actor, permission) for permission in SEE):
        return redirect(url_for("signals.totals"))
    if form.accepted():
        return redirect(form.kept_address())
    wanted = signal_queries.SignalFilter(
        state=form.state.data if not form.state.errors else None,
        urgent=form.urgent.data,
        grade=form.grade.data if not form.grade.errors else None,
        words=form.words.data,
    )
    page = signal_queries.signals(read(), actor, wanted, page=asked_page())
    shown = {"page": page, "may_open": allowed(actor, Permission.SIGNAL_MANAGE), "order": signal_queries.ORDER}
    return render_template("signals/index.html", form=form, now=utc_now(), **shown), form.status


@bp.get("/totals")
@requires(Permission.SIGNAL_SEE_TOTALS)
def totals() -> ResponseReturnValue:
    """Count Signals by state, grade and month."""
    return render_template("signals/totals.html", totals=signal_queries.signal_totals(read(), current_actor()))


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.SIGNAL_MANAGE)
def new() -> ResponseReturnValue:
    """Open a Signal without a report."""
    form = forms.OpenSignalForm()
    if form.accepted():
        with acting() as (session, actor):
            signal = linking.open_signal(session, actor, form.to_command(), now=utc_now())
        return back_to(signal.reference, "The Signal is open.")
    return render_template("signals/new.html", form=form), form.status


@bp.get("/<reference>")
@requires(*SEE)
def show(reference: str) -> ResponseReturnValue:
    """Show one Signal as far as the person may see it. Opening it is recorded."""
    actor, now = current_actor(), utc_now()
    record_view(actor, queries.get_signal(read(), actor, reference), at=now)
    page = signal_queries.signal_page(read(), actor, reference, now=now)
    return render_template("signals/show.html", page=page, now=now)


@bp.route("/<reference>/title", methods=["GET", "POST"])
@managing
def title(reference: str) -> ResponseReturnValue:
    """Give the Signal another title; if somebody else did meanwhile, show both."""
    signal = queries.get_own_signal(read(), current_actor(), reference)
    form = forms.TitleForm(title=signal.title, version=signal.version)
    differences: tuple[tuple[str, str, str], ...] = ()
    try:
        if form.accepted():
            with acting() as (session, actor):
                service.title_signal(session, actor, form.to_command(reference), now=utc_now())
            return back_to(reference, "The title is changed.")
    except Stale as stale:
        differences = stale.differences
        form.refuse(stale.message)
        form.carry_on_from(queries.get_own_signal(read(), current_actor(), reference).version)
    return render_template("signals/title.html", signal=signal, form=form, differences=differences), form.status


@bp.route("/<reference>/skip", methods=["GET", "POST"])
@managing
def skip(reference: str) -> ResponseReturnValue:
    """Make the Signal ready for the panel without waiting for agencies."""
    form = forms.SkipForm()
    if done(form, lambda s, a: service.skip_corroboration(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The Signal is ready for the panel.")
    signal = queries.get_own_signal(read(), current_actor(), reference)
    return render_template("signals/skip.html", signal=signal, form=form), form.status


@bp.route("/<reference>/watch", methods=["GET", "POST"])
@managing
def watch(reference: str) -> ResponseReturnValue:
    """Keep the Signal open until a time."""
    form = forms.WatchForm()
    if done(form, lambda s, a: service.watch_signal(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The Signal is being watched.")
    signal = queries.get_own_signal(read(), current_actor(), reference)
    return render_template("signals/watch.html", signal=signal, form=form), form.status


@bp.route("/<reference>/close", methods=["GET", "POST"])
@managing
def close(reference: str) -> ResponseReturnValue:
    """Close the Signal."""
    form = forms.CloseSignalForm()
    if done(form, lambda s, a: service.close_signal(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The Signal is closed.")
    signal = queries.get_own_signal(read(), current_actor(), reference)
    return render_template("signals/close.html", signal=signal, form=form), form.status


@bp.route("/<reference>/reopen", methods=["GET", "POST"])
@managing
def reopen(reference: str) -> ResponseReturnValue:
    """Open the Signal again."""
    form = forms.ReopenSignalForm()
    if done(form, lambda s, a: service.reopen_signal(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The Signal is open again.")
    signal = queries.get_own_signal(read(), current_actor(), reference)
    return render_template("signals/reopen.html", signal=signal, form=form), form.status


@bp.route("/<reference>/tell", methods=["GET", "POST"])
@managing
def tell(reference: str) -> ResponseReturnValue:
    """Tell every submitter who was not told yet what was decided."""
    form = forms.TellSubmittersForm()
    if done(form, lambda s, a: feedback.tell_submitters(s, a, form.to_command(reference), now=utc_now())):
        return back_to(reference, "The submitters can read your message now.")
    signal = queries.get_own_signal(read(), current_actor(), reference)
    untold = len(queries.untold_reports(read(), signal.id))
    return render_template("signals/tell.html", signal=signal, untold=untold, form=form), form.status


@bp.post("/<reference>/mark")
@managing
def mark(reference: str) -> ResponseReturnValue:
    """Set or take away the police-sensitive mark."""
    form = forms.MarkSignalForm()
    if done(form, lambda s, a: service.mark_signal(s, a, form.to_command(reference), now=utc_now())):
        flash("The mark is changed.", "success")
    return redirect(url_for("signals.show", reference=reference))
