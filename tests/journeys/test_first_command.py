"""A newcomer's first command, in a fresh copy of the project, on nothing but Python and a package registry.

It is for the endurance run: whoever runs the checks in a fresh copy has had the environment built, and the long journey
is on the server that the first command starts.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.servers import ROOT, RunningProduct, descendants, until_gone


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of every file that belongs to the project, and of nothing that was made here."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    folder = tmp_path / "checkout"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    return folder


@pytest.mark.endurance
def test_the_first_command_sets_up_and_serves_and_the_second_start_keeps_the_data(checkout: Path) -> None:
    instance = checkout / "instance"
    bare_python = str(Path(sys.base_prefix) / "bin" / "python3")
    with RunningProduct(instance, root=checkout, python=bare_python) as product:
        product.start(seconds=400)
        health = product.health()
        assert (health["status"], health["database"]) == ("ok", "ok")
        assert f"Serving on {product.url}" in until_it_says(product, "Ctrl-C stops everything")
        assert "coordinator@westhaven.example" in product.output
        everything = descendants(product.pid)
        assert product.stop() == 0
        assert until_gone(everything, seconds=1) == []
        database = instance / "review.db"
        before = database.stat().st_ino
        secrets = (instance / "demo-secrets.json").read_bytes()

        said = len(product.output)
        product.start(seconds=60)
        assert "Installing" not in product.output[said:]
        assert database.stat().st_ino == before
        assert (instance / "demo-secrets.json").read_bytes() == secrets
        assert product.stop() == 0


def until_it_says(product: RunningProduct, words: str) -> str:
    """Wait until the command has printed some words, and give everything it printed."""
    deadline = time.monotonic() + 20
    while words not in product.output and time.monotonic() < deadline:
        time.sleep(0.1)
    return product.output
