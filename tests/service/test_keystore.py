"""A destroyed data key leaves nothing behind in the store, and an older copy of the database opens nothing."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, select

from review_app import crypto, keystore
from review_app.keystore import DATA_KEY, KeyDestroyed, KeyUnknown, RecordKind
from tests.databases import POSTGRESQL, PostgresDatabase
from tests.unit.test_crypto import NEW, OLD

NOW = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
CASE = RecordKind.REVIEW_CASE


@pytest.fixture
def store_url(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> str:
    if database != POSTGRESQL:
        return f"sqlite:///{tmp_path / 'keys.db'}"
    postgres: PostgresDatabase = request.getfixturevalue("postgres")
    return postgres.fresh("keys", migrated=False)


@pytest.fixture(autouse=True)
def store(store_url: str) -> Iterator[None]:
    rings, stores = list(crypto._rings), list(keystore._stores)
    crypto.configure(OLD)
    keystore._stores.clear()
    keystore.configure(store_url)
    yield
    keystore._stores[0].dispose()
    crypto._rings[:], keystore._stores[:] = rings, stores


def wrapped(url: str, record: str) -> bytes:
    engine = create_engine(url)
    with engine.connect() as connection:
        value = connection.execute(select(DATA_KEY.c.wrapped).where(DATA_KEY.c.record_uuid == record)).scalar_one()
    engine.dispose()
    assert isinstance(value, bytes)
    return value


@pytest.mark.both_databases
def test_a_data_key_opens_until_it_is_destroyed(store_url: str) -> None:
    record, other = str(uuid4()), str(uuid4())
    key = keystore.create_data_key(CASE, record, now=NOW)
    kept = keystore.create_data_key(CASE, other, now=NOW)
    assert keystore.open_data_key(CASE, record) == key
    assert key not in wrapped(store_url, record)
    keystore.destroy_data_key(CASE, record, now=NOW)
    keystore.destroy_data_key(CASE, record, now=NOW)
    with pytest.raises(KeyDestroyed):
        keystore.open_data_key(CASE, record)
    assert keystore.open_data_key(CASE, other) == kept


@pytest.mark.both_databases
def test_a_record_has_one_data_key_ever(store_url: str) -> None:
    record = str(uuid4())
    keystore.create_data_key(CASE, record, now=NOW)
    with pytest.raises(ValueError, match="already"):
        keystore.create_data_key(CASE, record, now=NOW)
    keystore.destroy_data_key(CASE, record, now=NOW)
    with pytest.raises(ValueError, match="already"):
        keystore.create_data_key(CASE, record, now=NOW)
    with pytest.raises(KeyUnknown):
        keystore.open_data_key(RecordKind.IDENTITY_RECORD, record)
    with pytest.raises(KeyUnknown):
        keystore.destroy_data_key(CASE, str(uuid4()), now=NOW)


def test_nothing_of_a_destroyed_key_stays_in_the_file(store_url: str, tmp_path: Path) -> None:
    records = [str(uuid4()) for _ in range(200)]
    for record in records:
        keystore.create_data_key(CASE, record, now=NOW)
    secret = wrapped(store_url, records[100])
    files = [file.read_bytes() for file in tmp_path.iterdir()]
    assert any(secret in content for content in files)
    keystore.destroy_data_key(CASE, records[100], now=NOW)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["keys.db"]
    content = (tmp_path / "keys.db").read_bytes()
    assert not any(secret[start : start + 8] in content for start in range(6, len(secret) - 8))
    assert keystore.open_data_key(CASE, records[101])


def test_an_older_copy_of_the_database_opens_nothing_that_was_destroyed(tmp_path: Path) -> None:
    record = str(uuid4())
    key = keystore.create_data_key(CASE, record, now=NOW)
    database = tmp_path / "review.db"
    database.write_bytes(crypto.seal_with(key, f"case/{record}", b"what is confidential"))
    backup = shutil.copy(database, tmp_path / "backup.db")
    opened = crypto.open_with(keystore.open_data_key(CASE, record), f"case/{record}", Path(backup).read_bytes())
    assert opened == b"what is confidential"
    keystore.destroy_data_key(CASE, record, now=NOW)
    with pytest.raises(KeyDestroyed):
        keystore.open_data_key(CASE, record)
    with pytest.raises(crypto.CannotOpen):
        crypto.open_with(token_bytes(32), f"case/{record}", Path(backup).read_bytes())


@pytest.mark.both_databases
def test_a_wrapped_key_moved_to_another_record_does_not_open(store_url: str) -> None:
    mine, other = str(uuid4()), str(uuid4())
    keystore.create_data_key(CASE, mine, now=NOW)
    keystore.create_data_key(CASE, other, now=NOW)
    engine = create_engine(store_url)
    with engine.begin() as connection:
        moved = DATA_KEY.update().where(DATA_KEY.c.record_uuid == other).values(wrapped=wrapped(store_url, mine))
        connection.execute(moved)
    engine.dispose()
    with pytest.raises(crypto.CannotOpen):
        keystore.open_data_key(CASE, other)


@pytest.mark.both_databases
def test_data_keys_are_wrapped_again_by_a_new_field_key(store_url: str) -> None:
    record, gone = str(uuid4()), str(uuid4())
    key = keystore.create_data_key(CASE, record, now=NOW)
    keystore.create_data_key(CASE, gone, now=NOW)
    keystore.destroy_data_key(CASE, gone, now=NOW)
    crypto.configure(f"{NEW},{OLD}")
    assert (keystore.rewrap_all(), keystore.rewrap_all()) == (1, 0)
    crypto.configure(NEW)
    assert keystore.open_data_key(CASE, record) == key


def test_the_store_can_be_opened_by_two_processes_that_start_together(store_url: str) -> None:
    keystore.configure(store_url)
    keystore.configure(store_url)
    keystore.create_data_key(CASE, str(uuid4()), now=NOW)
