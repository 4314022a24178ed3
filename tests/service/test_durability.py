"""What was committed is on the disk: SQLite is told to wait for it, also where tests run in memory."""

from flask import Flask
from sqlalchemy import text

from review_app import keystore
from review_app.db import db

FULL = 2


def test_a_commit_to_a_sqlite_database_waits_for_the_disk(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == FULL


def test_a_commit_to_a_sqlite_key_store_waits_for_the_disk(app: Flask) -> None:
    with keystore._store().connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "delete"
        assert connection.scalar(text("PRAGMA synchronous")) == FULL
        assert connection.scalar(text("PRAGMA secure_delete")) == 1
