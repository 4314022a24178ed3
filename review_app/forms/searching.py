"""The filters of a list, and the words that are searched for.

What is chosen from a list, ticked or dated stands in the address, so that it survives paging and can be kept. What a
person has typed never does: an address stays in a browser's history, and the words may be somebody's name. They are
posted, kept sealed in the visitor's session, and the address says only which of the kept ones it means (`?search=...`).
"""

import base64
import json
import secrets
from collections.abc import Mapping

from flask import request, session, url_for
from werkzeug.datastructures import MultiDict

from review_app import crypto
from review_app.forms.base import BaseForm
from review_app.forms.text import TextField

KEPT, MARK, CLEAR = "searches", "search", "clear"
ROOM = 2_000
"""How many characters the kept words may take in the session, which is a cookie of 4,000 at most."""


class FilterForm(BaseForm):
    """The filters of a list. Where something is typed, the view redirects to `kept_address()` once it is `accepted()`.

    A page that is opened is not held up by a filter that is wrong: it is not used.
    """

    def __init__(self, *, prefix: str = "", **values: object) -> None:
        posted = any(name.startswith(prefix) for name in request.form)
        answers = MultiDict[str, str]() if CLEAR in request.form else request.form if posted else request.args
        super().__init__(formdata=answers, prefix=prefix, meta={} if posted else {"csrf": False}, **values)
        if not posted:
            kept = MultiDict(_find(request.args.get(MARK, "")))
            for field in self.typed:
                field.process(kept)
        self.validate()

    def validate(self, extra_validators: object = None) -> bool:
        """Judge every field, again where more choices were offered since."""
        self.form_errors: list[str] = []
        return super().validate(extra_validators)

    @property
    def typed(self) -> list[TextField]:
        """Give the fields that are typed into; a form without any stays a GET form."""
        return [field for field in self._fields.values() if isinstance(field, TextField)]

    def chosen(self) -> dict[str, object]:
        """Give the filters in use, by name, leaving out those that are empty or wrong."""
        every = {name: field for name, field in self._fields.items() if name != self.meta.csrf_field_name}
        return {name: field.data for name, field in every.items() if field.data and not field.errors}

    @property
    def filtered(self) -> bool:
        """Say whether any filter is in use."""
        return bool(self.chosen())

    def kept_address(self) -> str:
        """Keep the words that were posted in place of those before, and give the address of the list they narrow."""
        _forget(request.args.get(MARK, ""))
        address: dict[str, object] = dict(request.view_args or {})
        if CLEAR not in request.form:
            typed = {field.name: field.data for field in self.typed}
            address.update((name, sent) for name, sent in request.form.lists() if any(sent) and self._open(name))
            if any(typed.values()):
                address[MARK] = _keep(typed)
        return url_for(request.endpoint or "", **address)  # type: ignore[arg-type]

    def _open(self, name: str) -> bool:
        """Say whether what was sent under a name may stand in the address; a date is sent in parts."""
        closed = {self.meta.csrf_field_name, *(field.name for field in self.typed)}
        names = {field.name for field in self._fields.values()} - closed
        return any(name == each or name.startswith(f"{each}-") for each in names)


def _place(mark: str) -> str:
    return f"search{request.path}#{mark}"


def _kept() -> list[tuple[str, str]]:
    return [(mark, sealed) for mark, sealed in session.get(KEPT, [])]


def _keep(typed: Mapping[str, str]) -> str:
    """Keep words for the list that is open, the latest longest, and give the mark by which they are found."""
    mark = secrets.token_urlsafe(6)
    plain = json.dumps(typed, ensure_ascii=False).encode()
    sealed = crypto.ring().seal(crypto.Purpose.SEARCH, _place(mark), plain)
    kept = [*_kept(), (mark, base64.b64encode(sealed).decode())]
    while len(kept) > 1 and sum(len(words) for _mark, words in kept) > ROOM:
        kept.pop(0)
    session[KEPT] = kept
    return mark


def _find(mark: str) -> dict[str, str]:
    """Give the words kept under a mark for the list that is open: none, if they were forgotten or are another's."""
    sealed = dict(_kept()).get(mark)
    if sealed is None:
        return {}
    try:
        found: dict[str, str] = json.loads(
            crypto.ring().open(crypto.Purpose.SEARCH, _place(mark), base64.b64decode(sealed))
        )
    except crypto.CannotOpen:
        return {}
    return found


def _forget(mark: str) -> None:
    kept = _kept()
    left = [each for each in kept if each[0] != mark]
    if left != kept:
        session[KEPT] = left
