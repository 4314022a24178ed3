"""The head of the chain kept outside the database: a small file that shows when last events were removed."""

import fcntl
import json
import os
from pathlib import Path

from review_app.audit.rules import Head


class OutsideHeadDamaged(Exception):
    """The file is there and cannot be read as a head."""


def read_head(path: Path) -> Head | None:
    """Read the file; None if there is none. Raises OutsideHeadDamaged."""
    try:
        stored = json.loads(path.read_text(encoding="ascii"))
        return Head(sequence=int(stored["sequence"]), hash=str(stored["hash"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise OutsideHeadDamaged(f"{path.name} cannot be read.") from None


def write_head(path: Path, head: Head) -> None:
    """Put a later head in place of an earlier one, whole or not at all. It never goes backwards.

    Several processes write here after their commits, in any order; a lock lets one look and write at a time.
    """
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        present = read_head(path)
        if present is not None and present.sequence >= head.sequence:
            return
        draft = path.with_suffix(f".{os.getpid()}.new")
        with draft.open("w", encoding="ascii") as file:
            json.dump({"sequence": head.sequence, "hash": head.hash}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
