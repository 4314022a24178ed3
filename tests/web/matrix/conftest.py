"""The world of the matrix, made once for a whole run and copied by each test process."""

import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from config import Config
from review_app import crypto, keystore
from review_app.app import create_app
from review_app.db import db, unit_of_work
from tests import databases
from tests.conftest import RUN, FixedClock
from tests.web.matrix.visiting import Matrix
from tests.web.matrix.world import Facts, build

FACTS = "facts.json"


def _application(instance: Path) -> Flask:
    app = create_app(Config.from_environment({"REVIEW_INSTANCE": str(instance)}), clock=FixedClock())
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False  # so that what refuses a post is the guard or the service
    return app


def _hurry(connection: sqlite3.Connection, _record: object) -> None:
    """Let the file system write when it likes: what a power cut would lose is not what this is about."""
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(scope="session")
def matrix_instance(sqlite_instance: Path) -> Path:
    """An instance folder that holds the world and the names of its records."""

    def make(folder: Path) -> None:
        databases.copy_instance(sqlite_instance, folder)
        app = _application(folder)
        with app.test_request_context(), unit_of_work() as session:
            facts = build(session, now=FixedClock().now())
        (folder / FACTS).write_text(json.dumps(asdict(facts)), encoding="utf-8")
        databases.let_go(app)

    return databases.once(Path(os.environ[RUN].partition(":")[2]) / "matrix", make)


@pytest.fixture(scope="session")
def shared_matrix(matrix_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """The world with an application on it, of this test process."""
    instance = databases.copy_instance(matrix_instance, tmp_path_factory.mktemp("matrix") / "instance")
    stored = json.loads((instance / FACTS).read_text(encoding="utf-8"))
    stored["sign_ins"] = {key: (number, token) for key, (number, token) in stored["sign_ins"].items()}
    app = _application(instance)
    with app.app_context():
        event.listen(db.engine, "connect", _hurry)
        db.engine.dispose()
    matrix = Matrix(app, Facts(**stored))
    yield matrix
    matrix.close()
    databases.let_go(app)


@pytest.fixture
def matrix(shared_matrix: Matrix) -> Matrix:
    """The world as it was made. Its keys are taken up again, since other tests have applications of their own."""
    config: Config = shared_matrix.app.extensions["config"]
    crypto.configure(config.field_keys)
    keystore.configure(config.key_store_url)
    shared_matrix.restore()
    return shared_matrix
