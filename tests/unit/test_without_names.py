"""What a panel reads does not say who it is about."""

from datetime import date

import pytest

from review_app.reviews.rules.notified import Identity
from review_app.reviews.rules.without_names import deidentified

ANN = Identity(
    forename="Ann-Marie", surname="Brown", other_names="Annie, Red", nhs_number="9434765919", born=date(1984, 3, 17),
    address="Flat 2, 17 Quillfeather Row", postcode="ZE99 9QQ",
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Ann-Marie Brown was met.", "[the person] was met."),
        ("Ms BROWN’s worker met Annie.", "Ms [the person]’s worker met [the person]."),
        ("She wore a brown coat and red shoes.", "She wore a brown coat and red shoes."),
        ("NHS 943 476 5919 on file.", "NHS [left out] on file."),
        ("NHS 9434765919 on file.", "NHS [left out] on file."),
        ("Ring 07700 900123 or write to a.b@example.org.", "Ring [left out] or write to [left out]."),
        ("Visited flat 2, 17 quillfeather row in May.", "Visited [left out] in May."),
        ("Moved from ZE999QQ.", "Moved from [left out]."),
        ("Born 17/03/1984.", "[left out]."),
        ("Brownfield site, Redcar.", "Brownfield site, Redcar."),
        ("", ""),
    ],
)
def test_names_and_identifiers_are_taken_out_and_other_words_stay(written: str, told: str) -> None:
    assert deidentified(written, [ANN]) == told


def test_without_anybody_known_only_what_looks_like_an_identifier_goes() -> None:
    assert deidentified("Brown rang from 07700 900123.", []) == "Brown rang from [left out]."
