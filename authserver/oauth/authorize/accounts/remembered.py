"""Which account was last used for which client, as the flow cookie of a browser keeps it.

The cookie is signed, not secret: it holds hashes, of the browser's own token with the ids. So it
tells nobody an account, and a choice that came from another browser means nothing here.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import NamedTuple

from authserver.core.ids import fingerprint

_MOST = 20  # clients; a cookie has 4 kB
_CHARACTERS = 16  # 96 bits
_PURPOSE = "account_choice"

Pair = tuple[str, str]


class Remembered(NamedTuple):
    """A browser's token, and pairs of a client and an account, hashed, the latest last."""

    browser: str = ""
    pairs: tuple[Pair, ...] = ()

    def among(self, client_id: str, account_ids: Sequence[str]) -> str | None:
        """Return which of the accounts was last used for the client, None if none of them was."""
        kept = dict(self.pairs).get(self._hash(client_id))
        return next((one for one in account_ids if self._hash(client_id, one) == kept), None)

    def with_choice(self, client_id: str, account_id: str) -> "Remembered":
        """Return what is to be kept after a choice."""
        client = self._hash(client_id)
        others = [pair for pair in self.pairs if pair[0] != client]
        pairs = (*others, (client, self._hash(client_id, account_id)))
        return Remembered(self.browser, pairs[-_MOST:])

    def _hash(self, *ids: str) -> str:
        digest = fingerprint("\0".join((self.browser, *ids)), _PURPOSE)
        return urlsafe_b64encode(digest).decode()[:_CHARACTERS]


NOTHING = Remembered()
