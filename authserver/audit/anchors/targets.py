"""Which anchors there are, as the settings say it: `NAME=URL`, with spaces between.

file:/mnt/elsewhere/checkpoints.ndjson
log:
https://collector.example/checkpoints
"""

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from authserver.audit.anchors.models import MAX_NAME

_NAME = re.compile(r"[a-z][a-z0-9-]*")


class Kind(Enum):
    """How a checkpoint leaves, by what the URL begins with."""

    FILE = "file"
    LOG = "log"
    POST = "https"


@dataclass(frozen=True)
class Target:
    """An anchor: what it is called for good, and where it is."""

    name: str
    kind: Kind
    url: str

    @property
    def path(self) -> Path:
        """Return the file."""
        return Path(urlsplit(self.url).path)


def parse(text: str) -> tuple[Target, ...]:
    """Return the anchors that a setting names. Raises ValueError in plain words."""
    targets = tuple(_target(part) for part in text.split())
    names = [target.name for target in targets]
    if len(set(names)) != len(names):
        raise ValueError("two anchors have the same name")
    return targets


def named(text: str) -> tuple[str, str]:
    """Return the name and the rest of NAME=…. Raises ValueError."""
    name, equals, rest = text.partition("=")
    if not equals or not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise ValueError(f"{text!r} is not NAME=URL, with a name of a-z, 0-9 and '-'")
    return name, rest


def _target(text: str) -> Target:
    name, url = named(text)
    parts = urlsplit(url)
    kinds = {kind.value: kind for kind in Kind}
    kind = kinds.get(parts.scheme)
    if kind is None:
        raise ValueError(f"{name}: the URL begins with one of {', '.join(kinds)}")
    if parts.username or parts.password or parts.fragment:
        raise ValueError(f"{name}: no user, password or fragment")
    if kind is Kind.FILE and (parts.netloc or not parts.path.startswith("/") or parts.query):
        raise ValueError(f"{name}: a file is named by its whole path: file:/mnt/kept/trail.ndjson")
    if kind is Kind.LOG and url != "log:":
        raise ValueError(f"{name}: the server's own log is log: and nothing more")
    if kind is Kind.POST and not parts.hostname:
        raise ValueError(f"{name}: which host?")
    _ = parts.port  # a ValueError, if it is none
    return Target(name, kind, url)
