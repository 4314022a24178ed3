"""What agencies say about a person who died stands nowhere in plain: not in the database, a log, or a message."""

from pathlib import Path

import pytest
from sqlalchemy import select

from review_app.db import db
from review_app.fuzzy import on_day
from review_app.outbox.models import OutboxMessage
from review_app.reviews.commands.chronology import AddEvent, CorrectEvent, EventDetails, RemoveEvent
from review_app.reviews.commands.requests import AskAgain, CorrectReturn, DeclineRequest, ShowPerson, WaiveRequest
from review_app.reviews.queries.returns import case_request
from review_app.reviews.rules.states import CaseState, ReturnKind
from review_app.reviews.service import chronology, matching, returns
from review_app.reviews.service import requests as service
from tests import factories, reviewing

CANARY = "Zqzq"
NAMES = ("Applethwaite", "9434765919", "943 476 5919", "Quillfeather", "ZE99 9QQ")


def say(what: str) -> str:
    """Give a sentence with a word that stands nowhere else."""
    return f"{CANARY}{what} was said."


def tell_everything(session, here, now) -> str:
    """Ask, draft, answer, correct, decline, waive, ask again and keep the chronology, each with words of its own."""
    coordinator = here.actor("review.coordinator")
    case = reviewing.make_case(session, here, now=now, state=CaseState.SELECTED, identity=reviewing.SAM)
    housing, treatment, ambulance = reviewing.ask(
        session, here, case, "housing", "treatment", "ambulance", now=now, words=say("asked")
    )
    matching.show_person(session, here.actor("housing.rep"), ShowPerson(reference=housing.reference), now=now)
    events = [reviewing.an_event(what=say("event"), significance=say("significance"), section="police")]
    rep = here.actor("housing.rep")
    reviewing.write(
        session, rep, housing.reference, now=now, events=events, worked_well=say("worked"), safeguarding=say("abuse")
    )
    reviewing.send(session, rep, housing.reference, now=now, kind=ReturnKind.PARTIAL, reason=say("partial"))
    returns.correct_return(session, rep, CorrectReturn(reference=housing.reference), now=now)
    reviewing.write(session, rep, housing.reference, now=now, worked_well=say("draft"))
    declines = DeclineRequest(reference=treatment.reference, reason=say("declined"))
    returns.decline(session, here.actor("treatment.rep"), declines, now=now)
    names = {"reference": case.reference, "request": ambulance.reference}
    service.waive(session, coordinator, WaiveRequest(**names, reason=say("waived")), now=now)
    service.ask_again(session, coordinator, AskAgain(**names, words=say("again")), now=now)
    details = EventDetails(happened=on_day(now.date()), kind="contact", what=say("own"))
    row = chronology.add_event(session, coordinator, AddEvent(reference=case.reference, details=details), now=now)
    session.flush()
    better = EventDetails(happened=on_day(now.date()), kind="contact", what=say("better"))
    correct = CorrectEvent(
        reference=case.reference, number=row.id, version=row.version, details=better, reason=say("corrected")
    )
    chronology.correct_event(session, coordinator, correct, now=now)
    remove = RemoveEvent(reference=case.reference, number=row.id, reason=say("removed"))
    chronology.remove_event(session, coordinator, remove, now=now)
    read = case_request(session, coordinator, case.reference, housing.reference, now=now)
    assert CANARY in str(read)  # what was planted can be read by whoever may
    return case.reference


@pytest.mark.both_databases
def test_what_agencies_say_is_nowhere_in_plain(app, work, clock, caplog, capfd):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        tell_everything(session, here, clock.now())
    planted = (CANARY, *NAMES)
    with work() as session:
        for table in db.metadata.sorted_tables:
            for row in session.execute(select(table)):
                written = b" ".join(
                    bytes(each) if isinstance(each, bytes | memoryview) else str(each).encode() for each in row
                )
                assert [word for word in planted if word.encode() in written] == [], table.name
        for mail in session.scalars(select(OutboxMessage)):
            assert [word for word in planted if word in f"{mail.to} {mail.subject} {mail.body}"] == []
    logged = caplog.text + "".join(capfd.readouterr())
    assert [word for word in planted if word in logged] == []


def test_what_agencies_say_is_in_no_file(app, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        tell_everything(session, here, clock.now())
    with app.app_context():
        folder = Path(str(db.engine.url.database)).parent
    files = [each for each in folder.rglob("*") if each.is_file()]
    assert any(each.suffix == ".db" for each in files)
    for file in files:
        found = file.read_bytes()
        assert [word for word in (CANARY, *NAMES) if word.encode() in found] == [], file.name
