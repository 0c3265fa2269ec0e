"""Photographs the hosted pages of a running server: `python -m tests.browser.screenshots`.

Writes docs/screenshots/<page>-<width>-<theme>.png.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.support.chromium import running_chromium, watched_page
from tests.support.demo import PASSWORD, Demo, mailed_link, running_demo

WHERE = Path(__file__).parents[2] / "docs" / "screenshots"
WIDTHS = {360: 740, 1280: 860}
PORTS = (8000, 8001, 8002)  # those of `make run`: the pictures say what the reader will see
THEMES = ("light", "dark")
MOST_BYTES = 150_000

Shot = Callable[[str], None]


def main(where: Path = WHERE) -> int:
    """Take every picture."""
    where.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_chromium() as browser:
        for theme in THEMES:
            for width in WIDTHS:
                with running_demo(Path(folder) / f"{width}-{theme}", PORTS) as demo:
                    photograph(browser, demo, where, width=width, theme=theme)
    large = [shot.name for shot in where.glob("*.png") if shot.stat().st_size > MOST_BYTES]
    if large:
        sys.stderr.write(f"larger than {MOST_BYTES} bytes: {', '.join(large)}\n")
    return 1 if large else 0


def photograph(browser: Browser, demo: Demo, where: Path, *, width: int, theme: str) -> None:
    """Go through a sign-in and a sign-out and photograph what comes."""
    viewport = {"width": width, "height": WIDTHS[width]}
    with watched_page(browser, viewport=viewport, color_scheme=theme) as (page, watch):

        def shot(name: str) -> None:
            path = where / f"{name}-{width}-{theme}.png"
            page.screenshot(path=path, full_page=True, animations="disabled", caret="hide")

        walk(page, demo, shot)
        if watch.complaints or watch.strangers:
            raise SystemExit(f"the browser complains: {watch.complaints} {watch.strangers}")


def walk(page: Page, demo: Demo, shot: Shot) -> None:
    """Sign in to the demo, look around, sign out."""
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    shot("sign-in")
    recover(page, demo, shot)
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Email address").fill("noc@acme.test")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/login/consent**")
    shot("consent")
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("button", name="/operations").click()
    shot("demo")
    page.goto(demo.issuer)
    shot("home")
    page.goto(f"{demo.issuer}/oauth/authorize?client_id=unknown")
    shot("error")
    page.goto(f"{demo.issuer}/login/logout")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/signed-out")
    shot("signed-out")


def recover(page: Page, demo: Demo, shot: Shot) -> None:
    """Ask for a new password, follow the link of the mail, set one, follow the link again."""
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email address").fill("finance@acme.test")
    shot("recover")
    page.get_by_role("button", name="Send the link").click()
    page.get_by_role("heading", name="Check your email").wait_for()
    shot("recover-sent")
    link = mailed_link(demo, "finance@acme.test")
    page.goto(link)
    shot("new-password")
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Set the password").click()
    page.get_by_role("alert").wait_for()
    shot("new-password-refused")
    page.get_by_label("New password").fill("Better-Lantern-8")
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/login/recover/done")
    shot("password-done")
    page.goto(link)
    shot("link-closed")


if __name__ == "__main__":
    sys.exit(main())
