"""Signing keys, deliveries and health, by API."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import BELL as MAIL
from authserver.delivery.outbox import Message, enqueue
from authserver.oauth.logout.queue import BELL as LOGOUT
from tests.admin.callers import Caller, person
from tests.support.browser import ISSUER
from tests.support.trail import events
from tests.support.world import World

GIVEN_UP = "550 no such mailbox"


@pytest.fixture(name="platform", scope="module")
def _platform(installation: World) -> Caller:
    return person(installation, "PLATFORM_ADMIN")


def given_up(world: World, tenant_id: str) -> str:
    """Put a mail into the outbox that nobody could deliver; return its id."""
    services, now = world.services, world.clock.now()
    message = Message(tenant_id, None, "ada@example.com", "password_changed", {"name": "Ada"})

    def job(tx: Any) -> str:
        one = enqueue(tx, message, keyring=services.keyring, now=now)
        tx.flush()
        gone = update(OutboxMessage).where(OutboxMessage.id == one)
        tx.tenant(tenant_id).execute(gone.values(failed_at=now, last_error=GIVEN_UP, attempts=22))
        return one

    return str(services.database.write(job))


def test_the_platforms_keys_are_listed_and_rotated(world: World, platform: Caller) -> None:
    before = platform.call("GET", "/keys").json
    assert before["issuer"] == ISSUER
    assert {one["state"] for one in before["keys"]} >= {"active"}
    rotated = platform.call("POST", "/keys/rotate", {"algorithms": ["ES256"]})
    more = {one["kid"] for one in rotated.json["keys"]} - {one["kid"] for one in before["keys"]}
    (new,) = [one for one in rotated.json["keys"] if one["kid"] in more]
    assert (new["alg"], new["state"]) == ("ES256", "next")
    published = platform.call("GET", "/keys/jwks").json["keys"]
    assert {one["kid"] for one in rotated.json["keys"]} == {one["kid"] for one in published}
    assert all("d" not in one for one in published)
    served = world.app.test_client().get("/oauth/jwks", base_url=ISSUER).json["keys"]
    assert {one["kid"] for one in served} == {one["kid"] for one in published}
    assert platform.call("POST", "/keys/rotate", {"algorithms": ["HS256"]}).status_code == 404


def test_a_tenants_own_keys_are_its_own(world: World) -> None:
    admin = person(world, "admin", kind="customer")
    signed = admin.call("GET", f"/tenants/{admin.tenant.id}/keys").json
    assert (signed["own"], signed["issuer"]) == (False, ISSUER)  # the platform signs for it
    assert admin.call("GET", "/keys").status_code == 403
    refused = admin.call("POST", f"/tenants/{admin.tenant.id}/keys/rotate", {})
    assert refused.status_code == 403  # keys:rotate is the platform's alone


def test_the_keys_of_an_opened_tenant_can_be_rotated(world: World, platform: Caller) -> None:
    tenant = world.tenant(own_issuer=True)
    path = f"/tenants/{tenant.id}"
    assert platform.call("GET", f"{path}/keys").status_code == 404
    reason = {"reason": "a key became known", "minutes": 5}
    platform.call("POST", f"{path}/access", reason)
    shown = platform.call("GET", f"{path}/keys").json
    assert shown["jwks_uri"] == f"{ISSUER}/t/{tenant.slug}/oauth/jwks"
    without = f"/tenants/{platform.tenant.id}/keys/rotate"
    assert platform.call("POST", without, {}).status_code == 409
    rotated = platform.call("POST", f"{path}/keys/rotate", {"at_once": True}).json["keys"]
    assert sorted(one["state"] for one in rotated) == ["active", "retiring"]
    assert events(world, tenant.id, "keys.rotated")


def test_a_mail_that_was_given_up_is_seen_and_tried_again(world: World) -> None:
    admin = person(world, "admin", kind="customer")
    mine, theirs = given_up(world, admin.tenant.id), given_up(world, world.tenant().id)
    path = f"/tenants/{admin.tenant.id}/mails"
    listed = admin.call("GET", f"{path}?state=failed")
    assert [one["id"] for one in listed.json["items"]] == [mine]
    assert listed.json["items"][0]["last_error"] == GIVEN_UP
    assert "ada@example.com" not in listed.text
    assert admin.call("POST", f"{path}/retry", {"ids": [theirs]}).json["ids"] == []
    assert admin.call("POST", f"{path}/retry", {}).json["ids"] == [mine]
    assert admin.call("GET", f"{path}?state=failed").json["items"] == []
    (event,) = events(world, admin.tenant.id, "mail.retried")
    assert event.document["facts"]["messages"] == [mine]


def test_whoever_tries_again_need_not_wait(
    world: World, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    for bell in (MAIL, LOGOUT):
        monkeypatch.setitem(world.services.database.bells, bell, partial(rung.append, bell))
    platform.call("POST", "/mails/retry", {})
    platform.call("POST", "/logouts/retry", {})
    assert rung == [MAIL, LOGOUT]


def test_the_platform_sees_every_tenants_mails_the_newest_first(
    world: World, platform: Caller
) -> None:
    first, second = (given_up(world, world.tenant().id) for _ in range(2))
    page = platform.call("GET", "/mails?state=failed&limit=1").json
    assert [one["id"] for one in page["items"]] == [second]
    after = platform.call("GET", f"/mails?state=failed&limit=1&cursor={page['next_cursor']}").json
    assert [one["id"] for one in after["items"]] == [first]
    assert platform.call("POST", "/mails/retry", {"ids": [first]}).json["ids"] == [first]
    assert platform.call("GET", "/logouts?state=failed").json["items"] == []
    assert platform.call("POST", "/logouts/retry", {}).json["ids"] == []


def test_health_says_what_is_wrong(world: World, platform: Caller) -> None:
    found = platform.call("GET", "/health").json
    checks = {one["name"]: one for one in found["checks"]}
    assert [*checks] == [
        "database",
        "schema",
        "mail",
        "logouts",
        "webhooks",
        "trail",
        "signing_keys",
        "redis",
    ]
    assert checks["database"]["level"] in {"good", "warn"}
    assert (checks["schema"]["level"], checks["redis"]["level"]) == ("good", "unused")
    given_up(world, world.tenant().id)
    world.clock.move(minutes=6)
    found = platform.call("GET", "/health").json
    mail = next(one for one in found["checks"] if one["name"] == "mail")
    assert mail["facts"]["given_up"] >= 1
    assert found["level"] != "good"


@pytest.mark.any_database
def test_who_may_not_look_learns_nothing(world: World) -> None:
    agent = person(world, "SUPPORT_AGENT")
    for path in ("/health", "/keys", "/mails", "/logouts"):
        assert agent.call("GET", path).status_code == 403
    viewer = person(world, "EXECUTIVE")
    assert viewer.call("GET", "/health").status_code == 200
    assert viewer.call("POST", "/mails/retry", {}).status_code == 403
