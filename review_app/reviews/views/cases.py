"""The list of cases and the page of one case."""

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.audit.service import AuditAction, RecordName, record, record_view
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.filters import plural, short_when
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission, allowed
from review_app.reviews import queries
from review_app.reviews.forms.cases import CaseFilterForm
from review_app.reviews.queries import case_page, cases, notification_page
from review_app.reviews.queries.totals import case_totals
from review_app.reviews.rules.counting import LimbGroup, StateGroup
from review_app.reviews.views.blueprint import bp
from review_app.spreadsheets import write_rows
from review_app.wording import word

KNOW = (Permission.CASE_SEE, Permission.CASE_SEE_EXISTS, Permission.CASE_SEE_LISTED)
EXPORTED = ("Case", "State", "Limb", "Waiting for", "Opened", "Due")

ENDS = (Permission.CASE_DESTROY_PROPOSE, Permission.CASE_DESTROY_APPROVE)


@bp.get("")
@requires(*KNOW, Permission.CASE_SEE_TOTALS)
def index() -> ResponseReturnValue:
    """List the cases of which the person may know; who may only count them goes to the numbers."""
    actor, form = current_actor(), CaseFilterForm()
    if not any(allowed(actor, permission) for permission in KNOW):
        return redirect(url_for("reviews.totals"))
    page = cases.cases(read(), actor, _wanted(form), page=asked_page())
    reads = allowed(actor, Permission.CASE_SEE)
    waiting = notification_page.waiting_notifications(read(), actor)
    shown = {"page": page, "form": form, "reads": reads, "waiting": waiting, "order": cases.ORDER}
    shown["proposes"], shown["ends"] = (allowed(actor, each) for each in ENDS)
    return render_template("reviews/index.html", **shown, now=utc_now())


@bp.get("/totals")
@requires(Permission.CASE_SEE_TOTALS, Permission.CASE_SEE)
def totals() -> ResponseReturnValue:
    """Count cases by quarter, limb and state, protected."""
    counted = case_totals(read(), current_actor(), now=utc_now())
    limbs = [word(each, "limb_group").text for each in LimbGroup]
    states = [word(each, "state_group").text for each in StateGroup]
    return render_template("reviews/totals.html", totals=counted, limbs=limbs, states=states)


@bp.get("/export")
@requires(Permission.CASE_SEE)
def export() -> ResponseReturnValue:
    """Give what the list shows as a file that a spreadsheet opens and cannot run."""
    actor, now = current_actor(), utc_now()
    rows = cases.every_case(read(), actor, _wanted(CaseFilterForm()))
    listed = RecordName(table="review_case", reference="list", partnership_id=actor.partnership_id)
    with acting() as (session, reader):
        record(session, reader, AuditAction.EXPORT, listed, at=now, purpose=plural(len(rows), "case"))
    content = write_rows([EXPORTED, *(_exported(row) for row in rows)])
    headers = {"Content-Disposition": 'attachment; filename="reviews.csv"'}
    return Response("\ufeff" + content, mimetype="text/csv", headers=headers)


@bp.get("/<reference>")
@requires(*KNOW)
def show(reference: str) -> ResponseReturnValue:
    """Show one case as deep as the person may see it. Opening it is recorded."""
    actor, now = current_actor(), utc_now()
    record_view(actor, queries.get_known_case(read(), actor, reference), at=now)
    page = case_page.case_page(read(), actor, reference, now=now)
    template = "reviews/show.html" if page.content else "reviews/known.html"
    return render_template(template, page=page, now=now)


def _wanted(form: CaseFilterForm) -> cases.CaseFilter:
    return cases.CaseFilter(
        state=form.state.data if not form.state.errors else None,
        limb=form.limb.data if not form.limb.errors else None,
        waiting=form.waiting.data if not form.waiting.errors else None,
    )


def _exported(row: cases.CaseRow) -> list[str]:
    limbs = "; ".join(word(limb, "limb").text for limb in row.limbs)
    turn = word(row.waits_for, "case_waits").text if row.waits_for else ""
    due = short_when(row.clock.due_at) if row.clock else ""
    return [row.reference, word(row.state, "case").text, limbs, turn, short_when(row.opened_at), due]
