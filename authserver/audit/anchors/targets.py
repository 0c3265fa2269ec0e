"""Which anchors there are, as the settings say it: `NAME=URL`, with spaces between.

file:/mnt/elsewhere/checkpoints.ndjson
log:
https://collector.example/checkpoints
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from authserver.core.net.named import each_once, named


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
    each_once([target.name for target in targets], "anchors")
    return targets


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
