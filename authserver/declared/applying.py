"""A file is made so, or shown what it would change: all of it in one transaction, or nothing.

A plan does everything that applying does, and undoes it: so it promises nothing else. A named
platform service: it sees every tenant.
"""

import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from authserver.clients.models import Client
from authserver.clients.policy import ALL_TENANTS
from authserver.clients.registration import Registration
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Problem
from authserver.declared.difference import Change, difference
from authserver.declared.form import given
from authserver.declared.present import export
from authserver.declared.reading import Path, Read, UnfitFile
from authserver.declared.tools import Tools
from authserver.federation.values import Connection, Kind
from authserver.roles.custom import NewRole, RoleChange
from authserver.tenants.models import Tenant
from authserver.tenants.policy import TenantPolicy
from authserver.tenants.service import find, ids_of

_NOT_OF_CLIENTS = {"kind", "enabled", "absent"}
_FIXED_OF_CLIENTS = {"serves", "at_tenant_issuer"}
_NOT_OF_CONNECTIONS = {"kind", "client_secret", "enabled", "absent"}
# What lists of the file are where they are used.
_OPTION_NAMES = frozenset(Registration.__dataclass_fields__)


class Stopped(Exception):  # noqa: N818  what happened
    """Something cannot be so: everything is undone. No Problem, which would be committed."""


class Undone(Exception):  # noqa: N818  the same
    """A plan is finished."""


@dataclass
class Outcome:
    """What changed; and the secrets of clients that were made, by tenant and name."""

    changes: list[Change] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """What a file says, where, and the secrets that it refers to, by the path of what has them."""

    file: Read
    form: Any
    secrets: Mapping[Path, str]


def plan(database: Database, tools: Tools, wanted: Wanted) -> Outcome:
    """Return what applying would change. Raises UnfitFile."""
    return _run(database, tools, wanted, keep=False)


def apply(database: Database, tools: Tools, wanted: Wanted) -> Outcome:
    """Make it so. Raises UnfitFile; then nothing was changed."""
    return _run(database, tools, wanted, keep=True)


def _run(database: Database, tools: Tools, wanted: Wanted, *, keep: bool) -> Outcome:
    outcome = Outcome()

    def job(transaction: Transaction) -> None:
        outcome.changes, outcome.secrets = [], {}
        slugs = list(wanted.form.tenants)
        before = export(tools, transaction, slugs)
        _Applying(tools, transaction, wanted, outcome=outcome).all()
        transaction.flush()
        outcome.changes[:0] = difference(before, export(tools, transaction, slugs))
        if not keep:
            raise Undone

    try:
        database.write(job)
    except Undone:
        outcome.secrets = {}
    except Stopped as stopped:
        raise UnfitFile(str(stopped)) from stopped
    return outcome


class _Applying:
    """Goes through a file in one transaction."""

    def __init__(
        self, tools: Tools, transaction: Transaction, wanted: Wanted, *, outcome: Outcome
    ) -> None:
        self._tools = tools
        self._transaction = transaction
        self._wanted = wanted
        self._outcome = outcome

    def all(self) -> None:
        """Make everything so: tenants first, which others may name."""
        tenants = {slug: self._tenant(slug, one) for slug, one in self._wanted.form.tenants.items()}
        for slug, one in self._wanted.form.tenants.items():
            tenant, at = tenants[slug], ("tenants", slug)
            for name, role in one.roles.items():
                with self._at(*at, "roles", name):
                    self._role(tenant, name, role)
            for name, connection in one.connections.items():
                with self._at(*at, "connections", name):
                    self._connection(tenant, name, connection)
            with self._at(*at, "policy"):
                self._policy(tenant, given(one.policy))
            for name, client in one.clients.items():
                with self._at(*at, "clients", name):
                    self._client(tenant, name, client)

    @contextmanager
    def _at(self, *path: str) -> Iterator[None]:
        """Say of a refusal where it comes from, and let it undo everything."""
        try:
            yield
        except Problem as problem:
            line = self._wanted.file.line(path)
            raise Stopped(f"line {line}: {'.'.join(path)}: {problem.description}") from problem

    def _tenant(self, slug: str, form: Any) -> Tenant:  # noqa: ANN401  of a form made at run time
        with self._at("tenants", slug):
            tenant = find(self._transaction, slug)
            if tenant is None:
                return self._new_tenant(slug, form)
            for name, value in (("name", form.name), ("type", form.type.value)):
                if getattr(tenant, name) != value:
                    raise UnfitFile(
                        f"The {name} of a tenant stays: it is {getattr(tenant, name)!r}."
                    )
            if tenant.own_issuer != form.own_issuer:
                raise UnfitFile("Whether a tenant has an issuer of its own stays.")
            return tenant

    def _new_tenant(self, slug: str, form: Any) -> Tenant:  # noqa: ANN401  the same
        tenant = self._tools.tenants.create(
            self._transaction,
            slug,
            name=form.name,
            type=form.type,
            actor=self._tools.operator,
            own_issuer=form.own_issuer,
        )
        if form.own_issuer:
            self._tools.keys.ensure(self._transaction, tenant.id, self._by(tenant))
        return tenant

    def _policy(self, tenant: Tenant, policy: Mapping[str, Any]) -> None:
        if policy:
            self._tools.admission.set_policy(
                self._transaction, tenant.slug, TenantPolicy(**policy), actor=self._by(tenant)
            )

    def _role(self, tenant: Tenant, name: str, form: Any) -> None:  # noqa: ANN401  the same
        roles, by = self._tools.custom_roles, self._by(tenant)
        present = {one.short for one in roles.all(self._transaction, tenant.id)}
        if form.absent:
            if name in present:
                roles.delete(self._transaction, tenant.id, name, actor=by)
        elif name in present:
            change = RoleChange(form.description, form.permissions)
            roles.change(self._transaction, tenant.id, name, change=change, actor=by)
        else:
            new = NewRole(name, form.description or "", form.permissions or ())
            roles.create(self._transaction, tenant.id, new, actor=by)

    def _client(self, tenant: Tenant, name: str, form: Any) -> None:  # noqa: ANN401  the same
        client, by = self._named(tenant, name), self._by(tenant)
        enabled = form.enabled and not form.absent
        if client is None:
            if form.absent:
                return
            client = self._new_client(tenant, name, form)
        elif not form.absent:
            self._amend(tenant, client, form)
        self._tools.clients.set_enabled(
            self._transaction, tenant.id, client.id, enabled=enabled, actor=by
        )

    def _new_client(self, tenant: Tenant, name: str, form: Any) -> Client:  # noqa: ANN401  the same
        said = {n: v for n, v in given(form, but=_NOT_OF_CLIENTS).items() if v is not None}
        fields = {n: v for n, v in said.items() if n in _OPTION_NAMES}
        asked = Registration(tenant.id, name, form.kind, **fields)
        options = replace(asked.options, **{n: v for n, v in said.items() if n not in fields})
        client, secret = self._tools.clients.register(
            self._transaction, replace(asked, options=options), actor=self._by(tenant)
        )
        if secret is not None:
            self._outcome.secrets[f"{tenant.slug}/{name}"] = secret
        return client

    def _amend(self, tenant: Tenant, client: Client, form: Any) -> None:  # noqa: ANN401  the same
        if client.kind != form.kind:
            raise UnfitFile(f"The kind of a client stays: it is {client.kind!r}.")
        said = given(form, but=_NOT_OF_CLIENTS)
        self._check_fixed(client, said)
        changes = {n: v for n, v in said.items() if n not in _FIXED_OF_CLIENTS}
        _, secret = self._tools.amendments.amend(
            self._transaction, tenant.id, client.id, changes=changes, actor=self._by(tenant)
        )
        if secret is not None:
            self._outcome.secrets[f"{tenant.slug}/{client.name}"] = secret

    def _check_fixed(self, client: Client, said: Mapping[str, Any]) -> None:
        """Raise UnfitFile for another value of what stays as it was registered."""
        serves = said.get("serves")
        if serves is not None and ALL_TENANTS not in serves:
            serves = ids_of(self._transaction, serves)
        if serves is not None and sorted(serves) != sorted(client.serves):
            raise UnfitFile("Whose people a client serves stays.")
        if said.get("at_tenant_issuer", client.at_tenant_issuer) != client.at_tenant_issuer:
            raise UnfitFile("The issuer of a client stays.")

    def _named(self, tenant: Tenant, name: str) -> Client | None:
        """Return the client of a name: in a file, it is what tells clients apart."""
        found = [
            one
            for one in self._tools.clients.all_of(self._transaction, tenant.id)
            if one.name == name and not one.self_registered
        ]
        if len(found) > 1:
            raise UnfitFile("Several clients are called so: give them names of their own.")
        return found[0] if found else None

    def _connection(self, tenant: Tenant, name: str, form: Any) -> None:  # noqa: ANN401  the same
        service, by = self._tools.connections, self._by(tenant)
        secret = self._wanted.secrets.get(("tenants", tenant.slug, "connections", name))
        present = {one.name: one for one in service.all_of(self._transaction, tenant.id)}
        enabled = form.enabled and not form.absent
        if name not in present:
            if not form.absent:
                self._new_connection(tenant, name, form)
            return
        if not form.absent:
            self._change_connection(tenant, present[name], form, secret=secret)
        switch = service.enable if enabled else service.disable
        switch(self._transaction, tenant.id, name, actor=by)

    def _new_connection(self, tenant: Tenant, name: str, form: Any) -> None:  # noqa: ANN401  the same
        path = ("tenants", tenant.slug, "connections", name)
        said = given(form, but=_NOT_OF_CONNECTIONS)
        asked = Connection("", tenant.id, _kind(form.kind), name, enabled=form.enabled, **said)
        secret = self._wanted.secrets.get(path, "")
        self._tools.connections.create(
            self._transaction, asked, secret=secret, actor=self._by(tenant)
        )

    def _change_connection(
        self,
        tenant: Tenant,
        present: Connection,
        form: Any,  # noqa: ANN401  the same
        *,
        secret: str | None,
    ) -> None:
        service, by = self._tools.connections, self._by(tenant)
        if present.kind.value != form.kind:
            raise UnfitFile(f"The kind of a connection stays: it is {present.kind.value!r}.")
        changes = given(form, but=_NOT_OF_CONNECTIONS)
        if changes.pop("server", present.server) != present.server:
            raise UnfitFile("The server of a connection stays.")
        service.change(self._transaction, tenant.id, present.name, changes=changes, actor=by)
        if secret is None:
            return
        before = service.secret_of(self._transaction, tenant.id, present.name)
        if not hmac.compare_digest(before.encode(), secret.encode()):
            service.set_secret(self._transaction, tenant.id, present.name, secret=secret, actor=by)
            path = f"tenants.{tenant.slug}.connections.{present.name}.client_secret"
            self._outcome.changes.append(Change("~", path, "another one", "that of the reference"))

    def _by(self, tenant: Tenant) -> Any:  # noqa: ANN401  an actor
        return replace(self._tools.operator, principal=tenant.id)


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError as error:
        raise UnfitFile(f"There is no such kind. Kinds are: {', '.join(Kind)}.") from error
