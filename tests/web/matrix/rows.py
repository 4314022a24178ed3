"""How the table of expectations is written: one row for each way of opening a route.

in       the page opens, or the post is taken on (and refused at most by a rule of the procedure or of the form)
on       the page sends the person on to one of theirs
403      they may know of it and may not do this
404      for them it is not there
sign-in  nobody is signed in        choose  signed in, and without a role anywhere
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.web.matrix.people import ALL_THE_WORLD, KNOWN_BY, NOBODY, ROLELESS, SIGNED_IN, People, at_home
from tests.web.matrix.visiting import ANONYMOUS
from tests.web.matrix.world import Facts


@dataclass(frozen=True, kw_only=True)
class Row:
    """One way of opening one route. `names` says which record, number or token fills each part of the address.

    `notes` are tables beside the audit's in which opening the page is noted: that a pack was read, a request opened.
    """

    endpoint: str
    method: str = "GET"
    names: Mapping[str, str | int] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str | list[str]] = field(default_factory=dict)
    enters: People = NOBODY
    sent_on: People = NOBODY
    refused: People = NOBODY
    guarded: bool = True
    done: bool = False
    judged: People = ALL_THE_WORLD
    leads_to_sign_in: bool = False
    notes: frozenset[str] = frozenset()

    def expected(self, who: str) -> str:
        """Give what this person is to be answered."""
        if self.leads_to_sign_in or (self.guarded and who == ANONYMOUS):
            return "sign-in"
        if who in self.enters:
            return "in"
        if self.guarded and who in ROLELESS:
            return "choose"
        if who in self.sent_on:
            return "on"
        return "403" if who in self.refused else "404"

    @property
    def by_link(self) -> bool:
        """Say whether a private link is what opens it, so that who else the person is does not matter."""
        return "token" in self.names

    def values(self, facts: Facts) -> dict[str, str | int]:
        """Give the values of the address, with the query."""
        return {**{part: _value(facts, name) for part, name in self.names.items()}, **self.query}

    def posted(self, facts: Facts) -> dict[str, str | list[str]]:
        """Give the fields of the post; a field that begins with @ names a record."""
        return {
            key: str(_value(facts, value[1:])) if isinstance(value, str) and value.startswith("@") else value
            for key, value in self.data.items()
        }


def _value(facts: Facts, name: str | int) -> str | int:
    if isinstance(name, int):
        return name
    for kind in (facts.references, facts.tokens, facts.numbers):
        if name in kind:
            return kind[name]
    return name


def public(
    endpoint: str, *methods: str, names: Mapping[str, str | int] | None = None, sends_on: People = NOBODY
) -> Iterator[Row]:
    """Open to all the world; `sends_on` are those whom the page sends on."""
    for method in methods or ("GET",):
        sent_on = sends_on if method == "GET" else NOBODY
        yield Row(
            endpoint=endpoint, method=method, names=names or {}, enters=ALL_THE_WORLD - sent_on, sent_on=sent_on,
            guarded=False,
        )  # fmt: skip


def list_page(endpoint: str, enters: People, *, sent_on: People = NOBODY, **query: str) -> Iterator[Row]:
    """A page that only shows things: it is not there for those who have nothing in it."""
    yield Row(endpoint=endpoint, enters=enters, sent_on=sent_on, query=query)


def searched(
    endpoint: str, enters: People, *, sent_on: People = NOBODY, refused: People = NOBODY, guarded: bool = True,
    names: Mapping[str, str | int] | None = None, **words: str,
) -> Iterator[Row]:  # fmt: skip
    """Words by which a list is searched are posted, and lead back to the list."""
    yield Row(
        endpoint=endpoint, method="POST", names=names or {}, data=words, enters=enters | sent_on, refused=refused,
        guarded=guarded, done=True,
    )  # fmt: skip


def shows(endpoint: str, record: str, *, enters: People | None = None, **parts: str | int) -> Iterator[Row]:
    """The page of a record: whoever may know of it enters."""
    known = KNOWN_BY[record] if enters is None else enters
    yield Row(endpoint=endpoint, names={"reference": record, **parts}, enters=known)


def does(
    endpoint: str,
    records: tuple[str, ...],
    may: People,
    *methods: str,
    notes: tuple[str, ...] = (),
    knows: Mapping[str, People] = KNOWN_BY,
    done: Mapping[str, str | list[str]] | None = None,
    sent_on: People = NOBODY,
    **parts: str | int,
) -> Iterator[Row]:
    """A verb on records: 404 without knowing of the record, 403 for who knows and may not.

    `done` are fields with which the post on the first of the records must succeed. The first record is tried by
    everybody and every method; the others by the last method, by those who may do it or may know of one of them.
    """
    interested = may.union(*(knows[record] for record in records))
    for record in records:
        enters = may & knows[record] & at_home(record)
        every = methods or ("GET", "POST")
        for method in every if record == records[0] else every[-1:]:
            posts = method == "POST"
            succeeds = posts and done is not None and record == records[0]
            on = sent_on & enters if method == "GET" else NOBODY
            yield Row(
                endpoint=endpoint, method=method, names={"reference": record, **parts},
                data=(done or {}) if posts else {}, enters=enters - on, sent_on=on,
                refused=knows[record] - enters, done=succeeds, notes=frozenset(notes),
                judged=ALL_THE_WORLD if record == records[0] else interested,
            )  # fmt: skip


def begins(
    endpoint: str, may: People, *methods: str, done: Mapping[str, str] | None = None, **parts: str | int
) -> Iterator[Row]:
    """A verb that needs no record: everyone with a role may know that it exists, so the others are refused."""
    for method in methods or ("GET", "POST"):
        posts = method == "POST"
        yield Row(
            endpoint=endpoint, method=method, names=parts, data=(done or {}) if posts else {}, enters=may,
            refused=SIGNED_IN - may, done=posts and done is not None,
        )  # fmt: skip
