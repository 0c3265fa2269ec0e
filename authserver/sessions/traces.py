"""What a session keeps of where it began: address, user agent and device, each encrypted."""

from dataclasses import dataclass

from authserver.audit.events import Actor
from authserver.core.crypto import Keyring, Place
from authserver.core.net.browsers import Device
from authserver.sessions.models import UserSession

_MAX_ADDRESS, _MAX_USER_AGENT = 64, 512


@dataclass(frozen=True)
class Trace:
    """From where and with what a session began; empty where that is not known."""

    address: str
    device: Device


class Traces:
    """Encrypts and decrypts these columns, under the session's id."""

    def __init__(self, keyring: Keyring) -> None:
        """Take the keys."""
        self._keyring = keyring

    def leave(self, row: UserSession, actor: Actor, device: Device) -> None:
        """Write into a session's row who began it, and with what."""
        row.address = self._sealed(row.id, "address", actor.address[:_MAX_ADDRESS])
        row.user_agent = self._sealed(row.id, "user_agent", actor.user_agent[:_MAX_USER_AGENT])
        row.device = self._sealed(row.id, "device", device.words())

    def read(self, row: UserSession) -> Trace:
        """Return what is known of a session's beginning."""
        device = Device.of_words(self._opened(row.id, "device", row.device))
        return Trace(self._opened(row.id, "address", row.address), device)

    def _sealed(self, session_id: str, column: str, value: str) -> bytes | None:
        return self._keyring.encrypt_text(value, Place("sessions", column, session_id))

    def _opened(self, session_id: str, column: str, sealed: bytes | None) -> str:
        return self._keyring.decrypt_text(sealed, Place("sessions", column, session_id))
