"""How many passkeys there may be, and what the use of one proves. Pure."""

from dataclasses import dataclass

MOST = 20  # passkeys of a person
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
