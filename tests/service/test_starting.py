"""The command that sets up and runs: its environment, its supervisor and its refusals."""

import base64
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from review_app.starting import checks
from review_app.starting.environment import ROOT, RUN_LOCK, TEST_LOCK, Environment, SetupFailed
from tests.servers import descendants, is_running, until_gone
from tests.smtp import free_port

STANDIN = """
import os, time

def app(environ, start_response):
    here = os.path.dirname(__file__)
    if environ["PATH_INFO"] == "/slow":
        open(os.path.join(here, "asked"), "w").close()
        time.sleep(2)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"answered to the end"]
"""
SUPERVISE = """
import os, sys
from review_app.starting.supervisor import Supervisor

programs = {
    "web server": [sys.executable, "-m", "gunicorn", "-c", "python:review_app.starting.web", "standin:app"],
    "worker": [sys.executable, "-c", "import time; from review_app.starting.lifeline import follow_supervisor; "
               "follow_supervisor(); time.sleep(600)"],
}
environ = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.abspath(__file__))}
sys.exit(Supervisor(programs, environ).run(lambda: True))
"""


class Supervised:
    """A supervisor over a stand-in web application and a worker that only waits."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        (folder / "standin.py").write_text(STANDIN)
        (folder / "supervise.py").write_text(SUPERVISE)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("REVIEW_")}
        environ |= {"PORT": str(self.port), "REVIEW_INSTANCE": str(folder / "instance"), "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, str(folder / "supervise.py")],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.wait_until_it_answers()

    def get(self, path: str = "/") -> str:
        """Ask the web server."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            asked.request("GET", path)
            return asked.getresponse().read().decode()
        except OSError:
            return ""
        finally:
            asked.close()

    def wait_until_it_answers(self) -> None:
        """Wait for the web server."""
        deadline = time.monotonic() + 30
        while self.get() != "answered to the end":
            assert time.monotonic() < deadline, "the web server did not start"
            time.sleep(0.05)

    def child(self, words: str) -> int:
        """Give the child whose command has these words."""
        for each in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            if words in Path(f"/proc/{each}/cmdline").read_bytes().replace(b"\0", b" ").decode():
                return int(each)
        raise AssertionError(f"no child runs {words}")


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    running = Supervised(tmp_path)
    yield running
    if running.process.poll() is None:
        running.process.kill()
    running.process.communicate()


def test_ctrl_c_lets_the_request_in_flight_finish_and_ends_with_status_0(supervised: Supervised) -> None:
    answers: list[str] = []
    visitor = threading.Thread(target=lambda: answers.append(supervised.get("/slow")))
    visitor.start()
    while not (supervised.folder / "asked").exists():
        time.sleep(0.02)
    everything = descendants(supervised.process.pid)
    os.killpg(supervised.process.pid, signal.SIGINT)
    visitor.join()
    output, _ = supervised.process.communicate(timeout=30)
    assert answers == ["answered to the end"]
    assert supervised.process.returncode == 0, output
    assert until_gone(everything, seconds=1) == []


def test_sigterm_ends_it_like_ctrl_c(supervised: Supervised) -> None:
    everything = descendants(supervised.process.pid)
    supervised.process.terminate()
    assert supervised.process.wait(timeout=30) == 0
    assert until_gone(everything, seconds=1) == []


def test_killing_the_supervisor_leaves_no_orphans(supervised: Supervised) -> None:
    while len(everything := descendants(supervised.process.pid)) < 4:  # gunicorn, its two workers, and our worker
        time.sleep(0.02)
    supervised.process.kill()
    assert until_gone(everything) == []


def test_what_dies_is_started_again(supervised: Supervised) -> None:
    for words in ("sleep(600)", "gunicorn"):
        before = supervised.child(words)
        family = [before, *descendants(before)]
        os.kill(before, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while True:
            try:
                again = supervised.child(words)
            except (AssertionError, OSError):
                again = before
            if again != before and is_running(again):
                break
            assert time.monotonic() < deadline, f"{words} was not started again"
            time.sleep(0.05)
        assert until_gone(family, seconds=5) == []
    supervised.wait_until_it_answers()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A project folder whose locks name nothing, where two first starts happened at once; what each printed."""
    folder = tmp_path_factory.mktemp("project")
    for lock in (RUN_LOCK, TEST_LOCK):
        (folder / lock).write_text("# nothing is needed\n")
    program = (
        "import sys; from pathlib import Path; from review_app.starting.environment import Environment; "
        f"Environment(Path(sys.argv[1])).ensure({RUN_LOCK!r})"
    )
    command = [sys.executable, "-c", program, str(folder)]
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], printed
    return folder, printed


@pytest.fixture
def environment(built: tuple[Path, list[str]]) -> Environment:
    """An environment that is made, with locks that name nothing and are not installed."""
    environment = Environment(built[0])
    for lock in (RUN_LOCK, TEST_LOCK):
        (environment.root / lock).write_text("# nothing is needed\n")
    environment.stamp.unlink(missing_ok=True)
    return environment


def test_two_first_starts_at_once_build_one_environment(built: tuple[Path, list[str]]) -> None:
    printed = "".join(built[1])
    assert printed.count("Making .venv") == 1
    assert printed.count("Installing what") == 1


def test_the_lock_is_installed_once_and_again_when_it_changes(environment: Environment) -> None:
    assert not environment.has(RUN_LOCK)
    environment.ensure(RUN_LOCK)
    assert environment.has(RUN_LOCK)
    assert not environment.has(TEST_LOCK)
    (environment.root / RUN_LOCK).write_text("# nothing is needed yet\n")
    assert not environment.has(RUN_LOCK)


def test_installing_the_test_lock_serves_the_plain_start_too(environment: Environment) -> None:
    environment.ensure(TEST_LOCK)
    assert environment.has(TEST_LOCK)
    assert environment.has(RUN_LOCK)


def test_an_installation_that_fails_is_not_taken_for_done(environment: Environment) -> None:
    (environment.root / RUN_LOCK).write_text("flask==3.1.3\n")  # without its hash
    with pytest.raises(SetupFailed, match=r"Installing requirements\.lock failed"):
        environment.ensure(RUN_LOCK)
    assert not environment.has(RUN_LOCK)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"REVIEW_MODE": "prod"}, "REVIEW_MODE must be demo or production."),
        ({"PORT": "many"}, "PORT must be a whole number"),
        ({"REVIEW_LISTEN": "0.0.0.0"}, "Demo mode listens on this machine only."),
        ({"REVIEW_MODE": "production"}, "Set REVIEW_SECRET_KEY"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    status, printed = start(tmp_path, settings)
    assert status == 2
    assert sentence in printed
    assert "Traceback" not in printed


def test_a_port_in_use_stops_the_start_with_what_to_type(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        status, printed = start(tmp_path, {"PORT": str(taken.getsockname()[1])})
    assert status == 1
    assert "PORT=5050 python3 -m review_app" in printed


PRODUCTION = {
    "REVIEW_MODE": "production",
    "REVIEW_SECRET_KEY": "a secret of the tests, and of nothing else",
    "REVIEW_FIELD_KEYS": f"k1:{base64.b64encode(bytes(32)).decode()}",
    "REVIEW_BASE_URL": "https://alerts.example",
    "REVIEW_MAIL_FROM": "alerts@westhaven.example",
    "REVIEW_MAIL_URL": "smtp://127.0.0.1:25",
}


def test_production_does_not_open_a_demo_database(tmp_path: Path, sqlite_instance: Path) -> None:
    copy = shutil.copytree(sqlite_instance, tmp_path / "copy")
    status, printed = start(tmp_path, PRODUCTION | {"REVIEW_DATABASE_URL": f"sqlite:///{copy / 'review.db'}"})
    assert status == 1
    assert "This database belongs to demo mode and cannot be opened in production mode." in printed


def test_production_does_not_migrate_by_itself(tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    status, printed = start(tmp_path, PRODUCTION | {"REVIEW_DATABASE_URL": f"sqlite:///{empty}"})
    assert status == 1
    assert "Type: python3 -m review_app migrate" in printed


def start(instance: Path, settings: dict[str, str]) -> tuple[int, str]:
    """Type the plain command with these settings; give its exit status and what it printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("REVIEW_")}
    done = subprocess.run(
        [sys.executable, "-m", "review_app"],
        cwd=ROOT,
        env={**clean, "REVIEW_INSTANCE": str(instance), **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_first_failing_check_ends_the_run_and_the_rest_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    groups = [
        checks.Group(name="first", command=[sys.executable, "-c", "pass"]),
        checks.Group(name="second", command=[sys.executable, "-c", "raise SystemExit(3)"]),
        checks.Group(name="third", command=[sys.executable, "-c", "print('reached')"]),
    ]
    assert checks.run(groups) == 3
    printed = capfd.readouterr().out
    assert "FAILED" in printed
    assert "not run        third" in printed
    assert "reached" not in printed


def test_a_check_that_outlives_its_time_fails(capfd: pytest.CaptureFixture[str]) -> None:
    slow = checks.Group(name="slow", command=[sys.executable, "-c", "import time; time.sleep(60)"], minutes=0.01)
    assert checks.run([slow]) == 1
    assert "ran longer than 0.01 minutes" in capfd.readouterr().out
