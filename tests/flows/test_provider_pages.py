"""Signing in by a provider, as people go through it: from a client's page and back to it."""

from collections.abc import Iterator

import pytest

from authserver.audit.events import EventType
from authserver.federation.values import Connection, Kind
from tests.support.authenticator import App, secret_on, set_up
from tests.support.browser import hidden
from tests.support.factors import set_policy
from tests.support.providers import OpenId, google, openid, query, stand_in
from tests.support.trail import events
from tests.support.upstream import (
    Traveller,
    a_domain,
    away,
    connect,
    said,
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


@pytest.fixture
def strict(world: World, tenant: TenantFixture, provider: OpenId) -> Connection:
    """One that makes none."""
    return connect(world, Kind.OIDC, provider, tenant, label="Strict", server=provider.url)


def test_a_stranger_gets_an_account_where_the_connection_makes_them(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    ada = provider.person(email="ada@acme.example", name="Ada Byron")
    browser = Traveller(world)
    first = said(world, client, browser.onward(browser.through(client, acme, at=provider)))
    assert first["amr"] == ["fed"]
    assert first["acr"] == "urn:authserver:acr:federated"
    again = Traveller(world)
    answer = again.onward(again.through(client, acme, at=provider, person=ada))
    assert said(world, client, answer)["sub"] == first["sub"]
    assert first["auth_time"] == int(world.clock.now().timestamp())


def test_a_linked_person_signs_in_and_the_pages_know_who(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    provider.person(email="grace@acme.example", name="Grace Hopper")
    browser = Traveller(world)
    browser.onward(browser.through(client, acme, at=provider))
    assert "Grace Hopper" in browser.get("/account").text
    assert [event.type for event in events(world, client.tenant.id)].count(
        EventType.SIGN_IN_SUCCEEDED
    ) == 1


def test_who_is_unknown_signs_in_once_and_is_connected(
    world: World, client: ClientFixture, strict: Connection, provider: OpenId
) -> None:
    person = world.user(client.tenant)
    provider.person(email=person.email)
    browser = Traveller(world)
    page = browser.follow(browser.through(client, strict, at=provider))
    assert page.request.path == "/login/federation/link"
    assert "is not connected to an account here yet" in page.text
    page = browser.get("/login/password", query_string={"flow": hidden(page)["flow"]})
    assert "is connected to your account" in page.text
    assert person.email in page.text
    subject = said(world, client, browser.onward(browser.sign_in(page, person)))["sub"]
    again = Traveller(world)
    answer = again.onward(again.through(client, strict, at=provider))
    assert said(world, client, answer)["sub"] == subject == person.id


def test_the_page_is_the_same_whether_an_account_has_the_address(
    world: World, client: ClientFixture, strict: Connection, provider: OpenId
) -> None:
    pages = []
    for email in (world.user(client.tenant).email, f"nobody-{a_domain()}@example.com"):
        provider.person(email=email)
        browser = Traveller(world)
        page = browser.follow(browser.through(client, strict, at=provider))
        text = page.text.replace(email, "").replace(hidden(page)["csrf_token"], "")
        pages.append(text.replace(hidden(page)["flow"], "").split('nonce="')[0])
    assert pages[0] == pages[1]


@pytest.mark.parametrize("where", ["at once", "on the sign-in page"])
def test_not_now_forgets_it(
    world: World, client: ClientFixture, strict: Connection, provider: OpenId, where: str
) -> None:
    person = world.user(client.tenant)
    provider.person(email="somebody@acme.example")
    browser = Traveller(world)
    page = browser.follow(browser.through(client, strict, at=provider))
    flow = hidden(page)["flow"]
    if where != "at once":
        page = browser.get("/login/password", query_string={"flow": flow})
    browser.post("/login/federation/link", data=hidden(page))
    page = browser.get("/login/password", query_string={"flow": flow})
    assert "is connected to your account" not in page.text
    browser.onward(browser.sign_in(page, person))
    again = Traveller(world)
    page = again.follow(again.through(client, strict, at=provider))
    assert page.request.path == "/login/federation/link"


def test_what_is_offered_waits_through_the_second_factor(
    world: World, tenant: TenantFixture, client: ClientFixture, strict: Connection,
    provider: OpenId,
) -> None:  # fmt: skip
    person = world.user(tenant)
    set_policy(world, tenant, mfa_required=True)
    provider.person(email="somebody@acme.example")
    browser = Traveller(world)
    page = browser.follow(browser.through(client, strict, at=provider))
    page = browser.get("/login/password", query_string={"flow": hidden(page)["flow"]})
    page = browser.onward(browser.sign_in(page, person))
    assert page.request.path == "/login/mfa/setup"
    assert "is connected to your account" in page.text
    said(world, client, browser.onward(set_up(browser, page)))
    again = Traveller(world)
    page = again.onward(again.through(client, strict, at=provider))
    assert page.request.path == "/login/mfa"
    assert "is connected to your account" not in page.text


def test_the_second_factor_of_the_tenant_is_asked_for_after_the_provider(
    world: World, tenant: TenantFixture, client: ClientFixture, acme: Connection,
    provider: OpenId,
) -> None:  # fmt: skip
    set_policy(world, tenant, mfa_required=True)
    provider.person(email="ada@acme.example")
    browser = Traveller(world)
    page = browser.onward(browser.through(client, acme, at=provider))
    assert page.request.path == "/login/mfa/setup"
    assert browser.authorize(client, prompt="none").headers["Location"].count("login_required")
    app = App(world, secret_on(page))
    claims = said(world, client, browser.onward(set_up(browser, page)))
    assert claims["acr"] == "urn:authserver:acr:mfa"
    assert claims["amr"] == ["fed", "otp", "mfa"]
    again = Traveller(world)
    page = again.onward(again.through(client, acme, at=provider))
    assert page.request.path == "/login/mfa"
    claims = said(world, client, again.onward(again.submit(page, code=app.code())))
    assert claims["amr"] == ["fed", "otp", "mfa"]


def test_a_client_that_wants_a_second_factor_gets_one(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    provider.person(email="ada@acme.example")
    browser = Traveller(world)
    page = browser.onward(
        browser.through(client, acme, at=provider, acr_values="urn:authserver:acr:mfa")
    )
    assert page.request.path == "/login/mfa/setup"


def test_the_second_factor_of_a_trusted_provider_counts(
    world: World, tenant: TenantFixture, client: ClientFixture, provider: OpenId
) -> None:
    trusted = connect(
        world, Kind.OIDC, provider, tenant, server=provider.url,
        creates_people=True, trusts_amr=True,
    )  # fmt: skip
    set_policy(world, tenant, mfa_required=True)
    provider.person(email="ada@acme.example", claims={"amr": ["pwd", "mfa"]})
    browser = Traveller(world)
    claims = said(world, client, browser.onward(browser.through(client, trusted, at=provider)))
    assert claims["acr"] == "urn:authserver:acr:mfa"
    assert claims["amr"] == ["fed", "mfa"]


def test_the_account_pages_open_by_a_provider(world: World, provider: OpenId) -> None:
    """Here at a tenant's own issuer; there is no client and no pending authorization."""
    own = world.tenant(own_issuer=True)
    acme = connect(world, Kind.OIDC, provider, own, server=provider.url, creates_people=True)
    provider.person(email="ada@acme.example", name="Ada Byron")
    browser = Traveller(world, f"/t/{own.slug}")
    sent = browser.press(browser.get(f"/t/{own.slug}/login/password?to=profile"), acme)
    page = browser.onward(browser.back(provider.sign_in(away(sent))))
    assert page.request.path == f"/t/{own.slug}/account/profile" or "Ada Byron" in page.text


def test_a_platform_provider_opens_a_guest_account(world: World) -> None:
    home, host = world.tenant(), world.tenant()
    person = world.user(home)
    guest = world.guest(person, host)
    client = world.client(host, first_party=True)
    with google(world.clock) as provider, stand_in(world.services.connectors, google=provider):
        public = connect(world, Kind.GOOGLE, provider, label="Google")
        try:
            provider.person(email=person.email)
            browser = Traveller(world)
            page = browser.follow(
                browser.through(world.client(home, first_party=True), public, at=provider)
            )
            page = browser.get("/login/password", query_string={"flow": hidden(page)["flow"]})
            browser.onward(browser.sign_in(page, person))
            there = Traveller(world)
            answer = there.onward(there.through(client, public, at=provider))
            claims = said(world, client, answer)
            assert claims["sub"] == guest.id
            assert claims["tenant_id"] == host.id
        finally:
            switch(world, public, enabled=False)


def test_two_accounts_of_one_provider_are_two_people(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    one, other = (provider.person(email=f"{name}@acme.example") for name in ("one", "other"))
    subjects = []
    for person in (one, other, one):
        browser = Traveller(world)
        answer = browser.onward(browser.through(client, acme, at=provider, person=person))
        subjects.append(said(world, client, answer)["sub"])
    assert subjects[0] == subjects[2] != subjects[1]


def test_the_code_is_for_who_came_back_and_for_nobody_who_was_signed_in(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    one, other = (provider.person(email=f"{name}@acme.example") for name in ("one", "other"))
    browser = Traveller(world)
    answer = browser.onward(browser.through(client, acme, at=provider, person=one))
    first = said(world, client, answer)
    world.clock.move(minutes=1)
    leaving = browser.depart(client, acme, prompt="login", login_hint="one@acme.example")
    assert query(leaving)["login_hint"] == "one@acme.example"
    answer = browser.onward(browser.back(provider.sign_in(leaving, other)))
    claims = said(world, client, answer)
    assert claims["sub"] != first["sub"]
    assert claims["auth_time"] == first["auth_time"] + 60


def test_once_more_means_once_more_there(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    """Who came by a provider proves it again there, for a page that wants it fresh."""
    provider.person(email="ada@acme.example")
    browser = Traveller(world)
    browser.onward(browser.through(client, acme, at=provider))
    world.clock.move(minutes=10)
    page = browser.onward(browser.get("/account/factors/add"))
    assert page.request.path == "/login/password"
    leaving = away(browser.press(page, acme))
    asked = query(leaving)
    assert asked.get("prompt") == "login" or asked.get("max_age") == "0"
    page = browser.onward(browser.back(provider.sign_in(leaving)))
    assert page.request.path == "/account/factors/add"
