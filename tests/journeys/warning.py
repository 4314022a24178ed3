"""From a list of a thousand to a withdrawn alert, as the people at the pages do it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from review_app.working_time import LONDON
from tests.journeys.story import (
    ASKED,
    CHANGED_HEADLINE,
    HEADLINE,
    LIST,
    PARTS,
    READERS,
    RECIPIENTS,
    Story,
    found,
    until,
)
from tests.journeys.visitors import Visitor


def import_the_thousand(story: Story, coordinator: Visitor) -> None:
    """The coordinator makes a list and imports a thousand recipients from a CSV file."""
    agencies = (*ASKED, "Harbour Light Hostel")
    rows = [f"{each},{agencies[number % len(agencies)]},Worker" for number, each in enumerate(RECIPIENTS)]
    file = story.folder / "recipients.csv"
    file.write_text("\n".join(["address,agency,role", *rows]), encoding="utf-8")
    coordinator.open("/lists")
    coordinator.press("Make a list")
    coordinator.look("make a list")
    coordinator.fill("Name of the list", LIST)
    coordinator.choose("Whom does it gather?", "Agencies with people at risk")
    coordinator.press("Make the list")
    story.list_reference = coordinator.path.rpartition("/")[2]
    coordinator.look("empty list")
    coordinator.press("Import CSV")
    coordinator.look("import")
    coordinator.page.get_by_label("CSV file", exact=True).set_input_files(file)
    coordinator.press("Check the file")
    coordinator.look("import preview")
    coordinator.press("Import 1,000 recipients")
    coordinator.expect_words("1,000 recipients added")


def write_the_alert(story: Story) -> Visitor:
    """The communications lead drafts the alert and puts it to the signers for tomorrow."""
    author = story.visitors.sign_in("communications@westhaven.example")
    author.open(f"/signals/{story.signal}")
    author.look("signal as communications sees it")
    author.press("Draft an alert")
    story.alert = found(r"WES-A-\d{4}-\d{4}", author.page.url)
    author.look("alert begun")
    author.fill("Headline", HEADLINE)
    for title, text in PARTS.items():
        author.fill(title, text)
    author.choose("Level", "Red")
    author.choose("Audience", "Agencies that work with people at risk")
    author.choose("Sharing mark", "TLP:AMBER")
    author.choose("Lists it is sent to", LIST)
    set_send_time(author, datetime.now(LONDON) + timedelta(days=1))
    author.choose("Could it identify a person", "No")
    author.press("Save")
    author.expect_words("Saved")
    author.look("alert written")
    author.press("Submit for sign-off")
    author.expect_words("Awaiting sign-off")
    author.look("alert awaiting sign-off, as its author")
    return author


def set_send_time(author: Visitor, instant: datetime) -> None:
    """Choose a set time, in London's hours and minutes."""
    author.choose("When does it go out?", "At a set time")
    time_of_day = author.page.get_by_role("group", name="Send time")
    for label, text in zip(("Day", "Month", "Year", "Time"), f"{instant:%d %m %Y %H:%M}".split(), strict=True):
        time_of_day.get_by_label(label, exact=True).fill(text)


def author_cannot_sign(story: Story, author: Visitor, signer: Visitor) -> None:
    """The author finds no button to sign with, and one who sends the form all the same is refused."""
    signer.open(f"/alerts/{story.alert}/sign")
    digest = signer.page.locator("form", has_text="Sign this version").locator("input[name=digest]").input_value()
    author.open(f"/alerts/{story.alert}/sign")
    author.expect_words("Someone else must sign")
    author.look("sign, as its author")
    assert author.page.get_by_role("button", name="Sign this version").count() == 0
    author.page.evaluate(FORGED, {"role": "communications", "digest": digest})
    author.expect_words("You wrote this version, or part of it, so someone else must sign it.")
    author.look("sign, refused")
    signer.open(f"/alerts/{story.alert}")
    assert "Signed by" not in signer.words


FORGED = """fields => {
    const form = document.createElement('form')
    form.method = 'post'
    const token = document.querySelector('input[name=csrf_token]').value
    for (const [name, value] of Object.entries({csrf_token: token, ...fields})) {
        const input = document.createElement('input')
        input.name = name
        input.value = value
        form.append(input)
    }
    document.body.append(form)
    form.submit()
}"""


def both_sign(story: Story, chair: Visitor, *, sends: str) -> Visitor:
    """The Director of Public Health and the chair sign, as a red alert needs."""
    dph = story.visitors.sign_in("dph@westhaven.example")
    story.link_to("dph@westhaven.example", f"/alerts/{story.alert}/sign")
    sign(story, dph, "Director of Public Health", look=True)
    dph.look("alert signed by one")
    sign(story, chair, "Panel chair")
    chair.expect_words(sends)
    chair.look("alert scheduled")
    return dph


def sign(story: Story, signer: Visitor, role: str, *, look: bool = False) -> None:
    """Read the version as it will go out, and sign it."""
    signer.open(f"/alerts/{story.alert}/sign")
    signer.expect_words("1,000 people", PARTS["What has happened"])
    if look:
        signer.look("read and sign")
    signer.choose("Sign as", role)
    signer.press("Sign this version")
    signer.expect_heading(re.compile("Orange tablets"))


def an_edit_voids_the_signatures(story: Story, author: Visitor) -> None:
    """A change of one line takes the version back to draft, and both signatures with it."""
    author.open(f"/alerts/{story.alert}/edit")
    author.look("editing what is scheduled")
    author.fill("Headline", CHANGED_HEADLINE)
    author.press("Save")
    author.open(f"/alerts/{story.alert}")
    author.expect_words("Draft", "Void")
    assert author.words.count("Void:") == 2
    author.look("alert with void signatures")


def submit_for_two_minutes_ahead(story: Story, author: Visitor) -> None:
    """It is put to the signers again, to go out two minutes ahead as the clock on the wall shows them."""
    author.open(f"/alerts/{story.alert}/edit")
    story.send_at = datetime.now(LONDON).replace(second=0, microsecond=0) + timedelta(minutes=2)
    set_send_time(author, story.send_at)
    author.press("Submit for sign-off")
    author.expect_words("Awaiting sign-off")


def nobody_has_it_yet(story: Story, coordinator: Visitor) -> None:
    """It waits for its time, and nobody has been sent anything."""
    coordinator.open(f"/alerts/{story.alert}")
    coordinator.expect_words("Scheduled")
    assert story.sent("") == []


def look_around(story: Story, coordinator: Visitor, *others: Visitor) -> None:
    """While it waits, everybody's home page and the coordinator's lists are looked at."""
    for visitor in (coordinator, *others):
        visitor.open("/home")
        visitor.look(f"{visitor.name} home")
    for address in ("/reports", "/signals", "/alerts", "/lists", f"/lists/{story.list_reference}"):
        coordinator.open(address)
        coordinator.look(address.strip("/").replace("/", " "))


def the_neighbour_sees_nothing(story: Story, neighbour: Visitor, *, look: bool) -> None:
    """The coordinator next door finds no trace of it: not by list, by searching, nor by any address."""
    known = (*story.reports, story.signal, story.alert, story.list_reference, "range tablets")
    for address in ("/home", "/reports", "/signals", "/alerts", "/lists"):
        assert neighbour.open(address) == 200
        content = neighbour.page.content()
        assert [each for each in known if each in content] == [], address
        if look:
            neighbour.look(f"neighbour {address.removeprefix('/')}")
    for section, words, nothing in (
        ("alerts", "Words or reference", "No alert matches"),
        ("signals", "Reference or words of the title", "No Signals match"),
    ):
        neighbour.open(f"/{section}")
        neighbour.open_details("Filter this list")
        neighbour.fill(words, "orange")
        neighbour.press("Apply filters")
        neighbour.expect_words(nothing)
    for address in addresses(story):
        assert neighbour.status_of(address) == 404, address


def addresses(story: Story) -> Iterator[str]:
    """Give the address of every page about what happened here."""
    for reference in story.reports:
        yield from (f"/reports/{reference}{way}" for way in ("", "/link", "/ask"))
    yield from (f"/signals/{story.signal}{way}" for way in ("", "/ask", "/grade", "/decide", "/title", "/close"))
    yield from (f"/alerts/{story.alert}{way}" for way in ("", "/versions/1", "/edit", "/sign", "/withdraw"))
    yield from (f"/lists/{story.list_reference}{way}" for way in ("", "/import", "/export.csv", "/edit"))


def the_public_sees_nothing(story: Story, passer_by: Visitor) -> None:
    """An alert that is marked for agencies is on no public page, also while it is in force."""
    passer_by.open("/alerts")
    passer_by.look("public alerts")
    assert story.alert not in passer_by.page.content()
    assert passer_by.status_of(f"/alerts/{story.alert}") == 404


def the_thousand_get_it_once_at_its_time(story: Story, author: Visitor) -> None:
    """Each recipient gets one message with an id of its own, none before the time and the first within 30 s of it."""
    assert story.send_at is not None
    ahead = max(0.0, (story.send_at - datetime.now(LONDON)).total_seconds())
    until(lambda: len(story.sent("Red alert")) >= len(RECIPIENTS) or None, seconds=ahead + 90)
    until_nothing_waits(story, author)
    author.expect_words("Active")
    author.look("alert sent")
    messages = story.sent(story.alert)
    assert sorted(each.recipient for each in messages) == list(RECIPIENTS)
    assert len({each.message_id for each in messages}) == len(RECIPIENTS)
    assert all(CHANGED_HEADLINE in each.text for each in messages)
    first = min(each.at for each in messages) - story.send_at.timestamp()
    assert 0 <= first <= 30, f"it began {first:.1f} s after its time"


def twelve_acknowledge(story: Story, coordinator: Visitor) -> None:
    """A scanner that opens a link notes nothing; twelve readers press the button, each on their own link."""
    messages = {each.recipient: each.text for each in story.sent(story.alert)}
    links = [found(r"/acknowledge/\S+", messages[address]) for address in RECIPIENTS[:READERS]]
    assert len(set(links)) == READERS
    scanner = story.visitors.arrive("scanner")
    assert {scanner.status_of(link) for link in links} == {200}
    coordinator.open(f"/alerts/{story.alert}")
    assert number_beside(coordinator, "Read") == 0
    for number, link in enumerate(links):
        reader = story.visitors.arrive(f"reader {number}", phone=True)
        reader.open(link)
        if not number:
            reader.look("acknowledge")
        reader.press("I have read this")
        reader.expect_heading(re.compile("^Thank you"))
        if not number:
            say_what_was_done(reader)
        reader.leave()
    coordinator.open(f"/alerts/{story.alert}")
    assert (number_beside(coordinator, "Read"), number_beside(coordinator, "Acted")) == (READERS, 1)
    coordinator.look("alert acknowledged")
    scanner.leave()


def say_what_was_done(reader: Visitor) -> None:
    """One of them also says what was done."""
    reader.look("what have you done")
    reader.choose("What have you done?", "Told the people we work with")
    reader.fill("How many people did you pass it on to?", "9")
    reader.press("Save what I did")
    reader.expect_words("Thank you")
    reader.look("acknowledged")


def until_nothing_waits(story: Story, visitor: Visitor) -> None:
    """Open the alert's page again and again until it says that no message waits to go."""

    def nothing_waits() -> bool | None:
        visitor.open(f"/alerts/{story.alert}")
        return number_beside(visitor, "Waiting") == 0 or None

    until(nothing_waits)


def number_beside(visitor: Visitor, label: str) -> int:
    """Give the number that the tally of the open page shows for a label."""
    item = visitor.page.locator(".app-tally__item", has=visitor.page.get_by_text(label, exact=True))
    return int(found(r"[\d,]+", item.inner_text()).replace(",", ""))


def withdraw(story: Story, coordinator: Visitor) -> None:
    """It is withdrawn, and exactly those who got it are told, once."""
    coordinator.press("Withdraw")
    coordinator.expect_words("1,000 people")
    coordinator.look("withdraw")
    coordinator.choose("Why is it withdrawn?", "The risk has been contained")
    coordinator.press("Withdraw and tell 1,000 people")
    coordinator.expect_words("Withdrawn")
    until(lambda: len(story.sent("withdrawn")) >= len(RECIPIENTS) or None, seconds=90)
    until_nothing_waits(story, coordinator)
    coordinator.look("alert withdrawn")
    assert sorted(each.recipient for each in story.sent("withdrawn")) == list(RECIPIENTS)
    everything = story.sent("")
    assert len({each.message_id for each in everything}) == len(everything) == 2 * len(RECIPIENTS)
    reader = story.visitors.arrive("late reader", phone=True)
    reader.open(found(r"/acknowledge/\S+", story.sent("Red alert")[-1].text))
    reader.expect_words("This alert has ended")
    reader.look("acknowledge after the end")
    reader.leave()
