"""The receipt of an erasure: signed by the issuer, with the place of its event in the trail.

It is made whenever it is asked for: a compact JWS (RFC 7515) of the type `erasure-receipt+jwt`
with the event, the proof that it is in the tenant's tree, and that a signed checkpoint covers it.
It names nobody but the id that is now nobody's: who is in the event is a reference without a key.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from authserver.audit.checkpoints.reading import CheckpointReader, NoCheckpointError
from authserver.audit.checkpoints.values import HeadProof
from authserver.audit.models import EMPTY, AuditEvent
from authserver.audit.sequencing.proofs import TenantProofs
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint
from authserver.core.problems import NotFound
from authserver.privacy.erasure.models import Erasure
from authserver.privacy.erasure.service import find
from authserver.privacy.erasure.values import RECEIPT_PURPOSE
from authserver.privacy.exports.writing import Writing

TYPE = "erasure-receipt+jwt"


class NotProvedYet(NotFound):
    """The erasure is done, and no checkpoint covers it yet: a minute at most."""

    code = "receipt_not_ready"
    title = "The receipt is being signed"


@dataclass(frozen=True)
class Receipts:
    """Makes receipts."""

    writing: Writing
    checkpoints: CheckpointReader
    proofs: TenantProofs

    def of(self, transaction: Transaction, tenant_id: str, erasure_id: str) -> str:
        """Return the receipt of an erasure. Raises NotFound, NotProvedYet."""
        return self._signed(transaction, find(transaction, tenant_id, erasure_id))

    def by_link(self, transaction: Transaction, token: str) -> str:
        """Return the receipt that a mailed link opens, from outside. Raises NotFound, NotProvedYet.

        A named platform service: the link alone says whose it is.
        """
        wanted = select(Erasure).where(Erasure.receipt_hash == fingerprint(token, RECEIPT_PURPOSE))
        row = transaction.platform().scalar(wanted)
        if row is None:
            raise NotFound("There is no such receipt.")
        return self._signed(transaction, row)

    def _signed(self, transaction: Transaction, row: Erasure) -> str:
        if row.event_id is None or row.ended_at is None:
            raise NotFound("The erasure is not done.")
        claims = {
            "sub": row.user_id,
            "erasure": row.id,
            "asked_at": row.asked_at.isoformat(),
            "erased_at": row.ended_at.isoformat(),
            "removed": dict(row.removed),
            "log": self._log(transaction, row),
        }
        return self.writing.signed(transaction, row.tenant_id, TYPE, claims)

    def _log(self, transaction: Transaction, row: Erasure) -> Mapping[str, Any]:
        wanted = select(AuditEvent.id, AuditEvent.seq, AuditEvent.leaf, AuditEvent.body).where(
            AuditEvent.id == row.event_id
        )
        event = transaction.tenant(row.tenant_id).execute(wanted).one()
        try:
            newest = self.checkpoints.newest(transaction).number
            head = self.checkpoints.head(transaction, row.tenant_id, newest)
        except NoCheckpointError as error:
            raise NotProvedYet from error
        if event.seq is None or event.seq > head.head.size:
            raise NotProvedYet("Ask again in a minute.")
        path = self.proofs.inclusion(transaction, row.tenant_id, event.seq, head.head.size)
        return {
            "event": event.id,
            "seq": event.seq,
            "index": event.seq - 1,
            "leaf": _text(event.leaf),
            # Null once its time is over and it was emptied: the leaf stays.
            "body": None if event.body == EMPTY else event.body.decode(),
            "path": _texts(path),
            **_head(head),
        }


def _head(proof: HeadProof) -> Mapping[str, Any]:
    return {
        "tenant": proof.head.tenant_id,
        "size": proof.head.size,
        "root": _text(proof.head.root),
        "chain": _text(proof.head.chain),
        "head_index": proof.index,
        "in_heads": _texts(proof.in_heads),
        "in_log": _texts(proof.in_log),
        "checkpoint": {"number": proof.checkpoint.number, "note": proof.checkpoint.note},
    }


def _text(value: bytes) -> str:
    return b64encode(value).decode()


def _texts(values: Sequence[bytes]) -> list[str]:
    return [_text(value) for value in values]
