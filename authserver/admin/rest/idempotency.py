"""A create that is sent twice under one Idempotency-Key happens once.

The key is claimed in the transaction of the create and its answer stored there, encrypted: it may
hold a secret that is shown once. The same key with the same request gets the same answer for a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from authserver.admin import statements
from authserver.admin.caller import Caller
from authserver.admin.rest.problems import KeyReused
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id
from authserver.core.web import Answer

KEPT = timedelta(hours=24)
_PURPOSE = "idempotency key"


@dataclass(frozen=True)
class Once:
    """A key, the caller it belongs to, and the digest of what came with it."""

    caller: Caller
    key: str
    request: bytes

    @property
    def key_hash(self) -> bytes:
        """Return what the key is found by: nobody finds another's."""
        return fingerprint(f"{self.caller.kind} {self.caller.id}\0{self.key}", _PURPOSE)


class Answers:
    """Stores and finds the answers of creates."""

    def __init__(self, keyring: Keyring) -> None:
        """Take what encrypts them."""
        self._keyring = keyring

    def claim(self, transaction: Transaction, once: Once, now: datetime) -> Answer | None:
        """Claim the key; return the answer that its first use got. Raises KeyReused."""
        claimed = {
            "id": new_id("idk"),
            "tenant_id": once.caller.tenant_id,
            "key_hash": once.key_hash,
            "request_hash": once.request,
            "created_at": now,
            "expires_at": now + KEPT,
        }
        if transaction.change(statements.CLAIM_KEY, claimed):
            return None
        row = transaction.row(statements.FIND_KEY, {"key_hash": once.key_hash})
        if row is None or row["request_hash"] != once.request or row["answer"] is None:
            raise KeyReused("Use a new key for another request.")
        place = Place("idempotency_keys", "answer", row["id"])
        status, body, headers = orjson.loads(self._keyring.decrypt(row["answer"], place))
        return Answer(status, body.encode(), tuple((name, value) for name, value in headers))

    def release(self, transaction: Transaction, once: Once) -> None:
        """Forget a key whose create was refused, in its transaction."""
        transaction.change(statements.RELEASE_KEY, {"key_hash": once.key_hash})

    def keep(self, transaction: Transaction, once: Once, answer: Answer) -> None:
        """Store the answer of the first use, in its transaction."""
        row = transaction.row(statements.FIND_KEY, {"key_hash": once.key_hash})
        if row is None:
            raise LookupError("the key was claimed in this transaction")
        place = Place("idempotency_keys", "answer", row["id"])
        plain = orjson.dumps([answer.status, answer.body.decode(), answer.headers])
        sealed = self._keyring.encrypt(plain, place)
        transaction.change(statements.KEEP_ANSWER, {"key_hash": once.key_hash, "answer": sealed})
