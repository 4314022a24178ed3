"""From a death to the panel's table, as the people at the pages do it."""

import re
from datetime import datetime, timedelta

from review_app.working_time import LONDON
from tests.journeys.story import ADDRESS, CONTENT, FORENAME, SURNAME, WHAT_HAPPENED, Story, found
from tests.journeys.visitors import Visitor

AGENCIES = {
    "housing.rep": "Westhaven Council Housing",
    "treatment.rep": "Lantern Recovery Service",
    "hospital.rep": "Westhaven General Emergency Department",
}
SITTERS = {
    "review.coordinator": "Ellis Rowanberry",
    "review.chair": "Dr Lee Hawksmoor",
    "review.deputy": "Jules Penhallow",
    "review.member": "Billie Fairbrook",
}


def notify_a_death_from_the_signal(story: Story, coordinator: Visitor) -> None:
    """The coordinator of drug reports hears of a death, and notifies it from the Signal's page."""
    coordinator.open(f"/signals/{story.signal}")
    coordinator.press("Notify a death")
    coordinator.look("notify a death, what is known")
    day = datetime.now(LONDON) - timedelta(days=1)
    coordinator.choose("May anyone living be at immediate risk now?", "No")
    coordinator.select("Who told you?", "Police: a sudden-death report or a daily log")
    coordinator.fill("When did the person die?", f"{day.day} {day:%B %Y}")
    coordinator.select("In what kind of place did they die?", "Their own home")
    coordinator.choose("Did they usually live in our area?", "Yes")
    coordinator.choose("Did they die in our area?", "Yes")
    coordinator.choose("Did they use services in our area?", "Not known")
    coordinator.select("Where in our area did they live?", "Harbourside")
    coordinator.fill("How old were they?", "44")
    coordinator.choose("What is suspected to have caused the death?", "Drug poisoning")
    coordinator.fill("First substance", "isotonitazene")
    coordinator.fill("What happened?", WHAT_HAPPENED)
    coordinator.press("Continue")
    coordinator.look("notify a death, who the person was")
    coordinator.fill("First name", FORENAME)
    coordinator.fill("Last name", SURNAME)
    coordinator.fill("Last address", ADDRESS)
    coordinator.press("Continue")
    coordinator.look("notify a death, check")
    coordinator.press("Notify")
    coordinator.expect_heading("Death notified")
    story.death = found(r"WES-D-\d{4}-\d{4}", coordinator.words)
    coordinator.look("death notified")


def decide_inclusion(story: Story) -> Visitor:
    """The review coordinator takes the case on; the wizard finds limb A and says why."""
    reviewer = story.visitors.sign_in("review.coordinator@westhaven.example")
    reviewer.look("review coordinator home")
    reviewer.open("/reviews")
    reviewer.look("reviews")
    assert not [each for each in CONTENT if each in reviewer.page.content()]
    reviewer.open(f"/deaths/{story.death}")
    reviewer.look("one notification")
    story.case = found(r"WES-R-[A-Z0-9]{6}", reviewer.words)
    reviewer.open(f"/reviews/{story.case}")
    reviewer.press("Start triage")
    reviewer.press("Decide inclusion")
    reviewer.expect_words("In scope by limb A", "isotonitazene (class A) has been controlled since 20 March 2024")
    reviewer.look("decide inclusion")
    reviewer.choose("What do you decide?", "Selected for review")
    reviewer.press("Save decision")
    reviewer.expect_words("A, drugs")
    reviewer.look("case selected")
    return reviewer


def ask_three_agencies(story: Story, reviewer: Visitor) -> None:
    """Three agencies are asked; their mail says only that something waits, and where."""
    before = len(story.sink.received)
    reviewer.press("Ask an agency")
    reviewer.look("ask agencies about a case")
    reviewer.choose("Which agencies do you ask?", *AGENCIES.values())
    reviewer.press("Send the request")
    reviewer.look("case with requests")
    for key in AGENCIES:
        mail = story.mail_to(f"{key}@westhaven.example", "/requests/", after=before)
        story.requests[key] = found(r"WES-Q-[A-Z0-9]{6}", mail.text)
        assert story.case not in mail.text + mail.subject


def three_return(story: Story) -> None:
    """Housing holds nothing, treatment answers in full, the hospital sends a part."""
    housing = open_request(story, "housing.rep", look=True)
    housing.press("Nothing held")
    housing.look("nothing held")
    housing.press("Nothing held")
    housing.leave()
    treatment = open_request(story, "treatment.rep")
    write(treatment, "She was met at the gate on the day of release.")
    treatment.press("Send return")
    treatment.look("check a return")
    treatment.choose("Is this return complete?", "Yes, it is complete")
    treatment.press("Send return")
    treatment.look("return sent")
    treatment.leave()
    hospital = open_request(story, "hospital.rep")
    write(hospital, "She was seen twice this year.")
    hospital.press("Send return")
    hospital.choose("Is this return complete?", "No, it is a part of what there may be")
    hospital.fill("What is missing, and why?", "Notes from the ward are still being typed.")
    hospital.press("Send return")
    hospital.leave()


def open_request(story: Story, key: str, *, look: bool = False) -> Visitor:
    """Let somebody open their agency's request, and find nothing of the others."""
    visitor = story.visitors.sign_in(f"{key}@westhaven.example")
    visitor.open(f"/requests/{story.requests[key]}")
    if look:
        visitor.look("a request")
    others = [reference for other, reference in story.requests.items() if other != key]
    assert [visitor.status_of(f"/requests/{reference}") for reference in others] == [404, 404]
    assert visitor.status_of(f"/reviews/{story.case}") == 404
    return visitor


def write(visitor: Visitor, worked_well: str) -> None:
    """Fill in what a return needs."""
    visitor.choose("Was this person known to you?", "Yes")
    visitor.fill("What worked well?", worked_well)
    visitor.choose("Does this return say anything about a living person?", "No")
    visitor.fill("Who wrote this return?", "Pat Example, manager")


def plan_a_meeting(story: Story, reviewer: Visitor) -> None:
    """All answers are in, and the case goes on the agenda of a meeting that begins in minutes."""
    reviewer.open(f"/reviews/{story.case}")
    reviewer.expect_words("Information ready")
    reviewer.look("case with all information")
    reviewer.open("/meetings")
    reviewer.look("meetings")
    reviewer.open("/meetings/new")
    start = datetime.now(LONDON) + timedelta(minutes=2)
    when = reviewer.page.get_by_role("group", name="When does it begin?")
    for label, text in zip(("Day", "Month", "Year", "Time"), f"{start:%d %m %Y %H:%M}".split(), strict=True):
        when.get_by_label(label, exact=True).fill(text)
    reviewer.fill("Where?", "Town Hall, room 2")
    reviewer.choose("Who is invited?", *SITTERS.values())
    reviewer.look("plan a meeting")
    reviewer.press("Plan the meeting")
    story.meeting = found(r"WES-M-\d{4}-\d{4}", reviewer.page.url)
    reviewer.press("Put a case on the agenda")
    reviewer.choose("Which case?", story.case)
    reviewer.look("put a case on the agenda")
    reviewer.press("Put it on the agenda")


def all_declare_and_one_is_recused(story: Story, reviewer: Visitor) -> Visitor:
    """Everyone accepts confidentiality and declares; the deputy was involved, and the case is gone."""
    declare(story, reviewer, look=True)
    chair = story.visitors.sign_in("review.chair@westhaven.example")
    declare(story, chair)
    deputy = story.visitors.sign_in("review.deputy@westhaven.example")
    deputy.open(f"/reviews/{story.case}")
    deputy.expect_heading("Review of a death")
    declare(story, deputy, "I was involved in their care or support", "I was her key worker.")
    finds_nothing_of_the_case(story, deputy, listed="review of a death")
    deputy.look("reviews as a recused deputy sees them")
    deputy.leave()
    member = story.visitors.sign_in("review.member@westhaven.example")
    declare(story, member)
    member.leave()
    reviewer.open(f"/meetings/{story.meeting}")
    reviewer.look("everybody has declared")
    reviewer.press("List this case")
    return chair


def declare(
    story: Story,
    sitter: Visitor,
    kind: str = "I have nothing to do with this case",
    words: str = "",
    *,
    look: bool = False,
) -> None:
    """Accept the statement, then declare for the case."""
    sitter.open(f"/meetings/{story.meeting}")
    if look:
        sitter.look("accept confidentiality")
    sitter.press("Accept")
    sitter.page.get_by_role("button", name=re.compile(f"^Declare.*{story.case}")).click()
    sitter.expect_heading("Have you an interest in this case?")
    if look:
        sitter.look("declare an interest")
    sitter.choose("What have you to do with this case?", kind)
    sitter.fill("If you have an interest, what is it?", words)
    sitter.press("Declare")


def finds_nothing_of_the_case(story: Story, visitor: Visitor, *, listed: str = "") -> None:
    """Somebody from whom the case is hidden finds no trace of it: by list, address, search or thread."""
    for address in ("/home", "/reviews", "/meetings", f"/meetings/{story.meeting}", "/learning", "/actions"):
        visitor.open(address)
        assert story.case not in visitor.page.content(), address
    addresses = (f"/reviews/{story.case}", f"/reviews/{story.case}/sign", f"/thread/{story.case}")
    assert [visitor.status_of(each) for each in addresses] == [404, 404, 404]
    search(visitor, story.case)
    visitor.expect_words("Nothing was found")
    assert listed == "" or visitor.open("/reviews") == 200


def search(visitor: Visitor, words: str) -> None:
    """Use the box in the header; what is typed stands in no address."""
    visitor.open("/home")
    visitor.fill("Search by reference or words", words)
    visitor.press("Search")
    visitor.expect_heading("Search")
    assert words not in visitor.page.url


def hold_the_meeting(story: Story, reviewer: Visitor, chair: Visitor) -> None:
    """The chair reads the pack, everyone comes, and the meeting is held and minuted."""
    chair.open(f"/meetings/{story.meeting}")
    chair.press("Open the pack")
    chair.look("a pack")
    assert not [each for each in (FORENAME, SURNAME, ADDRESS) if each in chair.page.content()]
    reviewer.open(f"/meetings/{story.meeting}/attendance")
    reviewer.look("attendance")
    for name in SITTERS.values():
        reviewer.choose(name, "Came")
    reviewer.press("Record attendance")
    reviewer.press("Hold this meeting")
    reviewer.press("Hold this meeting")
    reviewer.press("Minute")
    reviewer.look("minutes")
    reviewer.fill(f"What was decided about {story.case}?", "Two things were learned.")
    reviewer.press("Keep the minutes")
    reviewer.look("meeting minuted")
