"""The server as a party to the ceremonies, for whoever does not know how they go."""

import ipaddress
from collections.abc import Sequence
from typing import Self
from urllib.parse import urlsplit

from authserver.passkeys.values import Answer, Made, Party, Person, Used

_DEFAULT_PORTS = {"https": 443, "http": 80}


class RelyingParty(Party):
    """Begins ceremonies and verifies how they ended."""

    @classmethod
    def of(cls, issuer: str) -> Self:
        """Return it by the platform's configured issuer."""
        parts = urlsplit(issuer)
        host = parts.hostname or ""
        port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
        return cls(host, f"{parts.scheme}://{host}{port}")

    @property
    def usable(self) -> bool:
        """Tell whether there can be passkeys: never for an address in numbers (section 5.1.2)."""
        try:
            ipaddress.ip_address(self.id)
        except ValueError:
            return True
        return False

    def creation(self, person: Person, challenge: str, *, known: Sequence[bytes]) -> str:
        """Return the options for `navigator.credentials.create`, as JSON."""
        from authserver.passkeys import ceremonies  # noqa: PLC0415  large, and rarely needed

        return ceremonies.creation(self, person, challenge, known=known)

    def request(self, challenge: str, *, known: Sequence[bytes] = ()) -> str:
        """Return the options for `navigator.credentials.get`, as JSON; without ids, for anybody."""
        from authserver.passkeys import ceremonies  # noqa: PLC0415  as above

        return ceremonies.request(self, challenge, known=known)

    def made(self, answer: Answer) -> Made:
        """Verify a new passkey. The challenge is the caller's to claim. Raises AnswerRefused."""
        from authserver.passkeys import ceremonies  # noqa: PLC0415  as above

        return ceremonies.made(self, answer)

    def used(self, answer: Answer, public_key: bytes, *, synced: bool) -> Used:
        """Verify a use. Challenge and counter are the caller's. Raises AnswerRefused."""
        from authserver.passkeys import ceremonies  # noqa: PLC0415  as above

        return ceremonies.used(self, answer, public_key, synced=synced)


def read(text: str) -> Answer:
    """Read what a browser sent. Raises AnswerRefused."""
    from authserver.passkeys import ceremonies  # noqa: PLC0415  as above

    return ceremonies.read(text)
