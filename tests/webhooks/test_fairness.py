"""A dead endpoint holds up what is its own, and nothing else."""

import threading

from tests.support.world import TenantFixture, World
from tests.webhooks.receiving import Receivers, deliver, endpoint, happen, hook


def test_an_endpoint_that_fails_is_asked_for_one_thing_at_a_time_and_rests(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    made = hook(world, tenant, "client.*")
    there.status["rcv"] = 500
    for number in range(40):
        happen(world, tenant, f"client:{number}")
    deliver(world)
    assert len(there.got) <= 4, "after some failures in a row it rests"
    world.clock.move(minutes=6)
    there.got.clear()
    deliver(world)
    assert len(there.got) == 1
    there.status["rcv"] = 200
    world.clock.move(minutes=6)
    assert deliver(world) == 40, "one that arrives, and everything follows"
    assert endpoint(world, made).failures == 0


def test_one_tenants_dead_endpoints_delay_nobody_elses(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    dead = [f"dead-{number}" for number in range(12)]
    for name in dead:
        hook(world, tenant, "client.*", name=name)
        there.behaviour[name] = lambda _handler: there.closing.wait(30)
    for number in range(20):
        happen(world, tenant, f"client:{number}")
    other = world.tenant()
    hook(world, other, "client.*")
    for number in range(30):
        happen(world, other, f"client:{number}")
    worker, pause = world.services.webhooks.worker, threading.Event()
    worker.start()
    try:
        for _ in range(600):
            if len(there.by("rcv")) == 30:
                break
            pause.wait(0.01)
        assert len(there.by("rcv")) == 30, "within the time of the first one that hangs"
        assert sum(len(there.by(name)) for name in dead) <= 8
    finally:
        there.closing.set()
        worker.stop()
