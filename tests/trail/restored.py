"""A server that starts anew, and a database that is yesterday's."""

from dataclasses import replace
from typing import Any

from authserver.audit.checkpoints.values import Checkpoint
from authserver.core.database.engine import make_engine
from authserver.wiring.services import Services, build
from tests.support.world import World
from tests.trail.events import changed

WITNESS = "witness.example/w1"
_STARTED: list[Services] = []


def started(world: World, **settings: Any) -> Services:
    """Return the services of another process over the same database, with more settings."""
    services = world.services
    url = services.database.engine.url.render_as_string(hide_password=False)
    engine = make_engine(url)
    more = build(replace(services.settings, **settings), world.clock, engine)
    _STARTED.append(more)
    return more


def end() -> None:
    """Let go of the connections of all that were started."""
    while _STARTED:
        _STARTED.pop().database.close()


def signed(services: Services) -> Checkpoint:
    """Number all there is, sign, and return the checkpoint as it is stored."""
    _, made = services.proving.sequencer.once()
    with services.database.read() as view:
        return services.proving.checkpoints.one(view, made.number)


def roll_back(world: World, number: int) -> None:
    """Make the trail in the database what it was at a checkpoint, as a restored backup would."""
    last = (
        "SELECT {column} FROM audit_heads WHERE audit_heads.tenant_id = {of}.tenant_id"
        " ORDER BY checkpoint DESC LIMIT 1"
    )
    columns = ("size", "root", "chain", "frontier")
    tree = ", ".join(f"{one} = ({last.format(column=one, of='audit_trees')})" for one in columns)
    size = last.format(column="size", of="audit_events")
    changed(
        world,
        f"DELETE FROM audit_checkpoints WHERE number > {number}",  # noqa: S608  ours
        f"DELETE FROM audit_heads WHERE checkpoint > {number}",  # noqa: S608  the same
        "DELETE FROM audit_trees WHERE tenant_id NOT IN (SELECT tenant_id FROM audit_heads)",
        f"DELETE FROM audit_events WHERE seq IS NULL OR seq > COALESCE(({size}), 0)",  # noqa: S608  the same
        f"UPDATE audit_trees SET {tree}",  # noqa: S608  the same
    )
