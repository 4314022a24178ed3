"""What every test can ask for.

app              the application on SQLite, or on both databases under `@pytest.mark.both_databases`; no app context
make_app         the same with other settings: `make_app(REVIEW_MAIL_URL=smtp_sink.url)`
clock            the application's clock, standing still: `clock.now()`, `clock.advance(hours=2)`, `clock.set(...)`
work             `with work() as session:` one unit of work in an app context, as a view or job opens it
browser          a visitor without script; `Browser(app)` makes another
smtp_sink        a real SMTP server that keeps what it is sent
chromium_page    a page of a real Chromium on a desk; `phone_page` is 375 px wide
postgres         this process's PostgreSQL database: `postgres.fresh("name")` makes one more
seed             the seed of endurance cases
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, ViewportSize, sync_playwright
from sqlalchemy.orm import Session

from review_app.db import unit_of_work
from tests import databases
from tests.applications import Stage, build
from tests.axe import DESK, PHONE
from tests.browser import Browser
from tests.chromium import find_chromium
from tests.smtp import SmtpSink
from tests.watch import nothing_escapes, pytest_runtest_makereport, pytest_sessionfinish

__all__ = ["nothing_escapes", "pytest_runtest_makereport", "pytest_sessionfinish"]

RUN = "REVIEW_TEST_RUN"
A_MONDAY = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3

MakeApp = Callable[..., Flask]
Work = Callable[[], AbstractContextManager[Session]]


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, instant: datetime = A_MONDAY) -> None:
        self._instant = instant

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        return self._instant

    def set(self, instant: datetime) -> datetime:
        """Move to an instant."""
        self._instant = instant.astimezone(UTC)
        return self._instant

    def advance(self, **amount: float) -> datetime:
        """Move on, by the words of a timedelta: `advance(hours=2)`."""
        return self.set(self._instant + timedelta(**amount))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=20_261_122, help="the seed of the endurance cases")


def pytest_configure(config: pytest.Config) -> None:
    """Make one folder for the whole run, in the process that all others are started from."""
    if not hasattr(config, "workerinput"):
        memory = _in_memory()
        if memory:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))  # where pytest makes each `tmp_path`
        folder = tempfile.mkdtemp(prefix="review-tests-", dir=memory)
        os.chmod(folder, 0o755)  # PostgreSQL does not run as root, and has to reach its own folder in it
        os.environ[RUN] = f"{os.getpid()}:{folder}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder, except what PostgreSQL removes itself when it has stopped."""
    if not hasattr(config, "workerinput"):
        for left in run_folder().iterdir():
            if left.name != "postgresql":
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        with suppress(OSError):  # PostgreSQL still has its folder there
            run_folder().rmdir()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked `both_databases` on each; with `short="sqlite"` the other one is for the endurance run."""
    marker = metafunc.definition.get_closest_marker("both_databases")
    if marker:
        short = marker.kwargs.get("short")
        marks = {name: () if short in (None, name) else (pytest.mark.endurance,) for name in databases.BOTH}
        each = [pytest.param(name, marks=marks[name]) for name in databases.BOTH]
        metafunc.parametrize("database", each, indirect=True)


@pytest.hookimpl(trylast=True)  # what is not to run has been taken out by then
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each process begin with a journey: they are long and mostly wait. Parts are equal, as pytest-xdist deals."""
    journeys = [item for item in items if item.path.parent.name == "journeys"]
    items[:] = [item for item in items if item not in journeys]
    parts = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    every = len(items) + len(journeys)
    for number, journey in enumerate(journeys):
        items.insert(number % parts * every // parts, journey)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over all that was imported, which stays anyway, and look seldom at the rest."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _in_memory() -> Path | None:
    """Give the machine's file system in memory, where there is room: tests then do not wait for every `fsync`."""
    there = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if there else None


def run_folder() -> Path:
    """Give the folder of this test run, which goes when it ends."""
    return Path(os.environ[RUN].partition(":")[2])


def process() -> str:
    """Name this test process among those of the run."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of endurance cases."""
    return int(request.config.getoption("--seed"))


@pytest.fixture(scope="session")
def sqlite_instance() -> Path:
    """A migrated instance folder, to be copied and never changed."""
    return databases.sqlite_instance(run_folder(), build)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[databases.PostgresDatabase]:
    """The PostgreSQL database of this process, with whatever the last test left in it."""
    run_process = int(os.environ[RUN].partition(":")[0])
    database = databases.PostgresDatabase(run_folder(), run_process, process(), build)
    yield database
    database.close()


@pytest.fixture
def postgres(postgres_server: databases.PostgresDatabase) -> Iterator[databases.PostgresDatabase]:
    """The PostgreSQL database of this process, as the migrations leave it."""
    yield postgres_server
    postgres_server.restore()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on: `sqlite`, unless it is marked `both_databases`."""
    return str(getattr(request, "param", databases.SQLITE))


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still on a Monday in November at 10:00."""
    return FixedClock()


@pytest.fixture(scope="session")
def sqlite_stage(sqlite_instance: Path) -> Stage:
    """This process's application on SQLite."""
    return Stage(sqlite_instance, run_folder() / f"sqlite-{process()}", None)


@pytest.fixture(scope="session")
def postgresql_stage(postgres_server: databases.PostgresDatabase) -> Stage:
    """This process's application on PostgreSQL."""
    return Stage(postgres_server.instance, run_folder() / f"postgresql-{process()}", postgres_server.url)


@pytest.fixture
def make_app(request: pytest.FixtureRequest, database: str, clock: FixedClock) -> Iterator[MakeApp]:
    """Make applications with settings of their own, all on this test's one database and instance folder."""
    if database == databases.POSTGRESQL:
        request.getfixturevalue("postgres")
    stage: Stage = request.getfixturevalue(f"{database}_stage")
    stage.set_up()

    def make(**settings: str) -> Flask:
        return stage.make(clock, settings)

    yield make
    stage.clear()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """The application, with an empty migrated database. No app context is pushed."""
    return make_app()


@pytest.fixture
def work(app: Flask) -> Work:
    """Open one unit of work in an app context, as a view or job does: `with work() as session:`."""

    @contextmanager
    def opened() -> Iterator[Session]:
        with app.test_request_context(), unit_of_work() as session:
            yield session

    return opened


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A visitor who has not signed in."""
    return Browser(app)


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """A real SMTP server that keeps what it is sent."""
    sink = SmtpSink()
    yield sink
    sink.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """A real Chromium without a window."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=options)
        yield browser
        browser.close()


@pytest.fixture
def chromium_page(chromium: Chromium) -> Iterator[Page]:
    """A page of a visitor at a desk."""
    yield from _page(chromium, DESK)


@pytest.fixture
def phone_page(chromium: Chromium) -> Iterator[Page]:
    """A page of a visitor with a phone 375 px wide."""
    yield from _page(chromium, PHONE)


def _page(chromium: Chromium, size: ViewportSize) -> Iterator[Page]:
    context = chromium.new_context(viewport=size, locale="en-GB", timezone_id="Europe/London")
    yield context.new_page()
    context.close()
