"""What goes into the ceremonies of WebAuthn and comes out of them."""

from dataclasses import dataclass
from typing import Any


class AnswerRefused(Exception):  # noqa: N818  an outcome, told to nobody but the trail
    """The browser's answer does not prove what it should; the reason is for the trail."""


@dataclass(frozen=True)
class Answer:
    """What a browser answered, as far as it can be read before anything is verified."""

    document: dict[str, Any]
    credential_id: bytes
    challenge: str
    handle: bytes | None
    transports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """A new passkey, verified."""

    credential_id: bytes
    public_key: bytes
    aaguid: str
    sign_count: int
    synced: bool
    backed_up: bool
    transports: tuple[str, ...]


@dataclass(frozen=True)
class Used:
    """A verified use of a passkey. Its counter is the caller's to compare."""

    sign_count: int
    backed_up: bool


@dataclass(frozen=True)
class Person:
    """Whom a new passkey is for, as authenticators show it."""

    handle: bytes
    email: str
    name: str
    organization: str


@dataclass(frozen=True)
class Party:
    """The server as browsers and authenticators know it: one for every issuer of the host."""

    id: str
    origin: str
