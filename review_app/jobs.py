"""The worker process: an in-memory scheduler used only as a clock for jobs whose work is rows with a time.

A restart loses nothing, and any number of workers may run, on any number of machines: sending jobs share rows by
locking them, and once-only jobs take their turn by inserting a row.
"""

import logging
import os
import signal
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from review_app.clock import Clock, SystemClock, app_clock
from review_app.mail import post
from review_app.outbox.worker import SendingWorker
from review_app.sending import Mailer

Function = Callable[[SendingWorker, Sequence[Mailer], Clock], None]

CONNECTIONS = 4
"""SMTP connections of one sending job: at most so many messages are in flight when a process dies."""
BEAT_SECONDS = 5.0

log = structlog.get_logger()
failures: Counter[str] = Counter()


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something the worker does again and again; each run looks for rows whose time has come."""

    name: str
    seconds: float
    function: Function


_jobs: dict[str, Job] = {}


def register_job(name: str, seconds: float, function: Function) -> None:
    """Let the worker call a function every so many seconds. Registering a name again replaces it."""
    _jobs[name] = Job(name=name, seconds=seconds, function=function)


def registered_jobs() -> list[Job]:
    """List the features' jobs in the order of registration."""
    return list(_jobs.values())


def run_job(app: Flask, job: Job, worker: SendingWorker, mailers: Sequence[Mailer]) -> None:
    """Run a job once. Whatever goes wrong is logged and counted here, and the next run tries again.

    The exception's own words are left out of the log: a database error repeats the values it was given.
    """
    with app.app_context():
        try:
            job.function(worker, mailers, app_clock())
        except Exception as error:
            failures[job.name] += 1
            where = traceback.extract_tb(error.__traceback__)[-1]
            log.error(
                "job_failed",
                job=job.name,
                problem=type(error).__name__,
                place=f"{os.path.basename(where.filename)}:{where.lineno}",
                failures=failures[job.name],
            )
        finally:
            for mailer in mailers:
                mailer.close()


def beat(worker: SendingWorker, _mailers: Sequence[Mailer], clock: Clock) -> None:
    """Beat, and take over from workers that have fallen silent."""
    worker.beat(clock)


def run_worker(app: Flask) -> None:
    """Run until SIGTERM or SIGINT; then finish what is in flight and leave."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(app, stop)


def work(app: Flask, stop: threading.Event) -> None:
    """Beat and run the registered jobs until told to stop."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    with app.app_context():
        worker = SendingWorker(app_clock())
        jobs = [Job(name="beat", seconds=BEAT_SECONDS, function=beat), *registered_jobs()]
        connections = {job.name: post().connections(CONNECTIONS) for job in jobs}
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(jobs) + 1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
    )
    at_once = SystemClock().now()  # the scheduler goes by the machine's clock, whatever the application's is
    for job in jobs:
        scheduler.add_job(
            run_job,
            "interval",
            (app, job, worker, connections[job.name]),
            id=job.name,
            seconds=job.seconds,
            next_run_time=at_once,
        )
    scheduler.start()
    log.info("worker_started", worker=worker.worker_id)
    stop.wait()
    worker.stopping = True
    scheduler.shutdown(wait=True)
    with app.app_context():
        worker.end(app_clock())
    log.info("worker_stopped", worker=worker.worker_id)
