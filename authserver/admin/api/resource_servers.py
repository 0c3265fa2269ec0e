"""/tenants/{tenant_id}/resource-servers: the APIs of a tenant, and what clients may ask of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select

from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.admin.rest.problems import Changed
from authserver.clients.resources.models import ResourceServer
from authserver.clients.resources.policy import MOST_CLIENTS, MOST_SCOPES, NewResource
from authserver.clients.resources.service import ResourceServers, scopes_of
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission

_TAG = "resource servers"
_ALL = "/tenants/{tenant_id}/resource-servers"
_ONE = f"{_ALL}/{{server_id}}"
_Client = Annotated[str, Field(max_length=40)]


class ScopeGiven(Given):
    """A scope, and what people read of it where they allow it."""

    name: Annotated[str, Field(max_length=128)]
    description: Annotated[str, Field(max_length=255)] = ""


Scopes = Annotated[list[ScopeGiven], Field(max_length=MOST_SCOPES)]
ClientIds = Annotated[list[_Client], Field(max_length=MOST_CLIENTS)]


class NewResourceServer(Given):
    """A resource server to register. `client_ids` may ask for it; null: every client."""

    audience: Annotated[str, Field(max_length=255)]
    name: Annotated[str, Field(max_length=120)]
    scopes: Scopes
    client_ids: ClientIds | None = None


class ResourceServerPatch(Given):
    """What to change; the audience stays: it is in tokens and in what clients have registered."""

    name: Annotated[str, Field(max_length=120)] = ""
    scopes: Scopes = Field(default_factory=list)
    client_ids: ClientIds | None = None


class ScopeShown(Shown):
    """A scope of a resource server."""

    name: str
    description: str


class ResourceServerShown(Shown):
    """A resource server."""

    id: str
    audience: str
    name: str
    scopes: tuple[ScopeShown, ...]
    client_ids: tuple[str, ...] | None
    created_at: datetime


class ResourceServerPage(Page[ResourceServerShown]):
    """A page of resource servers."""


class ResourceServersQuery(PageQuery):
    """Which resource servers."""

    audience: Annotated[str | None, Field(max_length=255)] = None


class ResourceServersApi:
    """Operations on resource servers."""

    def __init__(self, resources: ResourceServers, cursors: Cursors) -> None:
        """Take what keeps them, and what makes cursors."""
        self._resources = resources
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.CLIENTS_READ, Permission.CLIENTS_WRITE
        return (
            Operation(
                "GET", _ALL, Does.READ, read, self.list_resource_servers, "List resource servers",
                _TAG, query=ResourceServersQuery, shows=ResourceServerPage,
            ),
            Operation(
                "POST", _ALL, Does.CREATE, write, self.create_resource_server,
                "Register a resource server", _TAG, body=NewResourceServer,
                shows=ResourceServerShown,
            ),
            Operation(
                "GET", _ONE, Does.READ, read, self.read_resource_server, "Read a resource server",
                _TAG, shows=ResourceServerShown,
            ),
            Operation(
                "PATCH", _ONE, Does.CHANGE, write, self.change_resource_server,
                "Change a resource server; clients lose what it does not offer them any more", _TAG,
                body=ResourceServerPatch, shows=ResourceServerShown,
            ),
            Operation(
                "DELETE", _ONE, Does.CHANGE, write, self.delete_resource_server,
                "Take a resource server away, and from every client", _TAG, sensitive=True,
            ),
        )  # fmt: skip

    def list_resource_servers(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page, oldest first."""
        wanted = select(ResourceServer)
        if call.query.audience is not None:
            wanted = wanted.where(ResourceServer.audience == call.query.audience)
        rows = Rows(transaction.tenant(call.path["tenant_id"]), wanted, _TAG)
        items, after = self._cursors.page(rows, call, by=[ResourceServer.id], show=_shown)
        return Reply(ResourceServerPage(items=items, next_cursor=after))

    def create_resource_server(self, transaction: Transaction, call: Call) -> Reply:
        """Register a resource server."""
        new: NewResourceServer = call.body
        asked = NewResource(new.audience, new.name, _scopes(new.scopes), new.client_ids)
        row = self._resources.create(
            transaction, call.path["tenant_id"], asked, actor=call.caller.actor
        )
        place = f"/tenants/{row.tenant_id}/resource-servers/{row.id}"
        return Reply(_shown(row), row.version, place)

    def read_resource_server(self, transaction: Transaction, call: Call) -> Reply:
        """Return a resource server."""
        row = self._resources.get(transaction, call.path["tenant_id"], call.path["server_id"])
        return Reply(_shown(row), row.version)

    def change_resource_server(self, transaction: Transaction, call: Call) -> Reply:
        """Change a resource server."""
        row, patch = self._to_change(transaction, call), call.body
        changes: dict[str, Any] = {name: getattr(patch, name) for name in patch.model_fields_set}
        if "scopes" in changes:
            changes["scopes"] = _scopes(patch.scopes)
        row = self._resources.change(
            transaction, row.tenant_id, row.id, changes=changes, actor=call.caller.actor
        )
        return Reply(_shown(row), row.version)

    def delete_resource_server(self, transaction: Transaction, call: Call) -> Reply:
        """Take a resource server away."""
        row = self._to_change(transaction, call)
        self._resources.delete(transaction, row.tenant_id, row.id, actor=call.caller.actor)
        return Reply()

    def _to_change(self, transaction: Transaction, call: Call) -> ResourceServer:
        row = self._resources.get(
            transaction, call.path["tenant_id"], call.path["server_id"], lock=True
        )
        if call.version is not None and call.version != row.version:
            raise Changed("Read it again, and decide anew.")
        return row


def _scopes(given: Sequence[ScopeGiven]) -> dict[str, str]:
    return {scope.name: scope.description for scope in given}


def _shown(row: ResourceServer) -> ResourceServerShown:
    return ResourceServerShown(
        id=row.id,
        audience=row.audience,
        name=row.name,
        scopes=tuple(
            ScopeShown(name=name, description=text) for name, text in scopes_of(row).items()
        ),
        client_ids=None if row.client_ids is None else tuple(row.client_ids),
        created_at=row.created_at,
    )
