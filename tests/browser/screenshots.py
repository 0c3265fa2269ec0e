"""Photographs every page of a running server: `python -m tests.browser.screenshots [FOLDER]`.

Writes docs/screenshots/<stop>-<width>-<theme>.png, and in German, with the language behind it. Of
administration, which has many screens, those that say most. A picture that shows what the file of
its name shows already is left alone.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.tours import TOURS, Tour
from tests.support.chromium import running_chromium, watched_page
from tests.support.demo import Demo, running_demo

View = tuple[tuple[int, int], str]

WHERE = Path(__file__).parents[2] / "docs" / "screenshots"
DESK, PHONE = (1280, 860), (360, 740)
PORTS = (8000, 8001, 8002)  # those of `make run`: the pictures say what the reader will see
# The first is what people walk in.
VIEWS = {
    "en": [(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")],
    "de": [(DESK, "light")],
}
ADMINISTRATION = ("console/", "partner")  # how their templates' names begin
OF_ADMINISTRATION = {"en": [(DESK, "light"), (DESK, "dark"), (PHONE, "light")], "de": []}
CHOSEN = {
    *("console-overview", "console-tenants", "console-tenant", "console-opened", "console-looks"),
    *("console-policy", "console-limits", "console-domains", "console-signing-keys"),
    *("console-people", "console-person", "console-person-roles", "console-import"),
    *("console-roles", "console-api-keys", "console-health", "clients", "client-kinds", "client"),
    *("client-secret", "client-snippets", "client-test", "api", "provider", "webhook"),
    *(
        "trail-timeline",
        "trail-change",
        "trail-proof",
        "trail-contact",
        "trail-contact-waiting",
        "console-anchors",
        "console-usage",
        "partner",
        "partner-client",
    ),
}
MOST_BYTES = 160_000
PLAIN = 40_000  # bytes; of what is larger 256 colours are enough
# The pages say which browser somebody uses: theirs is not called headless.
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{} Safari/537.36"
)


def main(where: Path = WHERE) -> int:
    """Take every picture."""
    where.mkdir(parents=True, exist_ok=True)
    with _folder() as folder, running_chromium() as browser:
        for language in VIEWS:  # a demo for each: people do most things once
            with running_demo(folder / language, PORTS) as demo:
                photograph(browser, demo, where, language)
    large = [shot.name for shot in where.glob("*.png") if shot.stat().st_size > MOST_BYTES]
    if large:
        sys.stderr.write(f"larger than {MOST_BYTES} bytes: {', '.join(large)}\n")
    return 1 if large else 0


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder of a name that stays: some pictures say it."""
    folder = Path(tempfile.gettempdir()) / "authserver-demo"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder)


def photograph(browser: Browser, demo: Demo, where: Path, language: str) -> None:
    """Go through the pages once, and photograph each in every view."""
    for tour in TOURS.values():
        agent = AGENT.format(browser.version)
        with watched_page(browser, locale=language, user_agent=agent) as (page, watch):
            mark = "" if language == "en" else f"-{language}"
            seen = partial(views, tour, language)
            camera = Camera(page, where, seen, mark=mark)
            camera.look(*VIEWS[language][0])
            tour.walk(page, demo, camera.shoot)
            if watch.complaints or watch.strangers:
                raise SystemExit(f"the browser complains: {watch.complaints} {watch.strangers}")


def views(tour: Tour, language: str, stop: str) -> Sequence[View]:
    """Return how a stop is photographed."""
    if not tour.stops[stop].startswith(ADMINISTRATION):
        return VIEWS[language]
    return OF_ADMINISTRATION[language] if stop in CHOSEN else ()


class Camera:
    """Stands before a page, and sees it as it is told."""

    def __init__(
        self, page: Page, where: Path, views: Callable[[str], Sequence[View]], *, mark: str = ""
    ) -> None:
        """Take the page, where pictures go, how each stop is seen, and what ends the names."""
        self._page, self._where, self._views, self._mark = page, where, views, mark

    def look(self, size: tuple[int, int], theme: str) -> None:
        """Change the window and the theme."""
        self._page.set_viewport_size({"width": size[0], "height": size[1]})
        self._page.emulate_media(color_scheme=theme)

    def shoot(self, name: str) -> None:
        """Take the pictures of a stop, and go on as one walks."""
        seen = self._views(name)
        for size, theme in seen:
            self.look(size, theme)
            path = self._where / f"{name}-{size[0]}-{theme}{self._mark}.png"
            taken = self._page.screenshot(full_page=True, animations="disabled", caret="hide")
            keep(taken, path)
        if len(seen) > 1:
            self.look(*seen[0])


def keep(taken: bytes, path: Path) -> None:
    """Write a picture, unless the file shows the same."""
    image = Image.open(BytesIO(taken))
    if len(taken) > PLAIN:
        image = image.quantize(256, dither=Image.Dither.NONE)
    if not path.exists() or _pixels(Image.open(path)) != _pixels(image):
        image.save(path, optimize=True)


def _pixels(image: Image.Image) -> tuple[tuple[int, int], bytes]:
    return image.size, image.convert("RGB").tobytes()


if __name__ == "__main__":
    sys.exit(main(*(Path(given) for given in sys.argv[1:2])))
