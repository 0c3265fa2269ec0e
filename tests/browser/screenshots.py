"""Photographs the hosted pages of a running server: `python -m tests.browser.screenshots`.

Writes docs/screenshots/<page>-<width>-<theme>.png, with the language behind it if not English.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.second_factor import EMAIL, code_of, demanding_tenant, secret_on
from tests.browser.test_sign_in import begin, enter
from tests.browser.walk import (
    Stop,
    choose_account,
    entry,
    hosted,
    join,
    pages_of_the_account,
    passkeys,
    recover,
    register,
)
from tests.browser.walk_address import unconfirmed
from tests.browser.walk_factors import own_security
from tests.support.chromium import running_chromium, watched_page
from tests.support.demo import Demo, running_demo

WHERE = Path(__file__).parents[2] / "docs" / "screenshots"
WIDTHS = {360: 740, 1280: 860}
PORTS = (8000, 8001, 8002)  # those of `make run`: the pictures say what the reader will see
THEMES = ("light", "dark")
MOST_BYTES = 160_000

Tour = Callable[[Page, Demo, Stop], None]


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
    """Go through the hosted pages and those of the account, and photograph what comes."""
    tours: list[tuple[Tour, str]] = [
        (hosted, "en"),
        (recover, "en"),
        (entry, "en"),
        (join, "en"),
        (register, "en"),
        (walk_with_a_second_factor, "en"),
        (pages_of_the_account, "en"),
        (own_security, "en"),
        (passkeys, "en"),
        (choose_account, "en"),
        (unconfirmed, "en"),
    ]
    if (width, theme) == (1280, "light"):
        tours += [(pages_of_the_account, "de"), (entry, "de"), (choose_account, "de")]
    for tour, language in tours:
        mark = "" if language == "en" else f"-{language}"
        viewport = {"width": width, "height": WIDTHS[width]}
        with watched_page(browser, viewport=viewport, color_scheme=theme, locale=language) as (
            page,
            watch,
        ):

            def shot(name: str, page: Page = page, mark: str = mark) -> None:
                path = where / f"{name}-{width}-{theme}{mark}.png"
                page.screenshot(path=path, full_page=True, animations="disabled", caret="hide")

            tour(page, demo, shot)
            if watch.complaints or watch.strangers:
                raise SystemExit(f"the browser complains: {watch.complaints} {watch.strangers}")


def walk_with_a_second_factor(page: Page, demo: Demo, shot: Stop) -> None:
    """Sign in where a second factor is required: set it up, then use it."""
    begin(page, demo)
    enter(page, demanding_tenant(demo))
    page.wait_for_url("**/login/mfa/setup**")
    shot("mfa-setup")
    secret = secret_on(page)
    page.get_by_label("Six-digit code").fill("000000")
    page.get_by_role("button", name="Set up").click()
    shot("mfa-setup-refused")
    page.get_by_label("Six-digit code").fill(code_of(secret))
    page.get_by_role("button", name="Set up").click()
    page.wait_for_url("**/login/mfa/codes**")
    shot("mfa-codes")
    page.get_by_label("I keep these codes").check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/login/consent**")
    page.goto(f"{demo.issuer}/login/logout")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/signed-out")
    begin(page, demo)
    enter(page, EMAIL)
    page.wait_for_url("**/login/mfa?**")
    shot("mfa")
    page.get_by_label("Six-digit code").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("alert").wait_for()
    shot("mfa-refused")


if __name__ == "__main__":
    sys.exit(main())
