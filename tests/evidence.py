"""Writes what the endurance cases measured, as JSON under `docs/evidence/`.

A case hands on its numbers by pytest's `record_property("recipients", 1000)`. Loaded by `-p tests.evidence`.
"""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "evidence"


class Evidence:
    """Collects each case's outcome, and writes them all at the end."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.began = time.monotonic()
        self.cases: dict[str, dict[str, object]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of the test itself, and of a set-up or tidying that failed."""
        if report.when == "call" or report.outcome != "passed":
            self.cases[report.nodeid] = {
                "outcome": report.outcome,
                "seconds": round(report.duration, 1),
                "measured": dict(report.user_properties),
            }

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the summary and say where it is."""
        commit = _git("rev-parse", "--short", "HEAD") or "uncommitted"
        summary = {
            "commit": commit,
            "changed_since_commit": bool(_git("status", "--porcelain", "--", "review_app", "tests", "migrations")),
            "seed": self.seed,
            "seconds": round(time.monotonic() - self.began, 1),
            "python": platform.python_version(),
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
            "command": " ".join(sys.argv),
            "cases": self.cases,
        }
        FOLDER.mkdir(parents=True, exist_ok=True)
        path = FOLDER / f"long-{commit}.json"
        path.write_text(json.dumps(summary, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        terminalreporter.write_line(f"Summary written to {path.relative_to(FOLDER.parents[1])}")


def pytest_configure(config: pytest.Config) -> None:
    """Collect in the process that hears of every test."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Evidence(int(config.getoption("--seed"))), "evidence")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=FOLDER.parents[1], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
