"""Walks through linked sign-ins on the account pages, as walk.py does."""

import sqlite3

from playwright.sync_api import Page, Route

from tests.browser.walk import Stop, sign_in
from tests.support.demo import PASSWORD, Demo
from tests.support.providers import GitHub, OpenId, github, openid

SLUG, EMAIL = "peony", "ada@peony.example"
_PEONY = ("--tenant", SLUG)


def linked_sign_ins(page: Page, demo: Demo, stop: Stop) -> None:
    """Connect two providers, look at them, disconnect one, and keep the last way in."""
    with openid() as work, github() as code:
        _prepare(demo, work, code)
        page.goto(f"{demo.issuer}/account/sign-ins")
        sign_in(page, EMAIL)
        page.wait_for_url("**/account/sign-ins")
        stop("sign-ins-none")
        _connect(page, stop, work=work)
        code.person(user_name="ada-lovelace", emails=[("ada@there.example", True, True)])
        page.goto(f"{demo.issuer}/account/sign-ins")
        page.locator("section .row a.button").first.click()
        page.locator("main form button[type=submit]").click()
        page.locator("main .callout").wait_for()  # the page in between has the same URL
        stop("sign-ins")
        page.goto(f"{demo.issuer}/account/security")
        stop("sign-ins-on-security")
        page.goto(f"{demo.issuer}/account")
        stop("sign-ins-on-overview")
        _disconnect(page, demo, stop)


def _prepare(demo: Demo, work: OpenId, code: GitHub) -> None:
    run = demo.installation.run
    run("tenants", "create", SLUG, "--name", "Peony", "--type", "customer")
    who = (*_PEONY, "--email", EMAIL, "--name", "Ada Lovelace")
    run("users", "create", *who, "--password-stdin", "--verified", stdin=PASSWORD)
    for name, kind, label, server in (
        ("work", "oidc", "Peony Work", work),
        ("code", "github", "GitHub", code),
        ("mail", "google", "Google", None),
    ):
        at = ("--server", server.url) if server else ()
        there = server or work
        run(
            *("connections", "create", name, "--kind", kind, "--label", label, *_PEONY, *at),
            *("--client-id", there.client_id, "--secret-stdin"),
            stdin=there.client_secret,
        )


def _connect(page: Page, stop: Stop, *, work: OpenId) -> None:
    """Connect the tenant's own provider: the page between stays, as if it did not go on."""
    work.person(email=EMAIL, name="Ada Lovelace")
    page.locator("section .row a.button").last.click()
    page.wait_for_url("**/account/sign-ins?about=*")
    stop("sign-ins-connect")
    page.route("**/account/sign-ins", _stay)
    page.locator("main form button[type=submit]").click()
    page.locator("main a.button-primary").wait_for()
    page.unroute("**/account/sign-ins")
    stop("sign-ins-away")
    page.locator("main a.button-primary").click()
    page.locator("main .callout").wait_for()
    stop("sign-ins-connected")


def _stay(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('http-equiv="refresh"', ""))


def _disconnect(page: Page, demo: Demo, stop: Stop) -> None:
    page.goto(f"{demo.issuer}/account/sign-ins")
    page.locator(".row a.button").first.click()
    stop("sign-ins-disconnect")
    page.locator("main form button[type=submit]").click()
    page.locator("main .callout").wait_for()
    stop("sign-ins-disconnected")
    _forget_password(demo)
    page.locator(".row a.button").first.click()
    stop("sign-ins-last")


def _forget_password(demo: Demo) -> None:
    """Let the account be one that a provider made."""
    with sqlite3.connect(demo.installation.data_dir / "authserver.db", timeout=10) as database:
        database.execute("UPDATE users SET password_hash = NULL WHERE email = ?", (EMAIL,))
