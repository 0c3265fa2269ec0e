"""The proof of a trail in the reader's browser: VERIFIED, TAMPERED at which number, and without."""

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.walk_console import enter, menu
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def panel(page: Page, demo: Demo) -> None:
    """Come to the proof of the organization's own trail."""
    enter(page, demo, "admin@acme.test")
    menu(page, "/events")
    page.locator('.tabs a[href$="/bundle"]').click()
    page.locator("#part-alone").wait_for()


@pytest.mark.parametrize("scripts", [True], ids=["with-scripts"])
def test_a_whole_trail_is_verified_and_a_changed_one_names_the_first_number(
    page: Page, demo: Demo
) -> None:
    panel(page, demo)
    page.get_by_role("button", name="Verify now").click()
    expect(page.locator("#proof-title")).to_have_text("VERIFIED")
    # The browser holds the server to the checkpoint that it saw.
    page.get_by_role("button", name="Verify now").click()
    expect(page.locator("[data-facts]")).to_contain_text("which this browser saw before")

    def changed(route: Route) -> None:
        part = route.fetch().json()
        lines = part["text"].split("\n")
        at = next(n for n, line in enumerate(lines) if line.startswith('{"kind":"event","seq":2,'))
        lines[at] = lines[at].replace("operator", "0perator")
        route.fulfill(body=json.dumps(part | {"text": "\n".join(lines)}))

    page.context.route("**/trail/bundle?cursor=*", changed)
    page.get_by_role("button", name="Verify now").click()
    expect(page.locator("#proof-title")).to_have_text("TAMPERED at number 2")
    expect(page.locator("[data-text]")).to_have_text("An event was changed.")


@pytest.mark.parametrize("scripts", [False], ids=["without-scripts"])
def test_without_scripts_the_page_says_how_to_verify(page: Page, demo: Demo) -> None:
    panel(page, demo)
    expect(page.locator("[data-verify]")).to_be_hidden()
    expect(page.get_by_text("python trail_verifier.py")).to_be_visible()
