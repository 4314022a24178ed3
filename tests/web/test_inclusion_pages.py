"""Triage and the wizard of inclusion, through the pages."""

from datetime import date

import pytest
from sqlalchemy import select

from review_app.catalogue.models import RuleSet
from review_app.catalogue.queries import current_rule_set
from review_app.catalogue.rules.review import ReviewSetting
from review_app.reviews.models import ReviewCase, TriageDecision
from review_app.reviews.rules.notified import Suspected
from review_app.reviews.rules.states import CaseState
from tests import factories, reviewing
from tests.browser import Browser

NO_DRUGS = ("Is the cause drug poisoning?", "Is the cause drug use?", "Is the cause drug dependence?")


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    """Sign a person in: `sign_in("review.chair")`."""
    return lambda key: Browser(app).sign_in(here.email(key), factories.PASSWORD)


def made(work, here, clock, state=CaseState.TRIAGE, **facts) -> str:
    with work() as session:
        reference: str = reviewing.make_case(session, here, now=clock.now(), state=state, **facts).reference
        return reference


def state_of(work, reference) -> CaseState:
    with work() as session:
        case: ReviewCase = session.scalars(select(ReviewCase).filter_by(reference=reference)).one()
        return case.state


def test_a_case_goes_from_its_notification_to_selection_by_its_buttons(work, here, clock, sign_in):
    reference = made(work, here, clock, CaseState.NOTIFIED)
    browser = sign_in("review.coordinator").get(f"/reviews/{reference}").press("Start triage")
    assert "You have started triage." in browser.soup.get_text()
    browser.follow("Decide inclusion", within="You decide.")
    assert "In scope by limb A. Any one limb is enough." in browser.text
    assert "isotonitazene (class A) has been controlled since 20 March 2024" in browser.text
    browser.choose("Selected for review").press("Save decision")
    assert "Your decision is kept" in browser.soup.get_text()
    for words in ("Selected for review", "A, drugs", "Suspected", "by version 1 of the inclusion settings"):
        assert words in browser.text
    assert state_of(work, reference) is CaseState.SELECTED


def test_a_substance_that_nobody_checked_is_asked_about_in_words(work, here, clock, sign_in):
    reference = made(work, here, clock, substances=("Xylazine",))
    browser = sign_in("review.coordinator").get(f"/reviews/{reference}/inclusion")
    assert "Needs an answer" in browser.text
    question = "Was Xylazine controlled under the Misuse of Drugs Act 1971 on the date of death (5 November 2026)?"
    assert question in browser.text
    browser.choose("Yes", question="Was the first substance controlled on the date of death?")
    browser.press("See what the rules say")
    assert "A person has answered that it was controlled on the date of death." in browser.text
    browser.choose("Selected for review").press("Save decision")
    assert state_of(work, reference) is CaseState.SELECTED


def test_out_of_scope_and_not_selected_ask_for_a_reason(work, here, clock, sign_in):
    reference = made(work, here, clock)
    browser = sign_in("review.coordinator").get(f"/reviews/{reference}/inclusion")
    browser.press("Save decision", status=422)
    assert browser.errors == ["Select what you decide"]
    browser.choose("In scope, not selected").press("Save decision", status=422)
    assert browser.errors == ["Enter why: out of scope and not selected need a reason"]
    browser.fill("Why?", "Six reviews are running already.").press("Save decision")
    assert "Why: Six reviews are running already." in browser.text
    assert state_of(work, reference) is CaseState.IN_SCOPE_NOT_SELECTED
    browser.follow("Take it up again").press("Take it up again", status=422)
    browser.fill("What is new?", "Toxicology came.").press("Take it up again")
    assert "Toxicology came." in browser.text
    assert state_of(work, reference) is CaseState.TRIAGE


def test_what_the_rules_do_not_take_in_is_not_selected(work, here, clock, sign_in):
    reference = made(work, here, clock)
    browser = sign_in("review.coordinator").get(f"/reviews/{reference}/inclusion")
    browser.choose("No", question="Did they usually live in our area?").press("See what the rules say")
    assert "Out of scope" in browser.text
    browser.choose("Selected for review").press("Save decision", status=422)
    assert "The rules do not say that this death is in scope." in browser.errors[0]
    assert state_of(work, reference) is CaseState.TRIAGE


def test_a_decision_is_only_made_on_what_was_read(work, here, clock, sign_in):
    reference = made(work, here, clock)
    browser = sign_in("review.coordinator").get(f"/reviews/{reference}/inclusion")
    browser.choose("Yes", question="Is this a suicide, by any means?").choose("Selected for review")
    browser.press("Save decision", status=422)
    assert browser.errors == ["The answers have changed. Read below what the rules say now, then save your decision."]
    browser.press("Save decision")
    assert state_of(work, reference) is CaseState.SELECTED


def limb_c_with_alcohol_alone(browser: Browser, reference: str) -> Browser:
    """Answer everything the rules ask about a suicide with alcohol and no drugs."""
    browser.get(f"/reviews/{reference}/inclusion")
    for question in NO_DRUGS:
        browser.choose("No", question=question)
    browser.choose("No", question="Is alcohol use directly related to the cause?")
    browser.choose("Yes", question="Was alcohol use a significant factor in the person’s life?")
    browser.choose("No", question="Was drug use a significant factor in the person’s life?")
    return browser.press("See what the rules say")


def test_limb_c_with_alcohol_alone_is_out_as_it_is_written_and_in_by_the_setting(work, here, clock, sign_in):
    reference = made(work, here, clock, suspected=(Suspected.SUICIDE,), substances=())
    browser = limb_c_with_alcohol_alone(sign_in("review.coordinator"), reference)
    assert "No limb applies." in browser.text
    assert "as it is written: alcohol and drug use must both have been a significant factor" in browser.text
    with work() as session:
        shipped = current_rule_set(session, ReviewSetting.INCLUSION, now=clock.now())
        session.add(
            RuleSet(
                key=shipped.key, version=1, content={**shipped.content, "limb_c_join": "or"},
                active_from=date(2026, 1, 1), partnership_id=here.partnership.id,
                saved_by_id=here.user("admin").id, saved_at=clock.now(), reason="The Board agreed.",
            )
        )  # fmt: skip
    browser.choose("Out of scope").fill("Why?", "No limb.").press("Save decision", status=422)
    assert "The settings have changed" in browser.errors[0]
    assert "In scope by limb C." in browser.text
    assert "widely: alcohol use or drug use as a significant factor is enough" in browser.text
    browser.choose("Selected for review").press("Save decision")
    with work() as session:
        decision = session.scalars(select(TriageDecision)).one()
        assert decision.limbs == ["c"]
        assert "widely" in decision.explanation


def test_a_confirmed_cause_is_kept_beside_the_suspected_one(work, here, clock, sign_in):
    reference = made(work, here, clock)
    browser = sign_in("review.coordinator").get(f"/reviews/{reference}/inclusion")
    browser.choose("Selected for review").press("Save decision")
    browser.follow("Classify again when something is confirmed").choose("Confirmed")
    browser.press("See what the rules say").press("Keep this classification")
    assert "First decision: Selected for review" in browser.text
    assert "Latest: Selected for review" in browser.text
    assert state_of(work, reference) is CaseState.SELECTED


@pytest.mark.parametrize(("who", "status"), [("review.chair", 403), ("dph", 403), ("coordinator", 404), ("admin", 404)])
def test_only_the_review_coordinator_comes_in(work, here, clock, sign_in, who, status):
    reference = made(work, here, clock)
    for page in ("inclusion", "classification", "reconsider"):
        sign_in(who).get(f"/reviews/{reference}/{page}", status=status)
    if who == "review.chair":
        assert "Decide inclusion" not in sign_in(who).get(f"/reviews/{reference}").links
