"""The plain browser of the tests sends what a real one would, and complains where a person would be lost."""

import pytest
from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from tests.browser import Browser, NotOnThePage

PAGE = """<html><head><title>Report</title></head><body><main><h1>What did you see?</h1>
<form method="post" action="/report">
  <input type="hidden" name="token" value="t1">
  <label for="where">Where?</label><input id="where" name="where" value="before">
  <label for="words">In your own words</label><textarea id="words" name="words">
</textarea>
  <fieldset><legend>How do you know?</legend>
    <input type="radio" id="k1" name="know" value="saw" checked><label for="k1">I saw it</label>
    <input type="radio" id="k2" name="know" value="told"><label for="k2">I was told</label></fieldset>
  <fieldset><legend>Harm</legend>
    <input type="checkbox" id="h1" name="harm" value="asleep"><label for="h1">Drowsy</label>
    <input type="checkbox" id="h2" name="harm" value="sick"><label for="h2">Sick</label></fieldset>
  <label for="town">Town</label>
  <select id="town" name="town"><option value="">Choose</option><option value="e">Eastmoor</option></select>
  <fieldset disabled><input name="never" value="sent"></fieldset>
  <button name="act" value="keep">Save draft</button><button name="act" value="send">Send report</button>
</form>
<table><caption>People</caption>
  <tr><td>Ann</td><td><form method="get" action="/open"><input type="hidden" name="who" value="ann">
    <button>Open</button></form></td></tr>
  <tr><td>Ben</td><td><form method="get" action="/open"><input type="hidden" name="who" value="ben">
    <button>Open</button></form></td></tr></table>
<a href="http://elsewhere.example/next">Go on</a></main></body></html>"""


@pytest.fixture
def site() -> Flask:
    """A site of one page that shows what it was sent."""
    site = Flask("site")

    @site.get("/")
    def page() -> str:
        return PAGE

    @site.post("/report")
    def report() -> str:
        sent = [f"{name}={value}" for name, values in sorted(request.form.lists()) for value in values]
        return f"<h1>Sent</h1><main>{' | '.join(sent)}</main>"

    @site.get("/open")
    def opened() -> str:
        return f"<h1>{request.args['who']}</h1>"

    @site.get("/next")
    def onward() -> Response:
        return redirect("/open?who=redirected")

    return site


def test_it_sends_the_form_that_is_there_with_the_button_that_was_pressed(site):
    browser = Browser(site).get("/")
    browser.fill("Where?", "Mill Lane").fill("In your own words", "two lines\nof text").fill("Town", "Eastmoor")
    browser.choose("I was told", question="How do you know?").check("Drowsy").check("Sick").press("Send report")
    assert browser.text == (
        "act=send | harm=asleep | harm=sick | know=told | token=t1 | town=e | where=Mill Lane | words=two lines of text"
    )


def test_it_tells_equal_buttons_apart_by_what_stands_beside_them(site):
    assert Browser(site).get("/").press("Open", within="Ben").heading == "ben"
    with pytest.raises(NotOnThePage, match="2 times 'Open'"):
        Browser(site).get("/").press("Open")


def test_it_follows_links_and_redirects_and_keeps_the_address(site):
    browser = Browser(site).get("/").follow("Go on")
    assert (browser.heading, browser.url) == ("redirected", "/open?who=redirected")


def test_it_fails_where_a_person_would_be_lost(site):
    browser = Browser(site).get("/")
    with pytest.raises(NotOnThePage, match="no field 'When\\?'"):
        browser.fill("When?", "today")
    with pytest.raises(NotOnThePage, match="no 'Delete'"):
        browser.press("Delete")
    with pytest.raises(AssertionError, match="answered 404, not 200"):
        browser.get("/nowhere")


def test_it_refuses_to_run_inside_an_app_context(site):
    with site.app_context(), pytest.raises(AssertionError, match="leave the app context"):
        Browser(site).get("/")
