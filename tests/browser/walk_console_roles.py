"""A walk through the roles of the console: the matrix, one role, a new one, who has it."""

from playwright.sync_api import Page

from tests.browser.walk import Stop, send
from tests.browser.walk_console import enter, menu
from tests.support.demo import Demo


def roles(page: Page, demo: Demo, stop: Stop) -> None:
    """Make a role, look at it, give it for a while, and be asked before it goes."""
    enter(page, demo, "admin@acme.test")
    page.locator('.rail-body a[href$="/roles"]').click()
    page.locator(".matrix").wait_for()
    stop("console-roles")
    matrix = page.url
    page.locator(".head-actions a").first.click()
    page.locator("#name").wait_for()
    stop("console-role-new")
    page.locator("#name").fill("adm1n")
    page.locator("#description").fill("Unlocks people at night.")
    page.get_by_label("People: see").check()
    page.get_by_label("People: unlock").check()
    send(page)
    page.locator("#alert").wait_for()
    stop("console-role-refused")
    page.locator("#name").fill("night-shift")
    send(page)
    page.wait_for_url("**/roles/night-shift")
    stop("console-role")
    page.goto(f"{page.url}/people")
    stop("console-role-nobody")
    page.goto(f"{matrix}/PLATFORM_ADMIN/people")
    stop("console-role-people")
    page.goto(f"{matrix}/night-shift/change")
    stop("console-role-change")
    page.goto(f"{matrix}/night-shift/delete")
    stop("console-role-delete")
    page.locator("#retyped").fill("night-shift")
    send(page)
    page.wait_for_url(matrix)
    menu(page, "/console/tenants")
