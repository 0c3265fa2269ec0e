"""The register, made from the declarations: one line for each personal column."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Table

from authserver.core.database.personal import Personal
from authserver.core.database.tenancy import Base
from authserver.privacy.registry.catalogue import KEPT


@dataclass(frozen=True)
class Entry:
    """What is stored in one column: why, until when, whether it is in a copy, and how it ends."""

    table: str
    column: str
    purpose: str
    until: str
    exported: bool
    on_erasure: str


def personal_of(column: Column[object]) -> Personal | None:
    """Return what a column says of itself."""
    found: Personal | None = column.info.get("personal")
    return found


def entries() -> list[Entry]:
    """Return the register, in the order of the catalogue. Raises KeyError without a purpose."""
    tables = Base.metadata.tables
    unknown = [name for name, table in tables.items() if name not in KEPT and any(_personal(table))]
    if unknown:
        raise KeyError(f"no purpose is declared for {', '.join(sorted(unknown))}")
    return [entry for name in KEPT for entry in _entries(tables[name])]


def _entries(table: Table) -> Iterator[Entry]:
    kept = KEPT[table.name]
    for column, declared in _personal(table):
        yield Entry(
            table=table.name,
            column=column.name,
            purpose=kept.purpose,
            until=kept.until,
            exported=declared.export and kept.owner is not None,
            on_erasure=declared.on_erasure.value,
        )


def _personal(table: Table) -> Iterator[tuple[Column[object], Personal]]:
    for column in table.columns:
        declared = personal_of(column)
        if declared is not None:
            yield column, declared
