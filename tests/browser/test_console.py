"""The console in a browser: lists that search while one types, and what scripts cannot do there."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.walk_console import enter
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_a_list_is_filtered_with_and_without_scripts(
    page: Page, demo: Demo, *, scripts: bool
) -> None:
    enter(page, demo, "admin@acme.test")
    page.goto(f"{demo.issuer}/console/tenants")
    page.locator("#filter-type").select_option("partner")
    if not scripts:
        page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("link", name="Globex")).to_be_hidden()
    expect(page.get_by_role("link", name="Initech")).to_be_visible()
    expect(page).to_have_url(re.compile("type=partner"))
    page.reload()
    expect(page.get_by_role("link", name="Globex")).to_be_hidden()
    page.locator("#filter-suspended").select_option("true")
    if not scripts:
        page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("link", name="Globex")).to_be_visible()


def test_the_navigation_works_on_a_phone_without_scripts(page: Page, demo: Demo) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    enter(page, demo, "admin@acme.test")
    page.locator(".drawer summary").click()
    page.locator(".drawer").get_by_role("link", name="Tenants").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tenants")


@pytest.mark.parametrize("scripts", [True], ids=["with-scripts"])
def test_the_description_of_the_api_is_tried_out_under_the_policy(page: Page, demo: Demo) -> None:
    enter(page, demo, "admin@acme.test")
    page.goto(f"{demo.issuer}/api/v1/docs")
    expect(page.get_by_text("What you try is done as admin@acme.test.")).to_be_visible()
    page.locator("#operations-tag-tenants button").click()
    page.locator("#operations-tenants-list_tenants button.opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    said = page.locator(".live-responses-table")
    expect(said.locator(".response .response-col_status").first).to_contain_text("200")
    expect(said).to_contain_text("Globex")
