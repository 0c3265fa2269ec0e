"""Whose word a tenant takes: registered, changed, switched off and removed by operators."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.clients.jwks import check_jwks
from authserver.clients.models import Client
from authserver.clients.policy import UnfitRegistration
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.database.prepared import Row
from authserver.core.ids import new_id
from authserver.core.problems import Conflict, NotFound
from authserver.federation import connections
from authserver.federation.models import PLATFORM
from authserver.oauth.assertions import statements, values
from authserver.oauth.assertions.models import AssertionIssuer
from authserver.oauth.assertions.values import JWT_BEARER, SubjectKind, Trusted
from authserver.tenants.service import bump_snapshots

_LISTS = ("algorithms", "clients", "scopes")
_COLUMNS = (
    "name", "issuer", "jwks", "jwks_uri", *_LISTS, "subject", "subjects", "connection_id",
    "longest", "trusts_amr", "enabled",
)  # fmt: skip
_RECORDED = tuple(name for name in _COLUMNS if name != "jwks")


class TrustedIssuers:
    """Changes of trusted issuers. Afterwards the caller tells the caches: `watch.changed()`."""

    def __init__(
        self, trail: Trail, clock: Clock, *, own_issuer: str, allow_http_loopback: bool = False
    ) -> None:
        """Take where changes are recorded, and this server's own issuer, which is never one."""
        self._trail = trail
        self._clock = clock
        self._own = own_issuer
        self._allow_http_loopback = allow_http_loopback

    def create(
        self, transaction: Transaction, tenant_id: str, wanted: Trusted, *, actor: Actor
    ) -> Trusted:
        """Take an issuer's word from now on. Raises UnfitRegistration, NotFound or Conflict."""
        row = AssertionIssuer(
            id=new_id("asi"),
            created_at=self._clock.now(),
            **self._checked(transaction, tenant_id, wanted),
        )
        session = transaction.tenant(tenant_id)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError as error:
            raise Conflict("The tenant has an issuer of this name or 'iss' already.") from error
        self._changed(
            transaction, tenant_id, row, type_=EventType.ASSERTION_ISSUER_CREATED, actor=actor
        )
        return _trusted(vars(row))

    def change(
        self,
        transaction: Transaction,
        tenant_id: str,
        name: str,
        *,
        changes: Mapping[str, Any],
        actor: Actor,
    ) -> Trusted:
        """Change what is given, by the names of `Trusted`. Raises as `create`; idempotent."""
        row = self._held(transaction, tenant_id, name)
        before = {column: getattr(row, column) for column in _RECORDED}
        wanted = replace(_trusted(vars(row)), **changes)
        for column, value in self._checked(transaction, tenant_id, wanted).items():
            setattr(row, column, value)
        transaction.tenant(tenant_id).flush()
        event = EventType.ASSERTION_ISSUER_CHANGED
        self._changed(transaction, tenant_id, row, type_=event, actor=actor, before=before)
        return _trusted(vars(row))

    def remove(self, transaction: Transaction, tenant_id: str, name: str, *, actor: Actor) -> None:
        """Take the issuer's word no more. Tokens that came of it end by themselves."""
        row = self._held(transaction, tenant_id, name)
        transaction.tenant(tenant_id).delete(row)
        transaction.tenant(tenant_id).flush()
        event = EventType.ASSERTION_ISSUER_REMOVED
        self._changed(transaction, tenant_id, row, type_=event, actor=actor)

    def get(self, transaction: Transaction, tenant_id: str, name: str) -> Trusted:
        """Return an issuer by its name. Raises NotFound."""
        return _trusted(vars(self._held(transaction, tenant_id, name)))

    def all_of(self, transaction: Transaction, tenant_id: str) -> list[Trusted]:
        """Return the tenant's issuers by name."""
        wanted = select(AssertionIssuer).order_by(AssertionIssuer.name)
        return [_trusted(vars(row)) for row in transaction.tenant(tenant_id).scalars(wanted)]

    def _held(self, transaction: Transaction, tenant_id: str, name: str) -> AssertionIssuer:
        wanted = select(AssertionIssuer).where(AssertionIssuer.name == name).with_for_update()
        row = transaction.tenant(tenant_id).scalar(wanted)
        if row is None:
            raise NotFound("There is no such issuer of assertions.")
        return row

    def _checked(self, transaction: Transaction, tenant_id: str, wanted: Trusted) -> dict[str, Any]:
        """Return what may be stored."""
        values.check(wanted, own_issuer=self._own, allow_http_loopback=self._allow_http_loopback)
        self._check_clients(transaction, tenant_id, wanted)
        jwks = check_jwks(wanted.jwks) if wanted.jwks is not None else None
        lists = {name: list(values.listed(getattr(wanted, name))) for name in _LISTS}
        stored = {name: getattr(wanted, name) for name in _COLUMNS} | lists
        return {
            **stored,
            "jwks": jwks,
            "subject": wanted.subject.value,
            "subjects": dict(wanted.subjects),
            "connection_owner": self._owner(transaction, tenant_id, wanted.connection_id),
        }

    def _check_clients(self, transaction: Transaction, tenant_id: str, wanted: Trusted) -> None:
        known = select(Client).where(Client.id.in_(wanted.clients))
        found = {client.id: client for client in transaction.tenant(tenant_id).scalars(known)}
        if set(wanted.clients) - found.keys():
            raise NotFound("There is no such client in the tenant.")
        if any(client.auth_method == "none" for client in found.values()):
            raise UnfitRegistration("A public client brings no assertions: it proves nothing.")
        of_clients = {scope for client in found.values() for scope in client.scopes}
        if not set(wanted.scopes) <= of_clients:
            raise UnfitRegistration("A scope of the issuer is one that a client of it has.")

    def _owner(
        self, transaction: Transaction, tenant_id: str, connection_id: str | None
    ) -> str | None:
        if connection_id is None:
            return None
        connection = connections.find(transaction, connection_id)
        if connection is None or not connections.admits(transaction, tenant_id, connection):
            raise NotFound("There is no such connection that the tenant's people may use.")
        return connection.tenant_id or PLATFORM

    def _changed(
        self,
        transaction: Transaction,
        tenant_id: str,
        row: AssertionIssuer,
        *,
        type_: EventType,
        actor: Actor,
        before: Mapping[str, object] | None = None,
    ) -> None:
        """Let those clients have the grant type that an issuer is for, and record the change."""
        session = transaction.tenant(tenant_id)
        lists = session.scalars(select(AssertionIssuer.clients).where(AssertionIssuer.enabled))
        meant = {client_id for clients in lists for client_id in clients}
        for client in session.scalars(select(Client).with_for_update()):
            has = JWT_BEARER in client.grant_types
            if has != (client.id in meant):
                others = [grant for grant in client.grant_types if grant != JWT_BEARER]
                client.grant_types = others if has else [*others, JWT_BEARER]
                client.version += 1
        session.flush()
        bump_snapshots(transaction)
        removed = type_ is EventType.ASSERTION_ISSUER_REMOVED
        after = None if removed else {name: getattr(row, name) for name in _RECORDED}
        event = Event(
            type_, tenant_id, actor, resource=f"assertions:{row.id}", before=before, after=after
        )
        self._trail.record(transaction, event)


def find(view: Transaction, tenant_id: str, issuer: str) -> Trusted | None:
    """Return an issuer whose word a tenant takes now, by its `iss`."""
    row = view.row(statements.FIND_ISSUER, {"tenant_id": tenant_id, "iss": issuer})
    return _trusted(row) if row and row["enabled"] else None


def _trusted(row: Row) -> Trusted:
    lists = {name: tuple(row[name]) for name in _LISTS}
    stored = {name: row[name] for name in _COLUMNS}
    subject = SubjectKind(row["subject"])
    return Trusted(**{**stored, **lists, "subject": subject, "id": row["id"]})
