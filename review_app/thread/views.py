"""The page of a thread, and the way to it from the page of a record."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from review_app.audit.service import RecordName, record_view
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.guards import current_actor, read, requires
from review_app.policy import Permission
from review_app.sections import CasePage, Section, SignalPage
from review_app.thread import queries
from review_app.thread.rules import KIND_WORDS

bp = Blueprint("thread", __name__, url_prefix="/thread")


@bp.get("/<reference>")
@requires(Permission.THREAD_SEE)
def show(reference: str) -> ResponseReturnValue:
    """Show the chain that a record belongs to, as far as the person may know it. Opening it is recorded."""
    actor, now = current_actor(), utc_now()
    page = queries.thread_page(read(), actor, reference, now=now, page=asked_page())
    subject = RecordName(
        table=page.start.kind.value, reference=page.start.reference, partnership_id=page.start.partnership_id
    )
    record_view(actor, subject, at=now, section="thread")
    return render_template("thread/show.html", page=page, kinds=KIND_WORDS)


def thread_section(_session: Session, _page: SignalPage | CasePage) -> Section:
    """Lead from the page of a Signal or a case to its thread."""
    return Section(order=100, key="thread", template="thread/_section.html")
