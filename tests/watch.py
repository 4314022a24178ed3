"""A watch over everything that leaves the product while a test runs, for the words of `tests/canaries.py`.

It looks at four layers: every page and address that any application of this process answers (`web`), everything that
is printed or logged (`log`), every message that the SMTP sink is given (`smtp`), and every file of the instance folders
that were used (`file`). An identity may stand only on the pages that `REVEALS` names, and on those where its own writer
types it; words about living people only there and where their section is shown for a purpose. A test that lets one
out fails, whatever else it proves. PostgreSQL's own files are searched when the whole run ends.
"""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, appcontext_pushed, request, request_finished

from tests.canaries import found_in

REVEALS = frozenset(
    {
        "requests.who",
        "reviews.restricted",
        "reviews.restricted_chronology",
        "reviews.identity",
        "deaths.waiting_identity",
    }
)
"""The endpoints that show an identity or a living person's words to somebody who asked for them, for a purpose."""
WRITES = frozenset(
    {
        "deaths.identity",
        "deaths.check",
        "deaths.correct_identity",
        "requests.show",
        "requests.check",
        "requests.sent",
        "requests.add_event",
        "requests.change_event",
        "reviews.add_event",
        "reviews.correct_event",
        "reviews.remove_event",
    }
)
"""The endpoints that show somebody what they, or colleagues of the same agency, are writing themselves."""

_escaped: list[str] = []
_instances: set[Path] = set()
_clean: set[int] = set()
PAGE = 4096
"""The size of SQLite's pages, in bytes."""


def saw(layer: str, where: str, content: bytes) -> None:
    """Look at something that left the product."""
    _escaped.extend(f"{layer}: {word} at {where}" for word in sorted(found_in(content)))


def taken() -> list[str]:
    """Give what was seen so far in this test, and forget it."""
    seen = list(_escaped)
    _escaped.clear()
    return seen


@request_finished.connect
def _page(_sender: Flask, response: Response, **_: object) -> None:
    where = f"{request.method} {request.endpoint}"
    saw("web", f"the address of {where}", request.full_path.encode())
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers)
    saw("web", f"the headers of {where}", headers.encode())
    if request.endpoint not in REVEALS | WRITES and not response.direct_passthrough:
        saw("web", where, response.get_data())


@appcontext_pushed.connect
def _used(sender: Flask, **_: object) -> None:
    _instances.add(Path(sender.instance_path))


@pytest.fixture(autouse=True)
def nothing_escapes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test that lets an identity, or words about a living person, out of their place."""
    _escaped.clear()
    _instances.clear()
    if "tmp_path" in request.fixturenames:
        request.getfixturevalue("tmp_path")  # so that it is still there when the files are looked at
    yield
    for instance in _instances:
        look_at_files(instance)
    if _escaped:
        pytest.fail("\n".join(_escaped), pytrace=False)


def look_at_files(folder: Path) -> None:
    """Look at every file below a folder, its name included."""
    for path in sorted(folder.rglob("*")):
        saw("file", "the name of a file", path.name.encode())
        if path.is_file():
            saw("file", path.name, _not_yet_searched(path.read_bytes()))


def _not_yet_searched(content: bytes) -> bytes:
    """Leave out the pages of a database in which an earlier search found nothing: most are as the migrations left them.

    SQLite lets no text go on from one page to the next but through pages of their own with a number in front.
    """
    if not content.startswith(b"SQLite format 3"):
        return content
    pages = [content[start : start + PAGE] for start in range(0, len(content), PAGE)]
    new = b"".join(page for page in pages if hash(page) not in _clean)
    if not found_in(new):
        _clean.update(map(hash, pages))
    return new


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at what was printed and logged."""
    report = yield
    printed = "\n".join(content for _, content in report.sections)
    words = found_in(printed.encode())
    if words and report.passed:
        report.outcome = "failed"
        report.longrepr = f"log: {sorted(words)} printed by {item.nodeid} while {call.when}"
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look at PostgreSQL's own files once, where the whole run's databases are."""
    if hasattr(session.config, "workerinput"):
        return
    folder = Path(os.environ["REVIEW_TEST_RUN"].partition(":")[2]) / "postgresql"
    found = {word for path in folder.rglob("*") if path.is_file() for word in found_in(path.read_bytes())}
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print(f"file: {sorted(found)} stand in PostgreSQL's files")
