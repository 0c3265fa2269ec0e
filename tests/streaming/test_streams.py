"""Streams take every event with a number, in order, at least once, and hold nobody up."""

import threading
from dataclasses import replace

import pytest

from authserver.audit.events import EventType
from authserver.core.problems import NotFound
from authserver.streaming.reading import LEASE
from authserver.streaming.sinks import Refused
from authserver.streaming.targets import parse
from tests.streaming.numbering import flow, happen, number
from tests.support.trail import events
from tests.support.world import World


def test_every_event_is_taken_once_it_has_a_number_and_in_order(world: World) -> None:
    one, other, stream = world.tenant(), world.tenant(), flow(world)
    happen(world, one, 5)
    last = number(world, one)
    stream.worker.move_all()
    assert stream.collector.of(one) == [*range(1, last + 1)]
    assert stream.collector.of(other) == [], "without a number it may yet be passed by another"
    happen(world, one, 450)
    happen(world, other, 3)
    after, others = number(world, one), number(world, other)
    stream.worker.move_all()
    assert stream.collector.of(one) == [*range(1, after + 1)]
    assert stream.collector.of(other) == [*range(1, others + 1)]
    assert max(len(batch) for batch in stream.collector.batches) <= 200
    assert stream.worker.move_all() == 0


def test_a_batch_that_is_refused_comes_again_and_the_stream_says_why_it_stands(
    world: World,
) -> None:
    tenant, stream = world.tenant(), flow(world)
    last = number(world, tenant)
    stream.worker.move_all()
    happen(world, tenant, 2)
    number(world, tenant)
    stream.collector.refuses = 1
    with pytest.raises(Refused):
        stream.worker.move_all()
    stream.cursors.refused(stream.name, "the collector is away")
    with world.services.database.read() as view:
        standing = stream.cursors.standing(view, stream.name)
    assert (standing.waiting, standing.error) == (2, "the collector is away")
    assert standing.failing_since == world.clock.now()
    assert stream.worker.move_all() == 2
    with world.services.database.read() as view:
        standing = stream.cursors.standing(view, stream.name)
    assert (standing.waiting, standing.error, standing.oldest) == (0, None, None)
    assert stream.collector.of(tenant)[-2:] == [last + 1, last + 2]


def test_one_process_has_a_stream_and_another_takes_it_over_when_that_died(world: World) -> None:
    tenant, first = world.tenant(), flow(world)
    number(world, tenant)
    first.worker.move_all()
    second = flow(world, first.name, first.collector)
    happen(world, tenant, 1)
    number(world, tenant)
    assert second.worker.move_all() == 0, "it is the first one's for a minute"
    world.clock.move(seconds=LEASE.total_seconds() + 1)
    assert second.worker.move_all() == 1
    assert not first.cursors.taken(first.name, first.collector.got), "what comes too late"
    assert len(set(first.collector.of(tenant))) == len(first.collector.of(tenant))


def test_who_died_between_sending_and_noting_sends_the_same_batch_again(world: World) -> None:
    tenant, stream = world.tenant(), flow(world)
    last = number(world, tenant)
    assert stream.cursors.claim(stream.name)
    stream.collector.send(stream.cursors.batch(stream.name))
    heir = flow(world, stream.name, stream.collector)
    world.clock.move(seconds=LEASE.total_seconds() + 1)
    heir.worker.move_all()
    first, again = stream.collector.batches[:2]
    assert first == again
    assert set(stream.collector.of(tenant)) == {*range(1, last + 1)}


def test_a_stream_that_stands_still_holds_no_other_and_no_event_up(world: World) -> None:
    tenant = world.tenant()
    number(world, tenant)
    stuck, moving = flow(world), flow(world)
    hold, began = threading.Event(), threading.Event()

    def hang(_lines: object) -> None:
        began.set()
        hold.wait(20)

    stuck.collector.send = hang  # type: ignore[assignment, method-assign]  # a collector that hangs
    stuck.worker.start()
    moving.worker.start()
    try:
        assert began.wait(10)
        happen(world, tenant, 3)
        last = number(world, tenant)
        for _ in range(400):
            if moving.collector.of(tenant)[-1:] == [last]:
                break
            hold.wait(0.02)
        assert moving.collector.of(tenant) == [*range(1, last + 1)]
    finally:
        hold.set()
        stuck.worker.stop()
        moving.worker.stop()


def test_a_stream_goes_back_when_an_operator_says_so(world: World) -> None:
    tenant, stream = world.tenant(), flow(world)
    happen(world, tenant, 4)
    last = number(world, tenant)
    stream.worker.move_all()
    world.services.database.write(
        lambda tx: stream.cursors.move(tx, stream.name, tenant.id, seq=last - 2)
    )
    assert stream.worker.move_all() == 2
    named = replace(world.services.streams, targets=parse(f"{stream.name}=file:/dev/null"))
    by = replace(world.operator, principal=tenant.id)
    world.services.database.write(
        lambda tx: named.rewind(tx, stream.name, tenant.id, seq=last - 3, actor=by)
    )
    assert stream.worker.move_all() == 3
    (event,) = events(world, tenant.id, EventType.TRAIL_STREAM_MOVED)
    assert event.document["facts"] == {"stream": stream.name, "after": last - 3}
    with pytest.raises(NotFound):
        world.services.database.write(
            lambda tx: named.rewind(tx, "nobody", tenant.id, seq=0, actor=by)
        )


def test_nothing_personal_is_in_clear_in_a_stream(world: World) -> None:
    tenant, stream = world.tenant(), flow(world)
    user = world.user(tenant, "admin", name="Canary Person")
    number(world, tenant)
    stream.worker.move_all()
    told = b"".join(line.json() for line in stream.collector.got if line.tenant_id == tenant.id)
    assert b"user.created" in told
    assert b"Canary" not in told
    assert user.email.encode() not in told
