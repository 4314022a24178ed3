"""Opening every door as somebody, and seeing what was answered and what was written.

After each request that committed anything, every table that a statement wrote to is compared with what it held before.
What an allowed post has changed is put back before the next one, so that each is tried on the same world.
"""

import re
import sqlite3
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from review_app.db import db
from tests.web.matrix.world import Facts

ANONYMOUS = "anonymous"
OF_THE_AUDIT = frozenset({"audit_event", "audit_head", "record_salt"})
"""The tables that a page which is only opened may write: that it was opened, or refused."""
WRITES = re.compile(r'\s*(?:INSERT\s+(?:OR \w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+"?(?P<table>\w+)', re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one request was answered."""

    method: str
    path: str
    status: int
    location: str
    text: str
    written: frozenset[str]

    @property
    def outcome(self) -> str:
        """Give the answer in one word, as the table of expectations has it."""
        if self.location.startswith("/sign-in"):
            return "sign-in"
        if self.location == "/partnership":
            return "choose"
        if self.status in (403, 404):
            return str(self.status)
        if self.method == "GET" and 300 <= self.status < 400:
            return "on"
        return "in" if self.status in (200, 302, 303, 409, 422) else f"status {self.status}"


class Matrix:
    """The world, an application on it, and everyone's sign-in."""

    def __init__(self, app: Flask, facts: Facts) -> None:
        self.app, self.facts = app, facts
        with app.app_context():
            path = Path(str(db.engine.url.database))
        self._watch = sqlite3.connect(path, isolation_level=None)
        self._pristine = sqlite3.connect(":memory:", isolation_level=None)
        self._watch.backup(self._pristine)
        self._tables = [
            name for (name,) in self._watch.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        ]
        self._before = {name: self._content(name) for name in self._tables}
        self._seen = self._data_version()
        self._touched: set[str] = set()
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._note)

    def close(self) -> None:
        """Close the connections of its own."""
        self._watch.close()
        self._pristine.close()

    def restore(self) -> None:
        """Put everything back as it was made."""
        self._pristine.backup(self._watch)
        self._seen = self._data_version()

    def visit(
        self, who: str, method: str, path: str, data: Mapping[str, object] | None = None, *, on: bool = False
    ) -> Answer:
        """Open one address as somebody, with nothing left of what they did before, and put back what it changed.

        `on` goes on to where the answer sends them.
        """
        self._touched.clear()
        fields = dict(data or {}) if method == "POST" else None
        try:
            response = self._client(who).open(path, method=method, data=fields, follow_redirects=on)
        except Exception as error:  # an answer too: the table is to be read whole, not up to the first mistake
            frame = traceback.extract_tb(error.__traceback__)[-1]
            self.restore()
            text = f"{type(error).__name__}: {error} at {frame.filename}:{frame.lineno}"
            return Answer(method=method, path=path, status=500, location="", text=text, written=frozenset())
        written = self._written()
        if written - OF_THE_AUDIT:
            self.restore()
        location = response.headers.get("Location", "")
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers if name != "Set-Cookie")
        return Answer(
            method=method,
            path=path,
            status=response.status_code,
            location=location if not urlsplit(location).netloc else f"elsewhere {location}",
            text=f"{headers}\n\n{response.get_data(as_text=True)}",
            written=written,
        )

    def events(self, action: str) -> list[tuple[str, str, int | None]]:
        """Give the audit events of one kind, oldest first: table, reference and person."""
        rows = self._watch.execute(
            "SELECT object_table, object_reference, actor_id FROM audit_event WHERE action = ? ORDER BY sequence",
            (action,),
        )
        return [(str(table), str(reference), actor) for table, reference, actor in rows]

    def _client(self, who: str) -> FlaskClient:
        client = self.app.test_client()
        if who != ANONYMOUS:
            user_id, token = self.facts.sign_ins[who]
            with client.session_transaction() as session:
                session.update({"_user_id": str(user_id), "_fresh": True, "sign_in": token})
        return client

    def _data_version(self) -> int:
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def _written(self) -> frozenset[str]:
        """Say which tables hold something else than they did; those of the audit only ever grow."""
        now = self._data_version()
        if now == self._seen:
            return frozenset()
        self._seen = now
        of_the_audit = self._touched & OF_THE_AUDIT
        changed = {name for name in self._touched - OF_THE_AUDIT if self._content(name) != self._before[name]}
        return frozenset(changed | of_the_audit)

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        """Note the table that a statement writes to."""
        if found := WRITES.match(statement):
            self._touched.add(found["table"])

    def _content(self, table: str) -> int:
        return hash(tuple(self._watch.execute(f'SELECT * FROM "{table}"')))
