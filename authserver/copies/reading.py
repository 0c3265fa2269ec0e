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
from authserver.copies.rights import check_rights
from authserver.copies.values import unpacked
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.database.tenancy import TenantItself, TenantScoped
from authserver.core.problems import Conflict
from authserver.moving.heads import Head, check_head
from authserver.moving.sealing import Key, UnfitCopy, lines
from authserver.roles.policy import Grantor, token_name
from authserver.tenants.models import TenantType
from authserver.tenants.service import bump_snapshots
from authserver.tokens.keys import KeyService

_AT_ONCE = 500


@dataclass(frozen=True)
class Imported:
    """What was made of a copy."""

    tenant_id: str
    slug: str
    counts: Mapping[str, int]
    left_out: Mapping[str, str]


@dataclass(frozen=True)
class Arrival:
    """How a tenant comes: under which slug, and who lets it in (by the id that it has).

    Nobody of a copy may do more than the `grantor`, if there is one: None is the operator.
    """

    slug: str | None
    actor: Callable[[str], Actor]
    grantor: Grantor | None = None


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
        with open_file() as file:
            key = Key.of(file, passphrase)  # takes its time: before the transaction

        def job(transaction: Transaction) -> Imported:
            with open_file() as file:
                return self.made(transaction, lines(file, key), Arrival(slug, actor))

        return self._database.write(job)

    def made(self, transaction: Transaction, found: Iterator[bytes], arrival: Arrival) -> Imported:
        """Make the tenant of a copy's lines, or nothing. Raises like `read`, and Refused."""
        head = check_head(transaction, next(found, b""), arrival.slug)
        try:
            with transaction.connection.begin_nested():
                tenant_id, counts = self._insert(transaction, found, slug=head.slug)
                check_rights(transaction, tenant_id, arrival.grantor)
                self._begin(transaction, tenant_id, head=head, counts=counts, by=arrival.actor)
        except IntegrityError as error:
            raise Conflict("Something of this tenant is in this installation already.") from error
        return Imported(tenant_id, head.slug, counts, contents.left_out())

    def _insert(
        self, transaction: Transaction, found: Iterator[bytes], *, slug: str
    ) -> tuple[str, Counter[str]]:
        models = {model.__tablename__: model for model in contents.models()}
        counts: Counter[str] = Counter()
        tenant_id, everybody = "", set[str]()
        for line in found:
            table, values = _row(line, models)
            model = models[table]
            row = unpacked(values, contents.sealed_columns(table), self._keyring)
            if not counts:
                tenant_id, row = _first(table, row, slug)
                everybody = {"*"} if row["type"] == TenantType.INTERNAL else set()
            _check_owner(model, row, tenant_id)
            scoped = issubclass(model, TenantScoped | TenantItself)
            session = transaction.tenant(tenant_id) if scoped else transaction.platform()
            session.add(model(**_own(table, row, slug, serves={tenant_id, *everybody})))
            counts[table] += 1
            if counts.total() % _AT_ONCE == 1:
                transaction.flush()
                session.expunge_all()
        if not counts:
            raise UnfitCopy("The copy does not begin with its tenant.", field="file")
        transaction.flush()
        return tenant_id, counts

    def _begin(
        self,
        transaction: Transaction,
        tenant_id: str,
        *,
        head: Head,
        counts: Mapping[str, int],
        by: Callable[[str], Actor],
    ) -> None:
        actor = by(tenant_id)
        self._keys.ensure(transaction, tenant_id, actor)
        facts = {"from": head.installation, "made_at": head.made_at, **counts}
        event = Event(EventType.TENANT_IMPORTED, tenant_id, actor, resource=tenant_id, facts=facts)
        self._trail.record(transaction, event)
        bump_snapshots(transaction)


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


def _own(table: str, row: dict[str, Any], slug: str, *, serves: set[str]) -> dict[str, Any]:
    """Return a row without what leads to other tenants of the installation that it comes from.

    A tenant's own role is held by a name that begins with its slug, which may be another now.
    `serves` is whose people its clients may serve: only those of an internal tenant everybody's.
    """
    if table == "role_assignments" and row["custom_role_id"] is not None:
        row["role"] = token_name(slug, row["role"].rpartition("/")[2])
    if table == "federation_connections":
        row["default_roles"] = [_role(slug, name) for name in row["default_roles"]]
        row["group_roles"] = {
            group: _role(slug, name) for group, name in row["group_roles"].items()
        }
    if table == "clients":
        row["serves"] = [one for one in row["serves"] if one in serves]
    return row
