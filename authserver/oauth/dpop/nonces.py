"""Nonces for proofs (RFC 9449 section 8): a time that only we can have written.

Nothing is stored: every process knows the nonces of every other, and what a nonce adds is that a
proof cannot have been made long before. That it is used once, its `jti` sees to.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta

from authserver.core.clock import epoch
from authserver.core.crypto import same

LIFE = timedelta(minutes=5)
_TIME_BYTES = 8
_LENGTH = 32  # of a nonce: 24 bytes in base64url


class Nonces:
    """Gives nonces out and knows them again, each for one issuer."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take the keys, the one that new nonces are made with first."""
        self._keys = tuple(keys)

    def issue(self, issuer: str, now: datetime) -> str:
        """Return a nonce that is good from now on."""
        moment = int(epoch(now)).to_bytes(_TIME_BYTES, "big")
        return urlsafe_b64encode(moment + _seal(self._keys[0], moment, issuer)).decode()

    def is_good(self, nonce: str, issuer: str, now: datetime) -> bool:
        """Tell whether we gave it out for this issuer, and not too long ago."""
        if len(nonce) != _LENGTH or not nonce.isascii():
            return False
        try:
            read = urlsafe_b64decode(nonce)
        except ValueError:
            return False
        moment, seal = read[:_TIME_BYTES], read[_TIME_BYTES:]
        ours = [same(seal, _seal(key, moment, issuer)) for key in self._keys]
        age = epoch(now) - int.from_bytes(moment, "big")
        # Processes on several machines: another one's clock may be a little ahead.
        return any(ours) and -1 <= age <= LIFE.total_seconds()


def _seal(key: bytes, moment: bytes, issuer: str) -> bytes:
    return hmac.digest(key, moment + issuer.encode(), "sha256")[:16]
