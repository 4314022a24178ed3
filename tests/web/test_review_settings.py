"""The pages by which an administrator keeps the settings of the review, as a person works them."""

import re

import pytest
from sqlalchemy import select

from review_app.audit.models import AuditEvent
from review_app.catalogue import queries
from review_app.catalogue.models import LearningTheme, RuleSet, Substance
from review_app.catalogue.rules.review import LimbCJoin
from tests import factories
from tests.browser import Browser

PAGES = [
    "/settings/reviews/inclusion",
    "/settings/reviews/clocks",
    "/settings/reviews/clocks/case-review",
    "/settings/reviews/questions",
    "/settings/reviews/questions/new",
    "/settings/reviews/questions/known",
    "/settings/reviews/confidentiality-statement",
    "/settings/reviews/factors",
    "/settings/reviews/themes",
    "/settings/reviews/themes/new",
    "/settings/reviews/themes/1",
    "/settings/reviews/themes/1/retire",
    "/settings/reviews/themes/1/merge",
    "/settings/reviews/themes/1/merge/2",
    "/settings/reviews/small-numbers",
    "/settings/reviews/retention",
    "/settings/substances",
    "/settings/substances/new",
    "/settings/substances/1",
    "/settings/substances/1/retire",
]


@pytest.fixture
def world(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now())


@pytest.fixture
def admin(app, world):
    return Browser(app).sign_in(world.westhaven.email("admin"), factories.PASSWORD)


@pytest.fixture
def neighbour(app, world):
    return Browser(app).sign_in(world.eastmoor.email("admin"), factories.PASSWORD)


def test_every_setting_is_reached_from_the_settings_page_and_shows_what_is_in_force(admin):
    index = admin.get("/settings")
    for link in (
        "Which deaths are in scope", "Clocks of the review", "Questions to agencies",
        "Confidentiality statement", "Domains of factors", "Learning themes", "Small numbers", "Retention periods",
        "Substances",
    ):  # fmt: skip
        assert index.get("/settings").follow(link).heading == link
    for page in PAGES:
        admin.get(page)


@pytest.mark.parametrize("who", ["review.coordinator", "review.chair", "coordinator", "dph"])
def test_only_an_administrator_enters(app, world, who):
    browser = Browser(app).sign_in(world.westhaven.email(who), factories.PASSWORD)
    for page in PAGES:
        browser.get(page, status=403)
    for key in ("known", "gp_audit_c"):
        assert browser._client.post(f"/settings/reviews/questions/{key}/off").status_code in {400, 403}


def test_a_new_version_is_in_force_at_once_and_says_who_changed_what(admin, work, clock):
    page = admin.get("/settings/reviews/inclusion")
    assert "In force: what comes with this service, since 1 January 2026. Nobody has changed it here." in page.text
    page.choose("Alcohol use or drug use: either is enough").fill_parts("First day", Day="1", Month="4", Year="2024")
    page.fill("Why are you changing this? (optional)", "Agreed by the partnership board.")
    page.press("Save as a new version")
    assert "The settings are saved. They are in force now." in page.text
    assert re.search(r"In force: version 2, saved on .* by Admin Example", page.text), page.text
    assert "Agreed by the partnership board." in page.text
    assert ["Part First day", "Before 1 January 2024", "After 1 April 2024"] in page.table("What version 2 changed")
    with work() as session:
        here = session.scalars(select(RuleSet).where(RuleSet.partnership_id.is_not(None))).one()
        ours = queries.inclusion_settings(session, here.partnership_id, now=clock.now())
        theirs = queries.inclusion_settings(session, here.partnership_id + 1, now=clock.now())
        assert (ours.limb_c_join, theirs.limb_c_join) == (LimbCJoin.OR, LimbCJoin.AND)
        saved = session.scalars(select(AuditEvent).where(AuditEvent.verb == "save_setting")).one()
        assert (saved.object_reference, saved.action) == ("inclusion v2", "config")


def test_a_neighbour_does_not_see_what_was_changed_here(admin, neighbour):
    admin.get("/settings/reviews/retention").fill("Days after a meeting that its packs are kept", "30")
    admin.press("Save as a new version")
    page = neighbour.get("/settings/reviews/retention")
    assert "Nobody has changed it here." in page.text
    assert "Westhaven" not in page.text


def test_a_wrong_answer_is_shown_beside_its_field_and_nothing_typed_is_lost(admin):
    page = admin.get("/settings/reviews/inclusion").fill("Words of limb A", "Ours.")
    page.fill("Age from which a person is an adult", "twelve").press("Save as a new version", status=422)
    assert page.errors == ["Enter a whole number for “Age from which a person is an adult”, like 12"]
    assert "Ours." in page.body.decode()


def test_the_second_of_two_editors_is_told_with_what_differs(app, world, admin):
    other = Browser(app).sign_in(world.westhaven.email("admin"), factories.PASSWORD)
    other.get("/settings/reviews/small-numbers")
    admin.get("/settings/reviews/small-numbers").fill("Hide counts of people from 1 up to", "5")
    admin.press("Save as a new version")
    other.fill("Hide counts of people from 1 up to", "9").press("Save as a new version", status=409)
    assert ["Part Counts that are hidden", "What you had 1 to 9", "What it is now 1 to 5"] in other.table()


def test_pressing_twice_makes_one_version(admin, work):
    page = admin.get("/settings/reviews/confidentiality-statement").fill("Title", "Before we begin")
    admin.press("Save as a new version")
    assert page.text.count("Version 2") == 1
    admin.press("Save as a new version")
    with work() as session:
        assert len(session.scalars(select(RuleSet).where(RuleSet.partnership_id.is_not(None))).all()) == 1


def test_the_statement_and_the_domains_are_worded(admin):
    page = admin.get("/settings/reviews/factors").fill("Name of domain A", "The person").fill(
        "Examples of domain A", "pain\nloneliness\n\npain"
    )  # fmt: skip
    page.press("Save as a new version")
    rows = page.table("What version 2 changed")
    assert ["Part Domain A", "Before The person and their health", "After The person"] in rows
    assert rows[-1][2] == "After pain, loneliness"


def test_a_clock_is_changed_for_clocks_that_start_from_now_on(admin):
    page = admin.get("/settings/reviews/clocks")
    assert [row[:2] for row in page.table()[1:]] == [
        ["Clock Notification of a death to triage", "Runs for 5 working days"],
        ["Clock Request to an agency’s return", "Runs for 15 working days"],
        ["Clock Notification to collective review, target", "Runs for 84 days (12 weeks)"],
        ["Clock Notification to collective review, at the latest", "Runs for 182 days (26 weeks)"],
    ]
    page.follow("Request to an agency’s return").fill("How many days?", "20").press("Save as a new version")
    assert ["Clock Request to an agency’s return", "Runs for 20 working days"] in [row[:2] for row in page.table()]


def test_the_target_of_the_review_is_no_later_than_the_latest_time(admin):
    page = admin.get("/settings/reviews/clocks/case-review").fill("How many days?", "183")
    page.press("Save as a new version", status=422)
    assert page.errors == ["Enter days with which the target of the review comes no later than its latest time"]


def test_what_is_not_verified_says_so_in_words(admin):
    page = admin.get("/settings/substances")
    rows = {row[0].removeprefix("Name "): row for row in page.table()[1:]}
    assert rows["xylazine"][2:4] == ["Controlled Since 15 January 2025; not verified", "Checked Not verified"]
    assert rows["heroin (diamorphine)"][2] == "Controlled Since some time before 1 January 2024; not verified"
    assert rows["bromazolam"][1:3] == [
        "Kind and class Benzodiazepine, no class",
        "Controlled No class is listed; not verified",
    ]
    assert rows["isotonitazene"][2:4] == ["Controlled Since 20 March 2024", "Checked Verified"]
    assert rows["alcohol"][2] == "Controlled Not controlled"
    page.fill("Show", "Not verified").press("Apply filters")
    assert "isotonitazene" not in page.text
    assert "xylazine" in page.text


def test_verifying_needs_a_source_and_keeps_who_did_it(admin):
    page = admin.get("/settings/substances").follow("bromazolam")
    page.choose("Class C").choose("Yes, I have checked it").fill("Source", "").press("Save the substance", status=422)
    assert page.errors == ["Enter the legislation against which this was checked"]
    page.fill("Source", "SI 2099/1").press("Save the substance", status=422)
    assert page.errors == ["Enter a date of control that you have checked, or select that it is not checked"]
    page.fill_parts("Controlled since (if the day is known)", Day="1", Month="2", Year="2025")
    page.press("Save the substance")
    assert re.search(r"Checked Verified by Admin Example.* on 9 November 2026", page.text), page.text
    assert ["Part Controlled", "Before No class is listed; not verified", "After Since 1 February 2025"] in page.table(
        "What version 2 changed"
    )


def test_a_neighbour_sees_that_a_partnership_changed_an_entry_and_not_which_person(admin, neighbour):
    page = admin.get("/settings/substances").follow("bromazolam").fill("Other names", "bromaz")
    page.press("Save the substance")
    theirs = neighbour.get("/settings/substances").follow("bromazolam")
    assert "by Westhaven" in theirs.text
    assert "Admin Example" not in theirs.text


def test_a_substance_is_added_taken_off_and_put_back(admin, work):
    page = admin.get("/settings/substances").follow("Add a substance").fill("Name", "Heroin (Diamorphine)")
    page.fill("Kind", "Nitazene").choose("No class").choose("No, it is not verified").press(
        "Add this substance", status=422
    )
    assert page.errors == ["Another entry has this name already"]
    page.fill("Name", "etonitazene").fill("Other names", "etz\n etz \nEtza").press("Add this substance")
    page.follow("etonitazene").follow("Take this substance off the list").press("Take it off the list")
    assert "etonitazene" not in page.links
    with work() as session:
        assert "etz" not in queries.synthetic_opioid_terms(session)
    page.fill("Show", "Taken off the list").press("Apply filters").follow("etonitazene")
    page.follow("Put this substance back on the list").press("Put it back on the list")
    with work() as session:
        assert {"etz", "Etza", "etonitazene"} <= set(queries.synthetic_opioid_terms(session))
        assert session.scalar(select(Substance.version).where(Substance.name == "etonitazene")) == 3


def test_the_second_editor_of_a_substance_is_told(app, world, admin):
    other = Browser(app).sign_in(world.westhaven.email("admin"), factories.PASSWORD)
    other.get("/settings/substances").follow("xylazine").fill("Other names", "zombie drug")
    admin.get("/settings/substances").follow("xylazine").fill("Other names", "").press("Save the substance")
    other.press("Save the substance", status=409)
    assert ["Part Other names", "What you had zombie drug", "What it is now None"] in other.table()


def test_a_theme_is_renamed_merged_and_put_back_and_keeps_its_row(admin, work, clock, world):
    page = admin.get("/settings/reviews/themes")
    assert len(page.table()) == 33
    assert page.table()[8] == [
        "Theme 8. Record keeping", "Domain D: Services and how they worked together",
        "Published theme AL1: Consistent record keeping (one phrase with AL2)", "State In use",
    ]  # fmt: skip
    page.follow("8. Record keeping").fill("Name of the theme", "Assessment and risk formulation")
    page.press("Save the theme", status=422)
    assert page.errors == ["Another theme has this name already"]
    page.fill("Name of the theme", "Records").press("Save the theme")
    assert page.heading == "Records"
    page.follow("Merge this theme into another").follow("9. Assessment and risk formulation")
    page.press("Merge it into “Assessment and risk formulation”")
    assert page.table()[8][3] == "State Merged into “Assessment and risk formulation”"
    partnership = world.westhaven.partnership.id
    with work() as session:
        ours = queries.all_themes(session, partnership, now=clock.now())
        assert (ours[8].name, ours[8].counts_as_id, len(queries.themes(session, partnership, now=clock.now()))) == (
            "Records", 9, 31,
        )  # fmt: skip
        theirs = queries.get_theme(session, world.eastmoor.partnership.id, 8, now=clock.now())
        assert (theirs.name, theirs.counts_as_id) == ("Record keeping", 8)
    page.follow("8. Records").follow("Put this theme back into use").press("Put it back into use")
    assert page.table()[8][3] == "State In use"


def test_a_theme_of_our_own_gets_the_next_number_and_is_nobody_elses(admin, neighbour, work):
    page = admin.get("/settings/reviews/themes/new").fill("Name of the theme", "Pets")
    page.choose("B: Relationships, trauma and social circumstances").press("Add this theme")
    assert "33. Pets" in page.links
    page.follow("33. Pets").follow("Take this theme out of use").press("Take it out of use")
    assert page.table()[33][3] == "State Out of use"
    with work() as session:
        theme_id = session.scalar(select(LearningTheme.id).where(LearningTheme.key == "own_33"))
    assert "Pets" not in neighbour.get("/settings/reviews/themes").text
    neighbour.get(f"/settings/reviews/themes/{theme_id}", status=404)


def test_a_question_is_worded_switched_off_and_on(admin, work, clock, world):
    page = admin.get("/settings/reviews/questions").follow("What worked well?").fill("Question", "What went well?")
    page.check("It must be answered before a return can be sent").press("Save the question")
    assert "What went well? Must be answered" in page.text
    page.follow("What was the last AUDIT-C score, and when?").press("Switch it off")
    assert "What was the last AUDIT-C score, and when? Switched off" in page.text
    with work() as session:
        row, form = queries.agency_return(session, world.westhaven.partnership.id, now=clock.now())
        assert (row.version, row.partnership_id) == (3, world.westhaven.partnership.id)
        _core, gp = form.for_agency("gp_primary_care")
        assert [each.key for each in gp.asked()] == ["gp_prescribing", "gp_conditions"]
        assert form.questions()["worked_well"].words == "What went well?"
        assert queries.agency_return(session, world.eastmoor.partnership.id, now=clock.now())[0].partnership_id is None
    page.follow("What was the last AUDIT-C score, and when?").press("Switch it on")
    assert "AUDIT-C score, and when? Switched off" not in page.text


def test_a_question_that_the_review_depends_on_is_always_asked(admin):
    page = admin.get("/settings/reviews/questions").follow("Was this person known to you?")
    assert "Switch it off" not in page.buttons
    page.uncheck("It must be answered before a return can be sent").press("Save the question", status=422)
    assert page.errors == ["This question must always be answered, because the review depends on it."]


def test_a_question_is_added_to_one_group(admin, work, clock, world):
    page = admin.get("/settings/reviews/questions/new").fill("Who is asked?", "Questions for the police")
    page.fill("Question", "Was a test taken on arrest?").choose("By choosing one answer of a list")
    page.choose("Only those who may read police information").press("Add this question", status=422)
    assert page.errors == ["Enter at least two answers to choose from"]
    page.fill("Answers to choose from", "Yes, positive\nYes, negative\nNo").press("Add this question")
    assert "Was a test taken on arrest? Police readers only" in page.text
    with work() as session:
        _row, form = queries.agency_return(session, world.westhaven.partnership.id, now=clock.now())
        question = form.questions()["own_1"]
        assert (question.section, [option.words for option in question.options]) == (
            "police", ["Yes, positive", "Yes, negative", "No"],
        )  # fmt: skip
        assert [block.key for block in form.for_agency("police")] == ["core", "police"]


def test_two_people_can_change_two_questions_and_not_the_same_one(app, world, admin):
    other = Browser(app).sign_in(world.westhaven.email("admin"), factories.PASSWORD)
    other.get("/settings/reviews/questions/do_differently").fill("Question", "What would change?")
    third = Browser(app).sign_in(world.westhaven.email("admin"), factories.PASSWORD)
    third.get("/settings/reviews/questions/worked_well").fill("Question", "What helped?")
    admin.get("/settings/reviews/questions/worked_well").fill("Question", "What went well?").press("Save the question")
    other.press("Save the question")
    assert "What would change?" in other.text
    third.press("Save the question", status=409)
    assert third.table()[1][1:] == ["What you had What helped?", "What it is now What went well?"]
