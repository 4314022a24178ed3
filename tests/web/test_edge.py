"""What every page shares: the frame, the headers, the refusals, and that no forged request can act."""

import re
from collections.abc import Iterator
from threading import Thread

import pytest
import structlog
from bs4 import BeautifulSoup
from flask import Flask, g
from playwright.sync_api import expect
from sqlalchemy import create_engine, text
from werkzeug.serving import make_server

from review_app.errors import DomainError
from tests import axe
from tests.browser import Browser
from tests.web.edge import REFUSALS, attribute, edge_app

PAGES = [
    "/gallery?signed-in",
    "/list?state=open",
    "/form",
    "/question",
    "/done",
    "/privacy",
    "/accessibility",
    "/cookies",
    "/report-a-problem",
    "/refuse/not-visible",
    "/refuse/stale",
    "/nowhere",
]


@pytest.fixture(scope="module")
def edge() -> Flask:
    return edge_app()


@pytest.fixture(scope="module")
def served(edge: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, edge, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def test_no_page_of_the_edge_has_an_accessibility_violation(served, chromium_page):
    page = chromium_page
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    for path in PAGES:
        page.goto(served + path)
        assert axe.problems(page) == []
    assert complaints == []


def test_a_failed_form_is_accessible_and_its_error_link_moves_the_focus(served, chromium_page):
    page = chromium_page
    page.goto(f"{served}/form")
    page.get_by_role("button", name="Send report").click()
    expect(page).to_have_title("Error: A form – Drug Alerts and Reviews")
    assert axe.problems(page) == []
    page.get_by_role("link", name="Enter the date").click()
    assert page.evaluate("document.activeElement.name") == "day-day"


def test_no_page_needs_script(edge):
    for path in PAGES:
        soup = Browser(edge).get(path, status=None).soup
        assert [script.get("src") for script in soup.find_all("script") if not script.get("src")] == []
        assert soup.select("[style], style, [onclick], [onsubmit], [onchange], [onload]") == []


def test_every_page_has_its_banners_and_its_footer(edge):
    for path in PAGES:
        page = Browser(edge).get(path, status=None)
        words = page.soup.get_text(" ")
        assert "Everyone and everything here is invented" in words, path
        assert "Beta" in words
        footer = [link["href"] for link in page.soup.select("footer a")]
        assert footer == ["/accessibility", "/privacy", "/cookies", "/report-a-problem"]
        assert len(page.soup.find_all("h1")) == 1, path
        assert page.title.endswith(" – Drug Alerts and Reviews")


def test_production_has_no_demonstration_banner_and_promises_https():
    browser = Browser(edge_app(mode="production")).get("/privacy")
    assert "invented" not in browser.soup.get_text()
    assert browser.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in Browser(edge_app()).get("/privacy").headers


def test_the_browser_may_load_only_what_is_ours(edge):
    headers = Browser(edge).get("/privacy").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert re.fullmatch(r"'self' 'nonce-[\w-]{22}'", policy["script-src"])
    assert not [rule for rule in policy.values() if "unsafe" in rule or "http" in rule or "*" in rule]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_the_nonce_is_new_on_every_answer_and_is_on_the_script(edge):
    first, second = (Browser(edge).get("/privacy") for _ in range(2))
    assert first.headers["Content-Security-Policy"] != second.headers["Content-Security-Policy"]
    assert f"'nonce-{attribute(first, 'script', 'nonce')}'" in first.headers["Content-Security-Policy"]


def test_a_static_file_is_kept_only_under_the_hash_of_its_content(edge):
    browser = Browser(edge).get("/privacy")
    style = attribute(browser, "link[rel=stylesheet]", "href")
    with edge.test_client() as client, client.get(style) as hashed, client.get(style.partition("?")[0]) as bare:
        assert "immutable" in hashed.headers["Cache-Control"]
        assert bare.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("not-visible", 404, "We cannot find that alert."),
        ("link", 404, "This link has been used."),
        ("not-allowed", 403, "Your role does not let you do this."),
        ("rule", 409, "someone else must sign it"),
        ("move", 409, "this is already “sent”"),
        ("stale", 409, "Blue triangle tablets"),
        ("stale-data", 409, "Someone else changed this"),
        ("throttled", 429, "Try again in 15 minutes."),
    ],
)
def test_each_refusal_has_its_status_and_says_what_to_do(edge, name, status, words):
    browser = Browser(edge).get(f"/refuse/{name}", status=status)
    assert words in browser.text
    assert "What to do next" in browser.text
    assert "WES-A-2026-0001" not in browser.body.decode()


def test_an_unknown_address_a_wrong_method_and_too_much_text_have_pages_of_ours(edge):
    assert Browser(edge).get("/nowhere", status=404).heading == "We cannot find that page"
    wrong = Browser(edge).post("/privacy", status=405)
    assert "Back" in wrong.text or "button" in wrong.text
    assert wrong.headers["Allow"]
    edge.config["MAX_CONTENT_LENGTH"] = 100
    try:
        assert "too large" in Browser(edge).post("/question", {"place": "x" * 200}, status=413).text
    finally:
        edge.config["MAX_CONTENT_LENGTH"] = None


def test_a_fault_of_ours_gives_a_code_and_logs_neither_its_words_nor_the_address():
    app = edge_app()
    app.testing = False
    with structlog.testing.capture_logs() as lines:
        browser = Browser(app).get("/refuse/broken?name=Jane", status=500)
    assert "Something went wrong on our side" in browser.text
    assert len(lines) == 1
    assert lines[0]["code"] in browser.text
    assert lines[0]["kind"] == "RuntimeError"
    assert not [secret for secret in ("Jane", "Hidden", "/refuse/broken") if secret in str(lines) + browser.text]


def test_a_denial_is_handed_to_the_recorder_and_other_refusals_are_not():
    app = edge_app()
    told: list[DomainError] = []
    app.extensions["denial_recorder"] = told.append
    for name in REFUSALS.keys() - {"broken"}:
        Browser(app).get(f"/refuse/{name}", status=None)
    assert {type(error).__name__ for error in told} == {"NotVisible", "NotAllowed"}


def test_a_press_without_a_token_does_nothing_and_is_told_so(edge):
    browser = Browser(edge)
    browser.post("/press", status=400)
    assert browser.heading == "Your page had been open a long time"
    assert b"false" in browser.get("/pressed").body


@pytest.mark.parametrize(("came_from", "given_back"), [("same-origin", True), ("same-site", False), ("", False)])
def test_what_was_typed_on_a_page_that_is_too_old_is_given_back_to_be_copied(edge, came_from, given_back):
    typed = {"story": "They met on Friday & <b>nobody</b> came.", "password": "a secret that is long enough"}
    headers = {"Sec-Fetch-Site": came_from} if came_from else {}
    answer = edge.test_client().post("/press", data=typed, headers=headers)
    assert answer.status_code == 400
    soup = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    assert [each.get_text() for each in soup.find_all("textarea")] == ([typed["story"]] if given_back else [])
    assert typed["password"] not in answer.get_data(as_text=True)


def test_a_press_with_its_token_acts(edge):
    browser = Browser(edge).get("/gallery").press("Reveal three grades")
    assert b"true" in browser.get("/pressed").body


def test_a_request_from_another_site_is_refused_at_the_door_even_with_a_token(edge):
    client = edge.test_client()
    client.get("/question")
    answer = client.post("/question", data={"place": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400


def test_no_writing_transaction_can_begin_in_a_request_whose_token_failed(edge):
    engine = create_engine("sqlite://").execution_options(writes=True)
    with edge.test_request_context("/press", method="POST"):
        with engine.begin() as connection:
            connection.execute(text("SELECT 1"))
        g.token_failure = RuntimeError("the token failed")
        with pytest.raises(RuntimeError), engine.begin() as connection:
            connection.execute(text("SELECT 1"))
        with create_engine("sqlite://").begin() as reading:
            assert reading.execute(text("SELECT 1")).scalar() == 1


def test_a_misspelt_name_in_a_template_is_an_error_and_not_a_gap(edge):
    with edge.test_request_context("/"), pytest.raises(Exception, match="undefined"):
        edge.jinja_env.from_string("{{ reprot.state }}").render()


def test_a_page_of_a_list_keeps_the_filters_of_the_address(edge):
    browser = Browser(edge).get("/list?state=open&words=a+b&page=3")
    assert attribute(browser, "a[rel=next]", "href") == "/list?state=open&words=a+b&page=6"
