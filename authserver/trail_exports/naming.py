"""What a tenant calls those in its events now: an address, the name of a client or of itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from authserver.accounts.models import User
from authserver.audit.reading import Told
from authserver.clients.models import Client
from authserver.core.database.engine import Transaction
from authserver.core.ids import is_id
from authserver.tenants.models import Tenant

_NAMES = (("usr", User.email), ("cli", Client.name), ("ten", Tenant.name))


def names_of(transaction: Transaction, tenant_id: str, events: Iterable[Told]) -> Mapping[str, str]:
    """Return the names of who acted, and of whom and what it is about, by id.

    They are looked up together. Of what is no person, client or tenant the id is all there is.
    """
    ids = {one for event in events for one in (event.actor, event.subject, object_of(event)) if one}
    rows = transaction.tenant(tenant_id)
    found: dict[str, str] = {}
    for kind, column in _NAMES:
        wanted = [one for one in ids if is_id(one, kind)]
        if wanted:
            found |= dict(rows.execute(_named(column.class_, column, wanted)).all())
    return found


def object_of(event: Told) -> str | None:
    """Return the id of the client or the tenant that is an event's object."""
    id_ = (event.resource or "").rpartition(":")[2]
    return id_ if is_id(id_, "cli") or is_id(id_, "ten") else None


def _named(model: Any, column: Any, ids: Sequence[str]) -> Any:  # noqa: ANN401  a table's class
    return select(model.id, column).where(model.id.in_(ids))
