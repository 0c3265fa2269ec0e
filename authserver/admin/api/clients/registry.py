"""Clients: listed, registered, read, changed, switched off and on, ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import select

from authserver.admin.api.clients.given import ClientPatch, ClientsQuery, NewClient
from authserver.admin.api.clients.holding import check_holds, check_rate_change
from authserver.admin.api.clients.shown import (
    ClientChanged,
    ClientCreated,
    ClientPage,
    ClientShown,
    document,
    shown,
)
from authserver.admin.caller import Caller
from authserver.admin.rest.operation import Call, Does, Operation, Reply
from authserver.admin.rest.paging import Cursors, Rows
from authserver.admin.rest.problems import Changed
from authserver.clients.amending import Amendments, amended, registration_from
from authserver.clients.logos.service import Logos
from authserver.clients.models import Client, name_key
from authserver.clients.options import Options
from authserver.clients.policy import find_kind
from authserver.clients.registering.lookups import Lookups
from authserver.clients.registration import Registration
from authserver.clients.service import ClientService
from authserver.core.database.engine import Transaction
from authserver.core.ids import is_id
from authserver.core.problems import Refused
from authserver.roles.catalogue import Permission

TAG = "clients"
ALL = "/tenants/{tenant_id}/clients"
ONE = f"{ALL}/{{client_id}}"
_LAST = "\U0010ffff"
_DEFAULTS = {one.name: one.default for one in fields(Registration)}


@dataclass(frozen=True)
class Keepers:
    """What keeps clients, and looks at what their registrations name elsewhere."""

    clients: ClientService
    amendments: Amendments
    lookups: Lookups
    logos: Logos


class Clients:
    """Operations on clients."""

    def __init__(self, keepers: Keepers, cursors: Cursors) -> None:
        """Take what keeps clients, and what makes cursors."""
        self._clients, self._amendments = keepers.clients, keepers.amendments
        self._lookups, self._logos = keepers.lookups, keepers.logos
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.CLIENTS_READ, Permission.CLIENTS_WRITE
        return (
            Operation(
                "GET", ALL, Does.READ, read, self.list_clients, "List clients", TAG,
                query=ClientsQuery, shows=ClientPage,
            ),
            Operation(
                "POST", ALL, Does.CREATE, write, self.create_client, "Register a client", TAG,
                body=NewClient, shows=ClientCreated, before=self._before_create,
            ),
            Operation(
                "GET", ONE, Does.READ, read, self.read_client, "Read a client", TAG,
                shows=ClientShown,
            ),
            Operation(
                "PATCH", ONE, Does.CHANGE, write, self.change_client, "Change a client", TAG,
                body=ClientPatch, shows=ClientChanged, before=self._before_change,
            ),
            Operation(
                "POST", f"{ONE}/disable", Does.CHANGE, write, self.disable_client,
                "Switch a client off: its tokens end", TAG, shows=ClientShown,
            ),
            Operation(
                "POST", f"{ONE}/enable", Does.CHANGE, write, self.enable_client,
                "Let a client work again", TAG, shows=ClientShown,
            ),
            Operation(
                "DELETE", ONE, Does.CHANGE, write, self.delete_client,
                "End a client for good, with its secrets and tokens", TAG, sensitive=True,
            ),
        )  # fmt: skip

    def list_clients(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page of the tenant's clients, by name unless otherwise asked."""
        query: ClientsQuery = call.query
        wanted = select(Client).where(Client.deleted_at.is_(None))
        if query.q and is_id(query.q, "cli"):
            wanted = wanted.where(Client.id == query.q)
        elif query.q:
            begins = name_key(query.q)
            wanted = wanted.where(Client.name_key >= begins, Client.name_key < begins + _LAST)
        if query.kind is not None:
            wanted = wanted.where(Client.kind == query.kind)
        if query.disabled is not None:
            wanted = wanted.where(Client.disabled_at.is_not(None) == query.disabled)
        if query.self_registered is not None:
            wanted = wanted.where(Client.self_registered == query.self_registered)
        session = transaction.tenant(call.path["tenant_id"])
        rows = Rows(session, wanted, TAG, backwards=query.sort.down)
        # Ids are sorted by creation.
        by = [Client.name_key, Client.id] if query.sort.column == "name" else [Client.id]
        items, after = self._cursors.page(rows, call, by=by, show=shown)
        return Reply(ClientPage(items=items, next_cursor=after))

    def create_client(self, transaction: Transaction, call: Call) -> Reply:
        """Register a client; show its secret this once."""
        asked = _registration(call)
        check_holds(call.caller, asked.scopes)
        _check_others_people(call.caller, asked.serves)
        usual = self._clients.usual_rate(transaction, asked.tenant_id, asked.kind)
        if usual and asked.rate:
            check_rate_change(call.caller, usual, asked.rate)
        client, secret = self._clients.register(transaction, asked, actor=call.caller.actor)
        content = ClientCreated(**document(client), client_secret=secret)
        place = f"/tenants/{client.tenant_id}/clients/{client.id}"
        return Reply(content, client.version, place, after=self._logo(client, call))

    def read_client(self, transaction: Transaction, call: Call) -> Reply:
        """Return everything that is registered of a client."""
        client = self._clients.get(transaction, call.path["tenant_id"], call.path["client_id"])
        return Reply(shown(client), client.version)

    def change_client(self, transaction: Transaction, call: Call) -> Reply:
        """Change a registration, by the rules of a new one."""
        present, changes = self._to_change(transaction, call), _changes(call)
        check_holds(call.caller, (*present.scopes, *(changes.get("scopes") or ())))
        if "rate" in changes:
            check_rate_change(call.caller, present.rate, changes["rate"])
        if changes.get("first_party") and not present.first_party:
            _check_others_people(call.caller, present.serves)
        client, secret = self._amendments.amend(
            transaction, present.tenant_id, present.id, changes=changes, actor=call.caller.actor
        )
        content = ClientChanged(**document(client), client_secret=secret)
        return Reply(content, client.version, after=self._logo(client, call))

    def disable_client(self, transaction: Transaction, call: Call) -> Reply:
        """Switch a client off."""
        return self._switch(transaction, call, enabled=False)

    def enable_client(self, transaction: Transaction, call: Call) -> Reply:
        """Let a client work again."""
        return self._switch(transaction, call, enabled=True)

    def delete_client(self, transaction: Transaction, call: Call) -> Reply:
        """End a client."""
        client = self._to_change(transaction, call)
        self._amendments.delete(
            transaction,
            client.tenant_id,
            client.id,
            reason="deleted by an administrator",
            actor=call.caller.actor,
        )
        return Reply()

    def _switch(self, transaction: Transaction, call: Call, *, enabled: bool) -> Reply:
        client = self._to_change(transaction, call)
        if enabled:
            check_holds(call.caller, client.scopes)
        client = self._clients.set_enabled(
            transaction, client.tenant_id, client.id, enabled=enabled, actor=call.caller.actor
        )
        return Reply(shown(client), client.version)

    def _to_change(self, transaction: Transaction, call: Call) -> Client:
        return to_change(self._clients, transaction, call)

    def _before_create(self, _view: Transaction, call: Call) -> Callable[[], object]:
        asked = _registration(call)
        return lambda: self._lookups.check(asked)

    def _before_change(self, view: Transaction, call: Call) -> Callable[[], object]:
        present = self._clients.get(view, call.path["tenant_id"], call.path["client_id"])
        asked = amended(registration_from(present), _changes(call))
        return lambda: self._lookups.check(asked)

    def _logo(self, client: Client, call: Call) -> Callable[[], object] | None:
        """Return what lets the picture follow; None where that asks nobody."""
        if call.body.options is None or "logo_uri" not in call.body.options.model_fields_set:
            return None
        tenant_id, client_id, actor = client.tenant_id, client.id, call.caller.actor
        return lambda: self._logos.follow(tenant_id, client_id, actor=actor)


def to_change(clients: ClientService, transaction: Transaction, call: Call) -> Client:
    """Return the client, held, if it still is what the caller read. Raises NotFound, Changed."""
    client = clients.get(transaction, call.path["tenant_id"], call.path["client_id"], lock=True)
    if call.version is not None and call.version != client.version:
        raise Changed("Read it again, and decide anew.")
    return client


def _registration(call: Call) -> Registration:
    new: NewClient = call.body
    given = {name: value for name, value in new.sent().items() if value is not None}
    options = {one.name for one in fields(Options)} & given.keys()
    asked = Registration(
        call.path["tenant_id"],
        **{name: value for name, value in given.items() if name not in options},
        options=Options(**{name: given[name] for name in options}),
    )
    usual = find_kind(new.kind).usual_scopes
    return asked if "scopes" in given else replace(asked, scopes=usual)


def _changes(call: Call) -> dict[str, Any]:
    """Return what to change; null is the default."""
    return {
        name: _DEFAULTS[name] if value is None and name in _DEFAULTS else value
        for name, value in call.body.sent().items()
    }


def _check_others_people(caller: Caller, serves: Sequence[str]) -> None:
    """Raise Refused where a client would reach people of tenants that nobody there was asked."""
    if serves and not caller.platform:
        raise Refused("Only the platform lets a client serve the people of other tenants.")
