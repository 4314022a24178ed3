"""No request of another site, and no form of another sign-in, can write; and no one loses what they typed to that rule.

Every unsafe request must carry the token of its browser's session. A request whose token is missing or too old is not
turned away at once, because the person may have typed for an hour; instead, three things hold until it is answered:

- a form of ours that is asked `accepted()` says no, keeps everything typed, and asks the person to send it again;
- no unit of work that writes can begin (the engine itself refuses it);
- a view that asked no form is answered with our 400 page in place of whatever it said, and its session is put back.

A request that the browser itself marks as coming from another site is refused at the door.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from flask import Flask, Response, current_app, g, has_request_context, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect, _FlaskFormCSRF
from sqlalchemy import Connection, Engine, event
from wtforms import Field, Form, ValidationError

STALE_PAGE = "Your page had been open a long time. Check your answers and send again."
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

P = ParamSpec("P")
Answer = TypeVar("Answer")
Render = Callable[[CSRFError], Response]


class KeptTyping(_FlaskFormCSRF):  # type: ignore[misc]
    """A form's own check of the token: its failure is an error on the form, so the page comes back filled in."""

    def validate_csrf_token(self, form: Form, field: Field) -> None:
        """Refuse a failed token in words, and note that a form has answered for it."""
        if g.get("token_failure"):
            g.token_answered = True
            raise ValidationError(STALE_PAGE)
        super().validate_csrf_token(form, field)


def token_free(view: Callable[P, Answer]) -> Callable[P, Answer]:
    """Let a view take posts without a token: only for machines that hold a secret link, never for a signed-in act."""
    view.token_free = True  # type: ignore[attr-defined]
    return view


@contextmanager
def token_set_aside() -> Iterator[None]:
    """Let the audit of a denial be written even in a request whose token failed."""
    failure = g.pop("token_failure", None)
    try:
        yield
    finally:
        if failure is not None:
            g.token_failure = failure


def init_forgery(app: Flask, render: Render) -> None:
    """Check the token of every unsafe request. `render` gives the page for a view that had no form to say so."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", 12 * 60 * 60)
    app.config.setdefault("WTF_CSRF_SSL_STRICT", False)
    protect = CSRFProtect(app)

    @app.before_request
    def check() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if request.method in SAFE_METHODS or not app.config["WTF_CSRF_ENABLED"] or getattr(view, "token_free", False):
            return
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise CSRFError("The request came from another site.")
        try:
            protect.protect()
        except CSRFError as error:
            g.token_failure = error
            g.session_before = dict(session)

    @app.after_request
    def answer(response: Response) -> Response:
        failure = g.get("token_failure")
        if failure is None or g.get("token_answered") or response.status_code >= 400:
            return response
        session.clear()
        session.update(g.session_before)
        return render(failure)

    if not event.contains(Engine, "begin", _refuse_forged_writing):
        event.listen(Engine, "begin", _refuse_forged_writing)


def _refuse_forged_writing(connection: Connection) -> None:
    """Refuse to begin a writing transaction for a request whose token failed."""
    if not has_request_context() or not connection.get_execution_options().get("writes", False):
        return
    failure = g.get("token_failure")
    if failure is not None and current_app.config["WTF_CSRF_ENABLED"]:
        raise failure
