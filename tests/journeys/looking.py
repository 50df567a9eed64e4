"""What is wrong with a page, as a browser sees it."""

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SHORT = {
    "resultTypes": ["violations"]
}  # what is in order is not told element by element: a third of the time


def unsound(page: Page, width: int) -> Iterator[str]:
    """What is wrong with the page as it stands: beyond the edge, or against a rule of accessibility."""
    yield from across(page, width)
    if width < 600:  # the narrowest that WCAG 1.4.10 knows, or a page four times as large
        page.set_viewport_size({"width": 320, "height": 844})
        yield from across(page, 320)
        page.set_viewport_size({"width": width, "height": 844})
    yield from broken(page, RULES, "by day")


def across(page: Page, width: int) -> Iterator[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        yield f"{wide} pixels across, of {width}"


def broken(page: Page, rules: dict[str, object], light: str) -> Iterator[str]:
    for violation in Axe().run(page, options=rules | SHORT).response["violations"]:
        places = ", ".join(node["html"][:160] for node in violation["nodes"][:3])
        yield f"{violation['id']} {light}: {places}"
