"""The pages of learning in a real Chromium: accessible, and no wider than a phone."""

import threading

import pytest
from werkzeug.serving import make_server

from review_app.learning.rules.states import ActionState, Polarity, RecommendationState
from review_app.reviews.rules.states import CaseState
from tests import axe, factories, learned, reviewing

AREA = Polarity.AREA_FOR_LEARNING


@pytest.fixture
def pages(work, clock):
    """The addresses to look at, by who looks."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        now = clock.now()
        case = reviewing.make_case(session, here, now=now, state=CaseState.IN_PANEL)
        told = learned.told_point(session, here, case, now=now, themes=(1, 8))
        learned.agreed_point(session, here, case, now=now, statement="Two.", polarity=AREA, wording="At 12 Mill Lane.")
        draft = learned.make_point(session, here, case, now=now, statement="Three.", polarity=Polarity.OBSERVATION)
        state = RecommendationState.ACCEPTED
        accepted = learned.make_recommendation(session, here, [told], now=now, state=state)
        state = RecommendationState.PROPOSED
        proposed = learned.make_recommendation(session, here, [told], now=now, state=state, words="Other.")
        action = learned.make_action(session, here, accepted, now=now)
        done = learned.make_action(session, here, accepted, now=now, words="Done.", state=ActionState.DONE)
        at, theme = f"/reviews/{case.reference}", learned.theme_ids(session, 1)[0]
        return {
            here.email("review.chair"): [
                at,
                f"{at}/learning",
                f"{at}/learning/new",
                f"{at}/learning/{draft.reference}/edit",
                f"{at}/learning/{draft.reference}/wording",
                f"{at}/learning/{told.reference}/approve",
                f"{at}/learning/{draft.reference}/withdraw",
                f"/recommendations/new/{case.reference}",
            ],
            here.email("sro"): [
                "/home",
                "/learning",
                f"/learning/{theme}",
                "/recommendations",
                f"/recommendations/{proposed.reference}",
                f"/recommendations/{proposed.reference}/decline",
            ],
            here.email("review.coordinator"): [
                "/actions",
                f"/recommendations/{accepted.reference}/actions/new",
                f"/actions/{done.reference}",
                f"/actions/{done.reference}/impact",
                f"/actions/{action.reference}/due",
            ],
            here.email("housing.rep"): [f"/actions/{action.reference}", f"/actions/{action.reference}/refuse"],
        }


@pytest.fixture
def site(app, pages):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    running.join()


def enter(page, site, email):
    page.context.clear_cookies()
    page.goto(f"{site}/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_every_page_of_learning_is_accessible_and_fits(site, pages, chromium_page):
    page = chromium_page
    for email, addresses in pages.items():
        enter(page, site, email)
        for address in addresses:
            answer = page.goto(site + address)
            assert answer is not None
            assert (answer.status, page.url) == (200, site + address)
            assert axe.problems(page) == []


def test_the_themes_can_be_printed_without_what_only_the_screen_needs(site, pages, chromium_page):
    enter(chromium_page, site, next(email for email in pages if email.startswith("sro")))
    chromium_page.goto(f"{site}/learning")
    chromium_page.emulate_media(media="print")
    assert chromium_page.get_by_role("table").is_visible()
    assert not chromium_page.get_by_text("Filter this list").is_visible()
