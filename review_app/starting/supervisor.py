"""Keeping child processes running: restart what dies, stop all when asked, and leave none behind.

Each child runs in a process session of its own, so that Ctrl-C at the terminal reaches the supervisor alone and a
request in flight can finish. Each holds the reading end of a pipe that closes when the supervisor ends, however that
happens.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import FrameType

from review_app.starting.environment import ROOT
from review_app.starting.lifeline import PIPE

LOOK_EVERY = 0.1
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
PATIENCE = 30.0


class Child:
    """One program that is to be running all the time."""

    def __init__(self, name: str, command: Sequence[str], pipe: int, environ: Mapping[str, str]) -> None:
        self.name = name
        self._command = list(command)
        self._pipe = pipe
        self._environ = {**environ, PIPE: str(pipe)}
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = FIRST_PAUSE
        self._started = 0.0
        self._start_again: float | None = None

    def start(self) -> None:
        """Start the program."""
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environ,
            pass_fds=[self._pipe],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._started, self._start_again = time.monotonic(), None

    def look(self) -> None:
        """Start the program again if it died: after a pause that doubles until the program has run for a minute."""
        now = time.monotonic()
        if self._start_again is not None:
            if now >= self._start_again:
                self.start()
        elif not self.is_running():
            self._pause = FIRST_PAUSE if now - self._started > STEADY_AFTER else self._pause
            self.kill()
            print(f"The {self.name} stopped and starts again in {self._pause:g} s.", file=sys.stderr, flush=True)
            self._start_again = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def is_running(self) -> bool:
        """Say whether the program's first process is alive."""
        return self._process is not None and self._process.poll() is None

    def ask_to_stop(self) -> None:
        """Ask the program to finish what it is doing and end."""
        if self._process is not None and self.is_running():
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the program at once, with every process of its session."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Supervisor:
    """Runs its children until SIGINT or SIGTERM; a second one ends them without waiting."""

    def __init__(self, programs: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> None:
        pipe, self._lifeline = os.pipe()
        self._children = [Child(name, command, pipe, environ) for name, command in programs.items()]
        self._asked = 0

    def run(self, when_started: Callable[[], bool]) -> int:
        """Start everything, call `when_started` until it says True, and return 0 after a clean stop."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)
        told = False
        for child in self._children:
            child.start()
        while not self._asked:
            told = told or when_started()
            for child in self._children:
                child.look()
            time.sleep(LOOK_EVERY)
        return self._stop()

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked += 1

    def _stop(self) -> int:
        print("\nStopping: what is in hand is finished first.", flush=True)
        for child in self._children:
            child.ask_to_stop()
        last = time.monotonic() + PATIENCE
        while any(child.is_running() for child in self._children) and time.monotonic() < last and self._asked < 2:
            time.sleep(LOOK_EVERY)
        left = [child for child in self._children if child.is_running()]
        for child in self._children:
            child.kill()
        os.close(self._lifeline)
        print(f"Ended without waiting: {', '.join(child.name for child in left)}." if left else "Stopped.", flush=True)
        return 1 if left else 0
