"""Photographs every page of a running server: `python -m tests.browser.screenshots [FOLDER]`.

Writes docs/screenshots/<stop>-<width>-<theme>.png, and in German, with the language behind it.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.tours import TOURS
from tests.support.chromium import running_chromium, watched_page
from tests.support.demo import Demo, running_demo

WHERE = Path(__file__).parents[2] / "docs" / "screenshots"
DESK, PHONE = (1280, 860), (360, 740)
PORTS = (8000, 8001, 8002)  # those of `make run`: the pictures say what the reader will see
# The first is what people walk in.
VIEWS = {
    "en": [(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")],
    "de": [(DESK, "light")],
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
    with tempfile.TemporaryDirectory() as folder, running_chromium() as browser:
        for language in VIEWS:  # a demo for each: people do most things once
            with running_demo(Path(folder) / language, PORTS) as demo:
                photograph(browser, demo, where, language)
    large = [shot.name for shot in where.glob("*.png") if shot.stat().st_size > MOST_BYTES]
    if large:
        sys.stderr.write(f"larger than {MOST_BYTES} bytes: {', '.join(large)}\n")
    return 1 if large else 0


def photograph(browser: Browser, demo: Demo, where: Path, language: str) -> None:
    """Go through the pages once, and photograph each in every view."""
    for tour in TOURS.values():
        agent = AGENT.format(browser.version)
        with watched_page(browser, locale=language, user_agent=agent) as (page, watch):
            camera = Camera(page, where, language)
            camera.look(*VIEWS[language][0])
            tour.walk(page, demo, camera.shoot)
            if watch.complaints or watch.strangers:
                raise SystemExit(f"the browser complains: {watch.complaints} {watch.strangers}")


class Camera:
    """Stands before a page, and sees it in the views of a language."""

    def __init__(self, page: Page, where: Path, language: str) -> None:
        """Take the page, and where pictures go."""
        self._page, self._where = page, where
        self._views = VIEWS[language]
        self._mark = "" if language == "en" else f"-{language}"

    def look(self, size: tuple[int, int], theme: str) -> None:
        """Change the window and the theme."""
        self._page.set_viewport_size({"width": size[0], "height": size[1]})
        self._page.emulate_media(color_scheme=theme)

    def shoot(self, name: str) -> None:
        """Take the pictures of a stop."""
        for size, theme in self._views:
            self.look(size, theme)
            path = self._where / f"{name}-{size[0]}-{theme}{self._mark}.png"
            self._page.screenshot(path=path, full_page=True, animations="disabled", caret="hide")
            if path.stat().st_size > PLAIN:
                Image.open(path).quantize(256, dither=Image.Dither.NONE).save(path)
        if len(self._views) > 1:
            self.look(*self._views[0])


if __name__ == "__main__":
    sys.exit(main(*(Path(given) for given in sys.argv[1:2])))
