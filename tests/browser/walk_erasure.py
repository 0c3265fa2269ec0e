"""Walks through the end of an account: said twice, called off, and the receipt of another one."""

import json

from playwright.sync_api import Page

from tests.browser.walk import Stop, new_person, send, sign_in, sign_out
from tests.support.demo import Demo, mailed_link
from tests.support.process import Worker

# The template that each stop shows.
STOPS = {
    "erasure-question": "account/confirm",
    "erasure-asked": "account/privacy",
    "erasure": "account/privacy/erasure",
    "erasure-refused": "account/privacy/erasure",
    "erasure-waits": "account/privacy",
    "receipt-early": "login/receipt",
    "receipt": "login/receipt",
}


def erasure(page: Page, demo: Demo, stop: Stop) -> None:
    """Want an account deleted and keep it; then see what is left of one that was."""
    email = f"{new_person(demo)}@initech.test"
    page.goto(f"{demo.issuer}/login/password?to=overview")
    page.locator("#organization").fill("initech")
    sign_in(page, email)
    page.wait_for_url("**/account")
    page.goto(f"{demo.issuer}/account/privacy?about=erase")
    stop("erasure-question")
    page.locator("main form button").last.click()
    page.wait_for_url("**/account/privacy")
    stop("erasure-asked")
    page.goto(mailed_link(demo, email))
    stop("erasure")
    page.locator("#email").fill("somebody@initech.test")
    send(page)
    page.locator("#email-error").wait_for()
    stop("erasure-refused")
    page.locator("#email").fill(email)
    send(page)
    page.wait_for_url("**/account/privacy")
    stop("erasure-waits")
    page.locator(".callout button").click()
    page.locator('a[href$="?about=erase"]').wait_for()
    sign_out(page, demo)
    _receipt(page, demo, stop)


def _receipt(page: Page, demo: Demo, stop: Stop) -> None:
    run = demo.installation.run
    who = ("--tenant", "initech", "--email", f"{new_person(demo)}@initech.test")
    gone = {"user_id": run("users", "show", *who)["id"], "state": "done"}
    listed = demo.installation.data_dir / "erasures.json"
    listed.write_text(json.dumps({"erasures": [gone]}))
    run("privacy", "erase-again", "--tenant", "initech", "--from", str(listed))
    with Worker(demo.installation):
        link = mailed_link(demo, who[-1])
    page.goto(link)
    stop("receipt-early")
    run("audit", "sequence", "--once")
    page.goto(link)
    page.locator("main form button").wait_for()
    stop("receipt")
