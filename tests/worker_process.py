"""Worker processes for tests: the product's own, or one whose clock runs ahead, so that a minute need not be waited.

The product has no switch for its clock. `python -m tests.worker_process SECONDS` builds the application as the worker
does, and hands the factory a clock that is so many seconds ahead.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask

from review_app.clock import SystemClock
from tests.smtp import SmtpSink

ROOT = Path(__file__).resolve().parents[1]
OWN = ("-m", "review_app.starting.work")


class ClockAhead:
    """The machine's clock, so many seconds ahead."""

    def __init__(self, seconds: float) -> None:
        self._ahead, self._clock = timedelta(seconds=seconds), SystemClock()

    def now(self) -> datetime:
        """Give the present instant and a little more."""
        return self._clock.now() + self._ahead


@contextmanager
def running_worker(app: Flask, sink: SmtpSink, *, ahead: float = 0) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker process on a test's database, instance folder and mail server. At the end it is killed."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("REVIEW_")},
        "REVIEW_INSTANCE": app.instance_path,
        "REVIEW_DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "REVIEW_MAIL_URL": sink.url,
    }
    arguments = ("-m", "tests.worker_process", str(ahead)) if ahead else OWN
    with (Path(app.instance_path) / "worker.log").open("ab") as output:
        process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environ, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def main(seconds: float) -> None:
    """Run one worker with a clock ahead."""
    from review_app.app import create_app
    from review_app.jobs import run_worker

    run_worker(create_app(clock=ClockAhead(seconds)))


if __name__ == "__main__":
    main(float(sys.argv[1]))
