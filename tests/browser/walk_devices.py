"""Walks through the pages on which a device is connected, as walk.py does."""

import itertools

import requests
from playwright.sync_api import Page

from tests.browser.walk import Stop, new_person, send, sign_in
from tests.support.demo import Demo

_NUMBERS = itertools.count()


def device(page: Page, demo: Demo, stop: Stop) -> None:
    """Mistype a code, enter it, sign in, confirm; and deny another one."""
    email = f"{new_person(demo)}@initech.test"
    client = _television(demo)
    code = _ask(demo, client)
    page.goto(f"{demo.issuer}/device")
    stop("device")
    page.locator("#user_code").fill("BCDF-GHJK")
    send(page)
    page.get_by_role("alert").wait_for()
    stop("device-refused")
    page.goto(f"{demo.issuer}/device?user_code={code}")
    stop("device-complete")
    send(page)
    page.wait_for_url("**/login/password**")
    stop("device-sign-in")
    sign_in(page, email)
    page.wait_for_url("**/login/consent**")
    stop("device-confirm")
    page.locator("button[value=allow]").click()
    page.wait_for_url("**/device/done**")
    stop("device-connected")
    page.goto(f"{demo.issuer}/device?user_code={_ask(demo, client)}")
    send(page)
    page.wait_for_url("**/login/consent**")
    page.locator("button[value=deny]").click()
    page.wait_for_url("**/device/done**")
    stop("device-denied")


def _television(demo: Demo) -> str:
    run = demo.installation.run
    made = run(
        *("clients", "create", "--tenant", "initech", "--kind", "device"),
        *("--name", f"Television {next(_NUMBERS) + 1}"),
        *("--scope", "openid", "--scope", "profile", "--scope", "films:watch"),
        *("--audience", "https://films.example/"),
    )
    return str(made["client_id"])


def _ask(demo: Demo, client_id: str) -> str:
    """Return the code that the device shows."""
    url = f"{demo.issuer}/oauth/device_authorization"
    return str(requests.post(url, data={"client_id": client_id}, timeout=10).json()["user_code"])
