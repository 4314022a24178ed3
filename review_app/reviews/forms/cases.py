"""The filters of the list of cases."""

from review_app.forms import FilterForm, SelectField, choice, choices
from review_app.reviews.rules.states import CaseState
from review_app.reviews.rules.waiting import WaitsFor
from review_app.wording import word

LIMBS = ("a", "b", "c")


class CaseFilterForm(FilterForm):
    """Narrow the list of cases."""

    state = SelectField("State", choices=choices(CaseState, "case"), coerce=CaseState, blank="Any state")
    waiting = SelectField("Waiting for", choices=choices(WaitsFor, "case_waits"), coerce=WaitsFor, blank="Anyone")
    limb = SelectField("Limb", choices=[choice(each, word(each, "limb").text) for each in LIMBS], blank="Any limb")
