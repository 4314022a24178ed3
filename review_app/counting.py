"""What the address of a page may count to: numbers that every database can hold, and never more."""

from flask import Flask, request
from werkzeug.routing import IntegerConverter

FURTHEST_PAGE = 100_000


class RecordNumber(IntegerConverter):
    """The number of a row in an address. One too long for the database is an address that does not exist."""

    regex = r"\d{1,9}"


def init_counting(app: Flask) -> None:
    """Let `<int:...>` in an address be a number that a row can have. Call before any blueprint is registered."""
    app.url_map.converters["int"] = RecordNumber


def asked_page() -> int:
    """Give the page of a list that the address asks for: the first, if it says nothing that makes sense."""
    return min(max(1, request.args.get("page", 1, type=int)), FURTHEST_PAGE)
