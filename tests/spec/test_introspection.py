"""Introspection: RFC 7662; RFC 9700 row R-40."""

import pytest

from tests.spec.tools import API, Stage, error_of, machine, part, post, stage, tenant_stage
from tests.support.browser import Party
from tests.support.world import World

INACTIVE = {"active": False}


def resource_server(on: Stage, audience: str = API) -> Party:
    """A service of the same tenant that stands for the API."""
    return Party(on.world, on.world.client(on.tenant, "service", audiences=[audience]))


@pytest.fixture(name="api")
def _api(world: World) -> Stage:
    return stage(world, audiences=[API])


@pytest.mark.every_database
@pytest.mark.rfc("RFC 7662 section 2.2")
def test_a_live_token_is_described_to_its_resource_server(api: Stage) -> None:
    token = api.tokens(resource=API)["access_token"]
    answer = resource_server(api).introspect(token)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {"active": True, "token_type": "Bearer", **part(token, 1)}


@pytest.mark.rfc("RFC 7662 section 2.2")
def test_the_client_itself_may_ask_about_its_tokens(api: Stage) -> None:
    tokens = api.tokens()
    assert api.party.introspect(tokens["access_token"]).json["active"] is True
    refresh = api.party.introspect(tokens["refresh_token"]).json
    assert refresh["active"] is True
    assert refresh["token_type"] != "Bearer"
    assert refresh["client_id"] == api.client.id


@pytest.mark.rfc("RFC 7662 section 4")
@pytest.mark.bcp("R-40")
def test_everybody_else_hears_inactive(api: Stage) -> None:
    tokens = api.tokens(resource=API)
    world = api.world
    strangers = {
        "a client of the tenant": Party(world, world.client(api.tenant)),
        "a partner of the tenant": Party(
            world, world.client(api.tenant, "partner", audiences=[API])
        ),
        "another service of the tenant": resource_server(api, "https://other.example/"),
        "a service without audience": Party(world, world.client(api.tenant, "service")),
    }
    for name, stranger in strangers.items():
        assert stranger.introspect(tokens["access_token"]).json == INACTIVE, name
    for name, stranger in {**strangers, "its API": resource_server(api)}.items():
        assert stranger.introspect(tokens["refresh_token"]).json == INACTIVE, name


@pytest.mark.bcp("R-40")
def test_a_service_of_another_tenant_hears_inactive_though_it_names_the_same_audience(
    api: Stage,
) -> None:
    tokens = api.tokens(resource=API)
    foreign = Party(api.world, api.world.client(api.world.tenant(), "service", audiences=[API]))
    assert foreign.introspect(tokens["access_token"]).json == INACTIVE


@pytest.mark.bcp("R-40")
def test_a_machines_token_is_nothing_to_a_service_of_another_tenant(world: World) -> None:
    party = machine(world, "partner", audiences=[API])
    token = party.machine(resource=API).json["access_token"]
    foreign = Party(world, world.client(world.tenant(), "service", audiences=[API]))
    own = Party(world, world.client(party.client.tenant, "service", audiences=[API]))
    assert own.introspect(token).json["active"] is True
    assert foreign.introspect(token).json == INACTIVE


@pytest.mark.bcp("R-40")
@pytest.mark.parametrize("token", ["x", "rt_" + "A" * 43, "a.b.c", "0", "é", "x" * 20000])
def test_what_is_no_token_is_inactive(api: Stage, token: str) -> None:
    assert api.party.introspect(token).json == INACTIVE


@pytest.mark.bcp("R-40")
def test_used_expired_and_revoked_tokens_are_inactive(api: Stage) -> None:
    first = api.tokens()
    second = api.party.refresh(first["refresh_token"]).json
    assert api.party.introspect(first["refresh_token"]).json == INACTIVE
    assert api.party.introspect(first["access_token"]).json["active"] is True
    api.world.clock.move(minutes=15)
    assert api.party.introspect(first["access_token"]).json == INACTIVE
    assert api.party.introspect(second["refresh_token"]).json["active"] is True
    api.world.clock.move(days=7)
    assert api.party.introspect(second["refresh_token"]).json == INACTIVE


@pytest.mark.bcp("R-40")
def test_an_id_token_is_no_access_token(api: Stage) -> None:
    assert api.party.introspect(api.tokens()["id_token"]).json == INACTIVE


@pytest.mark.bcp("R-40")
def test_a_public_client_may_not_ask(world: World) -> None:
    on = stage(world, "spa")
    token = on.tokens()["access_token"]
    assert error_of(on.party.introspect(token)) == (401, "invalid_client")


@pytest.mark.rfc("RFC 7662 section 2.1")
def test_a_request_without_token_is_invalid(api: Stage) -> None:
    assert error_of(api.party.send("introspect", {})) == (400, "invalid_request")


@pytest.mark.rfc("RFC 7662 section 2.1")
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "unknown"])
def test_a_hint_changes_nothing(api: Stage, hint: str) -> None:
    tokens = api.tokens()
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert api.party.introspect(token, token_type_hint=hint).json["active"] is True


@pytest.mark.rfc("RFC 7662 section 2.1")
def test_a_bearer_token_does_not_authenticate_the_caller(api: Stage) -> None:
    token = api.tokens()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = post(api.world, "/oauth/introspect", {"token": token}, headers=headers)
    assert answer.status_code == 401


@pytest.mark.bcp("R-40")
def test_a_token_of_another_issuer_is_inactive(world: World) -> None:
    here, there = tenant_stage(world), tenant_stage(world)
    platform = stage(world)
    token = here.tokens()["access_token"]
    assert here.party.introspect(token).json["active"] is True
    for other in (there, platform):
        assert other.party.introspect(token).json == INACTIVE


@pytest.mark.bcp("R-40")
def test_the_companys_own_service_may_ask_about_tokens_for_it(api: Stage) -> None:
    token = api.tokens(resource=API)["access_token"]
    internal = api.world.client(api.world.tenant("internal"), "service", audiences=[API])
    assert Party(api.world, internal).introspect(token).json["active"] is True
    elsewhere = api.world.client(internal.tenant, "service", audiences=["https://x.example/"])
    assert Party(api.world, elsewhere).introspect(token).json == INACTIVE


@pytest.mark.bcp("R-40")
def test_the_service_of_a_guests_host_may_ask(world: World) -> None:
    host, guest = world.tenant(), world.tenant()
    client = world.client(host, serves=[host.slug, guest.slug], audiences=[API])
    on = Stage(world, guest, world.user(guest), client)
    token = on.tokens(organization=guest.slug, resource=API)["access_token"]
    for tenant in (host, guest):
        service = Party(world, world.client(tenant, "service", audiences=[API]))
        assert service.introspect(token).json["active"] is True
