"""Who has an address of a routed domain is sent to its provider, known or not."""

from collections.abc import Iterator

import pytest

from authserver.federation.values import Connection, Kind
from authserver.tenants.snapshot import read_version
from tests.support.browser import Browser, hidden
from tests.support.providers import OpenId, openid, query, stand_in
from tests.support.providers.server import Trouble
from tests.support.sql import executed
from tests.support.upstream import (
    Traveller,
    a_domain,
    away,
    connect,
    is_away,
    own_domain,
    sign_in_page,
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
    return world.client(tenant)


@pytest.fixture
def acme(world: World, tenant: TenantFixture, provider: OpenId) -> Connection:
    """The tenant's own provider."""
    return connect(world, Kind.OIDC, provider, tenant, label="Acme <Work>", server=provider.url)


@pytest.fixture
def domain(world: World, tenant: TenantFixture, acme: Connection) -> str:
    return own_domain(world, tenant, a_domain(), leads_to=acme)


@pytest.mark.usefixtures("domain")
def test_the_page_asks_for_the_address_first(world: World, client: ClientFixture) -> None:
    browser = Browser(world)
    page = sign_in_page(browser, client)
    assert 'name="email"' in page.text
    assert 'name="password"' not in page.text
    answers = []
    known = world.user(client.tenant)
    for email in (known.email, "nobody@example.com"):
        answer = browser.submit(page, email=email)
        assert answer.status_code == 200
        assert 'name="password"' in answer.text
        assert f'value="{email}"' in answer.text
        answers.append(answer.text.replace(email, "").replace(hidden(answer)["csrf_token"], ""))
    assert len({len(answer) for answer in answers}) == 1
    signed_in = browser.submit(answer, email=known.email, password=known.password)
    assert signed_in.status_code == 303


@pytest.mark.usefixtures("domain")
def test_without_routes_nothing_is_asked_first(world: World) -> None:
    page = sign_in_page(Browser(world), world.client(world.tenant()))
    assert 'name="password"' in page.text


def test_the_page_for_the_people_of_all_stays_as_it_is_and_leads_away_as_well(
    world: World, domain: str
) -> None:
    browser = Traveller(world)
    page = browser.get("/login/password?to=overview")
    assert 'name="password"' in page.text
    sent = browser.submit(page, email=f"ada@{domain}", password="Correct-Horse-7")
    assert query(away(sent))["login_hint"] == f"ada@{domain}"


def test_an_empty_password_is_a_wrong_one(world: World, domain: str) -> None:
    browser = Browser(world)
    page = browser.get("/login/password?to=overview")
    assert browser.submit(page, email=f"ada@sub.{domain}", password="").status_code == 401


@pytest.mark.parametrize("password", [None, "", "Correct-Horse-7", "Wrong-Horse-7"])
@pytest.mark.parametrize("known", [True, False])
def test_an_address_of_the_domain_leads_away_whatever_else_was_typed(
    world: World,
    client: ClientFixture,
    domain: str,
    *,
    known: bool,
    password: str | None,
) -> None:
    email = f"ada@{domain}"
    if known:
        world.user(client.tenant, email=email)
    browser = Traveller(world)
    page = sign_in_page(browser, client)
    form = {} if password is None else {"password": password}
    with executed(world.services.database.engine) as statements:
        sent = browser.submit(page, email=email.upper().replace("ADA", "Ada"), **form)
    assert query(away(sent))["login_hint"].lower() == email
    assert not any("users" in statement for statement in statements), statements
    assert password is None or not password or password not in sent.text


def test_another_domain_of_the_same_tenant_leads_nowhere(
    world: World, client: ClientFixture, domain: str
) -> None:
    browser = Browser(world)
    page = sign_in_page(browser, client)
    for email in (f"ada@sub.{domain}", f"ada@{domain}.evil.example", f"a@b@{domain}", domain):
        assert not is_away(browser.submit(page, email=email)), email


def test_a_client_of_others_does_not_send_their_people_away(world: World, domain: str) -> None:
    other = world.tenant()
    person = world.user(other, email=f"consultant@{domain}")
    browser = Browser(world)
    page = sign_in_page(browser, world.client(other))
    assert browser.submit(page, email=person.email, password=person.password).status_code == 303


def test_who_is_asked_once_more_is_sent_to_the_provider(
    world: World, client: ClientFixture, domain: str
) -> None:
    page = sign_in_page(Browser(world), client, login_hint=f"ada@{domain}")
    assert 'name="password"' not in page.text
    page = sign_in_page(Browser(world), client, login_hint="ada@elsewhere.example")
    assert 'name="password"' in page.text


def test_the_password_is_the_way_in_while_the_connection_is_switched_off(
    world: World, client: ClientFixture, acme: Connection, domain: str
) -> None:
    person = world.user(client.tenant, email=f"admin@{domain}")
    switch(world, acme, enabled=False)
    browser = Browser(world)
    page = sign_in_page(browser, client)
    page = browser.submit(page, email=person.email)
    assert 'name="password"' in page.text
    answer = browser.submit(page, email=person.email, password=person.password)
    assert answer.status_code == 303


def test_the_password_is_the_way_in_while_the_provider_is_down(
    world: World, client: ClientFixture, domain: str, provider: OpenId
) -> None:
    person = world.user(client.tenant, email=f"admin@{domain}")
    provider.trouble["discovery"] = Trouble.STATUS_500
    browser = Browser(world)
    page = sign_in_page(browser, client)
    page = browser.submit(page, email=person.email)
    assert "cannot be reached right now" in page.text
    assert 'name="password"' in page.text
    answer = browser.submit(page, email=person.email, password=person.password)
    assert answer.status_code == 303


def test_a_provider_that_is_down_is_not_asked_for_every_password(
    world: World, client: ClientFixture, domain: str, provider: OpenId
) -> None:
    provider.trouble["discovery"] = Trouble.STATUS_500
    browser = Browser(world)
    page = sign_in_page(browser, client)
    for _ in range(10):
        browser.submit(page, email=f"ada@{domain}", password="Wrong-Horse-7")
    assert len(provider.requests("discovery")) <= 3


def test_every_process_hears_where_domains_lead(
    world: World, tenant: TenantFixture, acme: Connection
) -> None:
    before = read_version(world.services.database)
    own_domain(world, tenant, a_domain(), leads_to=acme)
    assert read_version(world.services.database) > before
