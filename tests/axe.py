"""What axe-core finds wrong with the page that is open in Chromium.

assert axe.violations(chromium_page) == []
"""

from pathlib import Path

from playwright.sync_api import Page

SCRIPT = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"


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
