"""People at real browsers: they find things by role and label, and every page they look at is judged at both widths."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Page, Response, ViewportSize, expect

from review_app.demo.people import PASSWORD
from tests import axe
from tests.axe import DESK, PHONE

SHOTS = "REVIEW_TEST_SHOTS"
"""A folder outside the project; when the environment names one, a picture of every page goes there at both widths."""
PATIENCE = 20_000
"""How many milliseconds a page may take on a machine that does much else."""


class Visitors:
    """Everybody who takes part, and what was found wrong with the pages they saw."""

    def __init__(self, chromium: Chromium, url: str) -> None:
        self.chromium = chromium
        self.url = url
        self.shots = Path(os.environ[SHOTS]) if os.environ.get(SHOTS) else None
        self.problems: list[str] = []
        self.seen = 0

    def arrive(self, name: str, *, phone: bool = False) -> "Visitor":
        """Let somebody open a browser of their own."""
        return Visitor(self, name, PHONE if phone else DESK)

    def sign_in(self, address: str, *, of_several: bool = False) -> "Visitor":
        """Let somebody with an account sign in at a browser; one whose agency belongs to several chooses Westhaven."""
        visitor = self.arrive(address.partition("@")[0])
        visitor.open("/sign-in")
        visitor.fill("Email address", address)
        visitor.fill("Password", PASSWORD)
        visitor.press("Sign in")
        if of_several:
            visitor.look("which partnership")
            visitor.choose("Which partnership are you working in?", "Westhaven")
            visitor.press("Continue")
        visitor.expect_heading("What needs you")
        return visitor


class Visitor:
    """One person at one browser."""

    def __init__(self, visitors: Visitors, name: str, size: ViewportSize) -> None:
        self.visitors = visitors
        self.name = name
        self._size = size
        self._context = visitors.chromium.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            locale="en-GB",
            timezone_id="Europe/London",
            base_url=visitors.url,
        )
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE)

    @property
    def path(self) -> str:
        """The address of the open page, without the host."""
        return urlsplit(self.page.url).path

    @property
    def words(self) -> str:
        """Everything that the main part of the open page says."""
        return self.page.get_by_role("main").inner_text()

    def open(self, address: str) -> int:
        """Go to an address and give the status."""
        answer = self.page.goto(address)
        assert answer is not None
        return answer.status

    def press(self, name: str, *, status: int = 200, within: str = "") -> None:
        """Press a button, in the section of that heading if one is named, and wait for the page that follows."""
        self._go(self._place(within).get_by_role("button", name=name, exact=True).first, status)

    def follow(self, name: str | re.Pattern[str], *, within: str = "") -> None:
        """Follow a link, in the section of that heading if one is named."""
        self._go(self._place(within).get_by_role("link", name=name).first, 200)

    def _place(self, heading: str) -> Page | Locator:
        if not heading:
            return self.page
        return self.page.locator("section").filter(has=self.page.get_by_role("heading", name=heading))

    def _go(self, what: Locator, status: int) -> None:
        with self.page.expect_navigation() as going:
            what.click()
        answer: Response | None = going.value
        assert answer is None or answer.status == status, f"{answer.status} at {self.page.url}:\n{self.words}"

    def fill(self, label: str, text: str) -> None:
        """Type into the field with a label."""
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, question: str, *answers: str) -> None:
        """Choose answers of a question, or one of its list."""
        group = self.page.get_by_role("group", name=question)
        for answer in answers:
            label = re.compile(rf"^{re.escape(answer)}")
            group.get_by_role("radio", name=label).or_(group.get_by_role("checkbox", name=label)).first.check()

    def select(self, label: str, answer: str) -> None:
        """Choose from a list that opens."""
        self.page.get_by_label(label, exact=True).select_option(label=answer)

    def tick(self, label: str) -> None:
        """Tick a box."""
        self.page.get_by_label(label).check()

    def open_details(self, summary: str) -> None:
        """Open a part of the page that is folded."""
        self.page.locator("summary", has_text=summary).first.click()

    def expect_heading(self, words: str | re.Pattern[str]) -> None:
        """Wait until the page has this first heading."""
        expect(self.page.get_by_role("heading", level=1, name=words)).to_be_visible(timeout=PATIENCE)

    def expect_words(self, *words: str) -> None:
        """Wait until the main part of the page says all of this."""
        for each in words:
            expect(self.page.get_by_role("main")).to_contain_text(each, timeout=PATIENCE)

    def look(self, name: str) -> None:
        """Judge the open page at a desk and on a phone, where it must not scroll sideways."""
        self.visitors.seen += 1
        for width, size in (("desk", DESK), ("phone", PHONE)):
            self.page.set_viewport_size(size)
            self.visitors.problems += [f"{name}, {width}: {problem}" for problem in axe.violations(self.page)]
            sideways = axe.too_wide(self.page)
            if sideways:
                self.visitors.problems.append(f"{name}, {width}: {self.path} is {sideways} px too wide")
            if self.visitors.shots:
                file = f"{self.visitors.seen:02} {name} {width}.png"
                self.page.screenshot(path=self.visitors.shots / file, full_page=True)
        self.page.set_viewport_size(self._size)

    def status_of(self, address: str) -> int:
        """Ask for an address as a program does that follows links, and give the status."""
        return self._context.request.get(address).status

    def leave(self) -> None:
        """Close the browser."""
        self._context.close()
