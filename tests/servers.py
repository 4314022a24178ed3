"""The product as its users meet it: started by its own command, on a free port, and stopped like at a terminal."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from tests import watch
from tests.smtp import free_port

ROOT = Path(__file__).resolve().parents[1]


class RunningProduct:
    """`python -m review_app` in a process of its own, with an instance folder of its own."""

    def __init__(
        self,
        instance: Path,
        *,
        arguments: tuple[str, ...] = (),
        settings: dict[str, str] | None = None,
        root: Path = ROOT,
        python: str = sys.executable,
        port: int | None = None,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.instance = instance
        self.log = instance.parent / f"{instance.name}-{self.port}.log"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("REVIEW_", "COVERAGE_"))}
        self._environ = {**clean, "REVIEW_INSTANCE": str(instance), "PORT": str(self.port), **(settings or {})}
        self._command = [python, "-m", "review_app", *arguments]
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The number of the first process."""
        assert self._process is not None
        return self._process.pid

    @property
    def output(self) -> str:
        """Everything it has printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def start(self, *, path: str = "/health", seconds: float = 120) -> Self:
        """Start it, and wait until an address answers 200."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._root,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + seconds
        while self.ask(path)[0] != 200:
            if self._process.poll() is not None or time.monotonic() > deadline:
                answer = self.ask(path)
                self.kill()
                raise AssertionError(f"{path} did not answer 200 within {seconds:g} s but {answer}:\n{self.output}")
            time.sleep(0.1)
        return self

    def ask(self, path: str) -> tuple[int, str]:
        """Give the status and body of an address, or (0, "") where nothing answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def health(self) -> dict[str, object]:
        """Give what /health says."""
        answer = json.loads(self.ask("/health")[1])
        assert isinstance(answer, dict)
        return answer

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)

    def wait(self, *, seconds: float = 60) -> int:
        """Wait for its end and give the exit status."""
        assert self._process is not None
        return self._process.wait(timeout=seconds)

    def stop(self) -> int:
        """Press Ctrl-C and wait; give the exit status."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self.interrupt()
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        finally:
            watch.saw("log", self.log.name, self.output.encode())
            watch.look_at_files(self.instance)

    def kill(self) -> None:
        """End its first process at once, as `kill -9` does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


def until_gone(processes: list[int], *, seconds: float = 30) -> list[int]:
    """Wait until no such process runs any more; give those that still do."""
    deadline = time.monotonic() + seconds
    while (left := [each for each in processes if is_running(each)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def is_running(process: int) -> bool:
    """Say whether a process runs; one that has ended and only waits to be noticed does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def descendants(process: int) -> list[int]:
    """Give every process started by this one, and by those."""
    found: list[int] = []
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found += [child, *descendants(child)]
    return found
