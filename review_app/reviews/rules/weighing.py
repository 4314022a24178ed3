"""The facts on which inclusion is decided: put together from what notifiers know, and kept with each decision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date

from review_app.fuzzy import NOT_KNOWN, DatePrecision, FuzzyDate
from review_app.reviews.rules.inclusion import Answer, Basis, InclusionFacts, InvolvedSubstance
from review_app.reviews.rules.notified import Known, Place, Suspected, read_date, write_date
from review_app.reviews.rules.states import CaseAction, CaseState

ACTION_OF: Mapping[CaseState, CaseAction] = {
    CaseState.OUT_OF_SCOPE: CaseAction.EXCLUDE,
    CaseState.IN_SCOPE_NOT_SELECTED: CaseAction.NOT_SELECT,
    CaseState.SELECTED: CaseAction.SELECT,
}
"""By which move a decision about inclusion takes effect."""
NEEDS_REASON = (CaseState.OUT_OF_SCOPE, CaseState.IN_SCOPE_NOT_SELECTED)
CLASSIFIED_AGAIN = (
    CaseState.SELECTED, CaseState.INFO_REQUESTED, CaseState.INFO_READY, CaseState.PACK_DRAFT, CaseState.LISTED,
    CaseState.IN_PANEL, CaseState.DEFERRED, CaseState.FINDINGS_DRAFT, CaseState.ACCURACY_CHECK, CaseState.REOPENED,
)  # fmt: skip
"""States in which toxicology or an inquest may confirm or change by which limb a case is in scope."""
ANSWERS = tuple(each.name for each in fields(InclusionFacts) if each.type is Answer)


def facts_from(notifications: Sequence[Known]) -> InclusionFacts:
    """Put together what several notifiers know. Where they contradict each other a person is asked."""
    suspected = {each for known in notifications for each in known.suspected}
    names: dict[str, str] = {}
    for name in (name for known in notifications for name in known.substances):
        names.setdefault(name.casefold(), name)
    return InclusionFacts(
        died=best_date(known.died for known in notifications),
        age=next((known.age for known in notifications if known.age is not None), None),
        adult=agreed(known.adult for known in notifications),
        residence_in_area=agreed(known.where(Place.RESIDENCE).in_area for known in notifications),
        death_in_area=agreed(known.where(Place.DEATH).in_area for known in notifications),
        service_in_area=agreed(known.where(Place.SERVICE).in_area for known in notifications),
        drug_poisoning=_yes_if(Suspected.DRUG_POISONING in suspected),
        drug_use=_yes_if(Suspected.DRUG_USE in suspected),
        drug_dependence=_yes_if(Suspected.DRUG_DEPENDENCE in suspected),
        alcohol_directly_related=_yes_if(Suspected.ALCOHOL in suspected),
        suicide=_yes_if(Suspected.SUICIDE in suspected),
        substances=tuple(InvolvedSubstance(name=name) for name in names.values()),
        substance_not_known=any(known.substance_not_known for known in notifications),
    )


def agreed(answers: Iterable[Answer]) -> Answer:
    """Give what is said by all who say anything; a contradiction is not known."""
    said = {answer for answer in answers if answer is not Answer.NOT_KNOWN}
    return said.pop() if len(said) == 1 else Answer.NOT_KNOWN


def best_date(dates: Iterable[FuzzyDate]) -> FuzzyDate:
    """Give the date that is known best: a day before anything rougher, else the shortest span."""
    known = [each for each in dates if each.precision is not DatePrecision.NOT_KNOWN]
    return min(known, key=_roughness, default=NOT_KNOWN)


def _roughness(value: FuzzyDate) -> int:
    if value.earliest is None or value.latest is None:
        return 10**6
    return (value.latest - value.earliest).days


def _yes_if(suspected: bool) -> Answer:
    return Answer.YES if suspected else Answer.NOT_KNOWN


def write_facts(facts: InclusionFacts) -> Mapping[str, object]:
    """Write the facts of a decision as plain answers, with what the list of substances said at the time."""
    return {
        "died": write_date(facts.died),
        "basis": facts.basis.value,
        "age": facts.age,
        **{name: getattr(facts, name).value for name in ANSWERS},
        "substances": [_write_substance(each) for each in facts.substances],
        "substance_not_known": facts.substance_not_known,
    }


def _write_substance(each: InvolvedSubstance) -> dict[str, object]:
    return {
        "name": each.name,
        "class": each.mda_class,
        "since": each.controlled_on.isoformat() if each.controlled_on else None,
        "before": each.controlled_before.isoformat() if each.controlled_before else None,
        "verified": each.verified,
        "controlled": each.controlled.value if each.controlled else None,
    }


def read_facts(written: Mapping[str, object]) -> InclusionFacts:
    """Read what `write_facts` wrote."""
    age, listed = written.get("age"), written.get("substances")
    rows = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return InclusionFacts(
        died=read_date(written.get("died")),
        basis=Basis(str(written.get("basis") or Basis.SUSPECTED)),
        age=age if isinstance(age, int) else None,
        **{name: Answer(str(written.get(name) or Answer.NOT_KNOWN)) for name in ANSWERS},
        substances=tuple(_read_substance(row) for row in rows),
        substance_not_known=written.get("substance_not_known") is True,
    )


def _read_substance(row: Mapping[str, object]) -> InvolvedSubstance:
    controlled = row.get("controlled")
    return InvolvedSubstance(
        name=str(row["name"]),
        mda_class=str(row.get("class") or ""),
        controlled_on=_day(row.get("since")),
        controlled_before=_day(row.get("before")),
        verified=row.get("verified") is True,
        controlled=Answer(str(controlled)) if controlled else None,
    )


def _day(written: object) -> date | None:
    return date.fromisoformat(written) if isinstance(written, str) else None
