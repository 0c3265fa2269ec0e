"""Every page under axe-core, WCAG 2.2 level AA, in every width, and by keyboard: no findings.

At 320 CSS pixels nothing is wider than the window (criterion 1.4.10), and neither on a wall of
3840, where lines of text stay short enough to be read. No page weighs more than 100 kB with
everything that it loads. And every page's template is seen at one of the stops at least.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.inspection import (
    EVERYTHING,
    WALL,
    Inspection,
    axe_says,
    bring,
    keyboard,
    long_lines,
    too_wide,
    unpasted,
)
from tests.browser.tours import TOURS
from tests.browser.walk import pages_of_the_account
from tests.support.chromium import watched_page
from tests.support.demo import Demo
from tests.support.npm import node_modules
from tests.support.source import ROOT

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.node,
    pytest.mark.timeout(300),  # several looks at each of some fifteen pages
]

HERE = Path(__file__).parent / "axe"
# Of these no page comes by itself: they are parts of others, or mails.
PARTS = {"base", "demo/base"}
# What Swagger UI shows is not ours: tests/browser/test_console.py looks at what is.
ANOTHERS = {"console/documentation"}
BAD = """<html><body><style>:focus { outline: none } #late { position: absolute; top: 0 }</style>
<input><p style="width: 5000px">wide</p><p>{text}</p>
<input type="password" id="new" onpaste="return false">
<main><a href="#" style="display: block; margin-top: 200px">first</a>
<a href="#" id="late">late</a><button tabindex="3">main</button></main></body></html>"""


@pytest.fixture(scope="session")
def axe(request: pytest.FixtureRequest) -> str:
    """Return the source of axe-core."""
    modules = node_modules(request.config, HERE)
    return (modules / "axe-core" / "axe.min.js").read_text()


@pytest.fixture
def view(chromium: Browser) -> Iterator[Page]:
    """Open a page that complains of nothing."""
    with watched_page(chromium) as (page, watch):
        yield page
    assert watch.complaints == []


def test_what_is_wrong_is_found(view: Page, axe: str) -> None:
    """Without this the tests below would pass if nothing were looked at."""
    view.set_viewport_size({"width": WALL, "height": 800})
    view.set_content(BAD.replace("{text}", "word " * 40))
    bring(view, axe)
    said = " ".join([*axe_says(view, EVERYTHING), *too_wide(view), *long_lines(view)])
    for rule in ("html-has-lang", "label", "too wide", "a line of"):
        assert rule in said
    said = " ".join([*keyboard(view), *view.evaluate("keyboardLook.order()"), *unpasted(view)])
    assert "refuses a paste: new" in said
    for rule in ("no focus is seen on a", "comes too late: a #late", "jumps the queue: button"):
        assert rule in said


@pytest.mark.parametrize("name", TOURS)
def test_no_page_has_findings(view: Page, demo: Demo, axe: str, name: str) -> None:
    inspection = Inspection(view, axe)
    TOURS[name].walk(view, demo, inspection.stop)
    assert inspection.seen == set(TOURS[name].stops)
    assert inspection.findings == {}


@pytest.mark.parametrize("language", ["de", "fr"])
def test_longer_words_fit(chromium: Browser, demo: Demo, axe: str, language: str) -> None:
    with watched_page(chromium, locale=language) as (page, watch):
        inspection = Inspection(page, axe)
        pages_of_the_account(page, demo, inspection.glance)
    assert watch.complaints == []
    assert inspection.findings == {}


def test_every_page_is_a_stop_of_a_tour() -> None:
    folder = ROOT / "templates"
    names = {path.relative_to(folder).with_suffix("") for path in folder.rglob("*.html")}
    pages = {
        str(name)
        for name in names
        if not name.name.startswith("_") and name.parts[0] != "mail" and str(name) not in PARTS
    }
    assert {seen for tour in TOURS.values() for seen in tour.stops.values()} == pages - ANOTHERS


def test_the_account_is_usable_by_keyboard_alone(view: Page, demo: Demo) -> None:
    view.goto(f"{demo.issuer}/account")
    expect(view.get_by_label("Email address")).to_be_focused()
    view.keyboard.type("noc@acme.test")
    view.keyboard.press("Tab")
    view.keyboard.type("Correct-Horse-7")
    view.keyboard.press("Enter")
    view.wait_for_url("**/account")
    view.keyboard.press("Tab")
    expect(view.get_by_role("link", name="Skip to the content")).to_be_focused()
    view.keyboard.press("Enter")
    expect(view.locator("#content")).to_be_focused()
    view.get_by_role("link", name="Profile").focus()
    view.keyboard.press("Enter")
    expect(view.get_by_role("heading", level=1)).to_have_text("Profile")
    menu = view.locator(".switcher summary")
    menu.focus()
    view.keyboard.press("Enter")
    expect(view.get_by_role("link", name="Sign out")).to_be_visible()
    view.keyboard.press("Escape")
    expect(view.get_by_role("link", name="Sign out")).to_be_hidden()
    expect(menu).to_be_focused()
