"""Ways through a provider that come to nothing: the other ways stay, and nothing is half done."""

from collections.abc import Iterator

import pytest

from authserver.audit.events import EventType
from authserver.federation.values import Connection, Kind
from tests.support.providers import OpenId, openid, stand_in
from tests.support.providers.server import Trouble
from tests.support.trail import events
from tests.support.upstream import (
    Traveller,
    away,
    buttons,
    connect,
    said,
    stays,
    switch,
)
from tests.support.world import ClientFixture, TenantFixture, World


@pytest.fixture
def provider(world: World) -> Iterator[OpenId]:
    with openid(world.clock) as provider, stand_in(world.services.connectors):
        yield provider


@pytest.fixture
def tenant(world: World) -> TenantFixture:
    return world.tenant()


@pytest.fixture
def client(world: World, tenant: TenantFixture) -> ClientFixture:
    return world.client(tenant, first_party=True)


@pytest.fixture
def acme(world: World, tenant: TenantFixture, provider: OpenId) -> Connection:
    """The tenant's own provider, which makes accounts."""
    return connect(
        world, Kind.OIDC, provider, tenant, label="Acme", server=provider.url, creates_people=True
    )


def test_a_closed_account_stays_closed_and_other_ways_stay_open(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    provider.person(email="ada@acme.example")
    browser = Traveller(world)
    claims = said(world, client, browser.onward(browser.through(client, acme, at=provider)))
    world.services.database.write(
        lambda tx: world.services.accounts.set_enabled(
            tx, client.tenant.id, user_id=claims["sub"], enabled=False, actor=world.operator
        )
    )
    again = Traveller(world)
    page = again.onward(again.through(client, acme, at=provider))
    assert stays(page)
    assert "You cannot sign in here with this account of Acme" in page.text
    assert "cor_" in page.text


def test_who_says_no_at_the_provider_is_back_on_the_sign_in_page(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    provider.person(email="ada@acme.example").denies = True
    browser = Traveller(world)
    page = browser.onward(
        browser.back(
            provider.sign_in(away(browser.onward(browser.authorize(client, idp_hint=acme.name))))
        )
    )
    assert stays(page)
    assert "You did not go on with Acme" in page.text
    assert buttons(page)
    assert events(world, client.tenant.id, EventType.SIGN_IN_SUCCEEDED) == []


@pytest.mark.parametrize("endpoint", ["token", "jwks"])
@pytest.mark.parametrize(
    "trouble", [Trouble.STATUS_500, Trouble.GARBAGE, Trouble.REDIRECT, Trouble.CLOSE]
)
def test_a_provider_that_fails_leaves_a_page_that_says_what_to_do(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId,
    endpoint: str, trouble: Trouble,
) -> None:  # fmt: skip
    provider.person(email="ada@acme.example")
    provider.trouble[endpoint] = trouble
    browser = Traveller(world)
    page = browser.onward(browser.through(client, acme, at=provider))
    assert stays(page)
    assert "Sign in another way" in page.text
    assert "Traceback" not in page.text
    assert events(world, client.tenant.id, EventType.SIGN_IN_SUCCEEDED) == []
    person = world.user(client.tenant)
    said(world, client, browser.onward(browser.sign_in(page, person)))


@pytest.mark.parametrize(
    "brought",
    [{"code": None}, {"iss": "https://evil.example"}, {"code": "made-up"}, {"error": "odd\x7f"}],
    ids=str,
)
def test_what_a_provider_does_not_say_like_that_signs_nobody_in(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId,
    brought: dict[str, str | None],
) -> None:  # fmt: skip
    provider.person(email="ada@acme.example")
    provider.callback = brought
    browser = Traveller(world)
    answer = browser.through(client, acme, at=provider)
    page = browser.onward(answer)
    assert page.status_code in {200, 400}
    assert "Traceback" not in page.text
    assert browser.authorize(client, prompt="none").headers["Location"].count("login_required")


def test_one_that_is_switched_off_on_the_way_asks_nobody(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    provider.person(email="ada@acme.example")
    browser = Traveller(world)
    back = provider.sign_in(browser.depart(client, acme))
    switch(world, acme, enabled=False)
    page = browser.onward(browser.back(back))
    assert page.status_code in {200, 400}
    assert provider.requests("token") == []
    assert browser.authorize(client, prompt="none").headers["Location"].count("login_required")
