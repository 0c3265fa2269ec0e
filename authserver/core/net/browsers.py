"""What a person would call a browser and its system: `Firefox`, `Linux`. Said here alone.

In two depths, with the same names. `recognise` looks for marks that common browsers leave: at once,
and only ever in words of our own. `describe` asks ua-parser, thousands of regular expressions that
also know rare ones, by names that may come out of the header: it is tried once when a session
starts, and never inside a transaction.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import orjson

_MAX_NAME = 40  # characters; some names come out of the header itself
_MAX_HEADER = 512
# In this order: most browsers claim to be the ones after them, too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
# What ua-parser calls them otherwise.
_RENAMED = {
    "Mac OS X": "macOS",
    "Chrome OS": "ChromeOS",
    "Mobile Safari": "Safari",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
    "Opera Mobile": "Opera",
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

    def __str__(self) -> str:
        """Return e.g. `Firefox, Linux`, empty if unknown."""
        return ", ".join(name for name in (self.browser, self.system) if name)

    def words(self) -> str:
        """Return what a row keeps of it, nothing if nothing is known."""
        return orjson.dumps(self).decode() if self.browser or self.system else ""

    @classmethod
    def of_words(cls, words: str) -> Self:
        """Return the device that a row keeps."""
        return cls(**orjson.loads(words)) if words else cls()


def recognise(user_agent: str) -> Device:
    """Return the device that a User-Agent header claims to be, in no words of the header's own.

    For mails: a stranger who fails on purpose must not write into somebody's.
    """
    browser, system = (
        next((name for mark, name in marks if mark in user_agent), "")
        for marks in (_BROWSERS, _SYSTEMS)
    )
    return Device(browser, system)


@lru_cache(maxsize=1024)
def describe(user_agent: str) -> Device:
    """Return the device that a User-Agent header claims to be, rare ones too."""
    from ua_parser import parse_os, parse_user_agent  # noqa: PLC0415  large, with a parser of YAML

    header = user_agent[:_MAX_HEADER]
    browser, system = parse_user_agent(header), parse_os(header)
    return Device(_name(browser.family if browser else ""), _name(system.family if system else ""))


def _name(family: str) -> str:
    known = _RENAMED.get(family, family)
    return known[:_MAX_NAME] if known.isprintable() else ""
