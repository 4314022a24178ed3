"""The pages of corroboration and of the panel, as each person meets them."""

import re

import pytest
from sqlalchemy import func, select, update

from review_app.marks import Grade, ModifierLevel, Severity
from review_app.panel import service
from review_app.panel.commands import Answer
from review_app.panel.models import Assessment, CorroborationReply, PanelDecision
from review_app.panel.rules import Outcome, PanelDecisionState, ReplyAnswer
from review_app.submissions.rules import SignalState
from tests import factories
from tests.browser import Browser
from tests.service.panel_cases import (
    QUORUM,
    ask,
    decided,
    decision,
    grade,
    grading,
    revealed,
    tokens,
    urgently_revealed,
    with_panel,
)

QUESTION = "Have you seen blue tablets, sold as diazepam, that make people very drowsy?"
SECRET = "zebra crossing on a tuesday"
PEOPLE = ("coordinator", "chair", "police.panel", "oncall", "ig")
STATIC = frozenset({"static"})
OF_REVIEWS = frozenset(
    {"reviews", "deaths", "requests", "meetings", "points", "learning", "recommendations", "actions", "catalogue"}
)
"""The blueprints of the second half of the work: a grading is far from them, so the endurance run looks at them."""


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    """Sign a person in: `sign_in("chair")`."""
    return lambda key: Browser(app).sign_in(here.email(key), factories.PASSWORD)


def answers(work) -> list[ReplyAnswer]:
    with work() as session:
        return list(session.scalars(select(CorroborationReply.answer).order_by(CorroborationReply.id)))


def asked(work, here, clock, *keys) -> tuple[str, dict[str, str]]:
    """Ask agencies, and give the Signal's reference with the private links that went out."""
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now())
        ask(session, here, signal, *keys, now=clock.now())
        return signal.reference, tokens(session)


def test_the_coordinator_asks_agencies(work, here, clock, sign_in):
    with work() as session:
        reference = factories.make_signal(session, here, now=clock.now()).reference
    page = sign_in("coordinator").get(f"/signals/{reference}").follow("Ask agencies")
    page.press("Send the question", status=422)
    assert "Select at least one agency" in page.errors
    page.check("Invented Constabulary").check("Westhaven Treatment")
    page.press("Send the question", status=422)
    assert page.errors == ["Enter what you are asking about, in neutral words"]
    page.fill("Your question, in neutral words", "Ring 07700 900123 about blue tablets").press(
        "Send the question", status=422
    )
    assert "07700 900123" in page.errors[0]
    page.fill("Your question, in neutral words", QUESTION).check("This is urgent").press("Send the question")
    assert page.url == f"/signals/{reference}"
    assert "Asking agencies" in page.text
    assert "Waiting for: an answer from Invented Constabulary and Westhaven Treatment" in page.text
    assert "Answers due in 4 hours" in page.text


@pytest.mark.parametrize(
    ("button", "answer"),
    [("Seen", ReplyAnswer.SEEN), ("Not seen", ReplyAnswer.NOT_SEEN), ("I cannot say", ReplyAnswer.CANNOT_SAY)],
)
def test_one_press_answers_and_can_be_taken_back(work, here, clock, browser, button, answer):
    _reference, links = asked(work, here, clock, "police")
    [token] = links.values()
    browser.get(f"/corroborate/{token}")
    assert browser.heading == "Have you seen this?"
    assert browser.buttons == ["Seen", "Not seen", "I cannot say"]
    browser.press(button)
    assert browser.url == f"/corroborate/{token}/thanks"
    assert answers(work) == [answer]
    browser.press("Take my answer back")
    assert "Your answer was taken back" in browser.text
    browser.press("Seen")
    assert answers(work) == [answer, ReplyAnswer.SEEN]
    clock.advance(minutes=11)
    browser.get(f"/corroborate/{token}/thanks")
    assert "Take my answer back" not in browser.buttons


def test_a_mail_scanner_that_opens_the_link_does_not_answer(app, work, here, clock):
    _reference, links = asked(work, here, clock, "police")
    [token] = links.values()
    client = app.test_client()
    for path in ("", "/more", "/thanks", "/undo"):
        for method in ("GET", "HEAD", "OPTIONS"):
            client.open(f"/corroborate/{token}{path}", method=method)
            client.open(f"/corroborate/{token}{path}?answer=seen", method=method)
    assert client.post(f"/corroborate/{token}", data={"answer": "seen"}).status_code in {400, 422}
    assert answers(work) == []


def test_more_to_say_is_said_in_words(work, here, clock, browser):
    _reference, links = asked(work, here, clock, "police")
    [token] = links.values()
    browser.get(f"/corroborate/{token}").follow("I have more to say")
    browser.press("Send answer", status=422)
    assert browser.errors == ["Enter what you want to tell us"]
    browser.fill("What do you want to tell us?", "Two in Northgate.").press("Send answer")
    assert "Two in Northgate." in browser.text
    browser.follow("Add something in words")
    browser.choose("Seen").press("Send answer")
    assert answers(work) == [ReplyAnswer.MORE_TO_SAY, ReplyAnswer.SEEN]


def test_the_public_question_says_nothing_of_the_case_but_the_neutral_words(work, here, clock, browser):
    reference, links = asked(work, here, clock, "police")
    [token] = links.values()
    browser.get(f"/corroborate/{token}")
    assert reference not in browser.text
    assert browser.headers["Cache-Control"] == "no-store"
    assert "Coordinator" not in browser.text


def test_a_spent_link_says_so_without_saying_more(work, here, clock, browser):
    _reference, links = asked(work, here, clock, "police")
    [token] = links.values()
    clock.advance(days=28)
    for spent in (token, "nothing"):
        for path in ("", "/more", "/thanks"):
            assert browser.get(f"/corroborate/{spent}{path}", status=404).heading == "This link no longer works"


def test_a_cancelled_question_asks_for_nothing(work, here, clock, browser, sign_in):
    reference, links = asked(work, here, clock, "police")
    [token] = links.values()
    page = sign_in("coordinator").get(f"/signals/{reference}").follow("Cancel round 1")
    page.press("Cancel the question", status=422)
    page.fill("Why are you cancelling this question?", "Wrong town.").press("Cancel the question")
    assert "Wrong town." in page.text
    browser.get(f"/corroborate/{token}")
    assert browser.buttons == []
    assert "No answer is needed any more" in browser.text


def test_a_representative_answers_signed_in_and_sees_their_own_agencys_alone(work, here, clock, sign_in):
    _reference, _links = asked(work, here, clock, "treatment", "police", "hostel")
    page = sign_in("treatment.rep").get("/corroborate")
    assert "Westhaven Treatment" in page.text
    assert "Invented Constabulary" not in page.text
    page.follow("Answer : Have you seen this? Asked 9 November 2026").press("Not seen")
    assert "Not seen" in page.text
    page.follow("All questions to your agency")
    assert "Not seen" in page.text
    lead = sign_in("lead").get("/corroborate")
    assert "Westhaven Hostel" in lead.text
    assert "diazepam" not in lead.text
    assert lead.links == []
    lead.get("/corroborate/asked/ask-3", status=403)
    lead.get("/corroborate/asked/ask-1", status=404)
    sign_in("housing.rep").get("/corroborate/asked/ask-1", status=404)
    sign_in("chair").get("/corroborate", status=404)


def test_the_tally_by_agency_is_for_those_who_run_the_system_and_the_panel(work, here, clock, sign_in):
    reference, links = asked(work, here, clock, "police", "treatment")
    with work() as session:
        service.answer_by_link(
            session,
            links["treatment.rep@westhaven.example"],
            Answer(answer=ReplyAnswer.MORE_TO_SAY, words="Three of our clients."),
            now=clock.now(),
        )
    for key in ("coordinator", "chair", "police.panel", "oncall"):
        page = sign_in(key).get(f"/signals/{reference}")
        rows = page.table("Answers by agency")
        assert [row[0] for row in rows] == [
            "Agency",
            "Agency Invented Constabulary",
            "Agency Westhaven Treatment",
        ] or len(rows) == 3
        assert "Three of our clients." in page.text
    for key in ("dph", "treatment.rep", "lead", "sro", "admin"):
        sign_in(key).get(f"/signals/{reference}", status=404)


def test_a_round_is_closed_and_grading_opened_by_the_coordinator_alone(work, here, clock, sign_in):
    reference, _links = asked(work, here, clock, "police")
    page = sign_in("coordinator").get(f"/signals/{reference}").press("Close round 1")
    assert "Ready for panel" in page.text
    member = sign_in("chair").get(f"/signals/{reference}")
    assert "Open grading" not in member.buttons
    page.get(f"/signals/{reference}").press("Open grading")
    assert "With the panel" in page.text
    for path in ("ask", "rounds/1/cancel"):
        member.get(f"/signals/{reference}/{path}", status=403)


def grade_on_page(page: Browser, reference: str, severity: str, confidence: str) -> Browser:
    page.get(f"/signals/{reference}/grade")
    page.choose(severity, question="How severe is the harm? Choose the highest that applies.")
    page.choose(confidence, question="How confident are you in what is reported?")
    for question in (
        "Local relevance and spread",
        "Novelty or unexpectedness",
        "Exposure of vulnerable, opioid-naive or under-18 people",
        "Time-sensitivity",
    ):
        page.choose("High", question=question)
    return page.fill("Your reason", SECRET)


def test_a_member_sees_the_suggested_grade_saves_and_changes_it(work, here, clock, sign_in):
    with work() as session:
        reference = with_panel(session, here, now=clock.now()).reference
    page = sign_in("police.panel").get(f"/signals/{reference}").follow("Grade this Signal")
    page.press("Save my grading", status=422)
    assert len(page.errors) == 7
    grade_on_page(page, reference, "S2 Medical attention", "C3 Corroborated").press("Show the suggested grade")
    assert "Your answers suggest G3" in page.text
    assert "One up, because 4 of the four further questions are high." in page.text
    with work() as session:
        assert session.scalar(select(func.count()).select_from(Assessment)) == 0
    page.press("Save my grading")
    assert page.url == f"/signals/{reference}/graded"
    assert page.heading == "Your grading is saved"
    page.follow("Change my grading")
    page.choose("S4 Death or cluster").press("Save my grading")
    assert "G4 Red" in page.text
    with work() as session:
        assert session.scalar(select(func.count()).select_from(Assessment)) == 2


def test_grading_needs_no_answer_to_the_efficacy_check_and_keeps_what_was_answered(work, here, clock, sign_in):
    with work() as session:
        reference = with_panel(session, here, now=clock.now()).reference
    page = sign_in("chair")
    grade_on_page(page, reference, "S1 Unpleasant", "C1 Rumour")
    page.choose("Unsure", question="Can we say what to do?").press("Save my grading")
    page.follow("Change my grading")
    chosen = page.soup.select_one("input[name=ef2][checked]")
    assert chosen is not None
    assert chosen["value"] == "unsure"


def test_who_may_not_grade_is_refused_and_who_may_not_know_is_not_told(work, here, clock, sign_in):
    with work() as session:
        reference = with_panel(session, here, now=clock.now()).reference
    sign_in("oncall").get(f"/signals/{reference}/grade", status=403)
    for key in ("dph", "treatment.rep", "sro", "admin", "nurse"):
        page = sign_in(key)
        for path in ("grade", "graded", "decide", "ask", "dissent", "ratify"):
            page.get(f"/signals/{reference}/{path}", status=404)
    member = sign_in("police.panel")
    member.get(f"/signals/{reference}/decide", status=403)
    member.get(f"/signals/{reference}/ratify", status=403)


def addresses(app, signal: str, report: str, token: str, without: frozenset[str]) -> list[str]:
    """Give the address of every page there is but those of some blueprints, for this Signal or its report."""
    adapter, found = app.url_map.bind("localhost"), set()
    for rule in app.url_map.iter_rules():
        reference = report if "reports" in rule.rule else signal
        given = {"reference": reference, "token": token, "slug": "westhaven", "round_id": 1, "number": 1}
        if (
            "GET" in (rule.methods or ())
            and rule.endpoint.partition(".")[0] not in without
            and rule.arguments <= given.keys()
        ):
            found.add(adapter.build(rule.endpoint, {name: given[name] for name in rule.arguments}))
    return sorted(found)


def settled(page: str) -> str:
    """Give what a page says, without the tokens that are new on every page."""
    return re.sub(r'<input[^>]*name="[a-z_-]*token"[^>]*>|nonce="[^"]*"', "", page)


def test_before_the_reveal_no_page_depends_on_how_another_member_graded(app, work, here, clock, sign_in):
    nothing_depends_on_gradings(app, work, here, clock, sign_in, without=STATIC | OF_REVIEWS)


@pytest.mark.endurance
def test_before_the_reveal_no_page_at_all_depends_on_how_another_member_graded(app, work, here, clock, sign_in):
    nothing_depends_on_gradings(app, work, here, clock, sign_in, without=STATIC)


def nothing_depends_on_gradings(app, work, here, clock, sign_in, *, without: frozenset[str]) -> None:
    """Fetch every page that each person can open twice, with opposite gradings of others in the database.

    The two must be the same to the byte: then neither a value nor a count, order, colour or hint made from one can be
    read from them.
    """
    with work() as session:
        signal = with_panel(session, here, now=clock.now())
        for key in QUORUM:
            grade(session, here, signal, key, now=clock.now())
        report = "WES-2026-0001"
        reference, token = signal.reference, next(iter(tokens(session).values()))
    places = addresses(app, reference, report, token, without)
    assert f"/signals/{reference}" in places
    people = {key: sign_in(key) for key in PEOPLE}
    people["neighbour"] = Browser(app).sign_in("coordinator@eastmoor.example", factories.PASSWORD)

    def graded_otherwise(severity: Severity, level: ModifierLevel, suggested: Grade, reason: str) -> None:
        values = {
            "severity": severity,
            "suggested_grade": suggested,
            "starred": suggested is Grade.G1,
            "reason": reason,
        }
        levels = dict.fromkeys(("relevance", "novelty", "vulnerability", "time_sensitivity"), level)
        other = Assessment.user_id == here.user("treatment.panel").id
        with work() as session:
            session.execute(update(Assessment).where(other).values(**values, **levels))

    def snapshot(where: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
        seen = {}
        for key, place in where:
            answer = people[key]._client.get(place)
            page = answer.get_data().decode(errors="replace")
            assert SECRET not in page.lower(), (key, place)
            if answer.status_code == 200 and not place.startswith("/audit"):
                seen[key, place] = settled(page)
        return seen

    graded_otherwise(Severity.S0, ModifierLevel.LOW, Grade.G0, SECRET)
    first = snapshot([(key, place) for key in people for place in places])
    graded_otherwise(Severity.S4, ModifierLevel.HIGH, Grade.G1, SECRET.upper() * 3)
    second = snapshot(list(first))
    assert len([place for _key, place in first if place == f"/signals/{reference}"]) == 4
    assert [where for where in first if first[where] != second.get(where)] == []


def test_the_counter_says_in_words_who_has_graded_and_who_is_missing(work, here, clock, sign_in):
    with work() as session:
        signal = with_panel(session, here, now=clock.now())
        reference = signal.reference
        grade(session, here, signal, "police.panel", now=clock.now())
    page = sign_in("coordinator").get(f"/signals/{reference}")
    assert "1 member has graded. Still needed for a quorum: the chair or deputy chair" in page.text
    assert "Reveal" not in page.buttons
    for key in ("chair", "treatment.panel"):
        with work() as session:
            service.save_grading(session, here.actor(key), grading(reference), now=clock.now())
    page.get(f"/signals/{reference}")
    assert "3 members have graded. That is a quorum." in page.text
    page.press("Reveal")
    assert "Suggested grade: G4 Red" in page.text
    assert "Members agree on the grade." in page.text
    sign_in("police.panel").post(f"/signals/{reference}/reveal", status=403)


def test_the_urgent_rule_is_offered_when_only_it_is_met(work, here, clock, sign_in):
    with work() as session:
        signal = with_panel(session, here, now=clock.now())
        reference = signal.reference
        for key in ("chair", "police.panel"):
            grade(session, here, signal, key, now=clock.now())
    page = sign_in("coordinator").get(f"/signals/{reference}").press("Reveal under the urgent rule")
    assert "under the urgent rule" in page.text


def decide_on_page(page: Browser, reference: str, grade_: str, outcome: str) -> Browser:
    page.get(f"/signals/{reference}/decide")
    return page.choose(grade_).choose(outcome).fill("Reason for the decision", "Deaths are likely without a warning.")


def test_the_chair_decides_and_is_told_what_is_missing_without_losing_what_was_typed(work, here, clock, sign_in):
    with work() as session:
        reference = revealed(session, here, now=clock.now()).reference
    page = sign_in("chair").get(f"/signals/{reference}").follow("Record decision")
    assert "The panel’s grades suggest G4" in page.text
    decide_on_page(page, reference, "G3 Targeted alert", "Targeted alert").press("Record decision", status=422)
    assert page.errors == [
        "Enter why the final grade differs from the suggested grade.",
        "Answer every question of the efficacy check: this grade needs it.",
    ]
    page.fill("If the final grade differs from the suggested one, why?", "Only one town.")
    for number in range(1, 9):
        field = page.soup.select_one(f"input[name=ef{number}][value={'no' if number in (4, 8) else 'yes'}]")
        assert field is not None
        field["checked"] = ""
    page.press("Record decision")
    assert page.url == f"/signals/{reference}"
    with work() as session:
        made = session.scalars(select(PanelDecision)).one()
        assert (made.final_grade, made.outcome) == (Grade.G3, Outcome.TARGETED_ALERT)
        assert made.reason == "Deaths are likely without a warning."
    assert "Only one town." in page.text
    page.get(f"/signals/{reference}/decide")
    decide_on_page(page, reference, "G0 No further action", "No further action").press("Record decision", status=422)
    assert "moved on" in page.errors[0]


def test_dissent_is_shown_beside_the_decision(work, here, clock, sign_in):
    with work() as session:
        reference = decided(session, here, now=clock.now()).reference
    page = sign_in("police.panel").get(f"/signals/{reference}").follow("Record dissent")
    page.press("Record dissent", status=422)
    page.fill("Why do you disagree?", "I would have waited.").press("Record dissent")
    assert "I would have waited." in page.text
    for key in ("sro", "dph", "oncall"):
        assert "I would have waited." in sign_in(key).get(f"/decisions/{reference}").text
    sign_in("dph").get(f"/signals/{reference}/dissent", status=403)


def test_an_urgent_decision_is_ratified_or_overturned_by_another_chair(work, here, clock, sign_in):
    references = []
    for _ in range(2):
        with work() as session:
            signal = urgently_revealed(session, here, now=clock.now())
            service.record_decision(session, here.actor("chair"), decision(signal.reference), now=clock.now())
            references.append(signal.reference)
    first, second = references
    chair, deputy = sign_in("chair"), sign_in("deputy")
    assert "Ratify or overturn" not in chair.get(f"/signals/{first}").links
    chair.get(f"/signals/{first}/ratify").press("Ratify", status=422)
    assert "another chair" in chair.errors[0]
    deputy.get(f"/signals/{first}").follow("Ratify or overturn").press("Ratify")
    assert "Ratified" in deputy.text
    deputy.get(f"/signals/{second}/ratify").press("Overturn", status=422)
    deputy.fill("Reason", "The laboratory found nothing.").press("Overturn")
    with work() as session:
        states = set(session.scalars(select(PanelDecision.state)))
        assert states == {PanelDecisionState.RATIFIED, PanelDecisionState.OVERTURNED}
    assert "Opened again" in deputy.text


def test_the_list_of_decisions_is_for_those_who_may_read_them_and_numbers_for_the_analyst(work, here, clock, sign_in):
    page = sign_in("sro").get("/decisions")
    assert "No decisions yet" in page.text
    with work() as session:
        reference = decided(session, here, now=clock.now()).reference
    assert reference in page.get("/decisions").text
    analyst = sign_in("analyst").get("/decisions")
    assert reference not in analyst.text
    assert "Formal alert" in analyst.text
    analyst.get(f"/decisions/{reference}", status=404)
    for key in ("admin", "treatment.rep", "nurse", "ig"):
        sign_in(key).get("/decisions", status=404)
        sign_in(key).get(f"/decisions/{reference}", status=404)


def test_a_neighbour_with_whom_a_signal_is_shared_sees_the_decision_and_no_answers_or_gradings(app, work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        signal = decided(session, world.westhaven, now=clock.now())
        factories.share_signal(session, signal, world.eastmoor, now=clock.now())
        reference = signal.reference
        assert signal.state is SignalState.DECIDED
    page = Browser(app).sign_in(world.eastmoor.email("coordinator"), factories.PASSWORD)
    page.get(f"/signals/{reference}")
    headings = [heading.get_text(strip=True) for heading in page.soup.select("main h2")]
    assert "Decision" in headings
    assert not {"Corroboration", "Assessments"} & set(headings)
    section = page.soup.select_one("#decision")
    assert section is not None
    assert "Chair Example" not in section.get_text()
