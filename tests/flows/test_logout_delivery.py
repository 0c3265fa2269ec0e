"""Clients that do not answer are asked again for some hours, and hold nobody else up."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from authserver.clients.options import Options
from authserver.core.ids import new_id
from authserver.oauth.logout.queue import LEASE, MAX_ATTEMPTS
from authserver.oauth.logout.sender import OF_EACH
from authserver.tokens.models import LogoutNotice
from tests.support.browser import Browser
from tests.support.parallel import at_once
from tests.support.providers import Trouble
from tests.support.signing_out import (
    RelyingParties,
    client_that_is_told,
    relying_parties,
    tokens_of,
)
from tests.support.trail import events
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World

FAILURES = (Trouble.STATUS_500, Trouble.REDIRECT, Trouble.CLOSE, Trouble.RATE_LIMITED)


@pytest.fixture
def there(world: World) -> Iterator[RelyingParties]:
    with relying_parties(world) as parties:
        yield parties


@pytest.fixture
def tenant(world: World) -> TenantFixture:
    return world.tenant()


def over(world: World, client: ClientFixture, user: UserFixture, count: int = 1) -> list[str]:
    """Let sessions be over that a client has to be told of, and return their ids."""
    ids = [new_id("ses") for _ in range(count)]
    rows = [
        LogoutNotice(
            id=new_id("lgn"),
            session_id=session_id,
            user_id=user.id,
            issuer="https://auth.example",
            client_tenant_id=client.tenant.id,
            client_id=client.id,
            created_at=world.clock.now(),
        )
        for session_id in ids
    ]
    world.services.database.write(lambda tx: tx.tenant(user.tenant.id).add_all(rows))
    return ids


def notices(world: World, client: ClientFixture) -> list[LogoutNotice]:
    with world.services.database.read() as view:
        wanted = select(LogoutNotice).where(LogoutNotice.client_id == client.id)
        found = list(view.tenant(client.tenant.id).scalars(wanted))
        view.tenant(client.tenant.id).expunge_all()
        return found


@pytest.mark.parametrize("trouble", FAILURES)
def test_a_client_that_fails_is_asked_again_later_and_with_a_new_token(
    world: World, there: RelyingParties, tenant: TenantFixture, trouble: Trouble
) -> None:
    client, user = client_that_is_told(world, tenant, there), world.user(tenant)
    over(world, client, user)
    there.trouble["rp"] = trouble
    assert world.services.logout.deliver_due() == 0
    assert len(there.told()) == 1, "and a redirect is not followed"
    del there.trouble["rp"]
    world.clock.move(seconds=4)
    assert world.services.logout.deliver_due() == 0, "not yet"
    world.clock.move(seconds=3)
    assert world.services.logout.deliver_due() == 1
    first, second = there.tokens(world)
    assert first["jti"] != second["jti"]
    assert second["exp"] == int(world.clock.now().timestamp()) + 120


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.rfc("OIDC Back-Channel Logout 2.8: the answer")
def test_a_client_may_answer_with_nothing(
    world: World, there: RelyingParties, tenant: TenantFixture, status: int
) -> None:
    client, user = client_that_is_told(world, tenant, there), world.user(tenant)
    over(world, client, user)
    there.status = status
    assert world.services.logout.deliver_due() == 1


def test_a_client_that_refuses_for_hours_is_given_up_and_the_trail_says_so(
    world: World, there: RelyingParties, tenant: TenantFixture
) -> None:
    client, user = client_that_is_told(world, tenant, there), world.user(tenant)
    (session_id,) = over(world, client, user)
    there.status = 400
    began, passed = world.clock.now(), []
    for _ in range(MAX_ATTEMPTS + 3):
        asked = len(there.told())
        world.services.logout.deliver_due()
        if len(there.told()) > asked:
            passed.append(world.clock.now() - began)
        world.clock.move(hours=3)
    assert len(passed) == MAX_ATTEMPTS
    (event,) = events(world, tenant.id, "logout.undelivered")
    assert event.document["resource"] == f"session:{session_id}"
    assert event.document["facts"] == {
        "client": client.id,
        "reason": "the server answered with status 400",
    }
    (row,) = notices(world, client)
    assert row.failed_at is not None
    assert row.last_error == "the server answered with status 400"


def test_one_client_that_hangs_does_not_hold_the_others_up(
    world: World, there: RelyingParties, tenant: TenantFixture
) -> None:
    slow, user = client_that_is_told(world, tenant, there, "slow"), world.user(tenant)
    over(world, slow, user, 40)
    there.trouble["slow"] = Trouble.HANG
    quick = [client_that_is_told(world, tenant, there, f"quick-{n}") for n in range(6)]
    for client in quick:
        over(world, client, user, 5)
    worker, pause = world.services.logout, threading.Event()
    worker.start()
    try:
        for _ in range(400):
            told = sum(len(there.told(f"quick-{n}")) for n in range(6))
            if told == 30:
                break
            pause.wait(0.01)
        assert told == 30, "within the time of the first one that hangs"
        assert len(there.told("slow")) <= OF_EACH
    finally:
        there.closing.set()
        worker.stop()


def test_workers_at_once_tell_each_client_once(
    world: World, there: RelyingParties, tenant: TenantFixture
) -> None:
    client, user = client_that_is_told(world, tenant, there), world.user(tenant)
    ids = over(world, client, user, 12)
    at_once(*[world.services.logout.deliver_due] * 3)
    world.clock.move(seconds=3)  # what would have been too many at once for one client
    world.services.logout.deliver_due()
    assert sorted(token["sid"] for token in there.tokens(world)) == sorted(ids)


def test_what_a_worker_left_when_it_died_is_sent_by_another(
    world: World, there: RelyingParties, tenant: TenantFixture
) -> None:
    client, user = client_that_is_told(world, tenant, there), world.user(tenant)
    over(world, client, user)
    queue = world.services.logout.queue
    queue.sweep()
    assert len(queue.claim(9, of_each=9)) == 1
    assert world.services.logout.deliver_due() == 0
    world.clock.move(seconds=LEASE.total_seconds() + 1)
    assert world.services.logout.deliver_due() == 1


def test_what_killed_every_worker_is_given_up(
    world: World, there: RelyingParties, tenant: TenantFixture
) -> None:
    client, user = client_that_is_told(world, tenant, there), world.user(tenant)
    over(world, client, user)
    world.services.logout.queue.sweep()
    tried = update(LogoutNotice).where(LogoutNotice.client_id == client.id)
    world.services.database.write(
        lambda tx: tx.platform().execute(tried.values(attempts=MAX_ATTEMPTS))
    )
    world.services.logout.deliver_due()
    assert there.told() == []
    (event,) = events(world, tenant.id, "logout.undelivered")
    assert event.document["facts"]["reason"] == "the worker died"


def test_a_client_that_wants_no_notice_any_more_gets_none(
    world: World, there: RelyingParties, tenant: TenantFixture
) -> None:
    client, user = world.client(tenant, first_party=True), world.user(tenant)
    over(world, client, user)
    world.services.logout.deliver_due()
    assert there.asked == []
    assert events(world, tenant.id, "logout.undelivered") == []


def test_an_address_inside_the_network_is_never_asked(world: World, tenant: TenantFixture) -> None:
    """Without the seam of these tests, the server refuses what is not public (TOP-14)."""
    inside = Options(backchannel_logout_uri="https://127.0.0.1/rp")
    client, user = world.client(tenant, options=inside), world.user(tenant)
    over(world, client, user)
    world.services.logout.deliver_due()
    (row,) = notices(world, client)
    assert "127.0.0.1" in row.last_error


def test_tokens_are_written_down_nowhere(
    world: World, there: RelyingParties, tenant: TenantFixture
) -> None:
    client, user = client_that_is_told(world, tenant, there), world.user(tenant)
    browser = Browser(world)
    tokens_of(world, browser, client, user)
    browser.submit(browser.get("/login/logout"))
    world.services.logout.deliver_due()
    (asked,) = there.told()
    signature = asked.given["logout_token"].rpartition(".")[2]
    (row,) = notices(world, client)
    kept: dict[str, Any] = vars(row)
    assert all(signature not in str(value) for value in kept.values())
