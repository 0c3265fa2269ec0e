"""From the text of a variable to its value. Each raises ValueError in plain words."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

_LAST_PORT = 65_535
_MAX_PREFIX = 20
_MAX_NAME = 255
_PREFIX = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_HALF_AN_HOUR = timedelta(minutes=30)


def seconds(text: str) -> timedelta:
    """Return a time of at least one second."""
    number = int(text)
    if number < 1:
        raise ValueError("must be at least 1 second")
    return timedelta(seconds=number)


def count(text: str) -> int:
    """Return a whole number."""
    if not text.isascii() or not text.isdigit():
        raise ValueError("must be a whole number")
    return int(text)


def minutes(text: str) -> timedelta:
    """Return a time that a person has before a screen: at most half an hour."""
    time = seconds(text)
    if time > _HALF_AN_HOUR:
        raise ValueError("must be at most 1800 seconds")
    return time


def some(text: str) -> int:
    """Return a whole number, at least one."""
    number = count(text)
    if number < 1:
        raise ValueError("must be at least 1")
    return number


def ports(text: str) -> tuple[int, ...]:
    """Return ports, with commas between."""
    found = tuple(count(part.strip()) for part in text.split(","))
    if not all(0 < port <= _LAST_PORT for port in found):
        raise ValueError("must be ports, with commas between")
    return found


def link(text: str) -> str:
    """Return an https URL for people to follow, or nothing."""
    parts = urlsplit(text)
    if text and (parts.scheme != "https" or not parts.hostname or not text.isprintable()):
        raise ValueError("must be an https URL")
    return text


def header_name(text: str) -> str:
    """Return the name of a header, as the server's environment spells it."""
    if not all(part.isascii() and part.isalnum() for part in text.split("-")):
        raise ValueError("must be the name of a header: letters, digits, '-'")
    return text


def sure_header_name(text: str) -> str:
    """Return the name of a header that no other one can be taken for, or nothing.

    A server hands `Some-Name` and `Some_Name` on as one: a proxy that removes the first lets the
    second through (ATK-134). A name of one word has no such double.
    """
    if text and not (text.isascii() and text.isalnum()):
        raise ValueError("must be one word of letters and digits: 'A-B' can come as 'A_B'")
    return text


def prefix(text: str) -> str:
    """Return what API keys begin with, or nothing."""
    if text and not (len(text) <= _MAX_PREFIX and _PREFIX.fullmatch(text)):
        raise ValueError("must be small letters, digits and single '_', at most 20, as cf_prod")
    return text


def key_name(text: str) -> str:
    """Return the name of a key in signed notes (C2SP signed-note), or nothing."""
    if not text.isprintable() or " " in text or "+" in text or len(text) > _MAX_NAME:
        raise ValueError("must be as example.com/trail, without spaces and '+'")
    return text


def level(text: str) -> str:
    """Return how much is logged."""
    return choice("DEBUG", "INFO", "WARNING", "ERROR")(text.upper())


def choice(*choices: str) -> Callable[[str], str]:
    """Return what reads one of a few words."""
    *most, last = choices
    words = f"must be {', '.join(most)} or {last}"

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(words)
        return text

    return parse
