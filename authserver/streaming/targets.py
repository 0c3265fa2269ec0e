"""Where streams lead, as the settings say it: `NAME=URL`, with spaces between.

file:/var/log/authserver/trail.ndjson
syslog+udp://collector:514   syslog+tcp://collector:601   syslog+tls://collector:6514
https://collector.example/trail
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from authserver.core.net.named import each_once, named


class Kind(Enum):
    """How a stream leaves; of syslog and https, by what the URL begins with."""

    FILE = "file"
    UDP = "syslog+udp"
    TCP = "syslog+tcp"
    TLS = "syslog+tls"
    POST = "https"


_PORTS = {Kind.UDP: 514, Kind.TCP: 601, Kind.TLS: 6514}


@dataclass(frozen=True)
class Target:
    """A stream: what it is called for good, and where it leads."""

    name: str
    kind: Kind
    url: str

    @property
    def path(self) -> Path:
        """Return the file."""
        return Path(urlsplit(self.url).path)

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port of a collector of syslog."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or _PORTS[self.kind]


def parse(text: str) -> tuple[Target, ...]:
    """Return the streams that a setting names. Raises ValueError in plain words."""
    targets = tuple(_target(part) for part in text.split())
    each_once([target.name for target in targets], "streams")
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
        raise ValueError(f"{name}: a file is named by its whole path: file:/var/log/trail.ndjson")
    if kind is not Kind.FILE and not parts.hostname:
        raise ValueError(f"{name}: which host?")
    if kind in _PORTS and parts.path.strip("/"):
        raise ValueError(f"{name}: syslog has a host and a port, and no path")
    _ = parts.port  # a ValueError, if it is none
    return Target(name, kind, url)
