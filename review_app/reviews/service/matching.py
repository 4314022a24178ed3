"""Showing an agency whom a request is about, so that it finds the person in its records."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app.audit.rules import AuditAction
from review_app.audit.service import record
from review_app.errors import RuleBroken
from review_app.policy import Actor, Permission, require
from review_app.reviews.commands.requests import ShowPerson
from review_app.reviews.queries.identifying import known_as
from review_app.reviews.queries.requests import being_written, get_locked_own_request
from review_app.reviews.rules.requests import MatchField

PURPOSE = "match_records"


def show_person(
    session: Session, actor: Actor, command: ShowPerson, *, now: datetime
) -> list[tuple[MatchField, tuple[str, ...]]]:
    """Give what the request shows of the person, and nothing more of them. That it was shown is recorded."""
    request = get_locked_own_request(session, actor, command.reference)
    require(actor, Permission.REQUEST_ANSWER)
    if not being_written(request):
        raise RuleBroken("This request needs no answer now, so it does not show who it is about.")
    record(session, actor, AuditAction.REVEAL, request, at=now, section="identity", purpose=PURPOSE)
    known = known_as(session, request.case)
    return [(field, known.get(field, ())) for field in MatchField if field.value in request.matching]
