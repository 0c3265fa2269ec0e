"""GET /.well-known/audit-keys: the keys that sign the trail's checkpoints, and what proves them.

The same at every issuer: one installation has one log of checkpoints.
"""

import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import timedelta

from authserver.audit.checkpoints.keys import PublicKey
from authserver.oauth.lane.documents import PublicDocument, Published, publish
from authserver.tenants.resolve import Issuer

_MAX_AGE = timedelta(minutes=5)


class TrailKeysEndpoint(PublicDocument):
    """Every key there ever was: checkpoints that old ones signed are verified for ever."""

    def __init__(self, published: Callable[[], Sequence[PublicKey]]) -> None:
        """Take what reads the keys."""
        self._read = published
        self._found: Published | None = None
        self._until = 0.0

    def of(self, issuer: Issuer) -> Published:
        """Return the keys, at most a minute old."""
        del issuer
        if self._found is None or time.monotonic() >= self._until:
            document = {"keys": [shown(key) for key in self._read()]}
            self._found = publish(document, "application/json", _MAX_AGE)
            self._until = time.monotonic() + 60
        return self._found


def shown(key: PublicKey) -> dict[str, object]:
    """Return a key as it is published. `statement` is what the key before signed."""
    verifier, signature = key.verifier, key.cross_signature
    return {
        "id": key.id,
        "name": verifier.name,
        "key_id": verifier.key_id.hex(),
        "algorithm": verifier.algorithm,
        "public_key": b64encode(verifier.public_key).decode(),
        "valid_from": key.signs_from.isoformat(),
        "valid_until": key.signs_until and key.signs_until.isoformat(),
        "signed_by": key.signed_by,
        "statement": key.statement.decode(),
        "cross_signature": b64encode(signature).decode() if signature else None,
    }
