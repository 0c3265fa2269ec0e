"""What is looked at on every page at which a tour stops: axe-core, widths, lines, keys, pasting."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING = {"type": "tag", "values": TAGS}
MOST_BYTES = 100_000
LONGEST_LINE = 90
USUAL, PHONE, WALL = 1280, 320, 3840
HEIGHT = 800

_LOOKS = Path(__file__).parent / "looks"
_SCRIPTS = "\n".join(path.read_text() for path in sorted(_LOOKS.glob("*.js")))
# What is framed runs no scripts, so that axe could not look into it.
_RUN = """async (only) =>
    (await axe.run({runOnly: only, resultTypes: ['violations'], iframes: false})).violations"""
_WEIGHT = """['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
    .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
_TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
_FRAMED = 40  # keys that a frame takes at the most


@dataclass
class Inspection:
    """Stops at pages and looks at each: in the dark on a phone, in the light on a desk."""

    page: Page
    axe: str
    seen: set[str] = field(default_factory=set)
    findings: dict[str, list[str]] = field(default_factory=dict)

    def stop(self, name: str) -> None:
        """Look at the page as it is now."""
        self.seen.add(name)
        bring(self.page, self.axe)
        self._note(name, weight(self.page))
        for width, theme in ((PHONE, "dark"), (USUAL, "light")):
            self._see(width, theme)
            self._note(f"{name} at {width}, {theme}", axe_says(self.page, EVERYTHING))
            self._note(f"{name} at {width}", too_wide(self.page))
            self._note(f"{name} at {width}", self.page.evaluate("keyboardLook.order()"))
        self._note(f"{name} by keyboard", keyboard(self.page) + unpasted(self.page))
        self._see(WALL, "light")
        self._note(f"{name} at {WALL}", too_wide(self.page) + long_lines(self.page))
        self._see(USUAL, "light")

    def glance(self, name: str) -> None:
        """Look at what another language changes: that its longer words fit on a phone."""
        self.seen.add(name)
        bring(self.page, self.axe)
        self._see(PHONE, "light")
        self._note(name, axe_says(self.page, EVERYTHING) + too_wide(self.page))
        self._see(USUAL, "light")
        self._note(name, too_wide(self.page))

    def _see(self, width: int, theme: str) -> None:
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")

    def _note(self, what: str, found: list[str]) -> None:
        if found:
            self.findings.setdefault(what, []).extend(found)


def bring(page: Page, axe: str) -> None:
    """Give the page what looks at it, once it has its style, too: words may be there before."""
    page.wait_for_load_state()
    if not page.evaluate("typeof keyboardLook === 'object'"):
        page.evaluate(f"(() => {{ {axe}\n{_SCRIPTS} }})()")


def axe_says(page: Page, only: dict[str, Any]) -> list[str]:
    """Return what axe finds."""
    violations: list[dict[str, Any]] = page.evaluate(_RUN, only)
    return [
        f"{one['id']}: {node['html'][:160]} {json.dumps(node['any'][:1])[:300]}"
        for one in violations
        for node in one["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """Return by how much the page is wider than its window (criterion 1.4.10)."""
    wide = page.evaluate(_TOO_WIDE)
    return [f"{wide} pixels too wide"] if wide > 0 else []


def long_lines(page: Page) -> list[str]:
    """Return the lines of text in which one gets lost."""
    return list(page.evaluate("(most) => linesLook(most)", LONGEST_LINE))


def weight(page: Page) -> list[str]:
    """Return what is sent for the page and all that it loads, if it is too much or nothing."""
    heavy = page.evaluate(_WEIGHT)
    return [] if 0 < heavy < MOST_BYTES else [f"weighs {heavy} bytes"]


def keyboard(page: Page) -> list[str]:
    """Go through the page by Tab, and press its main button by the keys that people use."""
    stations = page.evaluate("keyboardLook.begin()")
    for _ in range(stations + 1):
        page.keyboard.press("Tab")
    for _ in range(_FRAMED):
        if page.evaluate("keyboardLook.passed()"):
            break
        page.keyboard.press("Tab")
    found = list(page.evaluate("keyboardLook.end()"))
    keys = page.evaluate("keyboardLook.press()")
    for key in keys:
        page.keyboard.press(key)
    if page.evaluate("keyboardLook.presses()") != len(keys):
        found.append(f"the main button does not hear {' and '.join(keys)}")
    return found


def unpasted(page: Page) -> list[str]:
    """Paste into every password field, as password managers and people do."""
    fields = page.evaluate("pasteLook.fields()")
    for number in range(fields):
        page.evaluate("pasteLook.copy()")
        page.keyboard.press("Control+C")
        page.evaluate("(number) => pasteLook.pasteTo(number)", number)
        page.keyboard.press("Control+V")
    return list(page.evaluate("pasteLook.unpasted()")) if fields else []
