"""What happens is told: at least once, in order of its place, for three days, and then again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from authserver.audit.events import Event, EventType
from authserver.delivery.models import OutboxMessage
from authserver.webhooks.models import WebhookDelivery
from authserver.webhooks.policy import HORIZON
from authserver.webhooks.sending.queue import LEASE, MOST_ATTEMPTS
from tests.support.parallel import at_once
from tests.support.trail import events
from tests.support.world import TenantFixture, World
from tests.webhooks.receiving import (
    Receivers,
    actor_of,
    deliver,
    deliveries,
    endpoint,
    happen,
    hook,
    write,
)


def test_an_endpoint_is_told_what_it_asked_for_and_nothing_else(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    made = hook(world, tenant, "client.*", "user.created")
    wanted = happen(world, tenant, "client:1", facts={"kind": "web"})
    happen(world, tenant, "key:1", EventType.KEY_CREATED)
    assert deliver(world) == 1
    (message,) = there.got
    assert message.is_signed_by(made.secret)
    assert message.headers["content-type"] == "application/json"
    assert message.id == wanted
    assert message.document == {
        "id": wanted,
        "type": "client.changed",
        "timestamp": world.clock.now().isoformat(timespec="microseconds"),
        "tenant_id": tenant.id,
        "data": {
            "actor": {"kind": "operator", "id": tenant.id},
            "subject": None,
            "resource": "client:1",
            "correlation_id": world.operator.correlation_id,
            "facts": {"kind": "web"},
        },
    }
    assert deliver(world) == 0
    (row,) = deliveries(world, made)
    assert (row.status, row.attempts, row.error, row.answer) == (200, 1, None, None)


def test_what_is_rolled_back_was_never_told(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    hook(world, tenant)
    event = Event(EventType.KEY_CREATED, tenant.id, actor_of(world, tenant))

    def job(tx: Any) -> None:
        world.services.trail.record(tx, event)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.services.database.write(job)
    deliver(world)
    assert there.got == []


def test_a_failure_is_tried_again_with_the_same_id_and_a_new_signature(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    made = hook(world, tenant, "client.*")
    happen(world, tenant)
    there.status["rcv"] = 500
    assert deliver(world) == 0
    (row,) = deliveries(world, made)
    assert (row.status, row.answer) == (500, "thanks")
    assert row.error == "the server answered with status 500"
    there.status["rcv"] = 204
    world.clock.move(seconds=4)
    assert deliver(world) == 0, "not yet"
    world.clock.move(seconds=3)
    assert deliver(world) == 1
    first, second = there.got
    assert (first.id, first.body) == (second.id, second.body)
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 7
    assert second.is_signed_by(made.secret)


def test_a_later_event_of_a_place_waits_for_the_earlier_one_and_others_go_on(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    hook(world, tenant, "client.*")
    first = happen(world, tenant, "client:a")
    there.status["rcv"] = 503
    deliver(world)
    there.status["rcv"] = 200
    second = happen(world, tenant, "client:a")
    other = happen(world, tenant, "client:b")
    assert deliver(world) == 1
    assert [one.id for one in there.got] == [first, other]
    world.clock.move(seconds=7)
    assert deliver(world) == 2
    assert [one.id for one in there.got] == [first, other, first, second]


def test_workers_at_once_tell_each_event_once_and_in_order(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    hook(world, tenant, "client.*")
    ids = {place: [happen(world, tenant, place) for _ in range(5)] for place in "abcd"}
    at_once(*[world.services.webhooks.worker.deliver_due] * 3)
    deliver(world)
    for place, told in ids.items():
        assert [m.id for m in there.got if m.document["data"]["resource"] == place] == told


def test_what_nobody_takes_for_three_days_is_given_up_paused_mailed_and_replayed(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    admin = world.user(tenant, "admin")
    made = hook(world, tenant, "client.*")
    there.status["rcv"] = 500
    began = world.clock.now()
    happen(world, tenant, "client:a")
    while not deliveries(world, made)[0].failed_at:
        deliver(world)
        world.clock.move(minutes=30)
        assert world.clock.now() - began < timedelta(days=4)
    (row,) = deliveries(world, made)
    assert row.failed_at - began >= HORIZON
    assert 15 <= row.attempts <= 30
    (given_up,) = events(world, tenant.id, "webhook_delivery.given_up")
    assert given_up.document["facts"]["delivery"] == row.id
    paused = endpoint(world, made)
    assert paused.paused_why == "failing"
    (event,) = events(world, tenant.id, "webhook.paused")
    assert event.document["actor"]["kind"] == "server"
    assert mails(world, tenant) == [("webhook_paused", admin.id)]
    later = happen(world, tenant, "client:a")
    there.got.clear()
    assert (deliver(world), there.got) == (0, []), "it is paused, and what happens waits"
    there.status["rcv"] = 200
    service, by = world.services.webhooks, actor_of(world, tenant)
    write(world, lambda tx: service.service.resume(tx, tenant.id, made.id, actor=by))
    assert deliver(world) == 1
    replayed = write(
        world,
        lambda tx: service.deliveries.replay(tx, tenant.id, made.id, ids=None, actor=by),
    )
    assert replayed == [row.id]
    assert deliver(world) == 1
    assert [one.id for one in there.got] == [later, row.event_id]


def test_an_endpoint_that_says_it_is_gone_is_paused_at_once(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    made = hook(world, tenant, "client.*")
    there.status["rcv"] = 410
    happen(world, tenant)
    deliver(world)
    assert endpoint(world, made).paused_why == "gone"


def test_what_a_worker_left_when_it_died_is_sent_by_another(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    hook(world, tenant, "client.*")
    happen(world, tenant)
    assert len(world.services.webhooks.worker.queue.claim(9)) == 1
    assert deliver(world) == 0
    world.clock.move(seconds=LEASE.total_seconds() + 1)
    assert deliver(world) == 1
    assert len(there.got) == 1


def test_what_killed_every_worker_is_given_up(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    made = hook(world, tenant, "client.*")
    happen(world, tenant)
    tried = update(WebhookDelivery).where(WebhookDelivery.endpoint_id == made.id)
    world.services.database.write(
        lambda tx: tx.platform().execute(tried.values(attempts=MOST_ATTEMPTS))
    )
    deliver(world)
    assert there.got == []
    assert deliveries(world, made)[0].error == "the worker died"


def test_a_suspended_tenant_tells_nobody_until_it_is_resumed(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    hook(world, tenant, "client.*")
    happen(world, tenant)
    assert there.got == []
    service = world.services.tenants
    write(world, lambda tx: service.suspend(tx, tenant.slug, actor=world.operator))
    assert deliver(world) == 0
    write(world, lambda tx: service.resume(tx, tenant.slug, actor=world.operator))
    assert deliver(world) == 1


def test_a_listener_that_goes_away_meanwhile_refuses_no_event(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    """Another process deleted it: this one still believes in it for up to a second."""
    made = hook(world, tenant, "client.*")
    happen(world, tenant)
    by = actor_of(world, tenant)
    world.services.database.write(
        lambda tx: world.services.webhooks.service.delete(tx, tenant.id, made.id, actor=by)
    )
    happen(world, tenant)
    assert (deliver(world), there.got) == (0, [])


def mails(world: World, tenant: TenantFixture) -> list[tuple[str, str | None]]:
    with world.services.database.read() as view:
        rows = view.platform().query(OutboxMessage).filter_by(tenant_id=tenant.id)
        return [(row.template, row.user_id) for row in rows if row.template == "webhook_paused"]
