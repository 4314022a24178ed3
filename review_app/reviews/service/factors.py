"""Recording the factors of a case: adding, changing and taking one away."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.catalogue.models import RuleSet
from review_app.catalogue.queries import current_rule_set
from review_app.catalogue.rules.review import Factors, ReviewSetting, read_factors
from review_app.errors import MoveRefused, RuleBroken, Stale
from review_app.policy import Actor, Permission, require
from review_app.reviews import queries
from review_app.reviews.commands.findings import AddFactor, ChangeFactor, FactorWords, RemoveFactor
from review_app.reviews.models import ContributoryFactor, ReviewCase
from review_app.reviews.queries import agenda, factors
from review_app.reviews.rules.findings import FACTORS_OPEN

SECTION = "factors"
CHANGED = "Somebody changed this factor while you had it open. What you wrote is kept below: press again to use it."


def add_factor(session: Session, actor: Actor, command: AddFactor, *, now: datetime) -> ContributoryFactor:
    """Add a factor under the settings of today. The same words twice are one factor."""
    case = _case(session, actor, command.reference, now=now)
    rules = _rules(session, case, now=now)
    said = _sound(command.factor, read_factors(rules.content))
    for standing in factors.factors_of(session, case):
        if said_of(standing) == said:
            return standing
    held = agenda.meetings_of(session, case)
    factor = ContributoryFactor(
        case_uuid=case.uuid,
        case_id=case.id,
        meeting_id=held[-1].meeting_id if held else None,
        rules_id=rules.id,
        recorded_at=now,
        recorded_by_id=actor.user_id,
    )
    _say(factor, said)
    session.add(factor)
    record(session, actor, "add_factor", case, at=now, section=SECTION)
    return factor


def change_factor(session: Session, actor: Actor, command: ChangeFactor, *, now: datetime) -> ContributoryFactor:
    """Change a factor, under the settings of today. The second of two people is shown what the first wrote."""
    case = _case(session, actor, command.reference, now=now)
    factor = factors.get_factor(session, case, command.factor_id)
    rules = _rules(session, case, now=now)
    said, before = _sound(command.factor, read_factors(rules.content)), said_of(factor)
    if factor.version != command.version and said != before:
        raise Stale(CHANGED, differences=_differences(said, before, read_factors(rules.content)))
    if said != before:
        factor.rules_id = rules.id
        _say(factor, said)
        record(session, actor, "change_factor", case, at=now, section=SECTION)
    return factor


def remove_factor(session: Session, actor: Actor, command: RemoveFactor, *, now: datetime) -> ReviewCase:
    """Take a factor away. That it was there is kept."""
    case = _case(session, actor, command.reference, now=now)
    factor = factors.get_factor(session, case, command.factor_id)
    factor.removed_at, factor.removed_by_id = now, actor.user_id
    record(session, actor, "remove_factor", case, at=now, section=SECTION)
    return case


def said_of(factor: ContributoryFactor) -> FactorWords:
    """Give what a factor says."""
    return FactorWords(
        domain=factor.domain, influence=factor.influence, modifiable=factor.modifiable, words=factor.words
    )


def _case(session: Session, actor: Actor, reference: str, *, now: datetime) -> ReviewCase:
    require(actor, Permission.LEARNING_RECORD)
    may = queries.recording_cases(actor, since=queries.readable_since(session, actor.partnership_id, now=now))
    case = queries.lock_narrowed(session, actor, may, reference)
    if case.state not in FACTORS_OPEN:
        raise MoveRefused("Factors are recorded from the papers on until the case is signed off.")
    return case


def _rules(session: Session, case: ReviewCase, *, now: datetime) -> RuleSet:
    return current_rule_set(session, ReviewSetting.FACTORS, now=now, partnership_id=case.partnership_id)


def _sound(said: FactorWords, rules: Factors) -> FactorWords:
    """Refuse what the settings do not list, and a factor without words."""
    listed = (
        said.domain in {each.key for each in rules.domains}
        and said.influence in {each.key for each in rules.influence}
        and said.modifiable in {each.key for each in rules.modifiable}
    )
    if not listed:
        raise RuleBroken("Select the domain, the influence and whether it could be changed from what is listed.")
    if not said.words.strip():
        raise RuleBroken("Enter what the factor is.")
    return FactorWords(
        domain=said.domain, influence=said.influence, modifiable=said.modifiable, words=said.words.strip()
    )


def _say(factor: ContributoryFactor, said: FactorWords) -> None:
    factor.domain, factor.influence, factor.modifiable = said.domain, said.influence, said.modifiable
    factor.words = said.words


def _differences(mine: FactorWords, now: FactorWords, rules: Factors) -> tuple[tuple[str, str, str], ...]:
    words = {each.key: each.words for each in (*rules.influence, *rules.modifiable)}
    words |= {each.key: each.words for each in rules.domains}
    rows = (
        ("Domain", words.get(mine.domain, ""), words.get(now.domain, "")),
        ("Influence", words.get(mine.influence, ""), words.get(now.influence, "")),
        ("Could be changed", words.get(mine.modifiable, ""), words.get(now.modifiable, "")),
        ("What it is", mine.words, now.words),
    )
    return tuple(row for row in rows if row[1] != row[2])
