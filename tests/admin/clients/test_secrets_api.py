"""Secrets by API: exchanged without a pause, ended at once, and people are told before they end."""

from datetime import timedelta

import pytest

from tests.admin.callers import Caller, person
from tests.support.browser import Party
from tests.support.mails import mails
from tests.support.trail import events
from tests.support.world import ClientFixture, World


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


def made(world: World, admin: Caller) -> tuple[ClientFixture, str]:
    client = world.client(admin.tenant, "service", scopes=["a"], name="Robot")
    return client, f"/tenants/{admin.tenant.id}/clients/{client.id}/secrets"


def works(world: World, client: ClientFixture, secret: str | None) -> bool:
    changed = ClientFixture(client.id, secret, client.tenant)
    return Party(world, changed).machine().status_code == 200


def test_two_secrets_work_for_as_long_as_they_overlap(world: World, admin: Caller) -> None:
    client, secrets = made(world, admin)
    new = admin.call("POST", secrets, {"overlap_hours": 2}).json
    assert works(world, client, client.secret)
    assert works(world, client, new["client_secret"])
    states = [one["state"] for one in admin.call("GET", secrets).json["items"]]
    assert states == ["live", "ending"]
    world.clock.move(hours=3)
    admin = renewed(admin)
    assert not works(world, client, client.secret)
    assert works(world, client, new["client_secret"])


def test_a_secret_that_is_revoked_ends_at_once_and_the_tokens_with_it(
    world: World, admin: Caller
) -> None:
    client, secrets = made(world, admin)
    token = Party(world, client).machine().json["access_token"]
    new = admin.call("POST", secrets, {}).json
    old = admin.call("GET", secrets).json["items"][1]["id"]
    assert admin.call("DELETE", f"{secrets}/{old}").json["state"] == "revoked"
    assert not works(world, client, client.secret)
    assert works(world, client, new["client_secret"])
    changed = ClientFixture(client.id, new["client_secret"], client.tenant)
    assert Party(world, changed).introspect(token).json["active"] is False
    last = events(world, admin.tenant.id)
    assert "client.secret_revoked" in [event.type for event in last]
    other, _ = made(world, admin)
    elsewhere = f"/tenants/{admin.tenant.id}/clients/{other.id}/secrets/{new['id']}"
    assert admin.call("DELETE", elsewhere).status_code == 404


def test_a_third_secret_ends_the_first_before_its_time(world: World, admin: Caller) -> None:
    client, secrets = made(world, admin)
    second = admin.call("POST", secrets, {"overlap_hours": 24}).json["client_secret"]
    third = admin.call("POST", secrets, {"overlap_hours": 24}).json["client_secret"]
    assert not works(world, client, client.secret)
    assert works(world, client, second)
    assert works(world, client, third)


def test_no_overlap_makes_a_secret_live_longer_than_it_was_made_for(
    world: World, admin: Caller
) -> None:
    _, secrets = made(world, admin)
    admin.call("POST", secrets, {"overlap_hours": 0, "expires_in_days": 1})
    again = admin.call("POST", secrets, {"overlap_hours": 24 * 90}).json
    short = admin.call("GET", secrets).json["items"][1]
    assert short["expires_at"] == again["previous_until"] < admin_time(world, days=2)


def test_administrators_are_told_twice_before_the_last_secret_ends(
    world: World, admin: Caller
) -> None:
    _client, secrets = made(world, admin)
    admin.call("POST", secrets, {"overlap_hours": 0, "expires_in_days": 30})
    tell = world.services.expiry.tell

    assert admin.stage is not None
    someone = admin.stage.person.id

    def told() -> int:
        while tell():
            pass
        return len(mails(world, someone, "client_secret_ends"))

    before = told()
    world.clock.move(days=17)
    assert told() == before + 1
    assert told() == before + 1
    world.clock.move(days=11)
    assert told() == before + 2
    admin = renewed(admin)
    assert admin.call("GET", secrets).json["warning"] is not None
    admin.call("POST", secrets, {"overlap_hours": 24})
    assert admin.call("GET", secrets).json["warning"] is None


def test_nobody_is_told_of_a_secret_that_another_one_outlives(world: World, admin: Caller) -> None:
    _client, secrets = made(world, admin)
    admin.call("POST", secrets, {"overlap_hours": 24})
    tell = world.services.expiry.tell
    while tell():
        pass
    kinds = [event.type for event in events(world, admin.tenant.id)]
    assert "client.secret_expiry_told" not in kinds


def renewed(admin: Caller) -> Caller:
    """Sign in again after time has passed."""
    return person(admin.world, "admin", tenant=admin.tenant)


def admin_time(world: World, **delta: int) -> str:
    return (world.clock.now() + timedelta(**delta)).isoformat()
