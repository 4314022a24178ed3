"""Finding a Chromium for the browser tests, or installing one. Run as a program it does so and says where it is."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

VARIABLE = "REVIEW_CHROMIUM"
PACKAGES = ("chromium-headless-shell", "chromium")
"""The system's packages, the better one first: Chromium without a window of its own does the same with less work."""
NAMES = (*PACKAGES, "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
INSTALL_SYSTEM = "apt-get update && apt-get install -y chromium"
INSTALL_OWN = [sys.executable, "-m", "playwright", "install", "chromium"]


class NoChromium(Exception):
    """There is no Chromium that starts, and none could be installed. The message says what to type."""


@cache
def find_chromium() -> Path:
    """Give a Chromium that starts: the one named by the environment, the system's, or Playwright's own."""
    named = os.environ.get(VARIABLE)
    if named:
        if not _starts(Path(named)):
            raise NoChromium(f"{VARIABLE} names {named}, which does not start. Name a Chromium that does, or unset it.")
        return Path(named)
    for candidate in _candidates():
        if _starts(candidate):
            return candidate
    raise NoChromium(f"There is no Chromium. Type as root: {INSTALL_SYSTEM}  (or: {' '.join(INSTALL_OWN)})")


def install_chromium() -> None:
    """Install one by the system's packages where that can work, else by Playwright."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium with apt-get. This happens once.", flush=True)
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, stdout=subprocess.DEVNULL, check=False)
        for package in PACKAGES:
            command = ["apt-get", "install", "-y", "-qq", package]
            if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode == 0:
                return
    print("Installing Chromium with Playwright. This happens once.", flush=True)
    subprocess.run(INSTALL_OWN, check=False)


def _candidates() -> Iterator[Path]:
    for name in NAMES:
        found = shutil.which(name)
        if found:
            yield Path(found)
    yield from APPLICATIONS
    own = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    yield from sorted(own.glob("chromium-*/chrome-linux*/chrome"), reverse=True)
    mac = Path.home() / "Library" / "Caches" / "ms-playwright"
    yield from sorted(mac.glob("chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium"), reverse=True)


def _starts(program: Path) -> bool:
    """Say whether the program runs; system libraries may be missing although the file is there."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    """Find Chromium, installing it if need be; fail with the line to type."""
    try:
        found = find_chromium()
    except NoChromium:
        if not os.environ.get(VARIABLE):
            install_chromium()
        try:
            found = find_chromium()
        except NoChromium as problem:
            print(problem, file=sys.stderr)
            return 1
    print(f"Chromium: {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
