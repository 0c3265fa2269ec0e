"""What is in a copy of one table: every column that says so, and what the catalogue adds.

Values come as JSON has them: times in RFC 3339, bytes in base64, what was encrypted in clear.
"""

from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, select

from authserver.core.crypto import DecryptionError, Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.database.tenancy import Base
from authserver.privacy.consents.service import ConsentRecords
from authserver.privacy.registry.catalogue import KEPT
from authserver.privacy.registry.service import personal_of

CONSENTS = "consent_records"


@dataclass(frozen=True)
class Section:
    """A table in a copy: its name, and the columns of it that are in there."""

    table: str
    columns: tuple[str, ...]


def sections() -> tuple[Section, ...]:
    """Return what a copy is made of, in the order of the catalogue."""
    found = (Section(name, _columns(name)) for name in KEPT)
    return tuple(section for section in found if section.columns)


def _columns(table: str) -> tuple[str, ...]:
    kept = KEPT[table]
    if kept.owner is None:
        return ()
    exported = [one.name for one in Base.metadata.tables[table].columns if _is_exported(one)]
    # A table is in a copy where it says something in it, beside the person's own key.
    return tuple(dict.fromkeys((*kept.also, *exported)))


def _is_exported(column: Column[object]) -> bool:
    declared = personal_of(column)
    return declared is not None and declared.export


class Reader:
    """Reads the rows of a person."""

    def __init__(
        self, keyring: Keyring, records: ConsentRecords, encrypted: Collection[str]
    ) -> None:
        """Take what decrypts, and the names of the columns under a master key (table.column)."""
        self._keyring = keyring
        self._records = records
        self._encrypted = frozenset(encrypted)

    def rows(
        self, transaction: Transaction, tenant_id: str, user_id: str, *, section: Section
    ) -> list[dict[str, Any]]:
        """Return the rows of a section as they are written."""
        if section.table == CONSENTS:
            return self._decisions(transaction, tenant_id, user_id)
        model = _model(section.table)
        owner = KEPT[section.table].owner
        wanted = select(model).where(getattr(model, owner or "") == user_id)
        rows = transaction.tenant(tenant_id).scalars(wanted)
        return [dict(self._values(row, section)) for row in rows]

    def _values(self, row: Any, section: Section) -> Iterator[tuple[str, object]]:  # noqa: ANN401  of any model
        for name in section.columns:
            value = getattr(row, name)
            if value is not None and f"{section.table}.{name}" in self._encrypted:
                value = self._opened(value, Place(section.table, name, row.id))
            yield name, written(value)

    def _opened(self, value: bytes, place: Place) -> str | None:
        try:
            return self._keyring.decrypt(value, place).decode()
        except DecryptionError:  # of a master key that is not there any more
            return None

    def _decisions(
        self, transaction: Transaction, tenant_id: str, user_id: str
    ) -> list[dict[str, Any]]:
        return [
            {
                "id": one.id,
                "act": one.act.value,
                "client_id": one.client_id,
                "scope": list(one.scope),
                "resources": list(one.resources),
                "claims": list(one.claims),
                "text_hash": one.text_hash,
                "locale": one.locale,
                "decided_at": written(one.decided_at),
                "origin": {"address": one.address, "user_agent": one.user_agent},
                "text": dict(one.text) if one.text else None,
            }
            for one in self._records.of_person(transaction, tenant_id, user_id)
        ]


def written(value: object) -> object:
    """Return a value as JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _model(table: str) -> Any:  # noqa: ANN401  any model
    models: Mapping[str, type[Any]] = {
        mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers
    }
    return models[table]
