"""The pages of the review panel's meetings, as each person meets them."""

import pytest
from sqlalchemy import select

from review_app.audit.models import AuditEvent
from review_app.forgery import STALE_PAGE
from review_app.reviews.models import DeclarationOfInterest, PackRead, ReviewCase
from review_app.reviews.rules.states import CaseState, ConflictKind
from tests import factories, reviewing, sittings
from tests.browser import Browser

COORDINATOR, CHAIR, DEPUTY, MEMBER = sittings.SITTERS


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    """Sign a person in: `sign_in("review.chair")`."""
    return lambda key: Browser(app).sign_in(here.email(key), factories.PASSWORD)


@pytest.fixture
def ready(work, here, clock) -> str:
    """A case whose information is ready, by its reference."""
    with work() as session:
        return reviewing.make_case(session, here, now=clock.now(), state=CaseState.INFO_READY).reference


def plan(browser: Browser, *people: str) -> str:
    """Plan a meeting through its page, and give its reference."""
    browser.get("/meetings/new").fill_parts("When does it begin?", Day="20", Month="11", Year="2026", Time="10:00")
    browser.fill("Where?", "Room 4")
    for name in people:
        browser.check(name)
    browser.press("Plan the meeting")
    return browser.url.split("/")[2].partition("#")[0]


NOTHING = "I have nothing to do with this case"
EVERYBODY = tuple(f"Review {each} Example" for each in ("Coordinator", "Chair", "Deputy", "Member"))


def declare_through(
    browser: Browser, meeting: str, answer: str = "I have nothing to do with this case", words=""
) -> None:
    browser.get(f"/meetings/{meeting}").press("Accept").follow("Declare : Case " + browser_case(browser))
    browser.choose(answer).fill("If you have an interest, what is it?", words).press("Declare")


def browser_case(browser: Browser) -> str:
    return next(word for word in browser.text.split() if word.startswith("WES-R-"))


def test_an_empty_list_says_what_will_be_there(sign_in):
    assert "Plan a meeting when the first case is ready" in sign_in(COORDINATOR).get("/meetings").text
    assert "Meetings you are invited to appear here" in sign_in(MEMBER).get("/meetings").text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (CaseState.INFO_REQUESTED, "It can be, once every agency that was asked has answered."),
        (CaseState.INFO_READY, "It can be put on one now."),
    ],
)
def test_a_case_says_whether_it_can_be_put_on_an_agenda_now(work, here, clock, sign_in, state, words):
    with work() as session:
        reference = reviewing.make_case(session, here, now=clock.now(), state=state).reference
    text = sign_in("review.coordinator").get(f"/reviews/{reference}").text
    assert f"This case has not been on an agenda. {words}" in text


def test_from_the_plan_to_the_minutes(work, here, clock, sign_in, ready):
    coordinator = sign_in(COORDINATOR)
    meeting = plan(coordinator, *EVERYBODY)
    coordinator.follow("Put a case on the agenda").choose(ready).press("Put it on the agenda")
    assert f"Still to declare: {', '.join(sorted(EVERYBODY)[:-1])} and {max(EVERYBODY)}." in coordinator.text
    coordinator.press("List this case", status=409)
    assert "Still to declare for this case" in coordinator.text
    for who in sittings.SITTERS:
        person = sign_in(who).get(f"/meetings/{meeting}")
        assert "What I read and hear about a person who died" in person.text
        declare_through(person, meeting)
        assert "Your declaration is kept" in person.text
    coordinator.get(f"/meetings/{meeting}").press("List this case")
    member = sign_in(MEMBER).get(f"/meetings/{meeting}").follow("Open the pack")
    assert member.heading == f"Pack for {meeting}"
    assert "Suspected cause Drug poisoning Substances suspected isotonitazene" in member.text
    assert "Opened by Review Member Example on Monday 9 November 2026" in member.text
    coordinator.get(f"/meetings/{meeting}/attendance")
    for name in EVERYBODY:
        coordinator.choose("Came", question=name)
    coordinator.press("Record attendance")
    assert "It can be said that it was held from 20 November 2026 on." in coordinator.text
    coordinator.get(f"/meetings/{meeting}/hold").press("Hold this meeting", status=422)
    assert coordinator.errors[0].startswith("This meeting is on 20 November 2026.")
    clock.advance(days=11)
    coordinator = sign_in(COORDINATOR).get(f"/meetings/{meeting}")
    coordinator.follow("Hold this meeting").press("Hold this meeting")
    coordinator.follow("Minute").fill(f"What was decided about {ready}?", "Findings are written.").press(
        "Keep the minutes"
    )
    assert "Decided: Findings are written." in coordinator.text
    with work() as session:
        assert session.scalars(select(ReviewCase)).one().state is CaseState.IN_PANEL
        assert session.scalars(select(PackRead)).one().user_id == here.user(MEMBER).id


def test_a_member_sees_no_agenda_before_accepting_and_declaring(work, here, clock, sign_in, ready):
    meeting = plan(sign_in(COORDINATOR), *EVERYBODY)
    sign_in(COORDINATOR).get(f"/meetings/{meeting}/agenda").choose(ready).press("Put it on the agenda")
    member = sign_in(MEMBER).get(f"/meetings/{meeting}")
    assert ready not in member.text
    member.get(f"/meetings/{meeting}/cases/{ready}/declare", status=409)
    assert "Accept the confidentiality statement of this meeting first" in member.text
    member.get(f"/meetings/{meeting}").press("Accept")
    assert "Agenda" not in [each.get_text(strip=True) for each in member.soup.select("main h2")]
    assert ready in member.text
    member.follow(f"Declare : Case {ready}")
    assert "Agencies involved" in member.text
    member.get(f"/meetings/{meeting}/cases/{ready}", status=404)


def test_a_declaration_typed_on_a_page_that_was_open_too_long_is_kept(sign_in, ready):
    coordinator = sign_in(COORDINATOR)
    meeting = plan(coordinator, *EVERYBODY)
    coordinator.follow("Put a case on the agenda").choose(ready).press("Put it on the agenda")
    member = sign_in(MEMBER).get(f"/meetings/{meeting}").press("Accept").follow("Declare : Case " + ready)
    member.choose("I was involved in their care or support").fill("If you have an interest, what is it?", "Key worker.")
    member.soup.select_one("main input[name=csrf_token]")["value"] = "old"
    member.press("Declare", status=422)
    assert member.errors == [STALE_PAGE]
    assert "Key worker." in str(member.soup)
    member.press("Declare")
    assert "You declared: was involved in their care." in member.text


def test_a_conflict_needs_words_and_nothing_typed_is_lost(work, here, clock, sign_in, ready):
    meeting = plan(sign_in(COORDINATOR), *EVERYBODY)
    sign_in(COORDINATOR).get(f"/meetings/{meeting}/agenda").choose(ready).press("Put it on the agenda")
    member = sign_in(MEMBER).get(f"/meetings/{meeting}").press("Accept").follow(f"Declare : Case {ready}")
    member.choose("I was involved in their care or support").press("Declare", status=422)
    assert member.errors == ["Enter in a few words what the interest is"]
    member.fill("If you have an interest, what is it?", "I was their key worker.").press("Declare")
    assert "You declared: was involved in their care. The pack is not shown to you." in member.text
    assert "Open the pack" not in member.links + member.buttons


def test_a_recused_chair_finds_the_case_nowhere_and_others_read_the_handover(work, here, clock, sign_in, ready):
    meeting = plan(sign_in(COORDINATOR), *EVERYBODY)
    sign_in(COORDINATOR).get(f"/meetings/{meeting}/agenda").choose(ready).press("Put it on the agenda")
    chair = sign_in(CHAIR)
    declare_through(chair, meeting, "I manage somebody who was involved", "One of my team saw them.")
    assert ready not in chair.body.decode()
    assert "Agenda (0)" in chair.text
    for address in (
        f"/reviews/{ready}",
        f"/reviews/{ready}/declare",
        f"/reviews/{ready}/sign",
        f"/meetings/{meeting}/cases/{ready}",
        f"/meetings/{meeting}/cases/{ready}/declare",
    ):
        assert chair.get(address, status=404).status == 404
    for address in ("/reviews", "/meetings", "/home", f"/meetings/{meeting}"):
        assert ready not in chair.get(address).body.decode()
    assert [row[3].removeprefix("Cases ") for row in chair.get("/meetings").table()[1:]] == ["0"]
    deputy = sign_in(DEPUTY)
    declare_through(deputy, meeting)
    handover = "Review Chair Example has declared an interest. Review Deputy Example chairs this case."
    assert handover in deputy.text
    assert handover in deputy.get(f"/reviews/{ready}").text
    with work() as session:
        denied = select(AuditEvent).where(AuditEvent.object_reference == ready, AuditEvent.verb == "denied")
        assert {each.actor_id for each in session.scalars(denied)} == {here.user(CHAIR).id}


def test_the_information_governance_lead_sees_who_declared_what_and_no_words(work, here, clock, sign_in, ready):
    meeting = plan(sign_in(COORDINATOR), *EVERYBODY)
    sign_in(COORDINATOR).get(f"/meetings/{meeting}/agenda").choose(ready).press("Put it on the agenda")
    declare_through(sign_in(MEMBER), meeting, "I was involved in their care or support", "I was their key worker.")
    lead = sign_in("ig").get(f"/meetings/{meeting}")
    assert "Was involved in their care" in lead.text
    assert "key worker" not in lead.text
    assert "key worker" in sign_in(COORDINATOR).get(f"/meetings/{meeting}").text
    assert "key worker" not in sign_in(MEMBER).get(f"/meetings/{meeting}").text


def test_a_late_conflict_shuts_the_pack_and_says_what_was_read(work, here, clock, sign_in, ready):
    with work() as session:
        case = session.scalars(select(ReviewCase)).one()
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case])
        sittings.be_ready(session, here, meeting, now=clock.now())
        reference = meeting.reference
    member = sign_in(MEMBER).get(f"/meetings/{reference}/cases/{ready}")
    clock.advance(hours=1)
    member.get(f"/meetings/{reference}").follow(f"Declare again for {ready}")
    member.choose("I was family, a friend or otherwise close to them")
    member.fill("If you have an interest, what is it?", "He was my cousin.").press("Declare")
    assert ready not in member.text
    member.get(f"/meetings/{reference}/cases/{ready}", status=404)
    member.get(f"/meetings/{reference}/cases/{ready}/declare", status=404)
    assert "Had read the case before" in sign_in(COORDINATOR).get(f"/meetings/{reference}").text
    with work() as session:
        verbs = session.scalars(select(AuditEvent.verb).where(AuditEvent.object_reference == ready)).all()
        assert "conflict_after_reading" in verbs


def test_the_coordinator_puts_a_declaration_right_with_a_reason(work, here, clock, sign_in, ready):
    with work() as session:
        case = session.scalars(select(ReviewCase)).one()
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case])
        sittings.declare(session, here, case, MEMBER, ConflictKind.FAMILY_OR_FRIEND, now=clock.now())
        reference = meeting.reference
    coordinator = sign_in(COORDINATOR).get(f"/meetings/{reference}")
    coordinator.follow("Put right Review Member Example for " + ready)
    coordinator.choose("No interest").press("Put it right", status=422)
    assert coordinator.errors == ["Enter why you put it right for them"]
    coordinator.fill("Why do you put it right for them?", "They mixed up two people.").press("Put it right")
    assert "by Review Coordinator Example for them" in coordinator.text
    with work() as session:
        rows = session.scalars(select(DeclarationOfInterest).order_by(DeclarationOfInterest.id)).all()
        assert [(each.kind, each.replaced_at is None) for each in rows] == [
            (ConflictKind.FAMILY_OR_FRIEND, False),
            (ConflictKind.NONE, True),
        ]


@pytest.mark.parametrize("who", ["coordinator", "housing.rep", "admin", "sro", "board", "analyst", "dph"])
def test_for_everybody_else_there_are_no_meetings(work, here, clock, sign_in, ready, who):
    meeting = plan(sign_in(COORDINATOR), *EVERYBODY)
    browser = sign_in(who)
    browser.get("/meetings", status=404)
    browser.get(f"/meetings/{meeting}", status=404)


def test_a_member_may_not_run_the_meeting(work, here, clock, sign_in, ready):
    meeting = plan(sign_in(COORDINATOR), *EVERYBODY)
    member = sign_in(MEMBER)
    for page in ("change", "agenda", "hold", "cancel"):
        member.get(f"/meetings/{meeting}/{page}", status=403)
    member.get(f"/meetings/{meeting}/attendance", status=403)
    member.get("/meetings/new", status=403)


def test_the_pack_closes_a_week_after_the_meeting(work, here, clock, sign_in, ready):
    with work() as session:
        case = session.scalars(select(ReviewCase)).one()
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case])
        sittings.be_ready(session, here, meeting, now=clock.now())
        sittings.hold(session, here, meeting, now=clock.advance(days=7))
        reference = meeting.reference
    pack = f"/meetings/{reference}/cases/{ready}"
    clock.advance(days=6)
    assert "You can read this until Monday 23 November 2026 at 10:00" in sign_in(MEMBER).get(pack).text
    clock.advance(days=1, minutes=1)
    sign_in(MEMBER).get(pack, status=404)
