"""Events get numbers: without a gap, chained, once, by one process at a time."""

from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from authserver.audit import tree
from authserver.audit.sequencing import placing, statements
from authserver.audit.sequencing.models import TrailTree
from authserver.audit.sequencing.placing import TrailChangedError, place
from tests.support.world import World
from tests.trail.events import record, trail


def placed(world: World, most: int = placing.BATCH) -> int:
    """Give numbers to all there is; return how many got one."""
    total = 0
    while some := world.services.database.write(lambda transaction: place(transaction, most)):
        total += some
    return total


def test_every_event_gets_the_next_number_of_its_tenant(world: World) -> None:
    first, second = world.tenant().id, world.tenant().id
    for _ in range(3):
        record(world, first, 2)
        record(world, second)
        placed(world)
    for tenant_id in (first, second):
        found = trail(world, tenant_id)
        assert [one.seq for one in found] == [*range(1, len(found) + 1)]
        assert len(found) >= 4


def test_the_chain_is_over_every_event_before(world: World) -> None:
    tenant_id = world.tenant().id
    record(world, tenant_id, 5)
    placed(world)
    chain = bytes(32)
    for one in trail(world, tenant_id):
        assert one.seq is not None
        chain = sha256(b"\x02" + chain + one.seq.to_bytes(8, "big") + one.leaf).digest()
        assert one.chain == chain


def test_the_tree_that_is_kept_is_that_of_all_leaves(world: World) -> None:
    tenant_id = world.tenant().id
    for count in (1, 300, 7, 256):
        record(world, tenant_id, count)
        placed(world)
    leaves = [one.leaf for one in trail(world, tenant_id)]
    with world.services.database.read() as view:
        query = select(TrailTree).where(TrailTree.tenant_id == tenant_id)
        kept = view.platform().scalars(query).one()
    assert kept.size == len(leaves) > 512
    assert kept.root == tree.root_of(leaves)
    assert kept.chain == trail(world, tenant_id)[-1].chain


def test_many_events_are_numbered_in_batches(world: World) -> None:
    tenant_id = world.tenant().id
    placed(world)
    record(world, tenant_id, 300)
    batches = []
    while some := world.services.database.write(lambda transaction: place(transaction, 128)):
        batches.append(some)
    assert batches == [128, 128, 44]
    assert [one.seq for one in trail(world, tenant_id)][-1] == len(trail(world, tenant_id))


def test_what_commits_late_gets_a_later_number_whatever_its_id(world: World) -> None:
    """An id is made before its transaction ends: numbers follow no cursor of ids."""
    tenant_id = world.tenant().id
    record(world, tenant_id, 2)
    placed(world)
    known = trail(world, tenant_id)[0]
    late = "evt_" + "0" * 26
    assert late < known.id
    values = {"late": late, "id": known.id}
    copy = text(
        "INSERT INTO audit_events (id, tenant_id, occurred_at, type, correlation_id, body, leaf)"
        " SELECT :late, tenant_id, occurred_at, type, correlation_id, body, leaf"
        " FROM audit_events WHERE id = :id"
    )
    with world.services.database.engine.begin() as connection:
        connection.execute(copy, values)
    assert placed(world) == 1
    assert trail(world, tenant_id)[-1].id == late


def test_a_number_that_somebody_else_gave_stops_the_batch(world: World) -> None:
    tenant_id = world.tenant().id
    placed(world)
    record(world, tenant_id, 2)
    newest = trail(world, tenant_id)[-1]
    seq = len(trail(world, tenant_id)) - 1

    def job(transaction: Any) -> None:
        row = {"id": newest.id, "seq": seq, "chain": b"c" * 32}
        assert statements.PLACE.run(transaction, [row]) == 1
        place(transaction)

    with pytest.raises((TrailChangedError, DBAPIError)):
        world.services.database.write(job)
    assert placed(world) == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_events SET seq = 7, chain = chain WHERE id = :id",
        "UPDATE audit_events SET chain = zeroblob(32) WHERE id = :id",
        "UPDATE audit_events SET seq = NULL, chain = NULL WHERE id = :id",
    ],
)
def test_a_number_is_given_once(world: World, change: str) -> None:
    tenant_id = world.tenant().id
    placed(world)
    one = trail(world, tenant_id)[-1]
    if world.services.database.engine.dialect.name == "postgresql":
        change = change.replace("zeroblob(32)", "decode(repeat('00', 32), 'hex')")
    with pytest.raises(DBAPIError), world.services.database.engine.begin() as connection:
        connection.execute(text(change), {"id": one.id})
    assert one in trail(world, tenant_id)


@pytest.mark.parametrize("values", ["seq = 9", "chain = leaf", "seq = 0, chain = leaf"])
def test_a_number_comes_with_its_chain(world: World, values: str) -> None:
    tenant_id = world.tenant().id
    change = text(f"UPDATE audit_events SET {values} WHERE tenant_id = :tenant")  # noqa: S608  ours
    with pytest.raises(DBAPIError), world.services.database.engine.begin() as connection:
        connection.execute(change, {"tenant": tenant_id})


def test_no_event_comes_with_a_number(world: World) -> None:
    tenant_id = world.tenant().id
    copy = text(
        "INSERT INTO audit_events"
        " (id, tenant_id, occurred_at, type, correlation_id, body, leaf, seq, chain)"
        " SELECT 'evt_forged', tenant_id, occurred_at, type, correlation_id, body, leaf, 99, leaf"
        " FROM audit_events WHERE tenant_id = :tenant LIMIT 1"
    )
    with pytest.raises(DBAPIError), world.services.database.engine.begin() as connection:
        connection.execute(copy, {"tenant": tenant_id})


@pytest.mark.parametrize("table", ["audit_nodes", "audit_heads", "audit_checkpoints"])
def test_what_was_kept_of_the_trail_is_not_changed(world: World, table: str) -> None:
    tenant_id = world.tenant().id
    record(world, tenant_id, 260)
    world.services.proving.sequencer.once()
    column = "note" if table == "audit_checkpoints" else "hash" if "nodes" in table else "root"
    for change in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):  # noqa: S608  ours
        with pytest.raises(DBAPIError), world.services.database.engine.begin() as connection:
            connection.execute(text(change))
