"""The one place where an error becomes a status and a page.

Every page says what happened, that nothing was lost, and what to do next. What is logged is where it happened and the
kind of error, never its message, the address or anything typed: those can hold a name or a secret link.
"""

import re
import secrets
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from review_app.errors import (
    DomainError,
    LinkSpent,
    NotAllowed,
    NotVisible,
    RuleBroken,
    Stale,
    Throttled,
)
from review_app.forgery import token_set_aside
from review_app.keystore import KeyDestroyed

Recorder = Callable[[DomainError], None]
FRAMES_LOGGED = 12
WORTH_KEEPING = 20
"""How many characters are worth giving back to somebody whose page was too old."""
NOT_TYPED = re.compile("token|password|digest|version")
"""The names of fields whose value nobody typed, or nobody may see."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One page of refusal: its status, its heading, that nothing was lost, and what to do next."""

    status: int
    title: str
    message: str = ""
    kept: str = "Nothing was changed."
    advice: tuple[str, ...] = ()


ASK = "If you think this is wrong, tell the person who runs the service in your partnership."
BACK = "Use your browser’s Back button: what you typed should still be there."

DOMAIN: dict[type[DomainError], Refusal] = {
    NotVisible: Refusal(
        status=404,
        title="We cannot find that page",
        kept="Nothing was lost.",
        advice=(
            "Check the address, or go back to the page you came from.",
            "If you are signed in and work in several partnerships, check which one you are working in.",
        ),
    ),
    LinkSpent: Refusal(
        status=404,
        title="This link no longer works",
        kept="Nothing was lost.",
        advice=(
            "A private link stops working when it has been used, has passed its date, or is not complete.",
            "Copy the whole link from the message again, or ask whoever sent it for a new one.",
        ),
    ),
    NotAllowed: Refusal(status=403, title="You cannot do this", kept="", advice=(ASK,)),
    Stale: Refusal(
        status=409,
        title="This changed while you had it open",
        kept="Your change was not saved over it.",
        advice=("Read what changed, then open the page again and make your change if it is still needed.", BACK),
    ),
    Throttled: Refusal(
        status=429,
        title="Wait a little, then try again",
        advice=("Try again in 15 minutes.", "If someone is in danger now, call 999."),
    ),
    RuleBroken: Refusal(
        status=409,
        title="This cannot be done now",
        kept="Nothing was changed by what you pressed.",
        advice=("Go back and open the page again to see how things stand now.",),
    ),
}
HTTP: dict[int, Refusal] = {
    400: Refusal(
        status=400,
        title="We could not read that request",
        message="What your browser sent was not complete.",
        advice=(BACK,),
    ),
    404: DOMAIN[NotVisible],
    405: Refusal(
        status=405,
        title="This page cannot be opened that way",
        message="The address takes only what is sent by a button on another page.",
        advice=("Go back to the page you came from and use the button there.",),
    ),
    413: Refusal(
        status=413,
        title="That is too large to send",
        message="The text or the file is larger than this service takes.",
        advice=("Shorten the text, or choose a smaller file.", BACK),
    ),
    429: DOMAIN[Throttled],
}
STALE_TOKEN = Refusal(
    status=400,
    title="Your page had been open a long time",
    message="To protect you we did not act on what you pressed, because the page was too old or you had signed out.",
    advice=("Open the page again, sign in if you are asked to, and press the button again.", BACK),
)
DESTROYED = Refusal(
    status=410,
    title="This was destroyed",
    message="The time for which it was kept is over. Nothing of it can be read any more, in no copy of the database.",
    kept="",
    advice=(
        "If it still stands in a list here, this is an older copy of the database. Tell whoever runs the service.",
    ),
)
CHANGED_MEANWHILE = Refusal(
    status=409,
    title="Someone else changed this at the same moment",
    message="They were first, so your change was not made.",
    advice=("Open the page again to see how it stands now, then make your change if it is still needed.", BACK),
)
BUSY = Refusal(
    status=503,
    title="The service cannot answer just now",
    message="Its database is busy or not answering.",
    kept="What you just sent was not saved; everything saved before is safe.",
    advice=("Wait a minute, then try again.", BACK, "If someone is in danger now, call 999."),
)
BROKEN = Refusal(
    status=500,
    title="Something went wrong on our side",
    message="It is not your fault.",
    kept="What you just sent was not saved; everything saved before is safe.",
    advice=("Try again in a minute.", BACK, "If someone is in danger now, call 999."),
)


def init_error_pages(app: Flask) -> None:
    """Answer every error with a page of ours. The lead sets `app.extensions["denial_recorder"]` to audit denials."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, token_page)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, _changed_meanwhile)
    app.register_error_handler(KeyDestroyed, _destroyed)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(Exception, _broken)


def token_page(_error: CSRFError) -> Response:
    """Say that the page was too old to act on, and give back what was typed on it, to be copied."""
    return _page(STALE_TOKEN, typed=_typed())


def _typed() -> list[str]:
    """Give what somebody typed at length on a page of ours; nothing of a request that our own page did not send."""
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return []
    given = [value for name, value in request.form.items(multi=True) if not NOT_TYPED.search(name)]
    return [value for value in given if len(value) >= WORTH_KEEPING and " " in value]  # not a choice, not a mark


def _domain(error: DomainError) -> ResponseReturnValue:
    recorder: Recorder | None = current_app.extensions.get("denial_recorder")
    if recorder is not None and isinstance(error, NotVisible | NotAllowed):
        with token_set_aside():
            recorder(error)
    refusal = next(DOMAIN[kind] for kind in type(error).__mro__ if kind in DOMAIN) if _known(error) else BROKEN
    differences = error.differences if isinstance(error, Stale) else ()
    response = _page(refusal, message=error.message, differences=differences)
    if isinstance(error, Throttled):
        response.headers["Retry-After"] = "900"
    return response


def _known(error: DomainError) -> bool:
    return isinstance(error, tuple(DOMAIN))


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code >= 500:
        return _broken(error)
    response = _page(HTTP.get(error.code, HTTP[400]), status=error.code)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _changed_meanwhile(_error: StaleDataError) -> ResponseReturnValue:
    return _page(CHANGED_MEANWHILE)


def _destroyed(_error: KeyDestroyed) -> ResponseReturnValue:
    return _page(DESTROYED)


def _busy(error: OperationalError) -> ResponseReturnValue:
    return _page(BUSY, bare=True, code=_log(error))


def _broken(error: Exception) -> ResponseReturnValue:
    if current_app.testing or current_app.config["PROPAGATE_EXCEPTIONS"]:
        raise error
    return _page(BROKEN, bare=True, code=_log(error))


def _log(error: Exception) -> str:
    """Log the kind of error and where it arose, and give the code by which a person can name it to us."""
    code = f"{secrets.randbelow(10**8):08d}"
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_LOGGED:]
    structlog.get_logger("review_app.web").error(
        "request_failed",
        code=code,
        kind=type(error).__name__,
        endpoint=request.endpoint,
        method=request.method,
        where=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )
    return code


def _page(
    refusal: Refusal,
    *,
    message: str = "",
    status: int | None = None,
    differences: tuple[tuple[str, str, str], ...] = (),
    bare: bool = False,
    code: str = "",
    typed: Sequence[str] = (),
) -> Response:
    g.token_answered = True
    words = message or refusal.message
    page = render_template(
        "errors/refusal.html",
        refusal=refusal,
        message=words,
        kept="" if "nothing was" in words.lower() else refusal.kept,
        differences=differences,
        bare=bare,
        code=code,
        typed=typed,
    )
    return make_response(page, status or refusal.status)
