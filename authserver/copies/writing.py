"""A tenant into a file: row by row, so that half a million people fit through.

A row is in the copy when everything that it refers to is: what came to be meanwhile, guests from
elsewhere and what belongs to them are not. A named platform service.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

import orjson
from sqlalchemy import Select, func, inspect, select, tuple_
from sqlalchemy.orm import Session

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.copies import contents
from authserver.copies.values import packed
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database import revisions
from authserver.core.database.engine import Database, Transaction
from authserver.core.database.tenancy import TenantItself, TenantScoped
from authserver.moving.sealing import Key, Writer
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug, instance_of

_AT_ONCE = 500
Kept = dict[str, set[object]]


class CopyWriter:
    """Writes copies."""

    def __init__(self, database: Database, keyring: Keyring, *, trail: Trail, clock: Clock) -> None:
        """Take where tenants are, what decrypts, where it is recorded, and the time."""
        self._database = database
        self._keyring = keyring
        self._trail = trail
        self._clock = clock

    def write(self, slug: str, file: BinaryIO, passphrase: str, *, actor: Actor) -> dict[str, int]:
        """Write a copy; return how many rows of each table are in it.

        Raises NotFound, UnfitCopy.
        """
        writer = Writer(file, Key.new(passphrase))
        with self._database.read() as view:
            tenant_id = get_by_slug(view, slug).id
            counts = Counter(self.pour(view, tenant_id, writer))
        writer.close()
        job = self.told(tenant_id, counts, actor=actor)
        self._database.write(job)
        return dict(counts)

    def count(self, view: Transaction, tenant_id: str) -> int:
        """Return about how many rows a copy has: people who are guests are counted, too."""
        return sum(
            session.scalar(owned.with_only_columns(func.count(), maintain_column_froms=True)) or 0
            for model in contents.models()
            for session, owned in [_owned(view, model, tenant_id)]
        )

    def pour(self, view: Transaction, tenant_id: str, writer: Writer) -> Iterator[str]:
        """Write everything but the end; give the table of each row as it is written."""
        kept = Kept()
        slug = view.tenant(tenant_id).get_one(Tenant, tenant_id).slug
        writer.line(orjson.dumps(self._head(view, slug)))
        for model in contents.models():
            for row in self._rows(view, model, tenant_id, kept=kept):
                writer.line(orjson.dumps([model.__tablename__, row]))
                yield model.__tablename__

    def told(
        self, tenant_id: str, counts: Mapping[str, int], *, actor: Actor
    ) -> Callable[[Transaction], object]:
        """Return what records that a copy was written, and what is in it."""
        event = Event(EventType.TENANT_EXPORTED, tenant_id, actor, resource=tenant_id, facts=counts)
        return lambda transaction: self._trail.record(transaction, event)

    def _head(self, view: Transaction, slug: str) -> dict[str, object]:
        return {
            "slug": slug,
            "installation": instance_of(view),
            "revision": revisions.newest(),
            "made_at": self._clock.now().isoformat(),
            "not_in_it": contents.left_out(),
        }

    def _rows(
        self, view: Transaction, model: type[Any], tenant_id: str, *, kept: Kept
    ) -> Iterator[dict[str, object]]:
        table = model.__tablename__
        sealed, ids = contents.sealed_columns(table), kept.setdefault(table, set())
        for row in _every(view, model, tenant_id):
            values = {column.key: getattr(row, column.key) for column in inspect(model).columns}
            if not _is_whole(model, values, kept):
                continue
            ids.add(values.get("id"))
            blanked = {
                name: contents.BLANK[f"{table}.{name}"][0]
                if f"{table}.{name}" in contents.BLANK
                else value
                for name, value in values.items()
            }
            yield packed(blanked, sealed, self._keyring)


def _every(view: Transaction, model: type[Any], tenant_id: str) -> Iterator[Any]:
    """Give the rows of a tenant, a few hundred at a time, each from where the last ones ended."""
    keys = inspect(model).primary_key
    session, owned = _owned(view, model, tenant_id)
    wanted = owned.order_by(*keys).limit(_AT_ONCE)
    rows = session.scalars(wanted).all()
    while rows:
        yield from rows
        last = [getattr(rows[-1], key.name) for key in keys]
        session.expunge_all()
        rows = session.scalars(wanted.where(tuple_(*keys) > tuple_(*last))).all()


def _owned(view: Transaction, model: type[Any], tenant_id: str) -> tuple[Session, Select[Any]]:
    """Return the query of what is a tenant's, and where it is asked."""
    if issubclass(model, TenantScoped | TenantItself):
        return view.tenant(tenant_id), select(model)
    return view.platform(), select(model).where(model.owner == tenant_id)


def _is_whole(model: type[Any], values: Mapping[str, Any], kept: Kept) -> bool:
    """Tell whether what a row refers to is in the copy, too."""
    if values.get("home_user_id"):
        return False  # a guest is at home in another tenant
    for constraint in inspect(model).local_table.foreign_key_constraints:
        target = constraint.referred_table.name
        if target not in contents.MOVED or target in {"tenants", model.__tablename__}:
            continue
        for element in constraint.elements:
            value = values[element.parent.name]
            gone = element.column.name == "id" and value is not None and value not in kept[target]
            if gone and f"{model.__tablename__}.{element.parent.name}" not in contents.BLANK:
                return False
    return True
