"""A tenant out of a file: all of it in one transaction, or nothing.

A named platform service: the tenant is not there yet.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.copies import contents
from authserver.copies.sealing import UnfitCopy, lines
from authserver.copies.values import unpacked
from authserver.core.crypto import Keyring
from authserver.core.database import revisions
from authserver.core.database.engine import Database, Transaction
from authserver.core.database.tenancy import TenantItself, TenantScoped
from authserver.core.problems import Conflict
from authserver.roles.policy import token_name
from authserver.tenants.policy import check_slug
from authserver.tenants.service import bump_snapshots, find
from authserver.tokens.keys import KeyService

_AT_ONCE = 500


@dataclass(frozen=True)
class Imported:
    """What was made of a copy."""

    tenant_id: str
    slug: str
    counts: Mapping[str, int]
    left_out: Mapping[str, str]


class CopyReader:
    """Makes tenants of copies."""

    def __init__(
        self, database: Database, keyring: Keyring, trail: Trail, *, keys: KeyService
    ) -> None:
        """Take where tenants are, what encrypts, where it is recorded, and what makes keys."""
        self._database = database
        self._keyring = keyring
        self._trail = trail
        self._keys = keys

    def read(
        self,
        open_file: Callable[[], BinaryIO],
        passphrase: str,
        *,
        slug: str | None,
        actor: Callable[[str], Actor],
    ) -> Imported:
        """Make the tenant, under another slug if one is given. Afterwards tell the caches.

        Raises UnfitCopy, UnfitName, or Conflict where the slug, or anything of it, is here already.
        """

        def job(transaction: Transaction) -> Imported:
            with open_file() as file:
                return self._made(transaction, lines(file, passphrase), slug=slug, actor=actor)

        return self._database.write(job)

    def _made(
        self,
        transaction: Transaction,
        found: Iterator[bytes],
        *,
        slug: str | None,
        actor: Callable[[str], Actor],
    ) -> Imported:
        head = _object(next(found, b""))
        if head.get("revision") != revisions.newest():
            raise UnfitCopy(
                f"The copy is of revision {head.get('revision')}, this program of"
                f" {revisions.newest()}: bring both installations to the same release."
            )
        name = check_slug(slug or str(head.get("slug")))
        if find(transaction, name) is not None:
            raise Conflict(f"There is a tenant '{name}' already: give another --slug.")
        try:
            with transaction.connection.begin_nested():
                tenant_id, counts = self._insert(transaction, found, slug=name)
                self._begin(transaction, tenant_id, head=head, counts=counts, actor=actor)
        except IntegrityError as error:
            raise Conflict("Something of this tenant is in this installation already.") from error
        return Imported(tenant_id, name, counts, contents.left_out())

    def _insert(
        self, transaction: Transaction, found: Iterator[bytes], *, slug: str
    ) -> tuple[str, Counter[str]]:
        models = {model.__tablename__: model for model in contents.models()}
        counts: Counter[str] = Counter()
        tenant_id = ""
        for line in found:
            table, values = _row(line, models)
            model = models[table]
            row = unpacked(values, contents.sealed_columns(table), self._keyring)
            if not counts:
                tenant_id, row = _first(table, row, slug)
            _check_owner(model, row, tenant_id)
            scoped = issubclass(model, TenantScoped | TenantItself)
            session = transaction.tenant(tenant_id) if scoped else transaction.platform()
            session.add(model(**_own(table, row, tenant_id, slug=slug)))
            counts[table] += 1
            if counts.total() % _AT_ONCE == 1:
                transaction.flush()
                session.expunge_all()
        transaction.flush()
        return tenant_id, counts

    def _begin(
        self,
        transaction: Transaction,
        tenant_id: str,
        *,
        head: Mapping[str, object],
        counts: Mapping[str, int],
        actor: Callable[[str], Actor],
    ) -> None:
        by = actor(tenant_id)
        self._keys.ensure(transaction, tenant_id, by)
        facts = {"from": head.get("installation"), "made_at": head.get("made_at"), **counts}
        event = Event(EventType.TENANT_IMPORTED, tenant_id, by, resource=tenant_id, facts=facts)
        self._trail.record(transaction, event)
        bump_snapshots(transaction)


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UnfitCopy("The copy has a line that cannot be read.") from error
    if not isinstance(found, dict):
        raise UnfitCopy("The copy has no head.")
    return found


def _row(line: bytes, models: Mapping[str, type[Any]]) -> tuple[str, dict[str, Any]]:
    """Return the table and the values of a line. Raises UnfitCopy for what this release lacks."""
    try:
        table, values = orjson.loads(line)
        columns = {column.key for column in inspect(models[table]).columns}
    except (ValueError, TypeError, KeyError) as error:
        raise UnfitCopy("The copy has a line that cannot be read.") from error
    if not isinstance(values, dict) or values.keys() != columns:
        raise UnfitCopy(f"The copy has other columns of {table} than this release.")
    return table, values


def _first(table: str, row: dict[str, Any], slug: str) -> tuple[str, dict[str, Any]]:
    if table != "tenants":
        raise UnfitCopy("The copy does not begin with its tenant.")
    return str(row["id"]), {**row, "slug": slug}


def _check_owner(model: type[Any], row: Mapping[str, Any], tenant_id: str) -> None:
    """Raise UnfitCopy for a row of anybody else: a copy is of one tenant."""
    owner = "id" if issubclass(model, TenantItself) else "tenant_id"
    if row[owner] != tenant_id or row.get("owner", tenant_id) != tenant_id:
        raise UnfitCopy("The copy has a row of another tenant.")


def _role(slug: str, name: str) -> str:
    return token_name(slug, name.rpartition("/")[2]) if "/" in name else name


def _own(table: str, row: dict[str, Any], tenant_id: str, *, slug: str) -> dict[str, Any]:
    """Return a row without what leads to other tenants of the installation that it comes from.

    A tenant's own role is held by a name that begins with its slug, which may be another now.
    """
    if table == "role_assignments" and row["custom_role_id"] is not None:
        row["role"] = token_name(slug, row["role"].rpartition("/")[2])
    if table == "federation_connections":
        row["default_roles"] = [_role(slug, name) for name in row["default_roles"]]
        row["group_roles"] = {
            group: _role(slug, name) for group, name in row["group_roles"].items()
        }
    if table == "clients":
        row["serves"] = [one for one in row["serves"] if one in {tenant_id, "*"}]
    return row
