"""Forms: what is accepted, what is refused, and that nothing typed is lost."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from review_app.forgery import STALE_PAGE
from review_app.forms import BaseForm, FilterForm, SelectField, form_problems
from tests.browser import Browser
from tests.web.edge import GalleryFilters, GalleryForm, attribute, edge_app, one

GOOD = {
    "place": "Northgate",
    "story": "Someone fell ill.",
    "harm": "suspected",
    "area": "n",
    "day-day": "27",
    "day-month": "3",
    "day-year": "2026",
    "agree": "y",
    "version": "3",
}


@pytest.fixture(scope="module")
def edge() -> Flask:
    return edge_app()


def judged(edge: Flask, **changes: str | list[str] | None) -> GalleryForm:
    """Give the form as it is after these answers; None leaves one out."""
    answers = MultiDict({name: value for name, value in {**GOOD, **changes}.items() if value is not None})
    with edge.test_request_context("/form", method="POST"):
        form = GalleryForm(formdata=answers, meta={"csrf": False})
        form.accepted()
        return form


def problems(edge: Flask, **changes: str | list[str] | None) -> list[str]:
    return [problem.message for problem in form_problems(judged(edge, **changes))]


def test_good_answers_are_accepted_and_cleaned(edge):
    form = judged(edge, place="  Northgate\t", story="one\r\ntwo\r\n", seen=["a", "b"], number="1,200")
    assert form.errors == {"number": ["Enter a number from 0 to 500 for “How many people?”"]}
    assert (form.place.data, form.story.data, form.seen.data) == ("Northgate", "one\ntwo", ["a", "b"])
    assert (form.day.data, form.send_at.data, form.agree.data, form.version.data) == (date(2026, 3, 27), None, True, 3)
    assert (form.email.data, form.number.data) == ("", 1200)


def test_every_missing_answer_is_named_in_the_order_of_the_page(edge):
    none = dict.fromkeys((name for name in GOOD if name != "version"), None)
    assert problems(edge, **none) == [
        "Enter the place",
        "Enter what happened",
        "Select how sure you are",
        "Select the area",
        "Enter the date",
        "Select that you have given no names",
    ]


def test_white_space_alone_is_no_answer(edge):
    assert problems(edge, place=" \t ") == ["Enter the place"]


@pytest.mark.parametrize("bad", ["North\x00gate", "North\x1bgate", "North\x7fgate", "North\x85gate"])
def test_hidden_characters_are_refused_and_taken_out_of_what_is_shown_again(edge, bad):
    form = judged(edge, place=bad)
    assert form.place.data == "Northgate"
    assert "hidden characters" in form.place.errors[0]


def test_text_longer_than_can_be_kept_is_refused_with_both_numbers(edge):
    assert problems(edge, place="x" * 41) == ["Enter 40 characters or fewer for “Where did it happen?”: it has 41."]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"harm": "certainly"}, "Select one of the answers that are listed"),
        ({"seen": ["a", "z"]}, "Select one of the answers that are listed"),
        ({"area": "east"}, "Select one of the answers that are listed"),
        ({"number": "three"}, "Enter a whole number for “How many people?”, like 12"),
        ({"number": "-1"}, "Enter a number from 0 to 500 for “How many people?”"),
        ({"email": "nobody"}, "Enter an e-mail address in the correct format, like name@example.org"),
        ({"email": "a@b.example, c@d.example"}, "Enter an e-mail address in the correct format, like name@example.org"),
        ({"phone": "ring me"}, "Enter a phone number, like 01632 960 001 or +44 1632 960 001"),
        ({"version": "x"}, "This page was not complete. Open it again; nothing was changed."),
        ({"version": None}, "This page was not complete. Open it again; nothing was changed."),
        ({"day-day": None}, "Enter a day for “When did you become aware?”"),
        ({"day-day": "", "day-month": ""}, "Enter a day and a month for “When did you become aware?”"),
        ({"day-day": "31", "day-month": "2"}, "Enter a real date for “When did you become aware?”, like 27 3 2026"),
        ({"day-day": "9" * 20}, "Enter a real date for “When did you become aware?”, like 27 3 2026"),
        ({"day-month": "9" * 20}, "Enter a real date for “When did you become aware?”, like 27 3 2026"),
        ({"day-year": "26"}, "Enter the year for “When did you become aware?” as four figures, like 2026"),
        ({"day-day": ["1", "2"]}, "Enter “When did you become aware?” once"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_refused_in_words(edge, changes, message):
    assert problems(edge, **changes) == [message]


def at(day: str, month: str, year: str, time: str) -> dict[str, str]:
    return {"send_at-day": day, "send_at-month": month, "send_at-year": year, "send_at-time": time}


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        (at("20", "11", "2026", "18:40"), datetime(2026, 11, 20, 18, 40, tzinfo=UTC)),
        (at("1", "July", "2026", "6.40pm"), datetime(2026, 7, 1, 17, 40, tzinfo=UTC)),
        (at("01", "07", "2026", "0005"), datetime(2026, 6, 30, 23, 5, tzinfo=UTC)),
        (at("1", "7", "2026", "12am"), datetime(2026, 6, 30, 23, 0, tzinfo=UTC)),
        (at("1", "7", "2026", "12 PM"), datetime(2026, 7, 1, 11, 0, tzinfo=UTC)),
    ],
)
def test_a_london_time_becomes_the_instant_it_names(edge, typed, instant):
    form = judged(edge, **typed)
    assert form.errors == {}
    assert form.send_at.data == instant


@pytest.mark.parametrize(
    "typed",
    [
        at("25", "10", "2026", "01:30"),  # occurs twice
        at("29", "3", "2026", "01:30"),  # does not exist
        at("20", "11", "2026", "25:00"),
        at("20", "11", "2026", "6"),
        at("20", "11", "2026", "13pm"),
        at("20", "11", "2026", ""),
    ],
)
def test_a_london_time_that_is_not_one_instant_is_refused_in_words(edge, typed):
    (message,) = problems(edge, **typed)
    assert message.startswith("Enter ")


def test_an_instant_is_shown_for_editing_in_london_time(edge):
    with edge.test_request_context("/form"):
        form = GalleryForm(send_at=datetime(2026, 7, 1, 17, 5, tzinfo=UTC))
        assert form.send_at.typed == {"day": "1", "month": "7", "year": "2026", "time": "18:05"}


def test_the_error_of_a_date_leads_to_its_first_part(edge):
    browser = Browser(edge).get("/form").press("Send report", status=422)
    assert browser.errors.index("Enter the date") == 4
    target = attribute(browser, ".govuk-error-summary li:nth-child(5) a", "href")
    assert attribute(browser, f"input{target}", "name") == "day-day"


def test_every_error_link_leads_to_something_that_can_be_filled_in(edge):
    browser = Browser(edge).get("/form").press("Send report", status=422)
    links = browser.soup.select(".govuk-error-summary a")
    assert len(links) == 6
    for link in links:
        assert one(browser, str(link["href"])).name in {"input", "select", "textarea"}
    assert browser.title.startswith("Error: ")


def test_a_failed_form_keeps_everything_typed_except_the_password(edge):
    browser = Browser(edge).get("/form").fill("Where did it happen?", "North “gate” <1>").fill("Password", "hidden one")
    browser.choose("Confirmed").check("Tablets").fill("Area", "Southmoor")
    browser.fill_parts("When did you become aware?", Day="27", Month="13").press("Send report", status=422)
    assert attribute(browser, "#place", "value") == "North “gate” <1>"
    assert [box["value"] for box in browser.soup.select("input[checked]")] == ["confirmed", "b"]
    assert one(browser, "#area option[selected]").text == "Southmoor"
    assert [attribute(browser, part, "value") for part in ("#day", "#day-month")] == ["27", "13"]
    assert "hidden one" not in browser.body.decode()


def test_a_page_that_was_open_too_long_comes_back_filled_in(edge):
    browser = Browser(edge).get("/question")
    one(browser, "main input[name=csrf_token]")["value"] = "old"
    browser.fill("Where did it happen?", "Northgate").press("Continue", status=422)
    assert browser.errors == [STALE_PAGE]
    assert browser.title.startswith("Error: ")
    browser.press("Continue")
    assert browser.url == "/done"


def test_a_page_whose_cookie_is_gone_comes_back_filled_in_and_can_be_sent(edge):
    first = Browser(edge).get("/question")
    other = Browser(edge)
    other.soup = first.fill("Where did it happen?", "Northgate").soup
    other.url = "/question"
    other.press("Continue", status=422).press("Continue")
    assert other.url == "/done"


def test_a_form_with_a_prefix_is_not_posted_by_another_form_of_the_page(edge):
    class Two(BaseForm):
        """Two on one page."""

    with edge.test_request_context("/", method="POST", data={"a-x": "1", "a-csrf_token": "t"}):
        assert Two(prefix="a-").is_submitted()
        assert not Two(prefix="b-").is_submitted()


def test_a_refusal_by_the_service_is_shown_on_the_form(edge):
    with edge.test_request_context("/question", method="POST"):
        form = GalleryForm(formdata=MultiDict(GOOD), meta={"csrf": False})
        assert form.accepted()
        form.refuse("Someone signed before you.")
        form.add_error("place", "Enter another place")
    assert form.status == 422
    assert [(problem.message, problem.target) for problem in form_problems(form)] == [
        ("Someone signed before you.", ""),
        ("Enter another place", "place"),
    ]


def test_filters_come_from_the_address_and_neither_words_nor_a_wrong_one_are_used(edge):
    with edge.test_request_context("/list?state=open&words=jane"):
        form = GalleryFilters()
        assert form.chosen() == {"state": "open"}
        assert form.filtered
    with edge.test_request_context("/list?state=everything"):
        assert GalleryFilters().chosen() == {}


def test_a_panel_of_filters_is_posted_only_where_something_is_typed(edge):
    class Chosen(FilterForm):
        state = SelectField("State", choices=[("open", "Open")], blank="Any state")

    panel = "{% call ui.filter_panel(form) %}{{ form.state }}{% endcall %}"
    with edge.test_request_context("/list?state=open"):
        chosen = edge.jinja_env.from_string(panel).render(form=Chosen())
        typed = edge.jinja_env.from_string(panel).render(form=GalleryFilters())
    assert 'method="get"' in chosen
    assert "csrf_token" not in chosen
    assert '<a class="govuk-link" href="?">Clear filters</a>' in chosen
    assert 'method="post"' in typed
    assert 'name="clear"' in typed
