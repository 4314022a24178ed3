"""Changing the field keys: the same death is found before, between and after, and nobody's work meanwhile is undone."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app import keystore
from review_app.db import unit_of_work
from review_app.outbox.models import OutboxMessage
from review_app.outbox.rules import MessageState
from review_app.outbox.service import expire
from review_app.reviews.commands.identity import CorrectIdentity
from review_app.reviews.models import DeathNotification, IdentityRecord
from review_app.reviews.rules.notified import Identity
from review_app.reviews.rules.states import NotificationState
from review_app.reviews.service.identity import correct_identity
from tests import factories, reviewing
from tests.reviewing import SAM, identity_of

OLDER, NEWER = (f"{name}:{base64.b64encode(name[:1].encode() * 32).decode()}" for name in ("older", "newer"))
BOTH = f"{NEWER},{OLDER}"
INDEXES = (
    IdentityRecord.nhs_index, IdentityRecord.birth_index, IdentityRecord.surname_index, IdentityRecord.forename_index,
    DeathNotification.death_day_index,
)  # fmt: skip


@contextmanager
def opened(app: Flask) -> Iterator[Session]:
    """One unit of work of one of several applications on the same database."""
    with app.test_request_context(), unit_of_work() as session:
        yield session


def notified_under_the_older_key(make_app, clock) -> factories.Place:
    with opened(make_app(REVIEW_FIELD_KEYS=OLDER)) as session:
        here = factories.world(session, now=clock.now()).westhaven
        reviewing.notify(session, here, "housing.rep", now=clock.now(), identity=SAM)
        return here


def rotate(app: Flask) -> str:
    return app.test_cli_runner().invoke(args=["keys", "rotate"]).output


def found_again(app, here, clock, identity: Identity = SAM) -> bool:
    """Say whether somebody else's notification of this person is found to be about a death that is known."""
    with opened(app) as session:
        made = reviewing.notify(session, here, "treatment.rep", now=clock.now(), identity=identity)
        return made.state is NotificationState.RECEIVED


@pytest.mark.both_databases
@pytest.mark.parametrize("identity", [SAM, Identity(surname=SAM.surname, forename=SAM.forename)])
def test_the_same_person_is_found_after_the_older_key_is_taken_away(make_app, clock, identity):
    here = notified_under_the_older_key(make_app, clock)
    both = make_app(REVIEW_FIELD_KEYS=BOTH)
    rows = select(*INDEXES, IdentityRecord.version, DeathNotification.version).join(DeathNotification)
    with opened(both) as session:
        before = session.execute(rows).one()
    assert "Indexed anew: 2 rows." in rotate(both)
    with opened(both) as session:
        after = session.execute(rows).one()
    assert [old == new for old, new in zip(before, after, strict=True)] == [False] * len(INDEXES) + [True, True]
    assert found_again(make_app(REVIEW_FIELD_KEYS=NEWER), here, clock, identity)


@pytest.mark.both_databases
def test_between_two_keys_a_death_that_was_indexed_by_the_older_one_is_found(make_app, clock):
    here = notified_under_the_older_key(make_app, clock)
    assert found_again(make_app(REVIEW_FIELD_KEYS=BOTH), here, clock)


@pytest.mark.both_databases
def test_a_record_whose_own_key_is_destroyed_does_not_stop_the_rest(make_app, clock):
    here = notified_under_the_older_key(make_app, clock)
    both = make_app(REVIEW_FIELD_KEYS=BOTH)
    with opened(both) as session:
        gone = reviewing.notify(session, here, "ambulance.rep", now=clock.now(), identity=Identity(surname="Zephyrine"))
        name = identity_of(gone).data_key_name
    keystore.destroy_data_key(*name, now=clock.now())
    assert "Indexed anew: 3 rows." in rotate(both)
    assert found_again(make_app(REVIEW_FIELD_KEYS=NEWER), here, clock)


@contextmanager
def while_keys_change(app: Flask, said: list[str]) -> Iterator[Session]:
    """One unit of work during which keys are changed; what that said is added to the list."""
    thread = threading.Thread(target=lambda: said.append(rotate(app)))
    with opened(app) as session:
        yield session
        session.flush()
        thread.start()
        thread.join(0.7)
        assert thread.is_alive(), "the change of keys waits for nobody"
    thread.join()


@pytest.mark.both_databases
def test_an_identity_that_is_put_right_while_keys_change_is_found_as_it_is_now(make_app, clock):
    here = notified_under_the_older_key(make_app, clock)
    both = make_app(REVIEW_FIELD_KEYS=BOTH)
    right = Identity(nhs_number="9990000018")
    said: list[str] = []
    with while_keys_change(both, said) as session:
        [made] = session.scalars(select(DeathNotification))
        correct = CorrectIdentity(reference=made.reference, typed=right, version=identity_of(made).version)
        correct_identity(session, here.actor("review.coordinator"), correct, now=clock.now())
    assert "Indexed anew: 2 rows." in said[0]
    assert found_again(make_app(REVIEW_FIELD_KEYS=NEWER), here, clock, right)


@pytest.mark.both_databases
def test_an_address_that_is_erased_while_keys_change_stays_erased(make_app, clock):
    notified_under_the_older_key(make_app, clock)
    both = make_app(REVIEW_FIELD_KEYS=BOTH)
    with opened(both) as session:
        session.scalars(select(OutboxMessage)).one().expires_at = clock.now()
    said: list[str] = []
    with while_keys_change(both, said) as session:
        expire(session, now=clock.advance(minutes=1))
    assert "Sealed anew: 0 rows" in said[0]
    with opened(both) as session:
        [message] = session.scalars(select(OutboxMessage))
        assert (message.state, message.to, message.body) == (MessageState.EXPIRED, "", "")
