"""Several people who press at the same instant."""

import threading
from collections.abc import Callable

from flask import Flask

from review_app.db import db, unit_of_work

Attempt = Callable[..., object]


def at_once(app: Flask, *attempts: Attempt) -> list[BaseException | None]:
    """Let each attempt run in a unit of work of its own, all begun at the same instant; give what each raised."""
    start = threading.Barrier(len(attempts))
    ends: list[BaseException | None] = [None] * len(attempts)

    def run(place: int, attempt: Attempt) -> None:
        with app.test_request_context():
            start.wait()
            try:
                with unit_of_work() as session:
                    attempt(session)
            except BaseException as error:
                ends[place] = error
            db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(attempts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends
