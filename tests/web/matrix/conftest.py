"""The world of the matrix, made once for a whole run and copied by each test process."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from flask import Flask

from review_app.db import unit_of_work
from tests import databases
from tests.applications import build as build_application
from tests.applications import take_up
from tests.conftest import FixedClock, process, run_folder
from tests.web.matrix.visiting import Matrix
from tests.web.matrix.world import Facts, build

FACTS = "facts.json"


def _application(instance: Path) -> Flask:
    app = build_application(instance, None, FixedClock())
    app.config["WTF_CSRF_ENABLED"] = False  # so that what refuses a post is the guard or the service
    return app


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

    return databases.once(run_folder() / "matrix", make)


@pytest.fixture(scope="session")
def shared_matrix(matrix_instance: Path) -> Iterator[Matrix]:
    """The world with an application on it, of this test process."""
    instance = databases.copy_instance(matrix_instance, run_folder() / f"matrix-{process()}")
    stored = json.loads((instance / FACTS).read_text(encoding="utf-8"))
    stored["sign_ins"] = {key: (number, token) for key, (number, token) in stored["sign_ins"].items()}
    app = _application(instance)
    matrix = Matrix(app, Facts(**stored))
    yield matrix
    matrix.close()
    databases.let_go(app)


@pytest.fixture
def matrix(shared_matrix: Matrix) -> Matrix:
    """The world as it was made. Its keys are taken up again, since other tests have applications of their own."""
    take_up(shared_matrix.app, shared_matrix.app.extensions["config"])
    shared_matrix.restore()
    return shared_matrix
