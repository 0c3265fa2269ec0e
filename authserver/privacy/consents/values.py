"""A decision, and the text that it was about."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

import orjson

_DOMAIN = b"consenttextv1\0"


class Act(StrEnum):
    """What somebody decided."""

    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Text:
    """What a page said, in the person's language. Nothing about the person is in it."""

    locale: str
    client: str  # its name; that of the organization where it is about terms
    permissions: Sequence[tuple[str, str]] = ()  # title and description
    services: Sequence[str] = ()
    links: Sequence[str] = ()  # terms and policy, which the page linked

    @property
    def document(self) -> Mapping[str, object]:
        """Return what is stored of it."""
        return {
            "locale": self.locale,
            "client": self.client,
            "permissions": [list(one) for one in self.permissions],
            "services": list(self.services),
            "links": list(self.links),
        }

    @cached_property
    def hash(self) -> str:
        """Return its version: the SHA-256 of the canonical form, in hexadecimal."""
        return hash_of(self.document)


@dataclass(frozen=True)
class Decision:
    """What somebody decided about a client, or without one about the terms of the service."""

    act: Act
    client_id: str | None = None
    scope: Sequence[str] = ()
    resources: Sequence[str] = ()
    claims: Sequence[str] = ()
    text: Text | None = None


@dataclass(frozen=True)
class Recorded:
    """A decision as it is read. Address and browser are empty where they cannot be read."""

    id: str
    act: Act
    client_id: str | None
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    claims: tuple[str, ...]
    text_hash: str | None
    text: Mapping[str, object] | None
    locale: str | None
    decided_at: datetime
    address: str
    user_agent: str


def hash_of(document: Mapping[str, object]) -> str:
    """Return the version of a stored text: anybody can compute it again."""
    canonical = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(_DOMAIN + canonical).hexdigest()
