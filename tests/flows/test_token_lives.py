"""A tenant says how long the tokens of its clients live at most: from the next token on."""

import pytest

from authserver.clients.options import Options
from authserver.tenants.policy import UnfitPolicy
from tests.support.browser import Browser, Party
from tests.support.factors import set_policy
from tests.support.world import ClientFixture, World

OFFLINE = "openid offline_access"


@pytest.fixture(name="client")
def _client(world: World) -> ClientFixture:
    return world.client(world.tenant())


def first(world: World, client: ClientFixture) -> dict[str, str | int]:
    person = world.user(client.tenant)
    return Party(world, client).redeem(Browser(world).code(client, person, scope=OFFLINE)).json


def test_the_next_access_token_lives_no_longer_than_the_tenant_says(
    world: World, client: ClientFixture
) -> None:
    party, tokens = Party(world, client), first(world, client)
    assert tokens["expires_in"] == 900
    set_policy(world, client.tenant, access_token_seconds=120)
    renewed = party.refresh(tokens["refresh_token"]).json
    assert renewed["expires_in"] == 120
    elsewhere = Party(world, world.client(world.tenant(), "service"))
    machine = Party(world, world.client(client.tenant, "service"))
    assert (machine.machine().json["expires_in"], elsewhere.machine().json["expires_in"]) == (
        120,
        300,
    )
    set_policy(world, client.tenant, access_token_seconds=0)
    assert party.refresh(renewed["refresh_token"]).json["expires_in"] == 900


def test_a_client_that_wants_less_than_the_tenant_allows_has_less(
    world: World, client: ClientFixture
) -> None:
    set_policy(world, client.tenant, access_token_seconds=120)
    tenant, of = client.tenant, Options
    lives = [
        Party(world, world.client(tenant, "service", options=of(access_token_seconds=n)))
        for n in (60, 240)
    ]
    assert [one.machine().json["expires_in"] for one in lives] == [60, 120]


def test_refresh_tokens_end_when_the_tenant_says_counted_from_the_sign_in(
    world: World, client: ClientFixture
) -> None:
    set_policy(world, client.tenant, refresh_token_minutes=60)
    party, tokens = Party(world, client), first(world, client)
    world.clock.move(minutes=40)
    tokens = party.refresh(tokens["refresh_token"]).json
    world.clock.move(minutes=19)
    tokens = party.refresh(tokens["refresh_token"]).json
    world.clock.move(minutes=1)
    assert party.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"


def test_a_shorter_life_holds_for_refresh_tokens_that_are_out(
    world: World, client: ClientFixture
) -> None:
    party, tokens, other = Party(world, client), first(world, client), first(world, client)
    world.clock.move(hours=2)
    set_policy(world, client.tenant, refresh_token_minutes=60)
    assert party.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
    set_policy(world, client.tenant, refresh_token_minutes=180)
    renewed = party.refresh(other["refresh_token"]).json
    world.clock.move(hours=1)
    assert party.refresh(renewed["refresh_token"]).json["error"] == "invalid_grant"


@pytest.mark.any_database
@pytest.mark.parametrize(
    "wrong",
    [
        {"access_token_seconds": 59},
        {"access_token_seconds": 3601},
        {"refresh_token_minutes": 4},
        {"refresh_token_minutes": 30 * 24 * 60 + 1},
    ],
)
def test_a_tenant_only_shortens_the_lives_of_tokens(
    world: World, client: ClientFixture, wrong: dict[str, int]
) -> None:
    with pytest.raises(UnfitPolicy, match="only shorten the lives of tokens"):
        set_policy(world, client.tenant, **wrong)
