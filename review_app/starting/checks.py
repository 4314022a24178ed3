"""The one test command: every check, in order, with nothing skipped.

The first group that fails ends the run; the summary says how long each group took and which were not reached.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from review_app.starting.environment import ROOT, say

LONG_MINUTES = 60
DEFAULT_SEED = 20_261_122


@dataclass(frozen=True, kw_only=True)
class Group:
    """One check: its name and the command that runs it."""

    name: str
    command: Sequence[str]
    minutes: float = 30


def main(arguments: list[str]) -> int:
    """Run the checks, or with `--long` the endurance cases. Give 0 when everything passed."""
    parser = argparse.ArgumentParser(prog="python3 -m review_app test", description=__doc__)
    parser.add_argument("--long", action="store_true", help="run the endurance cases and write what was measured")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the seed of the endurance cases")
    options, further = parser.parse_known_args(arguments)
    groups = long_groups(options.seed, further) if options.long else short_groups(further)
    return run(groups)


def short_groups(further: Sequence[str]) -> list[Group]:
    """Give every check of the ordinary run; further words go to pytest."""
    return [
        _chromium(),
        Group(name="ruff check", command=_module("ruff", "check")),
        Group(name="ruff format", command=_module("ruff", "format", "--check")),
        Group(name="mypy", command=_module("mypy")),
        Group(name="djlint", command=_module("djlint", "--lint", "--quiet", "templates")),
        Group(name="pytest", command=_module("pytest", "-n", str(processes()), "--dist", "worksteal", *further)),
    ]


def long_groups(seed: int, further: Sequence[str]) -> list[Group]:
    """Give the endurance cases, which write their summary under `docs/evidence/`."""
    marked = ("-p", "tests.evidence", "-m", "endurance", "--seed", str(seed))
    shared = ("-n", str(max(2, os.cpu_count() or 2)), "--dist", "worksteal")
    return [
        _chromium(),
        Group(name="endurance", command=_module("pytest", *marked, *shared, *further), minutes=LONG_MINUTES),
    ]


def processes() -> int:
    """Give the number of pytest processes: one more than there are cores, since some tests wait more than they work."""
    return 1 + max(2, os.cpu_count() or 2)


def run(groups: Sequence[Group]) -> int:
    """Run each group until one fails, then print the summary. Give the failing group's exit status, or 0."""
    lines: list[str] = []
    status = 0
    for group in groups:
        if status:
            lines.append(f"  not run        {group.name}")
            continue
        say(f"\n== {group.name}")
        began = time.monotonic()
        status = _status(group)
        lines.append(f"  {'FAILED' if status else 'passed'} {time.monotonic() - began:6.1f} s {group.name}")
    say("\n".join(["", "Checks:", *lines]))
    return status


def _chromium() -> Group:
    return Group(name="Chromium", command=_module("tests.chromium"))


def _module(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]


def _environment() -> dict[str, str]:
    """Give the environment of the checks: Python keeps what it compiles, since the tests start it a hundred times."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _status(group: Group) -> int:
    process = subprocess.Popen(group.command, cwd=ROOT, env=_environment())
    try:
        return process.wait(timeout=group.minutes * 60)
    except subprocess.TimeoutExpired:
        say(f"{group.name} ran longer than {group.minutes:g} minutes and was ended.")
        process.kill()
        process.wait()
        return 1
    except KeyboardInterrupt:
        process.wait()
        raise
