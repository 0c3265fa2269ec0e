"""Values about a sign-in that is half done: what names it, and what became of a proof."""

from dataclasses import dataclass

from authserver.mfa.partial import Hop, Partial


@dataclass(frozen=True)
class Claimed:
    """A partial sign-in as a form names it: by the cookie's token, at its hop."""

    token: str
    hop: Hop


@dataclass(frozen=True)
class Checked:
    """What became of a code. Without a partial sign-in there was nothing to check it for."""

    partial: Partial | None
    right: bool = False


@dataclass(frozen=True)
class Gone:
    """How many factors of each kind were taken away."""

    authenticators: int
    passkeys: int
