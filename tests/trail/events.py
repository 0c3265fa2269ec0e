"""Events to number, and the trail as the database has it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, select, text

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.models import AuditEvent
from authserver.core.ids import new_id
from tests.support.databases import as_owner
from tests.support.world import World


@dataclass(frozen=True)
class Placed:
    id: str
    seq: int | None
    leaf: bytes
    chain: bytes | None


def record(world: World, tenant_id: str, count: int = 1, **facts: Any) -> None:
    """Record events of a tenant, in one transaction."""

    def job(transaction: Any) -> None:
        for number in range(count):
            actor = Actor("operator", tenant_id, new_id("cor"))
            event = Event(
                EventType.MAIL_RETRIED, tenant_id, actor, facts={"number": number, **facts}
            )
            world.services.trail.record(transaction, event)

    world.services.database.write(job)


def trail(world: World, tenant_id: str) -> list[Placed]:
    """Return a tenant's events, by their numbers, and then those without."""
    query = select(AuditEvent.id, AuditEvent.seq, AuditEvent.leaf, AuditEvent.chain)
    with world.services.database.read() as view:
        rows = view.platform().execute(query.where(AuditEvent.tenant_id == tenant_id))
        found = [Placed(*row) for row in rows]
    return sorted(found, key=lambda one: (one.seq is None, one.seq, one.id))


def changed(world: World, *statements: str) -> None:
    """Change the database as somebody who may do everything, and knows no trigger."""
    url = world.services.database.engine.url.render_as_string(hide_password=False)
    engine = create_engine(as_owner(url))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            names = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in connection.scalars(names).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
