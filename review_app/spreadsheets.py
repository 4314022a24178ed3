"""Files that a spreadsheet opens and cannot run."""

import csv
import io
from collections.abc import Iterable, Sequence

RUNS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet takes for something to run."""


def write_rows(rows: Iterable[Sequence[str]]) -> str:
    """Write rows as CSV, with an apostrophe before every cell that a spreadsheet would run."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([[safe_cell(cell) for cell in row] for row in rows])
    return written.getvalue()


def safe_cell(cell: str) -> str:
    """Give a cell that no spreadsheet runs."""
    return f"'{cell}" if cell.startswith(RUNS) else cell
