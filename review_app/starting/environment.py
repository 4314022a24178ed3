"""The project's own environment: `.venv`, holding exactly what the hashed lock files name."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN_LOCK = "requirements.lock"
TEST_LOCK = "requirements-dev.lock"


class SetupFailed(Exception):
    """The environment cannot be made. The message says what to type."""


class Environment:
    """One virtual environment beside the lock files it is made from."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "installed-locks.json"

    def is_current(self) -> bool:
        """Say whether this very process already runs inside the environment."""
        return Path(sys.prefix).resolve() == self.folder.resolve()

    def has(self, lock: str) -> bool:
        """Say whether the lock file, as it reads today, is what was last installed."""
        return self._stamped().get(lock) == self._digest(lock)

    def ensure(self, lock: str) -> None:
        """Make the environment and install the lock, unless both are there. One process at a time does it."""
        if self.has(lock) and self._works():
            return
        with self._alone():
            if not self._works():
                self._make()
            if not self.has(lock):
                self._install(lock)

    def enter(self, arguments: list[str]) -> None:
        """Go on inside the environment: this process becomes that one. It returns only when it is there already."""
        if not self.is_current():
            os.execv(self.python, [str(self.python), "-m", "review_app", *arguments])

    def _digest(self, lock: str) -> str:
        return hashlib.sha256((self.root / lock).read_bytes()).hexdigest()

    def _stamped(self) -> dict[str, str]:
        try:
            stamped = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamped if isinstance(stamped, dict) else {}

    def _works(self) -> bool:
        """Say whether the environment's Python still runs: its base may have been removed, or making it cut short."""
        if self.is_current():
            return True
        check = [
            str(self.python),
            "-c",
            "import sys; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)",
        ]
        try:
            return subprocess.run(check, capture_output=True, check=False).returncode == 0
        except OSError:
            return False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold a lock on the project's folder itself, so that two first starts do not build the same environment."""
        handle = os.open(self.root, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another start is setting up. Waiting for it to finish.")
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _make(self) -> None:
        if find_spec("venv") is None:
            raise SetupFailed("This Python has no venv module. Type: apt-get install -y python3-venv")
        command = [sys.executable, "-m", "venv", "--clear", str(self.folder)]
        if find_spec("ensurepip") is None:
            command.insert(3, "--without-pip")
        say(f"Making {self.folder.name} with Python {sys.version_info[0]}.{sys.version_info[1]}.")
        self._run(
            command, f"The environment {self.folder} cannot be made. Is the folder writable and the disk not full?"
        )

    def _install(self, lock: str) -> None:
        say(f"Installing what {lock} names. This happens once, and takes about a minute.")
        target = ["--require-hashes", "-r", str(self.root / lock)]
        self._run(
            [*self._installer(), *target],
            f"Installing {lock} failed; the lines above say why. Check the connection to the package registry, then "
            "type the same command again: nothing was lost.",
        )
        stamps = {RUN_LOCK: self._digest(RUN_LOCK)} | {lock: self._digest(lock)}  # the test lock includes the other
        self.stamp.write_text(json.dumps(stamps, indent=1), encoding="utf-8")

    def _installer(self) -> list[str]:
        """Give the command that installs into the environment: its own pip, the pip outside, or uv."""
        options = ["install", "--quiet", "--disable-pip-version-check", "--no-input"]
        inside = [str(self.python), "-m", "pip"]
        if subprocess.run([*inside, "--version"], capture_output=True, check=False).returncode == 0:
            return [*inside, *options]
        if not self.is_current() and find_spec("pip") is not None:
            return [sys.executable, "-m", "pip", "--python", str(self.python), *options]
        uv = shutil.which("uv")
        if uv is not None:
            return [uv, "pip", "install", "--quiet", "--python", str(self.python)]
        raise SetupFailed("This Python comes without pip. Type: apt-get install -y python3-venv")

    def _run(self, command: list[str], problem: str) -> None:
        if subprocess.run(command, cwd=self.root, check=False).returncode != 0:
            raise SetupFailed(problem)


def say(sentence: str) -> None:
    """Tell the person at the terminal, at once."""
    print(sentence, flush=True)
