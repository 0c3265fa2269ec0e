"""Token exchange: RFC 8693."""

from typing import Any

import pytest

from tests.spec.exchanging import ACCESS, ID, Chain, active, allow, chain, exchange, forbid
from tests.spec.tools import (
    API,
    OTHER_API,
    Stage,
    change_password,
    disable_person,
    error_of,
    events,
    part,
    restarted,
    resume,
    set_client,
    set_roles,
    stage,
    suspend,
)
from tests.support.browser import Party
from tests.support.world import World


@pytest.fixture(name="hop")
def _hop(world: World) -> Chain:
    return chain(world)


@pytest.mark.every_database
@pytest.mark.rfc("RFC 8693 section 2.2.1")
def test_a_service_acts_as_the_person_at_the_next(hop: Chain) -> None:
    answer = hop.exchange(audience=OTHER_API)
    assert answer.status_code == 200, answer.text
    said = answer.json
    assert (said["issued_token_type"], said["token_type"]) == (ACCESS, "Bearer")
    assert "refresh_token" not in said
    assert "id_token" not in said
    before, after = part(hop.token, 1), part(said["access_token"], 1)
    assert after["sub"] == before["sub"]
    assert after["aud"] == OTHER_API
    assert after["client_id"] == hop.service.client.id
    assert after["scope"] == said["scope"] == "orders:read"
    assert after["exp"] <= before["exp"]
    assert "act" not in after
    assert {n: after[n] for n in ("sid", "auth_time", "acr", "roles", "tenant_id")} == {
        n: before[n] for n in ("sid", "auth_time", "acr", "roles", "tenant_id")
    }
    assert active(hop.service, said["access_token"])
    (event,) = events(hop.on.world, hop.on.tenant, "token.exchanged")
    assert event["facts"]["token_of"] == hop.on.client.id


@pytest.mark.rfc("RFC 8693 section 4.1")
def test_who_acts_is_named_with_those_who_acted_before(world: World) -> None:
    first = chain(world, None, "delegation")
    tenant = first.on.tenant
    second = Party(world, world.client(tenant, "service", audiences=[OTHER_API]))
    allow(world, second.client, first.service.client, "delegation", audiences=(API,))
    one = first.exchange(audience=OTHER_API).json["access_token"]
    mine = second.machine().json["access_token"]
    two = exchange(second, one, audience=API, actor_token=mine, actor_token_type=ACCESS)
    claims = part(two.json["access_token"], 1)
    assert claims["act"] == {"sub": second.client.id, "act": {"sub": first.service.client.id}}
    told = second.introspect(two.json["access_token"]).json
    assert told["act"] == claims["act"]


@pytest.mark.rfc("RFC 8693 section 4.1")
def test_the_chain_has_a_greatest_length(world: World) -> None:
    on = stage(world, audiences=[API])
    service = Party(world, world.client(on.tenant, "service", audiences=[API]))
    allow(world, service.client, on.client, "impersonation")
    allow(world, service.client, service.client, "impersonation")
    token = on.tokens()["access_token"]
    for _ in range(3):
        answer = exchange(service, token)
        assert answer.status_code == 200, answer.text
        token = answer.json["access_token"]
    assert error_of(exchange(service, token)) == (400, "invalid_request")
    with restarted(world, exchange_depth=0) as closed:
        fresh = on.tokens()["access_token"]
        answer = exchange(Party(closed, service.client), fresh)
    assert error_of(answer) == (400, "invalid_request")


@pytest.mark.rfc("RFC 8693 section 2.2.2")
@pytest.mark.attack("ATK-120")
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"audience": "https://elsewhere.example/"}, "invalid_target"),
        ({"resource": "https://elsewhere.example/"}, "invalid_target"),
        ({"audience": [OTHER_API, "https://elsewhere.example/"]}, "invalid_target"),
        ({"scope": "orders:write"}, "invalid_scope"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        (
            {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
            "invalid_request",
        ),
        ({"requested_token_type": ID}, "invalid_request"),
        (
            {"subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
            "invalid_request",
        ),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"subject_token_type": ID}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token": "nonsense"}, "invalid_request"),
        ({"subject_token": None}, "invalid_request"),
        ({"actor_token": "nonsense", "actor_token_type": ACCESS}, "invalid_request"),
        ({"actor_token": "nonsense"}, "invalid_request"),
        ({"actor_token_type": ACCESS}, "invalid_request"),
    ],
)
def test_nothing_comes_of_it_that_the_token_did_not_have(
    hop: Chain, form: dict[str, Any], error: str
) -> None:
    assert error_of(hop.exchange(**form)) == (400, error)


@pytest.mark.rfc("RFC 8693 section 5")
def test_roles_are_those_of_the_token_and_of_now(hop: Chain) -> None:
    world, person = hop.on.world, hop.on.person
    world.user(hop.on.tenant, "admin")
    set_roles(world, person, "customer_viewer", "admin_viewer")
    # A change of roles ends no token: the person signs in with two, and has one more and one less.
    token = hop.on.tokens()["access_token"]
    set_roles(world, person, "admin_viewer", "SALES_REP")
    answer = exchange(hop.service, token)
    assert answer.status_code == 200, answer.text
    assert part(answer.json["access_token"], 1)["roles"] == ["admin_viewer"]


@pytest.mark.rfc("RFC 8693 section 5")
def test_it_never_lives_longer_than_the_token(hop: Chain) -> None:
    world = hop.on.world
    world.clock.move(minutes=14)
    answer = hop.exchange().json
    assert 55 < answer["expires_in"] <= 60
    assert part(answer["access_token"], 1)["exp"] == part(hop.token, 1)["exp"]
    world.clock.move(seconds=61)
    assert error_of(hop.exchange()) == (400, "invalid_request")
    assert not active(hop.service, answer["access_token"])


ENDINGS = {
    "the token": lambda hop: hop.on.party.revoke(hop.token),
    "the person": lambda hop: disable_person(hop.on.world, hop.on.person),
    "the password": lambda hop: change_password(hop.on.world, hop.on.person),
    "the application": lambda hop: set_client(hop.on.world, hop.on.client, enabled=False),
    "the service": lambda hop: set_client(hop.on.world, hop.service.client, enabled=False),
    "the tenant": lambda hop: suspend(hop.on.world, hop.on.tenant),
}


@pytest.mark.attack("ATK-059")
@pytest.mark.attack("ATK-062")
@pytest.mark.bcp("R-26")
@pytest.mark.parametrize("ending", list(ENDINGS))
def test_it_ends_with_what_the_subjects_token_depends_on(world: World, ending: str) -> None:
    company = world.tenant("internal")
    watcher = Party(world, world.client(company, "service", audiences=[OTHER_API]))
    hop = chain(world, company)
    again = world.client(company, "service", audiences=[OTHER_API], name="Third")
    third = Party(world, again)
    allow(world, again, hop.service.client, "impersonation", audiences=(API,))
    one = hop.exchange(audience=OTHER_API).json["access_token"]
    two = exchange(third, one, audience=OTHER_API).json["access_token"]
    assert active(watcher, one)
    assert active(watcher, two)
    ENDINGS[ending](hop)
    assert not active(watcher, one)
    assert not active(watcher, two)
    if ending == "the service":
        assert error_of(hop.exchange()) == (401, "invalid_client")
    else:
        assert error_of(hop.exchange()) == (400, "invalid_request")
    assert error_of(exchange(third, one)) == (400, "invalid_request")
    if ending == "the tenant":
        resume(world, hop.on.tenant)
        assert not active(watcher, two)


@pytest.mark.rfc("RFC 7009 section 2.1")
def test_revoking_it_leaves_the_subjects_token_alone(hop: Chain) -> None:
    narrower = hop.exchange(audience=OTHER_API).json["access_token"]
    hop.service.revoke(narrower)
    assert not active(hop.service, narrower)
    assert active(hop.on.party, hop.token)


@pytest.mark.attack("ATK-062")
def test_tokens_that_are_not_the_clients_business_are_refused(world: World, hop: Chain) -> None:
    """Of another tenant, of a client without a rule, for another service, of another issuer."""
    elsewhere = stage(world, audiences=[API])
    theirs = elsewhere.tokens()["access_token"]
    unruled = Stage(
        world, hop.on.tenant, hop.on.person, world.client(hop.on.tenant, audiences=[API])
    )
    other = Stage(world, hop.on.tenant, hop.on.person, hop.on.client)
    own = world.tenant(own_issuer=True)
    there = Stage(
        world, own, world.user(own), world.client(own, at_tenant_issuer=True), f"/t/{own.slug}"
    )
    stranger = Party(world, world.client(hop.on.tenant, "service", audiences=[OTHER_API]))
    allow(world, stranger.client, hop.on.client)
    machine = hop.service.machine().json["access_token"]
    assert error_of(exchange(stranger, other.tokens()["access_token"])) == (400, "invalid_request")
    for token in (
        theirs,
        unruled.tokens()["access_token"],
        there.tokens()["access_token"],
        machine,
    ):
        assert error_of(exchange(hop.service, token)) == (400, "invalid_request")


@pytest.mark.attack("ATK-062")
def test_a_service_of_a_tenant_gets_nothing_of_another_tenants_people(world: World) -> None:
    """The application serves both; the service behind it does not."""
    company = world.tenant("internal")
    shared = world.client(company, serves=["*"], audiences=[API])
    person = world.user(world.tenant())
    token = Stage(world, person.tenant, person, shared).tokens()["access_token"]
    service = Party(world, world.client(company, "service", audiences=[API]))
    allow(world, service.client, shared)
    assert exchange(service, token).status_code == 200
    theirs = world.client(world.tenant(), "service", audiences=[API])
    with pytest.raises(Exception, match="no such client"):
        allow(world, theirs, shared)


@pytest.mark.rfc("RFC 8693 section 1.1")
def test_the_rule_says_which_ways_there_are(world: World) -> None:
    hop = chain(world, None, "impersonation")
    mine = hop.service.machine().json["access_token"]
    named = {"actor_token": mine, "actor_token_type": ACCESS}
    assert error_of(hop.exchange(**named)) == (400, "invalid_request")
    allow(world, hop.service.client, hop.on.client, "delegation")
    acted = part(hop.exchange().json["access_token"], 1)
    assert acted["act"] == {"sub": hop.service.client.id}
    forbid(world, hop.service.client, hop.on.client)
    assert error_of(hop.exchange()) == (400, "unauthorized_client")


@pytest.mark.rfc("RFC 8693 section 2.1")
def test_an_actors_token_is_the_clients_own_and_bounds_the_life(world: World, hop: Chain) -> None:
    other = Party(world, world.client(hop.on.tenant, "service")).machine().json["access_token"]
    named = {"actor_token": other, "actor_token_type": ACCESS}
    assert error_of(hop.exchange(**named)) == (400, "invalid_request")
    mine = hop.service.machine().json["access_token"]
    world.clock.move(minutes=4)
    named["actor_token"] = mine
    assert 55 < hop.exchange(**named).json["expires_in"] <= 60
    hop.service.revoke(mine)
    assert error_of(hop.exchange(**named)) == (400, "invalid_request")


@pytest.mark.rfc("RFC 8693 section 3")
def test_an_id_token_is_good_for_the_client_that_it_was_for(world: World) -> None:
    on = stage(world, audiences=[API])
    allow(world, on.client, on.client)
    tokens = on.tokens()
    answer = exchange(on.party, tokens["id_token"], ID, audience=OTHER_API)
    assert answer.status_code == 200, answer.text
    claims = part(answer.json["access_token"], 1)
    assert (claims["sub"], claims["aud"]) == (on.person.id, OTHER_API)
    assert claims["scope"] == "orders:read"
    other = Stage(world, on.tenant, on.person, world.client(on.tenant))
    allow(world, other.client, on.client)
    allow(world, other.client, other.client)
    assert error_of(exchange(other.party, tokens["id_token"], ID)) == (400, "invalid_request")
    assert error_of(exchange(on.party, tokens["id_token"])) == (400, "invalid_request")
    on.party.revoke(tokens["refresh_token"])
    assert not active(on.party, answer.json["access_token"])
    again = exchange(on.party, tokens["id_token"], ID)
    assert error_of(again) == (400, "invalid_request")


def test_an_exchanged_token_tells_nothing_at_userinfo(hop: Chain) -> None:
    narrower = hop.exchange().json["access_token"]
    assert hop.service.userinfo(narrower).status_code in {401, 403}


def test_a_public_client_has_no_rules(world: World) -> None:
    tenant = world.tenant()
    spa = world.client(tenant, "spa")
    with pytest.raises(Exception, match="public client"):
        allow(world, spa, spa)
