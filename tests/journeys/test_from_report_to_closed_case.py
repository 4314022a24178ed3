"""The whole of the work at real browsers, against the server and worker that the first command starts.

Three people report the same thing, the coordinator gathers it and asks agencies, the panel grades and decides, an
alert is written, signed, changed, signed again and sent at its time to a thousand people, twelve of them answer, and
it is withdrawn. While the alert waits for its time, a death is notified from the same Signal and reviewed to its end.
Mail goes through a real SMTP server; time is real.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium

from tests.journeys import deciding, learning, reviewing, warning
from tests.journeys.story import Story
from tests.journeys.visitors import Visitor, Visitors
from tests.servers import RunningProduct
from tests.smtp import SmtpSink


@pytest.fixture
def story(tmp_path: Path, smtp_sink: SmtpSink, chromium: Chromium) -> Iterator[Story]:
    """A demo of its own, with its mail going to a real SMTP server."""
    with RunningProduct(tmp_path / "instance", settings={"REVIEW_MAIL_URL": smtp_sink.url}) as product:
        product.start()
        yield Story(product=product, sink=smtp_sink, visitors=Visitors(chromium, product.url), folder=tmp_path)


def test_reports_become_an_alert_that_a_thousand_get_once_and_a_death_becomes_an_action(story: Story) -> None:
    hostel = deciding.report_from_the_hostel(story)
    nurse = story.visitors.sign_in("nurse@westhaven.example")
    deciding.report_from_an_account(story, nurse, "Mill Lane", "From a record or a professional's report")
    officer = story.visitors.sign_in("officer@westhaven.example", of_several=True)
    deciding.report_from_an_account(story, officer, "Northgate", "I saw it myself")
    coordinator = story.visitors.sign_in("coordinator@westhaven.example")
    deciding.link_the_three_reports(story, coordinator)
    warning.import_the_thousand(story, coordinator)
    deciding.ask_four_agencies(story, coordinator)
    deciding.two_answer(story)
    deciding.see_the_submitters_page(hostel, story, "Being checked")
    deciding.put_it_to_the_panel(story, coordinator)
    chair = deciding.grade_blind_and_reveal(story, coordinator)
    deciding.decide(story, chair)
    author = warning.write_the_alert(story)
    warning.author_cannot_sign(story, author, chair)
    dph = warning.both_sign(story, chair, sends="Scheduled")
    warning.an_edit_voids_the_signatures(story, author)
    warning.submit_for_two_minutes_ahead(story, author)
    warning.sign(story, dph, "Director of Public Health")
    warning.sign(story, chair, "Panel chair")
    warning.nobody_has_it_yet(story, coordinator)
    deciding.tell_the_submitters(story, coordinator, hostel)
    neighbour = story.visitors.sign_in("coordinator@eastmoor.example")
    warning.the_neighbour_sees_nothing(story, neighbour, look=True)
    warning.look_around(story, coordinator, author, dph, chair)
    a_death_is_reviewed_to_its_end(story, coordinator, neighbour)
    warning.the_thousand_get_it_once_at_its_time(story, author)
    warning.the_neighbour_sees_nothing(story, neighbour, look=False)
    warning.the_public_sees_nothing(story, hostel)
    warning.twelve_acknowledge(story, coordinator)
    warning.withdraw(story, coordinator)
    assert story.visitors.problems == []


def a_death_is_reviewed_to_its_end(story: Story, coordinator: Visitor, neighbour: Visitor) -> None:
    """The second half of the work, told in the minutes in which the alert waits for its time."""
    reviewing.notify_a_death_from_the_signal(story, coordinator)
    reviewer = reviewing.decide_inclusion(story)
    reviewing.ask_three_agencies(story, reviewer)
    reviewing.three_return(story)
    reviewing.plan_a_meeting(story, reviewer)
    chair = reviewing.all_declare_and_one_is_recused(story, reviewer)
    reviewing.hold_the_meeting(story, reviewer, chair)
    learning.record_what_was_learned(story, reviewer)
    learning.agree_it(story, chair)
    learning.recommend(story, reviewer)
    learning.act(story, reviewer)
    learning.sign_and_close(story, reviewer, chair)
    learning.the_chair_sees_the_whole_thread(story, chair)
    learning.the_neighbour_finds_nothing(story, neighbour)
    learning.no_mail_holds_case_content(story)
    reviewer.leave()
    chair.leave()
