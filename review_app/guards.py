"""The guards at the doors: every view says `@requires(...)`, `@signed_in` or `@public`, and a test proves it.

`create_app` hands over the loader of the actor, so that this shared file knows no feature. What a person may not know
of is 404; what they may know of and may not do is 403. When a view names the record it opens, a person without the
permission gets 404 unless they may see that very record.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlencode

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from review_app.db import db, unit_of_work
from review_app.errors import NotAllowed, NotVisible
from review_app.policy import Actor, Permission, allowed

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
Find = Callable[[Session, Actor, str], object]


def init_guards(app: Flask, load_actor: Callable[[Session], Actor | None]) -> None:
    """Hand over the function that reads the present person's roles from a session."""
    app.extensions["load_actor"] = load_actor


def read() -> Session:
    """Give the request's reading session."""
    return db.session()


def find_actor() -> Actor | None:
    """Give the actor of this request, or None when nobody is signed in or no Partnership is chosen."""
    if not current_user.is_authenticated:
        return None
    if "actor" not in g:
        g.actor = current_app.extensions["load_actor"](read())
    actor: Actor | None = g.actor
    return actor


def current_actor() -> Actor:
    """Give the actor of this request. Raises NotVisible when there is none."""
    actor = find_actor()
    if actor is None:
        raise NotVisible("We cannot find that page.")
    return actor


@contextmanager
def acting() -> Iterator[tuple[Session, Actor]]:
    """Open one unit of work, with the actor's roles read again inside it."""
    with unit_of_work() as session:
        actor: Actor | None = current_app.extensions["load_actor"](session)
        if actor is None:
            raise NotAllowed("Your access ended while this page was open. Nothing was changed. Sign in again.")
        yield session, actor


def public(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Anyone may enter, signed in or not."""
    view.guard = "public"  # type: ignore[attr-defined]
    return view


def _to_sign_in() -> ResponseReturnValue:
    back = request.full_path.rstrip("?") if request.method == "GET" else ""
    query = "?" + urlencode({"next": back}) if back else ""
    return redirect(url_for("accounts.sign_in") + query)


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Anyone who is signed in may enter, even before they have chosen a Partnership."""

    @wraps(view)
    def enter(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        return view(*args, **kwargs) if current_user.is_authenticated else _to_sign_in()

    enter.guard = "signed_in"  # type: ignore[attr-defined]
    return enter


def requires(*permissions: Permission, record: Find | None = None) -> Callable[[View[P]], View[P]]:
    """Only people who hold one of these permissions may enter.

    `record` finds the record that the address names, narrowed to what the person may know; it decides between 404 and
    403 for those who do not hold the permission.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def enter(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return _to_sign_in()
            actor = find_actor()
            if actor is None:
                return redirect(url_for("accounts.choose_partnership"))
            if not any(allowed(actor, permission) for permission in permissions):
                _refuse(actor, permissions, record)
            return view(*args, **kwargs)

        enter.guard = permissions  # type: ignore[attr-defined]
        return enter

    return guard


def _refuse(actor: Actor, permissions: tuple[Permission, ...], record: Find | None) -> None:
    reference = str((request.view_args or {}).get("reference", ""))
    if record is not None:
        record(read(), actor, reference)
    elif all(":see" in permission or ":read" in permission for permission in permissions):
        raise NotVisible("We cannot find that page.", reference=reference)
    raise NotAllowed("Your role does not let you do this. Nothing was changed. Ask your coordinator who can.")
