"""The only way from a feature on the left to those on its right: typed guards and events.

A feature declares a frozen dataclass and publishes it or asks it; features to its right register handlers in
`create_app`. Handlers run in the same transaction, in the order in which they were registered.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session


class Event(Protocol):
    """A fact that has just become true, as a frozen dataclass."""


Told = TypeVar("Told", bound=Event)
Handler = Callable[[Session, Told], None]
Guard = Callable[[Session, Told], str | None]

Answer = Callable[[Session, Told], object | None]

_handlers: dict[type, list[Handler]] = {}  # type: ignore[type-arg]
_guards: dict[type, list[Guard]] = {}  # type: ignore[type-arg]

_answers: dict[type, list[Answer]] = {}  # type: ignore[type-arg]


def on(kind: type[Told], handler: Handler[Told]) -> None:
    """Run `handler` whenever an event of this kind is published. Registering twice changes nothing."""
    registered = _handlers.setdefault(kind, [])
    if handler not in registered:
        registered.append(handler)


def guard(kind: type[Told], check: Guard[Told]) -> None:
    """Let `check` refuse a question of this kind by giving a sentence that says why."""
    registered = _guards.setdefault(kind, [])
    if check not in registered:
        registered.append(check)


def publish(session: Session, event: Event) -> None:
    """Tell every registered handler, in this transaction."""
    for handler in _handlers.get(type(event), []):
        handler(session, event)


def objections(session: Session, question: Event) -> list[str]:
    """Ask every registered guard, and give the sentences of those that object."""
    answers = (check(session, question) for check in _guards.get(type(question), []))
    return [answer for answer in answers if answer]


def answer(kind: type[Told], handler: Answer[Told]) -> None:
    """Let `handler` answer questions of this kind, such as what a page on the left should show; None adds nothing."""
    registered = _answers.setdefault(kind, [])
    if handler not in registered:
        registered.append(handler)


def answers(session: Session, question: Event) -> list[object]:
    """Ask every registered handler, and give what they answered, in the order of registration."""
    given = (handler(session, question) for handler in _answers.get(type(question), []))
    return [each for each in given if each is not None]
