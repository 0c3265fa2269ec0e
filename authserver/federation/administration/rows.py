"""The rows of connections, by whose they are and their name. A named platform service."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict, NotFound
from authserver.core.said import said
from authserver.federation.models import PLATFORM, FederationConnection
from authserver.federation.values import Connection

_Row = FederationConnection
# What the trail says of a connection; what it is for whom and where, stays as it was made.
_TOLD = (
    "label", "client_id", "server", "scopes", "link_only", "allowed", "claims", "creates_people",
    "default_roles", "group_roles", "trusts_amr", "keeps_tokens", "position",
)  # fmt: skip
CHANGEABLE = frozenset(_TOLD) - {"server"}


def columns(connection: Connection) -> dict[str, Any]:
    """Return the fields that the trail tells of, as their columns hold them."""
    values = asdict(connection)
    return {
        name: [*values[name]] if isinstance(values[name], tuple) else values[name] for name in _TOLD
    }


def found(
    transaction: Transaction, owner: str | None, name: str, *, lock: bool = False
) -> FederationConnection:
    """Return the row of a connection of a tenant, or of the platform. Raises NotFound."""
    wanted = select(_Row).where(_Row.owner == (owner or PLATFORM), _Row.name == name)
    if lock:
        wanted = wanted.with_for_update(of=_Row).execution_options(populate_existing=True)
    row = transaction.platform().scalar(wanted)
    if row is None:
        raise NotFound(said("There is no connection '%(name)s'.", name=name))
    return row


def held(transaction: Transaction, owner: str | None, name: str) -> FederationConnection:
    """Return the row held for a change: no sign-in by it is between two steps meanwhile."""
    return found(transaction, owner, name, lock=True)


def add(transaction: Transaction, row: FederationConnection) -> None:
    """Add a row. Raises Conflict for a name that its owner has."""
    session = transaction.platform()
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(
            said("There is a connection '%(name)s' already.", name=row.name), field="name"
        ) from error
