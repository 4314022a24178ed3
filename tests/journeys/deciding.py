"""From three reports to a decision, as the people at the pages do it."""

import re

from tests.journeys.story import ASKED, SECRET_REASON, TITLE, Story, found
from tests.journeys.visitors import Visitor

PLAIN = re.compile(r"\b(?:G[0-4]|TLP|Signal|triage|corroborat\w*|S[0-4]|C[1-4])\b", re.IGNORECASE)


def report_from_the_hostel(story: Story) -> Visitor:
    """A worker without an account reports from a phone."""
    hostel = story.visitors.arrive("hostel", phone=True)
    hostel.open("/")
    hostel.look("start")
    hostel.press("Report a dangerous drug")
    hostel.look("choose a place")
    hostel.choose("Where did it happen?", "Westhaven")
    hostel.press("Continue")
    hostel.look("report part 1")
    tell(hostel, "Harbourside", "I saw it myself", danger="Yes")
    hostel.press("Continue")
    hostel.fill("How can we reach you?", "night.desk@harbour-hostel.example")
    hostel.look("report part 2")
    hostel.tick("I have not included names")
    hostel.press("Send report")
    hostel.expect_words("Report sent")
    hostel.look("report sent")
    story.reports.append(found(r"WES-\d{4}-\d{4}", hostel.words))
    assert story.reports[0] in story.mail_to("night.desk@harbour-hostel.example", "").subject
    hostel.follow("See how far your report has got")
    story.follow = hostel.path
    see_the_submitters_page(hostel, story, "Received")
    return hostel


def report_from_an_account(story: Story, visitor: Visitor, place: str, known: str) -> None:
    """Somebody signed in reports the same thing from elsewhere."""
    visitor.look(f"{visitor.name} home")
    visitor.press("Report a dangerous drug")
    tell(visitor, place, known, danger="No")
    visitor.press("Continue")
    visitor.look(f"{visitor.name} report part 2")
    visitor.tick("I have not included names")
    visitor.press("Send report")
    visitor.expect_words("Report sent")
    story.reports.append(found(r"WES-\d{4}-\d{4}", visitor.words))
    visitor.follow("My reports")
    visitor.expect_words(story.reports[-1])
    visitor.look(f"{visitor.name} own reports")
    visitor.leave()


def tell(visitor: Visitor, place: str, known: str, *, danger: str) -> None:
    """Fill in the first part of the short form."""
    visitor.choose("Is anyone in danger now?", danger)
    visitor.choose("What are you reporting?", "An overdose that someone survived")
    visitor.fill("What was it sold as, or believed to be?", "oxycodone")
    visitor.select("Where did this happen?", place)
    visitor.choose("How do you know?", known)
    visitor.fill("What happened, in your own words?", f"Collapsed within minutes of one orange tablet, {place}.")


def see_the_submitters_page(hostel: Visitor, story: Story, stage: str) -> None:
    """The private link says how far it has got, in plain words and nothing else."""
    hostel.open(story.follow)
    hostel.expect_words(story.reports[0], stage)
    assert PLAIN.findall(hostel.words) == []
    hostel.look(f"follow {stage}")


def link_the_three_reports(story: Story, coordinator: Visitor) -> None:
    """The coordinator triages each report, opens a Signal with the first and links the others."""
    for number, reference in enumerate(story.reports):
        coordinator.open("/reports")
        coordinator.expect_words(*story.reports)
        coordinator.follow(reference)
        if not number:
            coordinator.look("report received")
        coordinator.press("Start triage")
        if not number:
            coordinator.look("report in triage")
        coordinator.press("Link to a Signal")
        if number:
            link_to_the_signal(story, coordinator, look=number == 1)
        else:
            coordinator.look("link to a Signal, none open")
            coordinator.fill("Title of the new Signal", TITLE)
            coordinator.press("Open a new Signal")
            story.signal = found(r"WES-S-\d{4}-\d{4}", coordinator.words)
        coordinator.expect_words(story.signal)
    coordinator.open(f"/signals/{story.signal}")
    coordinator.expect_words(TITLE, *story.reports)
    coordinator.look("signal with three reports")


def link_to_the_signal(story: Story, coordinator: Visitor, *, look: bool) -> None:
    """Find the Signal by a word of its title and link the open report to it."""
    coordinator.fill("Reference or words of the title", "orange")
    coordinator.press("Search Signals")
    coordinator.choose("Which Signal?", TITLE)
    coordinator.choose("Why do they belong together?", "It looks like the same batch")
    if look:
        coordinator.look("link to a Signal, one found")
    coordinator.press("Link to this Signal")


def ask_four_agencies(story: Story, coordinator: Visitor) -> None:
    """The coordinator asks four agencies in neutral words, urgently."""
    coordinator.open(f"/signals/{story.signal}")
    coordinator.press("Ask agencies")
    coordinator.look("ask agencies")
    coordinator.choose("Which agencies do you want to ask?", *ASKED)
    coordinator.page.get_by_label("Your question, in neutral words").fill(
        "Have you, or people you work with, met small orange tablets in the last 7 days?"
    )
    coordinator.tick("This is urgent")
    story.asked_after = len(story.sink.received)
    coordinator.press("Send the question")
    coordinator.expect_words("0 of 4 agencies answered")
    coordinator.look("signal asking agencies")


def two_answer(story: Story) -> None:
    """Two of the four answer from the link in the e-mail, on a phone and without an account."""
    links = [story.link_to(address, "/corroborate/", after=story.asked_after) for address in ASKED.values()]
    housing = story.visitors.arrive("housing", phone=True)
    housing.open(links[0])
    housing.expect_heading("Have you seen this?")
    housing.look("have you seen this")
    assert "overdose" not in housing.words
    housing.press("Seen")
    housing.expect_words("Thank you")
    housing.look("answered")
    treatment = story.visitors.arrive("treatment", phone=True)
    treatment.open(links[1])
    treatment.press("I have more to say")
    treatment.look("more to say")
    treatment.choose("Have you seen it?", "Seen")
    treatment.fill("What do you want to tell us?", "Two clients described the same tablets this week.")
    treatment.press("Send answer")
    treatment.expect_words("Thank you")
    housing.leave()
    treatment.leave()


def put_it_to_the_panel(story: Story, coordinator: Visitor) -> None:
    """The coordinator closes the round and opens grading."""
    coordinator.open(f"/signals/{story.signal}")
    coordinator.expect_words("2 of 4 agencies answered", "Two clients described the same tablets this week.")
    coordinator.press("Close round 1")
    coordinator.look("signal ready for panel")
    coordinator.press("Open grading")
    coordinator.expect_words("With the panel")
    coordinator.look("signal with the panel")


def grade_blind_and_reveal(story: Story, coordinator: Visitor) -> Visitor:
    """Three members grade; nobody sees another's grading until the chair reveals them all."""
    chair = story.visitors.sign_in("chair@westhaven.example")
    grade(story, chair, severity="S4", confidence="C3", reason=SECRET_REASON, look=True)
    police = story.visitors.sign_in("police.panel@westhaven.example")
    for visitor in (police, coordinator):
        visitor.open(f"/signals/{story.signal}")
        visitor.expect_words("1 member has graded")
        assert_nothing_of_the_grading(visitor)
        assert visitor.page.get_by_role("button", name="Reveal", exact=True).count() == 0
    police.look("signal before the reveal")
    police.open(f"/signals/{story.signal}/grade")
    assert_nothing_of_the_grading(police)
    grade(story, police, severity="S4", confidence="C2", reason="Two seizures point the same way.")
    clinician = story.visitors.sign_in("clinician.panel@westhaven.example")
    grade(story, clinician, severity="S4", confidence="C3", reason="Repeated naloxone in every case we treated.")
    clinician.open(f"/signals/{story.signal}")
    assert_nothing_of_the_grading(clinician)
    chair.open(f"/signals/{story.signal}")
    chair.press("Reveal")
    chair.expect_words("The grades are revealed", "Two seizures point the same way.")
    chair.look("signal revealed")
    clinician.open(f"/signals/{story.signal}")
    clinician.expect_words(SECRET_REASON)
    police.leave()
    clinician.leave()
    return chair


def assert_nothing_of_the_grading(visitor: Visitor) -> None:
    """The page holds nothing of what the chair graded, in its text or anywhere in its source."""
    assert SECRET_REASON not in visitor.page.content()
    assert not re.search(r"\bG4\b|Suggested grade:", visitor.words)


def grade(story: Story, member: Visitor, *, severity: str, confidence: str, reason: str, look: bool = False) -> None:
    """Grade the Signal on the scheme's questions."""
    member.open(f"/signals/{story.signal}")
    if look:
        member.look("signal to grade")
    member.press("Grade this Signal")
    if look:
        member.look("grade")
    member.choose("How severe is the harm?", severity)
    member.choose("How confident are you", confidence)
    for question in ("Local relevance", "Novelty", "Exposure of vulnerable", "Time-sensitivity"):
        member.choose(question, "High")
    member.fill("Your reason", reason)
    if look:
        member.press("Show the suggested grade")
        member.look("suggested grade")
    member.press("Save my grading")
    member.expect_words("Your grading is saved")
    if look:
        member.look("graded")


def decide(story: Story, chair: Visitor) -> None:
    """The chair decides a formal alert at the red grade."""
    chair.press("Record decision")
    chair.look("record decision")
    chair.choose("Final grade", "G4")
    chair.choose("Outcome", "Formal alert")
    chair.fill("Reason for the decision", "It is spreading, and people can act on a warning tonight.")
    for question in ("Is it specific enough", "Can we say what to do", "Can it be recognised", "Will the audience"):
        chair.choose(question, "Yes")
    for question in ("Could an alert raise", "Does an accurate alert", "Have we alerted", "Could it identify"):
        chair.choose(question, "No")
    chair.press("Record decision")
    chair.expect_words("The decision is recorded", "Formal alert")
    chair.look("signal decided")


def tell_the_submitters(story: Story, coordinator: Visitor, hostel: Visitor) -> None:
    """The coordinator answers everyone who reported; the hostel worker reads it behind the private link."""
    answer = "Thank you. We are warning everyone who works with people at risk in Westhaven."
    coordinator.open(f"/signals/{story.signal}")
    coordinator.press("Tell the submitters")
    coordinator.look("tell the submitters")
    coordinator.fill("What was decided, and what happens now?", answer)
    coordinator.page.get_by_role("main").get_by_role("button").first.click()
    coordinator.expect_heading(TITLE)
    see_the_submitters_page(hostel, story, "Decided")
    hostel.expect_words(answer)
    story.mail_to("night.desk@harbour-hostel.example", "news")
