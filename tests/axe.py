"""What axe-core finds wrong with the page that is open in Chromium.

assert axe.problems(chromium_page) == []
"""

from pathlib import Path

from playwright.sync_api import Page, ViewportSize

SCRIPT = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 375, "height": 812}


def violations(page: Page) -> list[str]:
    """Give every violation of the open page, as words that lead to its place."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
    return [
        f"{page.url} {violation['id']}: {violation['help']}: {node['html'][:300]}"
        for violation in found
        for node in violation["nodes"]
    ]


def too_wide(page: Page) -> int:
    """Give by how many pixels the page is wider than its window; a phone should never scroll sideways."""
    width: int = page.evaluate("Math.max(0, document.documentElement.scrollWidth - window.innerWidth)")
    return width


def problems(page: Page) -> list[str]:
    """Give what is wrong with the open page at a desk and on a phone: violations, and being wider than the window."""
    before, found = page.viewport_size, []
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        found += [f"{size['width']} px: {violation}" for violation in violations(page)]
        if wider := too_wide(page):
            found.append(f"{size['width']} px: {page.url} is {wider} px wider than the window")
    page.set_viewport_size(before or DESK)
    return found
