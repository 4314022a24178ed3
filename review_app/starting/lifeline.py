"""How a child process learns that its supervisor is gone, even by `kill -9`: a pipe that closes."""

import os
import signal
import threading

PIPE = "REVIEW_SUPERVISOR_PIPE"


def follow_supervisor() -> None:
    """Ask this process to stop, as SIGTERM would, once its supervisor is no longer there. Without one, do nothing."""
    pipe = os.environ.get(PIPE)
    if pipe:
        threading.Thread(target=_wait_for_end, args=(int(pipe),), name="lifeline", daemon=True).start()


def _wait_for_end(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
