"""Connections: listed, made, read, changed, tried, given another secret, switched, removed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from authserver.admin.api.connections.models import (
    ConnectionEnded,
    ConnectionList,
    ConnectionPatch,
    ConnectionShown,
    ConnectionTried,
    NewConnection,
    SecretGiven,
    Unlinked,
    document,
)
from authserver.admin.caller import Caller
from authserver.admin.rest.operation import Call, Does, Handler, Operation, Reply, Where
from authserver.admin.rest.problems import Changed
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.core.problems import Refused
from authserver.core.said import said
from authserver.federation.administration.ending import linked
from authserver.federation.administration.removal import Removal
from authserver.federation.administration.rows import found
from authserver.federation.administration.trying import Tried, attempt
from authserver.federation.connections import client_secret, redirect_uris
from authserver.federation.connectors.making import Connectors
from authserver.federation.service import ConnectionService, Ended
from authserver.federation.values import Connection, Kind
from authserver.roles import lookup
from authserver.roles.catalogue import Permission

_TAG = "connections"
_Row = tuple[str, str, Does, Handler, str, dict[str, Any]]
_OF_TENANT, _OF_PLATFORM = "/tenants/{tenant_id}/connections", "/connections"


@dataclass(frozen=True)
class Parts:
    """What keeps connections, what speaks with providers, and the platform's issuer."""

    connections: ConnectionService
    removal: Removal
    connectors: Connectors
    keyring: Keyring
    platform: str


class Connections:
    """Operations on the connections of a tenant, and on those of the platform."""

    def __init__(self, parts: Parts) -> None:
        """Take what they work with."""
        self._parts = parts
        self._connections = parts.connections

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked, in both places."""
        return (*self._at(_OF_TENANT, Where.TENANT), *self._at(_OF_PLATFORM, Where.PLATFORM))

    def _at(self, place: str, where: Where) -> Sequence[Operation]:
        one = f"{place}/{{connection}}"
        rows: tuple[_Row, ...] = (
            ("GET", place, Does.READ, self.list_connections, "List connections",
             {"shows": ConnectionList}),
            ("POST", place, Does.CREATE, self.create_connection, "Make a connection",
             {"body": NewConnection, "shows": ConnectionShown, "sensitive": True}),
            ("GET", one, Does.READ, self.read_connection, "Read a connection",
             {"shows": ConnectionShown}),
            ("PATCH", one, Does.CHANGE, self.change_connection,
             "Change a connection; what a stricter rule ends is said",
             {"body": ConnectionPatch, "shows": ConnectionEnded, "sensitive": True}),
            ("POST", f"{one}/test", Does.READ, self.try_connection,
             "Ask the provider whether it answers and knows us",
             {"shows": ConnectionTried, "before": self._before_test}),
            ("POST", f"{one}/secret", Does.CHANGE, self.set_connection_secret,
             "Use another client secret from now on",
             {"body": SecretGiven, "shows": ConnectionShown, "sensitive": True}),
            ("POST", f"{one}/enable", Does.CHANGE, self.enable_connection,
             "Let people sign in by a connection again", {"shows": ConnectionShown}),
            ("POST", f"{one}/disable", Does.CHANGE, self.disable_connection,
             "Let nobody sign in by a connection any more", {"shows": ConnectionEnded}),
            ("POST", f"{one}/unlink", Does.CHANGE, self.unlink_people,
             "End the links of a hundred people by a connection that is switched off",
             {"shows": Unlinked, "sensitive": True}),
            ("DELETE", one, Does.CHANGE, self.remove_connection,
             "Remove a connection that is switched off and that nobody is linked by",
             {"sensitive": True}),
        )  # fmt: skip
        return tuple(_operation(row, where) for row in rows)

    def list_connections(self, transaction: Transaction, call: Call) -> Reply:
        """Return the connections, in the order of their buttons."""
        rows = self._connections.all_of(transaction, _owner(call))
        items = tuple(ConnectionShown(**self._document(transaction, row)) for row in rows)
        return Reply(ConnectionList(items=items))

    def create_connection(self, transaction: Transaction, call: Call) -> Reply:
        """Make a connection."""
        new: NewConnection = call.body
        asked = Connection(
            "", _owner(call), Kind(new.kind), new.name, server=new.server, enabled=new.enabled,
            **new.sent(),
        )  # fmt: skip
        _check_roles(transaction, call.caller, asked)
        made = self._connections.create(
            transaction, asked, secret=new.client_secret, actor=call.caller.actor
        )
        place = _OF_TENANT.format(tenant_id=_owner(call)) if _owner(call) else _OF_PLATFORM
        reply = self._reply(transaction, call, made)
        return Reply(reply.content, reply.version, f"{place}/{made.name}")

    def read_connection(self, transaction: Transaction, call: Call) -> Reply:
        """Return a connection."""
        connection = self._connections.get(transaction, _owner(call), _name(call))
        return self._reply(transaction, call, connection)

    def change_connection(self, transaction: Transaction, call: Call) -> Reply:
        """Change a connection."""
        present = self._to_change(transaction, call)
        changes = call.body.sent(present)
        # Before anything is changed: a refusal commits.
        for connection in (present, replace(present, **changes)):
            _check_roles(transaction, call.caller, connection)
        changed, ended = self._connections.change(
            transaction,
            _owner(call),
            _name(call),
            changes=changes,
            actor=call.caller.actor,
        )
        return self._ended(transaction, call, changed, ended=ended)

    def try_connection(self, _view: Transaction, call: Call) -> Reply:
        """Return what the provider said."""
        tried: Tried = call.found
        return Reply(
            ConnectionTried(verdict=tried.verdict, authorization_endpoint=tried.authorization_url)
        )

    def set_connection_secret(self, transaction: Transaction, call: Call) -> Reply:
        """Use another secret."""
        _check_roles(transaction, call.caller, self._to_change(transaction, call))
        connection = self._connections.set_secret(
            transaction,
            _owner(call),
            _name(call),
            secret=call.body.client_secret,
            actor=call.caller.actor,
        )
        return self._reply(transaction, call, connection)

    def enable_connection(self, transaction: Transaction, call: Call) -> Reply:
        """Switch a connection on."""
        _check_roles(transaction, call.caller, self._to_change(transaction, call))
        connection = self._connections.enable(
            transaction, _owner(call), _name(call), actor=call.caller.actor
        )
        return self._reply(transaction, call, connection)

    def disable_connection(self, transaction: Transaction, call: Call) -> Reply:
        """Switch a connection off."""
        self._to_change(transaction, call)
        connection, ended = self._connections.disable(
            transaction, _owner(call), _name(call), actor=call.caller.actor
        )
        return self._ended(transaction, call, connection, ended=ended)

    def unlink_people(self, transaction: Transaction, call: Call) -> Reply:
        """End some links; whoever asks goes on until there are no more."""
        connection = self._to_change(transaction, call)
        unlinked = self._parts.removal.unlink_some(
            transaction, _owner(call), _name(call), actor=call.caller.actor
        )
        more = bool(linked(transaction, connection.id, 1))
        return Reply(Unlinked(unlinked=unlinked, more=more))

    def remove_connection(self, transaction: Transaction, call: Call) -> Reply:
        """Remove a connection."""
        self._to_change(transaction, call)
        self._parts.removal.remove(transaction, _owner(call), _name(call), actor=call.caller.actor)
        return Reply()

    def _before_test(self, view: Transaction, call: Call) -> Callable[[], object]:
        connection = self._connections.get(view, _owner(call), _name(call))
        secret = client_secret(view, connection.id, self._parts.keyring)
        connector = self._parts.connectors.of(connection, secret)
        return lambda: attempt(connector, connection, self._parts.platform)

    def _to_change(self, transaction: Transaction, call: Call) -> Connection:
        """Return the connection, held, if it is what the caller read. Raises NotFound, Changed."""
        row = found(transaction, _owner(call), _name(call), lock=True)
        if call.version is not None and call.version != row.version:
            raise Changed("Read it again, and decide anew.")
        return self._connections.get(transaction, _owner(call), _name(call))

    def _reply(self, transaction: Transaction, call: Call, connection: Connection) -> Reply:
        content = ConnectionShown(**self._document(transaction, connection))
        return self._versioned(transaction, call, content)

    def _ended(
        self, transaction: Transaction, call: Call, connection: Connection, *, ended: Ended
    ) -> Reply:
        shown = self._document(transaction, connection)
        content = ConnectionEnded(**shown, ended_sign_ins=ended.sign_ins, signed_out=ended.people)
        return self._versioned(transaction, call, content)

    def _versioned(self, transaction: Transaction, call: Call, content: ConnectionShown) -> Reply:
        return Reply(content, found(transaction, _owner(call), content.name).version)

    def _document(self, transaction: Transaction, connection: Connection) -> dict[str, Any]:
        uris = redirect_uris(self._parts.platform, transaction, connection)
        return document(connection, uris)


def _operation(row: _Row, where: Where) -> Operation:
    """Return an operation; one on the platform's connections has a name of its own."""
    method, path, does, handler, says, more = row
    read, write = Permission.CONNECTIONS_READ, Permission.CONNECTIONS_WRITE
    alias = handler.__name__ + ("" if where is Where.TENANT else "_of_platform")
    permission = read if method == "GET" else write
    return Operation(
        method, path, does, permission, handler, says, _TAG, where, alias=alias, **more
    )


def _owner(call: Call) -> str | None:
    return call.path.get("tenant_id")


def _name(call: Call) -> str:
    return call.path["connection"]


def _check_roles(transaction: Transaction, caller: Caller, connection: Connection) -> None:
    """Raise Refused if people would get by a connection what the caller does not hold (TOP-12).

    By the roles that names mean: they are compared without case elsewhere. One of the tenant's own
    that there is no more gives nothing.
    """
    own = lookup.own_among(transaction, connection.tenant_id, connection.roles)
    roles = [
        own[name] if name in own else lookup.builtin(name)
        for name in connection.roles
        if name in own or "/" not in name
    ]
    given = frozenset[Permission]().union(*(role.permissions for role in roles))
    if above := sorted(given - caller.permissions):
        raise Refused(
            said(
                "The connection gives a permission that you do not hold: %(above)s.", above=above[0]
            )
        )
