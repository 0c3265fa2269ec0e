"""Photographs the hosted pages of a running server: `python -m tests.browser.screenshots`.

Writes docs/screenshots/<page>-<width>-<theme>.png, with the language behind it if not English.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.walk import Stop, hosted, pages_of_the_account, recover
from tests.support.chromium import running_chromium, watched_page
from tests.support.demo import Demo, running_demo

WHERE = Path(__file__).parents[2] / "docs" / "screenshots"
WIDTHS = {360: 740, 1280: 860}
PORTS = (8000, 8001, 8002)  # those of `make run`: the pictures say what the reader will see
THEMES = ("light", "dark")
MOST_BYTES = 150_000

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
        (pages_of_the_account, "en"),
    ]
    if (width, theme) == (1280, "light"):
        tours.append((pages_of_the_account, "de"))
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


if __name__ == "__main__":
    sys.exit(main())
