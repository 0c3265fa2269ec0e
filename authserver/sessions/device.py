"""What a person would call the device of a session: `Firefox`, `Linux`.

The regular expressions are ua-parser's, thousands of them: they are tried once when a session
starts, and never inside a transaction.
"""

from dataclasses import dataclass
from functools import lru_cache

from ua_parser import parse_os, parse_user_agent

_MAX_NAME = 40  # characters; some names come out of the header itself
_MAX_HEADER = 512
_RENAMED = {
    "Mac OS X": "macOS",
    "Chrome OS": "ChromeOS",
    "Mobile Safari": "Safari",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
}
_HANDHELD = ("Android", "iOS")


@dataclass(frozen=True)
class Device:
    """A browser and its operating system, each empty if unknown."""

    browser: str = ""
    system: str = ""

    @property
    def handheld(self) -> bool:
        """Tell whether it is a phone or a tablet."""
        return self.system in _HANDHELD


@lru_cache(maxsize=1024)
def describe(user_agent: str) -> Device:
    """Return the device that a User-Agent header claims to be."""
    header = user_agent[:_MAX_HEADER]
    browser, system = parse_user_agent(header), parse_os(header)
    return Device(_name(browser.family if browser else ""), _name(system.family if system else ""))


def _name(family: str) -> str:
    known = _RENAMED.get(family, family)
    return known[:_MAX_NAME] if known.isprintable() else ""
