"""Changing what agencies are asked. A request that was made keeps the version it was made under."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.catalogue.commands import AddQuestion, SwitchQuestion, WordQuestion
from review_app.catalogue.models import FormDefinition
from review_app.catalogue.queries import agency_return
from review_app.catalogue.rules.agency_return import (
    AGENCY_RETURN,
    ALWAYS_ASKED,
    AnswerKind,
    FieldMark,
    free_key,
    read_agency_return,
    with_one_more,
    with_question,
)
from review_app.catalogue.rules.content import Content
from review_app.catalogue.rules.in_words import changes, return_parts
from review_app.catalogue.service.settings import CHANGED, lock_settings, own_version
from review_app.errors import NotVisible, RuleBroken, Stale
from review_app.policy import Actor, Permission, require
from review_app.working_time import london_day


def word_question(session: Session, actor: Actor, command: WordQuestion, *, now: datetime) -> FormDefinition:
    """Change the words of a question, its hint, and whether it must be answered."""
    require(actor, Permission.SETTINGS_MANAGE)
    if command.key in ALWAYS_ASKED and not command.required:
        raise RuleBroken("This question must always be answered, because the review depends on it.")
    words = {"words": command.words, "hint": command.hint, "required": command.required}
    return _change(session, actor, command.base_id, command.key, words, command.reason, now)


def switch_question(session: Session, actor: Actor, command: SwitchQuestion, *, now: datetime) -> FormDefinition:
    """Stop asking a question, or ask it again. What was answered to it before is still shown."""
    require(actor, Permission.SETTINGS_MANAGE)
    if command.key in ALWAYS_ASKED:
        raise RuleBroken("This question cannot be switched off, because the review depends on it.")
    return _change(session, actor, command.base_id, command.key, {"off": not command.on}, "", now)


def _change(
    session: Session, actor: Actor, base_id: int, key: str, changed: Mapping[str, object], reason: str, now: datetime
) -> FormDefinition:
    """Save one question changed, unless somebody else changed that question since this person opened it."""
    lock_settings(session, actor)
    row, form = agency_return(session, actor.partnership_id, now=now)
    base = session.get(FormDefinition, base_id)
    if key not in form.questions() or base is None or base.partnership_id not in {None, actor.partnership_id}:
        raise NotVisible("We cannot find that question.")
    wanted = with_question(row.content, key, **changed)
    parts = return_parts(form)
    differing = changes(return_parts(read_agency_return(wanted)), parts)
    if not differing:
        return row
    if read_agency_return(base.content).questions().get(key) != form.questions()[key]:
        raise Stale(CHANGED, differences=differing)
    return _save(session, actor, wanted, reason, now)


def add_question(session: Session, actor: Actor, command: AddQuestion, *, now: datetime) -> FormDefinition:
    """Ask one question more, at the end of the core or of a block. A second press adds no second one."""
    require(actor, Permission.SETTINGS_MANAGE)
    lock_settings(session, actor)
    row, form = agency_return(session, actor.partnership_id, now=now)
    if command.block not in {block.key for block in form.blocks}:
        raise NotVisible("We cannot find that group of questions.")
    if any(question.words == command.words for question in form.block(command.block).questions):
        raise RuleBroken("This group has a question with these words already")
    question: dict[str, object] = {
        "key": free_key(form),
        "kind": command.kind.value,
        "words": command.words,
        "hint": command.hint,
        "required": command.required,
        "mark": (FieldMark.LIVING_PERSON if command.third_party else FieldMark.CONFIDENTIAL).value,
        "section": command.section.value,
        "third_party": command.third_party,
    }
    if command.kind is AnswerKind.CHOICE:
        question["options"] = [
            {"key": f"option_{number}", "words": words} for number, words in enumerate(command.options, start=1)
        ]
    return _save(session, actor, with_one_more(row.content, command.block, question), command.reason, now)


def _save(session: Session, actor: Actor, content: Content, reason: str, now: datetime) -> FormDefinition:
    read_agency_return(content)
    row = FormDefinition(key=AGENCY_RETURN, content=dict(content), active_from=london_day(now))
    return own_version(session, actor, row, reason, now=now)
