"""What a passkey may be called, how many there may be, and what its use proves. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

MOST = 20  # passkeys of a person
MAX_NAME = 60
MAX_CREDENTIAL_ID = 1023  # bytes (WebAuthn Level 2, section 4: Credential ID)
TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal"})


@dataclass(frozen=True)
class Counted:
    """An authenticator's counter before and now."""

    before: int
    now: int

    @property
    def went_back(self) -> bool:
        """Tell whether somebody may have copied the key. Many authenticators do not count: 0."""
        return (self.before > 0 or self.now > 0) and self.now <= self.before


def amr_of(*, synced: bool) -> tuple[str, ...]:
    """Return what the use of a passkey proves, in the words of RFC 8176.

    A key, somebody there, and two factors: the device and what unlocked it. `hwk` is said only of
    a key that its authenticator calls bound to one device; no certificate proves that.
    """
    return ("swk" if synced else "hwk", "user", "mfa")


def known_transports(told: object) -> list[str]:
    """Return what a browser told about how to reach the authenticator, as far as it is known."""
    listed = told if isinstance(told, list) else []
    return sorted({one for one in listed if isinstance(one, str)} & TRANSPORTS)


def clean_name(typed: str) -> str:
    """Return a name as it is stored, empty where there is none."""
    return " ".join(typed.split())[:MAX_NAME].strip()


def free_name(wish: str, taken: Collection[str]) -> str:
    """Return the wish, or with a number after it where another passkey is called so."""
    name, number = clean_name(wish), 1
    while name in taken:
        number += 1
        ending = f" {number}"
        name = clean_name(wish)[: MAX_NAME - len(ending)] + ending
    return name
