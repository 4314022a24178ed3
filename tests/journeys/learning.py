"""From what a panel learned to a closed action and a closed case, and the thread that holds it all together."""

from datetime import datetime, timedelta

from review_app.working_time import LONDON
from tests.journeys import reviewing
from tests.journeys.story import CONTENT, STATEMENTS, WORDINGS, Story, found
from tests.journeys.visitors import Visitor

GOOD, AREA = ("Good practice", "good", "1. Joint working"), ("Area for learning", "area", "9. Assessment")
LP = r"WES-LP-\d{4}-\d{4}"


def record_what_was_learned(story: Story, reviewer: Visitor) -> None:
    """One thing that worked and one that could be better, each with a theme and a wording for sharing."""
    for polarity, name, theme in (GOOD, AREA):
        reviewer.open(f"/reviews/{story.case}")
        reviewer.press("Add learning point")
        reviewer.choose("What kind of learning is it?", polarity)
        reviewer.fill("What was learned?", STATEMENTS[name])
        reviewer.choose("Which themes does it belong to?", theme)
        reviewer.fill("How may this be told? (optional)", WORDINGS[name])
        if name == "good":
            reviewer.look("add a learning point")
        reviewer.press("Add learning point")
        reviewer.expect_words(STATEMENTS[name])
        place = reviewer.page.locator("article", has_text=STATEMENTS[name])
        story.points.append(found(LP, place.inner_text()))
    reviewer.look("case with two learning points")


def agree_it(story: Story, chair: Visitor) -> None:
    """The chair agrees both for the panel, and approves their wording."""
    for point in story.points:
        chair.open(f"/reviews/{story.case}")
        chair.press(f"Agree {point}")
        chair.follow(f"Approve wording of {point}")
        if point == story.points[0]:
            chair.look("approve a wording")
        chair.press("Approve wording")
    chair.look("case with agreed learning")


def recommend(story: Story, reviewer: Visitor) -> None:
    """A recommendation is drawn from the area for learning, and the senior responsible owner accepts it."""
    reviewer.open(f"/reviews/{story.case}")
    reviewer.press("Draft a recommendation")
    reviewer.choose("Which learning points does it come from?", story.points[1])
    reviewer.fill("What is recommended?", "Assess risk again within a week of every overdose.")
    reviewer.choose("At which level?", "Service")
    reviewer.select("Which agency owns it?", "Westhaven Council Housing")
    reviewer.fill("What effect is expected?", "No assessment is older than the last overdose.")
    reviewer.fill("How will it be monitored?", "Ten records each quarter.")
    reviewer.look("draft a recommendation")
    reviewer.press("Save the draft")
    reviewer.press("Propose to the partnership")
    story.recommendation = found(r"WES-REC-\d{4}-\d{4}", reviewer.page.url)
    sro = story.visitors.sign_in("sro@westhaven.example")
    sro.look("senior responsible owner home")
    sro.open("/recommendations")
    sro.look("recommendations")
    sro.open(f"/recommendations/{story.recommendation}")
    sro.look("recommendation to decide")
    assert story.case not in sro.page.content()
    sro.press("Accept")
    sro.look("accept a recommendation")
    sro.fill("Why is it accepted?", "The board agreed to pay for it.")
    sro.press("Accept")
    sro.leave()


def act(story: Story, reviewer: Visitor) -> None:
    """Housing is asked to do something about it, does it, and says what shows that it is done."""
    reviewer.open(f"/recommendations/{story.recommendation}")
    reviewer.press("Add an action")
    reviewer.fill("What is to be done?", "Put the date of the last overdose at the top of every record.")
    reviewer.select("Which agency is to do it?", "Westhaven Council Housing")
    due = datetime.now(LONDON) + timedelta(days=60)
    day = reviewer.page.get_by_role("group", name="By when?")
    for label, text in zip(("Day", "Month", "Year"), f"{due:%d %m %Y}".split(), strict=True):
        day.get_by_label(label, exact=True).fill(text)
    reviewer.choose("How strong", "Strong")
    reviewer.look("add an action")
    reviewer.press("Propose this action to its owner")
    story.action = found(r"WES-ACT-\d{4}-\d{4}", reviewer.page.url)
    owner = story.visitors.sign_in("housing.rep@westhaven.example")
    owner.open("/actions")
    owner.look("actions")
    owner.open(f"/actions/{story.action}")
    owner.press("Accept")
    owner.press("Start")
    owner.press("Mark done with evidence")
    owner.look("mark an action done")
    owner.fill("What shows that it is done?", "Every record shows the date since Monday.")
    owner.press("Mark done with evidence")
    owner.expect_words("Every record shows the date since Monday.")
    owner.look("action done")
    its_own_part_of_the_thread(story, owner)
    owner.leave()


def sign_and_close(story: Story, reviewer: Visitor, chair: Visitor) -> None:
    """The findings are written, the check of facts is recorded, and the chair signs the case off and closes it."""
    reviewer.open(f"/reviews/{story.case}")
    reviewer.press("Start the findings", within="Sign-off")
    reviewer.press("Record the check of facts", within="Sign-off")
    reviewer.look("check of facts")
    reviewer.fill("Why were agencies not asked to check the facts?", "Everything was read out to those who came.")
    reviewer.page.get_by_role("main").get_by_role("button").first.click()
    reviewer.expect_heading("Review of a death")
    chair.open(f"/reviews/{story.case}")
    chair.press("Sign off", within="Sign-off")
    chair.look("sign a case off")
    chair.press("Sign off")
    chair.look("case signed off")
    chair.press("Close", within="Sign-off")
    chair.look("close a case")
    chair.press("Close")
    chair.expect_words("Closed")
    chair.look("case closed")


def the_chair_sees_the_whole_thread(story: Story, chair: Visitor) -> None:
    """Who sits on both panels follows the chain from the three reports to the action."""
    chair.open(f"/thread/{story.action}")
    chair.expect_heading("Thread")
    chain = (
        *story.reports, story.signal, story.alert, story.case, *story.points, story.recommendation, story.action,
    )  # fmt: skip
    chair.expect_words(*(each for each in chain if each))
    assert not [each for each in CONTENT if each in chair.words]
    chair.look("the whole thread")
    reviewing.search(chair, WORDINGS["area"].split()[0] + " overdose")
    chair.expect_words(story.points[1])
    chair.look("search results")


def its_own_part_of_the_thread(story: Story, owner: Visitor) -> None:
    """The agency sees from what its action came, and neither the case nor anything before it."""
    owner.open(f"/thread/{story.action}")
    owner.expect_words(story.action, story.recommendation, story.points[1], WORDINGS["area"])
    content = owner.page.content()
    hidden = (story.case, story.points[0], story.signal, story.alert, *story.reports, *CONTENT)
    assert [each for each in hidden if each and each in content] == []
    owner.look("an agency’s part of the thread")
    assert [owner.status_of(f"/thread/{each}") for each in (story.signal, *story.reports)].count(404) >= 1


def the_neighbour_finds_nothing(story: Story, neighbour: Visitor) -> None:
    """Next door there is no trace of any of it."""
    references = (
        story.death, story.case, story.meeting, *story.requests.values(), *story.points, story.recommendation,
        story.action, story.signal,
    )  # fmt: skip
    assert {neighbour.status_of(f"/thread/{each}") for each in references} == {404}
    doors = (
        f"/deaths/{story.death}", f"/reviews/{story.case}", f"/meetings/{story.meeting}",
        f"/recommendations/{story.recommendation}", f"/actions/{story.action}",
        *(f"/requests/{each}" for each in story.requests.values()),
    )  # fmt: skip
    assert {neighbour.status_of(each) for each in doors} == {404}
    for words in (story.case, story.action, WORDINGS["area"].split()[0]):
        reviewing.search(neighbour, words)
        neighbour.expect_words("Nothing was found")


def no_mail_holds_case_content(story: Story) -> None:
    """What was sent to anybody names neither the case nor anything in it."""
    secret = (*CONTENT, *WORDINGS.values(), story.case)
    mails = [f"{each.subject}\n{each.text}" for each in story.sink.received]
    assert [words for words in secret if any(words in mail for mail in mails)] == []
