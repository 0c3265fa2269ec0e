"""References and keys of the people, clients and tenants that the trail speaks of.

A reference is random and its row deletable; what is personal is encrypted under the key in that
row. Destroying the row erases the person from the trail, and the hashes still verify.
"""

from base64 import b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from os import urandom

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select

from authserver.audit import statements
from authserver.audit.models import AuditSubject
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring, Place, pack, unseal
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id

_CACHED = 50_000


@dataclass(frozen=True)
class Subject:
    """An opaque reference and the key to what the trail says of it."""

    ref: str
    key: bytes

    @cached_property
    def cipher(self) -> AESGCM:
        """Return the key, ready to encrypt: most events are about somebody met before."""
        return AESGCM(self.key)


@dataclass(frozen=True)
class Known:
    """Who some references mean, and what the trail says of them. Who was erased is not there."""

    principals: Mapping[str, str]
    keys: Mapping[str, bytes]

    def principal(self, ref: str | None) -> str | None:
        """Return whom a reference means."""
        return self.principals.get(ref) if ref else None

    def readable(self, sealed: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
        """Return the names of the personal values that can still be read."""
        return tuple(name for name, one in sealed.items() if one["of"] in self.keys)

    def opened(self, event_id: str, sealed: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """Return the personal values of an event that can still be read."""
        return {
            name: unseal(
                self.keys[one["of"]], b64decode(one["sealed"]), pack(event_id, name)
            ).decode(errors="replace")
            for name, one in sealed.items()
            if one["of"] in self.keys
        }


class Subjects:
    """Finds a principal's reference and key, or makes them in the open transaction."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        """Take what keys are stored in and wrapped with."""
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._known: dict[tuple[str, str], Subject] = {}

    def of(self, transaction: Transaction, tenant_id: str, principal: str) -> Subject:
        """Return the subject, making it when the trail meets the principal for the first time."""
        known = self._known.get((tenant_id, principal))
        return (
            known
            or self._committed(tenant_id, principal)
            or self._make(transaction, tenant_id, principal)
        )

    def named(self, transaction: Transaction, tenant_id: str, refs: Collection[str]) -> Known:
        """Return who the references of a tenant mean."""
        query = select(AuditSubject).where(AuditSubject.ref.in_(refs))
        rows = [*transaction.tenant(tenant_id).scalars(query)] if refs else []
        return Known(
            {row.ref: row.principal_id for row in rows},
            {row.ref: self._keyring.decrypt(row.wrapped_key, _place(row.ref)) for row in rows},
        )

    def key_of(self, transaction: Transaction, tenant_id: str, principal: str) -> bytes | None:
        """Return a principal's key as it is stored; None where there is none (any more)."""
        found = self._find(transaction, tenant_id, principal)
        return found.key if found else None

    def trails_of(self, transaction: Transaction, principal: str) -> list[str]:
        """Return the tenants whose trail knows a principal. A named platform service.

        It is more than one for who works in other tenants, as an operator does.
        """
        wanted = select(AuditSubject.tenant_id).where(AuditSubject.principal_id == principal)
        return [*transaction.platform().scalars(wanted.order_by(AuditSubject.tenant_id))]

    def destroy(self, transaction: Transaction, tenant_id: str, principal: str) -> str | None:
        """Delete a principal's key and reference: what the trail says of them is unreadable.

        Return the reference, None where there was none. Other processes may still write under the
        key for a while, and nobody reads that either.
        """
        gone = (
            delete(AuditSubject)
            .where(AuditSubject.principal_id == principal)
            .returning(AuditSubject.ref)
            .execution_options(synchronize_session=False)
        )
        ref = transaction.tenant(tenant_id).scalar(gone)
        transaction.when_durable(lambda: self._forget(tenant_id, principal))
        return ref

    def _forget(self, tenant_id: str, principal: str) -> None:
        self._known.pop((tenant_id, principal), None)

    def _committed(self, tenant_id: str, principal: str) -> Subject | None:
        # Only what another connection sees is remembered: a job may yet be rolled back.
        with self._database.read() as reader:
            subject = self._find(reader, tenant_id, principal)
        if subject:
            if len(self._known) >= _CACHED:
                self._known.clear()
            self._known[tenant_id, principal] = subject
        return subject

    def _make(self, transaction: Transaction, tenant_id: str, principal: str) -> Subject:
        ref = new_id("sub")
        values = {
            "ref": ref,
            "tenant_id": tenant_id,
            "principal_id": principal,
            "wrapped_key": self._keyring.encrypt(urandom(32), _place(ref)),
            "created_at": self._clock.now(),
        }
        transaction.change(statements.INSERT_SUBJECT, values)
        subject = self._find(transaction, tenant_id, principal)
        if subject is None:
            raise LookupError(f"the trail has no subject for {principal}")
        return subject

    def _find(self, transaction: Transaction, tenant_id: str, principal: str) -> Subject | None:
        wanted = {"tenant_id": tenant_id, "principal_id": principal}
        row = transaction.row(statements.FIND_SUBJECT, wanted)
        if row is None:
            return None
        ref = row["ref"]
        return Subject(ref, self._keyring.decrypt(row["wrapped_key"], _place(ref)))


def _place(ref: str) -> Place:
    return Place("audit_subjects", "wrapped_key", ref)
