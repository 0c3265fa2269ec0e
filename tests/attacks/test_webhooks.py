"""Receivers that attack, and receivers that others choose: SSRF, floods, secrets, personal data."""

import http.server
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from authserver.audit.events import EventType
from authserver.webhooks.models import MAX_ANSWER
from tests.spec.tools import stage
from tests.support.trail import events
from tests.support.world import TenantFixture, World
from tests.webhooks.receiving import (
    Receivers,
    actor_of,
    deliver,
    deliveries,
    happen,
    hook,
    reachable,
)

INSIDE = (
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[64:ff9b::7f00:1]/",
    "https://localhost/",
)


@pytest.fixture
def hasty(world: World) -> Iterator[Receivers]:
    """Receivers that are waited for half a second only."""
    with reachable(world, seconds=0.5) as receivers:
        yield receivers


@pytest.fixture
def tenant(world: World) -> TenantFixture:
    return world.tenant()


@pytest.mark.parametrize("url", INSIDE)
@pytest.mark.any_database
@pytest.mark.attack("ATK-126")
def test_an_address_inside_the_network_is_never_asked(
    world: World, tenant: TenantFixture, url: str
) -> None:
    made = hook(world, tenant, "client.*", url=url)
    happen(world, tenant)
    assert deliver(world) == 0
    (row,) = deliveries(world, made)
    assert re.search("not a public address|is not permitted", str(row.error)), row.error
    assert row.status is None


Handler = http.server.BaseHTTPRequestHandler


def _redirect(handler: Handler) -> None:
    handler.send_response(307)
    handler.send_header("location", "http://169.254.169.254/latest/meta-data/")
    handler.end_headers()


def _huge(handler: Handler) -> None:
    handler.send_response(500)
    handler.end_headers()
    for _ in range(100 * 16):
        handler.wfile.write(b"x" * 65_536)


def _liar(handler: Handler) -> None:
    handler.send_response(500)
    handler.send_header("content-length", "1000000")
    handler.end_headers()
    handler.wfile.write(b"short")


def _chunks(handler: Handler) -> None:
    handler.protocol_version = "HTTP/1.1"
    handler.wfile.write(b"HTTP/1.1 502 Bad\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nno\r\n")


def _controls(handler: Handler) -> None:
    handler.send_response(400)
    handler.end_headers()
    handler.wfile.write(b"\x00\x1b[31m\xff<script>" + b"\xc3\xa9" * 2000)


@pytest.mark.parametrize(
    ("act", "status", "said"),
    [
        (_redirect, None, "redirects are not followed"),
        (_huge, 500, "status 500"),
        (_liar, 500, "status 500"),
        (_chunks, 502, "status 502"),
        (_controls, 400, "status 400"),
    ],
)
@pytest.mark.attack("ATK-129")
def test_what_a_hostile_receiver_answers_costs_a_kilobyte_and_nothing_else(
    world: World,
    hasty: Receivers,
    tenant: TenantFixture,
    act: Callable[[Handler], None],
    status: int | None,
    said: str,
) -> None:
    made = hook(world, tenant, "client.*")
    hasty.behaviour["rcv"] = act
    happen(world, tenant)
    assert deliver(world) == 0
    (row,) = deliveries(world, made)
    assert (row.status, said in str(row.error)) == (status, True)
    assert len(row.answer or "") <= MAX_ANSWER
    assert "\x00" not in (row.answer or "")
    assert "\x1b" not in (row.answer or "")
    hasty.behaviour.clear()
    world.clock.move(seconds=7)
    assert deliver(world) == 1, "and it is told when it behaves"


@pytest.mark.any_database
@pytest.mark.attack("ATK-129")
def test_a_receiver_that_hangs_is_left_when_its_time_is_over(
    world: World, hasty: Receivers, tenant: TenantFixture
) -> None:
    made = hook(world, tenant, "client.*")
    closing: threading.Event = hasty.closing
    hasty.behaviour["rcv"] = lambda _handler: closing.wait(20)
    happen(world, tenant)
    began = time.monotonic()
    assert deliver(world) == 0
    assert time.monotonic() - began < 10
    assert "no complete answer" in str(deliveries(world, made)[0].error)


CANARY = "Canary-" + "x7q" * 5


def test_no_secret_and_nothing_personal_leaves_in_a_message(world: World, hasty: Receivers) -> None:
    """A whole sign-in with tokens, and what an administrator does to a person."""
    on = stage(world)
    tenant, made = on.tenant, hook(world, on.tenant)
    tokens = on.tokens()
    user = world.user(tenant, "admin", email=f"{CANARY.lower()}@example.com", name=CANARY)
    world.disable(user)
    happen(
        world,
        tenant,
        type_=EventType.USER_PROFILE_CHANGED,
        subject=user.id,
        private={"name": CANARY, "address": "198.51.100.7"},
        before={"hint": "before-canary"},
        after={"hint": "after-canary"},
    )
    while deliver(world):
        pass
    kinds = {"tokens.issued", "user.created", "user.disabled", "user.profile_changed"}
    assert kinds <= set(hasty.types())
    told = b"".join(one.body for one in hasty.got).decode()
    headers = str([one.headers for one in hasty.got])
    secrets = (tokens["access_token"], tokens["refresh_token"], on.client.secret, made.secret)
    personal = (CANARY, CANARY.lower(), "198.51.100.7", "before-canary", "after-canary")
    for found in (*secrets, *personal):
        assert found not in told
        assert found not in headers
    assert user.id in told, "ids are what a receiver asks the API with"
    assert not re.search(r"[\w.]+@[\w.]+\.\w+", told)


def test_a_tenants_events_are_told_to_its_own_webhooks_alone(
    world: World, hasty: Receivers, tenant: TenantFixture
) -> None:
    other = world.tenant()
    hook(world, tenant, name="mine")
    theirs = hook(world, other, name="theirs")
    happen(world, tenant, "thing:secret")
    while deliver(world):
        pass
    assert hasty.types("mine")
    assert {one.document["tenant_id"] for one in hasty.by("theirs")} <= {other.id}
    by = actor_of(world, tenant)
    service = world.services.webhooks

    def replay(tx: Any) -> list[str]:
        return service.deliveries.replay(tx, tenant.id, theirs.id, ids=None, actor=by)

    assert world.services.database.write(replay) == []
    assert events(world, other.id, "webhook_delivery.replayed") == []
