"""Walks through what people and administrators see of keys, deliveries and health."""

from playwright.sync_api import Page

from tests.browser.walk import Stop, send, sign_in, sign_out
from tests.browser.walk_console import enter, menu
from tests.support.demo import Demo


def api_keys(page: Page, demo: Demo, stop: Stop) -> None:
    """Make a key of one's own, badly and well, be asked before it ends; see it in the console."""
    page.goto(f"{demo.issuer}/login/password?to=api_keys")
    sign_in(page, "noc@acme.test")
    page.wait_for_url("**/account/api-keys")
    stop("api-keys-none")
    page.locator(".row-end a").click()
    stop("api-key-new")
    page.locator("#name").fill("Nightly report")
    page.locator("#networks").fill("the office")
    page.locator("input[type=checkbox]").first.check()
    send(page)
    page.locator(".field-error").wait_for()
    stop("api-key-refused")
    page.locator("#networks").fill("192.0.2.0/24, 2001:db8::1")
    send(page)
    page.locator(".made-key").wait_for()
    stop("api-key-made")
    page.locator("main a.button-primary").click()
    page.locator(".rows .row a").first.wait_for()
    stop("api-keys")
    page.locator(".rows .row a").first.click()
    page.wait_for_url("**about=apk_*")
    stop("api-key-question")
    sign_out(page, demo)
    _of_the_platform(page, demo, stop)


def _of_the_platform(page: Page, demo: Demo, stop: Stop) -> None:
    """See the keys of a tenant, those that sign, what is delivered, and health."""
    enter(page, demo, "admin@acme.test")
    page.locator('.rail-body a[href$="/api-keys"]').click()
    page.wait_for_url("**/api-keys")
    stop("console-api-keys")
    page.locator(".head-actions a").first.click()
    page.locator("#scopes").wait_for()
    stop("console-api-key-new")
    page.go_back()
    page.locator("#rows a").first.click()
    page.wait_for_url("**/api-keys/apk_*")
    stop("console-api-key")
    menu(page, "/console/keys")
    page.locator(".key-set summary").click()
    stop("console-signing-keys")
    page.locator(".head-actions a").first.click()
    page.locator("#at_once").wait_for()
    stop("console-signing-keys-rotate")
    menu(page, "/console/mails")
    stop("console-mails")
    page.goto(f"{demo.issuer}/console/logouts")
    stop("console-logouts")
    page.goto(f"{demo.issuer}/console/mails/retry")
    stop("console-mails-retry")
    menu(page, "/console/health")
    stop("console-health")
    menu(page, "/console/trail/anchors")
    stop("console-anchors")
