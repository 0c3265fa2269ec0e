"""Every hosted page and every account page under axe-core, WCAG 2.2 level AA: no findings.

Also at 320 CSS pixels: nothing is wider than the window (criterion 1.4.10). And no page weighs more
than 100 kB with everything that it loads.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.walk import (
    ACCOUNT,
    choose_account,
    entry,
    hosted,
    join,
    pages_of_the_account,
    passkeys,
    register,
)
from tests.browser.walk_address import STOPS as OF_AN_ADDRESS
from tests.browser.walk_address import unconfirmed
from tests.browser.walk_factors import STOPS, own_security
from tests.support.chromium import watched_page
from tests.support.demo import Demo
from tests.support.npm import node_modules

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.node,
    pytest.mark.timeout(300),  # four looks at each of some fifteen pages
]

HERE = Path(__file__).parent / "axe"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "async (tags) => (await axe.run({runOnly: {type: 'tag', values: tags}})).violations"
WEIGHT = """['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
    .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""
MOST_BYTES = 100_000
VIEWS = [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")]


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


class Inspection:
    """Stops at pages and looks at each in every width and theme."""

    def __init__(self, page: Page, axe: str) -> None:
        self.page, self.axe = page, axe
        self.seen: set[str] = set()
        self.findings: dict[str, list[str]] = {}

    def stop(self, name: str) -> None:
        self.seen.add(name)
        weight = self.page.evaluate(WEIGHT)
        if not 0 < weight < MOST_BYTES:
            self.findings[name] = [f"weighs {weight} bytes"]
        for width, theme in VIEWS:
            self.page.set_viewport_size({"width": width, "height": 800})
            self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            if found := findings(self.page, self.axe):
                self.findings[f"{name}-{width}-{theme}"] = found


def findings(page: Page, axe: str) -> list[str]:
    """Return what axe says of the page as it is now, and whether it is too wide."""
    page.evaluate(axe)
    violations: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    said = [
        f"{one['id']}: {node['html'][:160]} {json.dumps(node['any'][:1])[:300]}"
        for one in violations
        for node in one["nodes"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return said + ([f"{wide} pixels too wide"] if wide > 0 else [])


def test_what_is_wrong_is_found(view: Page, axe: str) -> None:
    """Without this the tests below would pass if axe looked at nothing."""
    view.set_content('<html><body><input><p style="width: 5000px">wide</p></body></html>')
    said = " ".join(findings(view, axe))
    for rule in ("html-has-lang", "label", "too wide"):
        assert rule in said


def test_no_hosted_page_has_findings(view: Page, demo: Demo, axe: str) -> None:
    inspection = Inspection(view, axe)
    hosted(view, demo, inspection.stop, "admin@initech.test")
    assert inspection.seen >= {"sign-in", "consent", "home", "error", "sign-out", "signed-out"}
    assert inspection.findings == {}


def test_no_page_of_an_invitation_has_findings(view: Page, demo: Demo, axe: str) -> None:
    inspection = Inspection(view, axe)
    join(view, demo, inspection.stop)
    ends = ("", "-refused", "-done", "-closed", "-guest")
    assert inspection.seen >= {f"invitation{end}" for end in ends}
    assert inspection.findings == {}


def test_no_page_of_a_registration_has_findings(view: Page, demo: Demo, axe: str) -> None:
    inspection = Inspection(view, axe)
    register(view, demo, inspection.stop)
    ends = ("", "-refused", "-sent", "-new", "-done", "-closed")
    assert inspection.seen >= {"sign-in-register", *(f"register{end}" for end in ends)}
    assert inspection.findings == {}


def test_no_account_page_has_findings(view: Page, demo: Demo, axe: str) -> None:
    inspection = Inspection(view, axe)
    pages_of_the_account(view, demo, inspection.stop)
    assert inspection.seen >= {f"account-{name}" for name in ACCOUNT}
    assert inspection.findings == {}


def test_no_page_of_the_second_factor_has_findings(view: Page, demo: Demo, axe: str) -> None:
    inspection = Inspection(view, axe)
    own_security(view, demo, inspection.stop)
    assert inspection.seen == STOPS
    assert inspection.findings == {}


def test_no_page_with_passkeys_has_findings(view: Page, demo: Demo, axe: str) -> None:
    inspection = Inspection(view, axe)
    passkeys(view, demo, inspection.stop)
    mine = {f"account-passkey{end}" for end in ("", "-new", "-codes")}
    assert inspection.seen >= {"passkey", "mfa-passkey", "sign-in-once-more", *mine}
    assert inspection.findings == {}


def test_no_page_about_several_accounts_has_findings(view: Page, demo: Demo, axe: str) -> None:
    inspection = Inspection(view, axe)
    choose_account(view, demo, inspection.stop)
    assert inspection.seen >= {"choose-account", "sign-in-to-a-chosen-account", "account-guests"}
    assert inspection.findings == {}


def test_no_page_of_the_entry_has_findings(view: Page, demo: Demo, axe: str) -> None:
    inspection = Inspection(view, axe)
    entry(view, demo, inspection.stop)
    assert len(inspection.seen) == 8
    assert inspection.findings == {}


def test_no_page_about_an_unconfirmed_address_has_findings(
    view: Page, demo: Demo, axe: str
) -> None:
    inspection = Inspection(view, axe)
    unconfirmed(view, demo, inspection.stop)
    assert inspection.seen == OF_AN_ADDRESS
    assert inspection.findings == {}


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
    view.locator("summary").focus()
    view.keyboard.press("Enter")
    expect(view.get_by_role("link", name="Sign out")).to_be_visible()
    view.keyboard.press("Escape")
    expect(view.get_by_role("link", name="Sign out")).to_be_hidden()
    expect(view.locator("summary")).to_be_focused()
