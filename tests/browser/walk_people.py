"""Walks through what the console has about people, as the administrator of a customer."""

import secrets

from playwright.sync_api import Page

from tests.browser.walk import Stop, send
from tests.browser.walk_console import enter, menu
from tests.support.demo import Demo

_ROWS = """email,name,roles
{0}@globex.test,Lise Meitner,customer_viewer
nobody,Emmy Noether,
{0}@globex.test,Once Again,
"""


def people(page: Page, demo: Demo, stop: Stop) -> None:
    """See people, one of them, what is done for them, invitations and an import."""
    mark = secrets.token_hex(3)
    enter(page, demo, "admin@globex.test")
    menu(page, "/users")
    stop("console-people")
    page.locator('.head-actions a[href$="/users/new"]').click()
    page.locator("#email").fill(f"{mark}@new.test")
    page.locator("#name").fill("Grace Hopper")
    stop("console-person-new")
    send(page)
    page.wait_for_url("**/users/usr_*")
    person = page.url
    stop("console-person")
    for tab in ("security", "sessions", "events"):
        page.goto(f"{person}/{tab}")
        stop(f"console-person-{tab}")
    for act in ("edit", "roles", "give-role", "disable"):
        page.goto(f"{person}/{act}")
        stop(f"console-person-{act}")
    menu(page, "/invitations")
    page.locator(".head-actions a").first.click()
    page.locator("#email").fill(f"{mark}@asked.test")
    stop("console-invite")
    send(page)
    page.wait_for_url("**/invitations")
    stop("console-invitations")
    page.locator("#rows a").first.click()
    page.wait_for_url("**/invitations/inv_*")
    stop("console-invitation")
    imports(page, mark, stop)


def imports(page: Page, mark: str, stop: Stop) -> None:
    """Import a file, and wait for its end."""
    menu(page, "/imports")
    page.locator(".head-actions a").first.click()
    page.locator("#file").wait_for()
    stop("console-upload")
    file = {"name": "p.csv", "mimeType": "text/csv", "buffer": _ROWS.format(mark).encode()}
    page.locator("#file").set_input_files([file])
    page.locator("#dry_run").uncheck()
    send(page)
    page.wait_for_url("**/imports/job_*")
    page.locator(".badge-good").wait_for(timeout=30_000)
    stop("console-import")
    menu(page, "/imports")
    stop("console-imports")
