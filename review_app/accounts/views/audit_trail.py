"""Searching the audit. Reading the audit is itself recorded."""

from datetime import datetime, time, timedelta

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from review_app.accounts import queries
from review_app.accounts.forms.audit_trail import AuditFilter
from review_app.accounts.rules import normalise_email
from review_app.audit.queries import AuditSearch, search
from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.guards import current_actor, read, requires
from review_app.policy import Permission, allowed
from review_app.working_time import LONDON

bp = Blueprint("audit", __name__)


@bp.route("/audit", methods=["GET", "POST"])
@requires(Permission.AUDIT_READ, Permission.AUDIT_READ_OWN_STAFF, Permission.AUDIT_READ_TECHNICAL)
def index() -> ResponseReturnValue:
    """Show who did and looked at what: all of it, one agency's staff, or technical events, by the reader's role."""
    form, actor = AuditFilter(), current_actor()
    if form.accepted():
        return redirect(form.kept_address())
    wanted = _wanted(form)
    found = search(read(), actor, wanted, page=asked_page())
    names = queries.people_names(read(), {event.actor_id for event in found.events if event.actor_id is not None})
    accounts = queries.account_names(read(), {event.object_reference for event in found.events})
    shown = {"names": names, "accounts": accounts, "may_prune": allowed(actor, Permission.AUDIT_PRUNE)}
    response = render_template("audit/index.html", form=form, found=found, **shown)
    ours = queries.get_partnership(read(), actor.partnership_id)
    record_view(actor, ours, at=utc_now(), section="audit", purpose=wanted.reference)
    return response, form.status


def _wanted(form: AuditFilter) -> AuditSearch:
    """Read the filters; a person nobody knows finds nothing rather than everything."""
    person, account = None, ""
    if form.person.data:
        known = queries.find_user_by_email(read(), normalise_email(form.person.data))
        person, account = (known.id, known.reference) if known else (0, "")
    since, until = form.since.data, form.until.data
    return AuditSearch(
        reference=form.reference.data or "",
        actor_id=person,
        account=account,
        since=datetime.combine(since, time.min, LONDON) if since else None,
        until=datetime.combine(until + timedelta(days=1), time.min, LONDON) if until else None,
    )
