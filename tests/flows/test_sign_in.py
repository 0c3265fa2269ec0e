"""A relying party sends a person to the hosted sign-in and gets tokens."""

from tests.support.browser import Browser, Party, answered
from tests.support.world import World


def test_a_person_signs_in_consents_and_the_client_gets_tokens(world: World) -> None:
    tenant = world.tenant()
    person = world.user(tenant, "admin", "customer_viewer")
    client = world.client(tenant)
    answer = answered(Browser(world).complete(client, person))
    assert answer["state"] == "the state"
    assert answer["iss"] == "https://auth.example"
    tokens = Party(world, client).redeem(answer["code"])
    assert tokens.status_code == 200
    said = Party(world, client).userinfo(tokens.json["access_token"]).json
    assert said["sub"] == person.id
    assert said["roles"] == ["admin", "customer_viewer"]
    assert said["tenant"] == tenant.slug


def test_a_second_sign_in_needs_neither_password_nor_consent(world: World) -> None:
    tenant = world.tenant()
    person, client = world.user(tenant), world.client(tenant)
    browser = Browser(world)
    browser.complete(client, person)
    assert "code" in answered(browser.authorize(client))


def test_signing_in_again_for_one_client_keeps_the_tokens_of_another(world: World) -> None:
    tenant = world.tenant()
    person = world.user(tenant)
    first, second = world.client(tenant), world.client(tenant)
    browser = Browser(world)
    code = browser.code(first, person, scope="openid")
    tokens = Party(world, first).redeem(code).json
    world.clock.move(seconds=5)
    browser.code(second, person, scope="openid", prompt="login")
    assert Party(world, first).refresh(tokens["refresh_token"]).status_code == 200
    assert Party(world, first).userinfo(tokens["access_token"]).status_code == 200
