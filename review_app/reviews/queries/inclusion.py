"""What is known for deciding on a case, what the rules say of it, and what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.queries import people_names
from review_app.catalogue.models import RuleSet
from review_app.catalogue.queries import current_rule_set, substances_called
from review_app.catalogue.rules.review import AreaTest, ReviewSetting, read_inclusion
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import DeathNotification, ReviewCase, TriageDecision
from review_app.reviews.queries.visibility import visible_cases
from review_app.reviews.rules.inclusion import Inclusion, InclusionFacts, InvolvedSubstance, decide
from review_app.reviews.rules.notified import read_known
from review_app.reviews.rules.states import CaseState
from review_app.reviews.rules.weighing import CLASSIFIED_AGAIN, facts_from, read_facts

NOT_A_SUBSTANCE = "unknown"
"""The class of the list's own entry for what is not known."""


def settings_in_force(session: Session, case: ReviewCase, *, now: datetime) -> RuleSet:
    """Give the settings of inclusion in force for a case's Partnership; a decision keeps their id."""
    return current_rule_set(session, ReviewSetting.INCLUSION, now=now, partnership_id=case.partnership_id)


def what_rules_say(session: Session, facts: InclusionFacts, settings: RuleSet) -> Inclusion:
    """Weigh facts, whose substances were looked up, by settings."""
    return decide(facts, read_inclusion(settings.content))


def deciding_place(settings: RuleSet) -> AreaTest:
    """Give which of the three places decides by settings."""
    return read_inclusion(settings.content).area_test


def look_up(session: Session, facts: InclusionFacts) -> InclusionFacts:
    """Give each substance what the list says of it today. A name that stands for several says nothing certain."""
    looked = [_look_up(session, each) for each in facts.substances]
    named = tuple(each for each in looked if each is not None)
    return replace(
        facts, substances=named, substance_not_known=facts.substance_not_known or len(named) < len(facts.substances)
    )


def _look_up(session: Session, named: InvolvedSubstance) -> InvolvedSubstance | None:
    plain = InvolvedSubstance(name=named.name, controlled=named.controlled)
    found = substances_called(session, named.name)
    if len(found) != 1:
        return plain
    (entry,) = found
    if entry.substance_class == NOT_A_SUBSTANCE:
        return None
    return replace(
        plain,
        mda_class=entry.mda_class or "",
        controlled_on=entry.controlled_on,
        controlled_before=entry.controlled_before,
        verified=entry.verified,
    )


def facts_known(session: Session, case: ReviewCase) -> InclusionFacts:
    """Give the facts to begin with: those of the newest decision, else what the notifiers know."""
    newest = newest_decision(session, case)
    if newest is not None:
        return read_facts(newest.facts)
    rows = select(DeathNotification).where(DeathNotification.case_id == case.id).order_by(DeathNotification.id)
    return facts_from([read_known(each.content) for each in session.scalars(rows)])


def newest_decision(session: Session, case: ReviewCase) -> TriageDecision | None:
    """Give what was decided last about a case that was read before."""
    rows = select(TriageDecision).where(TriageDecision.case_id == case.id).order_by(TriageDecision.number.desc())
    return session.scalar(rows.limit(1))


@dataclass(frozen=True, kw_only=True)
class InclusionSection:
    """What the page of a case shows of its inclusion."""

    reference: str
    state: CaseState
    decisions: "tuple[DecisionLine, ...]"
    may_manage: bool

    @property
    def classifies(self) -> bool:
        """Say whether it can be classified again."""
        return self.state in CLASSIFIED_AGAIN


def inclusion_section_of(session: Session, actor: Actor, case_id: int) -> InclusionSection | None:
    """Give the inclusion of a case the person may read; None of any other."""
    case = session.scalar(visible_cases(actor).where(ReviewCase.id == case_id))
    if case is None:
        return None
    return InclusionSection(
        reference=case.reference,
        state=case.state,
        decisions=decisions_of(session, case),
        may_manage=allowed(actor, Permission.CASE_MANAGE),
    )


@dataclass(frozen=True, kw_only=True)
class DecisionLine:
    """One decision about inclusion, in the order in which they were made."""

    number: int
    outcome: CaseState
    limbs: tuple[str, ...]
    basis: str
    settings: str
    reason: str
    explanation: tuple[str, ...]
    decided_at: datetime
    decided_by: str


def decisions_of(session: Session, case: ReviewCase) -> tuple[DecisionLine, ...]:
    """Give everything decided about the inclusion of a case that was read before, the first one first."""
    rows = select(TriageDecision, RuleSet.version, RuleSet.active_from).join(
        RuleSet, RuleSet.id == TriageDecision.settings_id
    )
    found = session.execute(rows.where(TriageDecision.case_id == case.id).order_by(TriageDecision.number)).all()
    names = people_names(session, {row.decided_by_id for row, _, _ in found})
    return tuple(_line(row, f"version {version}", names.get(row.decided_by_id, "")) for row, version, _ in found)


def _line(row: TriageDecision, settings: str, name: str) -> DecisionLine:
    lines: Sequence[str] = row.explanation.split("\n") if row.explanation else ()
    return DecisionLine(
        number=row.number,
        outcome=row.outcome,
        limbs=tuple(row.limbs),
        basis=row.criterion_basis,
        settings=settings,
        reason=row.reason,
        explanation=tuple(lines),
        decided_at=row.decided_at,
        decided_by=name,
    )
