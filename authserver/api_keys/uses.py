"""When a key was used last, and from where: remembered, and written some at a time.

A use must not wait for the disk, nor fill the outbox of writes: each process writes what it saw at
most half a minute later. What a process saw when it was killed is lost, and nothing else.
"""

import threading
from dataclasses import dataclass
from datetime import datetime

from authserver.api_keys import statements
from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Unavailable
from authserver.delivery.beside import Beside

_EVERY = 30.0  # seconds
_MAX_ADDRESS = 64
_log = log.get(__name__)


@dataclass(frozen=True)
class _Use:
    tenant_id: str
    at: datetime
    address: str


class LastUses(Beside):
    """Remembers the last use of each key until it is written."""

    name = "api-key-uses"
    patience = 10.0

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        """Take where it is written, what encrypts addresses, and the time."""
        super().__init__()
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, _Use] = {}

    def note(self, tenant_id: str, key_id: str, address: str) -> None:
        """Remember a use, now."""
        use = _Use(tenant_id, self._clock.now(), address[:_MAX_ADDRESS])
        with self._lock:
            self._seen[key_id] = use

    def run(self) -> None:
        """Write every half minute, and once more at the end."""
        while not self._stopping:
            self._bell.wait(_EVERY)
            self.write()

    def write(self) -> int:
        """Write what was seen since the last time; return how many keys that were."""
        with self._lock:
            seen, self._seen = self._seen, {}
        if not seen:
            return 0
        try:
            self._database.write(lambda transaction: self._note(transaction, seen))
        except Unavailable as down:
            _log.warning("api_key_uses_wait", reason=down.detail)
            with self._lock:
                self._seen = {**seen, **self._seen}
            return 0
        except Exception:  # noqa: BLE001  the thread is all there is
            _log.exception("api_key_uses_lost")
            return 0
        return len(seen)

    def _note(self, transaction: Transaction, seen: dict[str, _Use]) -> None:
        # In one order: two processes that write the same keys do not wait for each other's.
        for key_id, use in sorted(seen.items()):
            values = {
                "key_id": key_id,
                "tenant_id": use.tenant_id,
                "used_at": use.at,
                "address": self._keyring.encrypt_text(use.address, address_place(key_id)),
            }
            transaction.change(statements.NOTE_USE, values)


def address_place(key_id: str) -> Place:
    """Return where the address of the last use is encrypted for."""
    return Place("api_keys", "last_used_address", key_id)
