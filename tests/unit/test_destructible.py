"""Fields that are sealed under a record's own key: bound to their place, empty as NULL, and gone with the key."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from review_app import crypto, keystore
from review_app.crypto import CannotOpen
from review_app.destructible import KEYS, DestructibleText, forget_keys
from review_app.fuzzy import NOT_KNOWN, about_day, on_day
from review_app.keystore import KeyDestroyed, KeyUnknown, RecordKind
from review_app.reviews.models import CaseMove, ChronologyEntry, ReviewCase, SideFlag
from tests.unit.test_crypto import NEW

NOW = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Iterator[None]:
    rings, stores = list(crypto._rings), list(keystore._stores)
    crypto.configure(NEW)
    keystore._stores.clear()
    keystore.configure(f"sqlite:///{tmp_path / 'keys.db'}")
    yield
    keystore._stores[0].dispose()
    crypto._rings[:], keystore._stores[:] = rings, stores


@pytest.fixture
def session() -> Iterator[Session]:
    with sessionmaker(create_engine("sqlite://"))() as opened:
        yield opened


def new_key() -> str:
    uuid = str(uuid4())
    keystore.create_data_key(RecordKind.REVIEW_CASE, uuid, now=NOW)
    return uuid


def test_a_value_is_read_in_plain_and_held_as_ciphertext() -> None:
    move = CaseMove(case_uuid=new_key())
    move.reason = "The coroner asked."
    assert move.reason == "The coroner asked."
    assert move.reason_sealed is not None
    assert b"coroner" not in move.reason_sealed


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_value_is_held_as_nothing_and_reads_as_empty(empty: str | None) -> None:
    move = CaseMove(case_uuid=new_key())
    move.reason = "Something."
    move.reason = empty  # type: ignore[assignment]
    assert (move.reason_sealed, move.reason) == (None, "")


def test_answers_and_rough_dates_come_back_as_they_were() -> None:
    entry = ChronologyEntry(case_uuid=new_key())
    assert (entry.happened, entry.details) == (NOT_KNOWN, {})
    entry.details = {"what": "Seen at home.", "third_party": False, "list": [1, 2]}
    for value in (on_day(date(2026, 3, 5)), about_day(date(2026, 3, 5))):
        entry.happened = value
        assert entry.happened == value
    assert entry.details == {"what": "Seen at home.", "third_party": False, "list": [1, 2]}
    entry.happened, entry.details = NOT_KNOWN, {}
    assert (entry.happened_sealed, entry.details_sealed) == (None, None)


def test_ciphertext_opens_in_its_own_row_only() -> None:
    uuid = new_key()
    one, other = CaseMove(case_uuid=uuid), CaseMove(case_uuid=uuid)
    one.reason = "Only here."
    other.reason_sealed = one.reason_sealed
    with pytest.raises(CannotOpen):
        other.reason  # noqa: B018


def test_ciphertext_opens_in_its_own_column_only() -> None:
    flag = SideFlag(case_uuid=new_key())
    flag.reason = "Only here."
    flag.end_reason_sealed = flag.reason_sealed
    with pytest.raises(CannotOpen):
        flag.end_reason  # noqa: B018


def test_ciphertext_opens_in_its_own_table_only() -> None:
    uuid = new_key()
    move = CaseMove(case_uuid=uuid)
    move.reason = "Only here."
    flag = SideFlag(case_uuid=uuid, row_key=move.row_key, reason_sealed=move.reason_sealed)
    with pytest.raises(CannotOpen):
        flag.reason  # noqa: B018


def test_ciphertext_opens_under_its_own_key_only() -> None:
    one = CaseMove(case_uuid=new_key())
    one.reason = "Only here."
    other = CaseMove(case_uuid=new_key(), row_key=one.row_key, reason_sealed=one.reason_sealed)
    with pytest.raises(CannotOpen):
        other.reason  # noqa: B018


def test_nothing_is_sealed_or_opened_without_a_key() -> None:
    move = CaseMove(case_uuid=str(uuid4()))
    with pytest.raises(KeyUnknown):
        move.reason = "Lost."


def test_a_destroyed_key_opens_nothing_and_an_empty_field_still_reads_as_empty() -> None:
    uuid = new_key()
    case, move = ReviewCase(uuid=uuid), CaseMove(case_uuid=uuid)
    case.facts, move.reason = {"age": 42}, "Gone."
    keystore.destroy_data_key(RecordKind.REVIEW_CASE, uuid, now=NOW)
    for field in (lambda: case.facts, lambda: move.reason):
        with pytest.raises(KeyDestroyed):
            field()
    assert case.no_learning == ""


def test_a_session_opens_each_key_once_and_forgets_them_when_told(session: Session) -> None:
    uuid = new_key()
    moves = [CaseMove(case_uuid=uuid) for _ in range(3)]
    session.add_all(moves)
    for move in moves:
        move.reason = "The same key."
    name = (RecordKind.REVIEW_CASE, uuid)
    assert list(session.info[KEYS]) == [name]
    keystore.destroy_data_key(*name, now=NOW)
    assert moves[0].reason == "The same key."
    forget_keys(session)
    with pytest.raises(KeyDestroyed):
        moves[0].reason  # noqa: B018


def test_the_field_itself_can_be_named_on_its_class() -> None:
    assert isinstance(CaseMove.reason, DestructibleText)
