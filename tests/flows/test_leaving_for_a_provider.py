"""From the sign-in page to a provider: by a button, by a hint of the client, by the address."""

from collections.abc import Iterator

import pytest

from authserver.federation.values import Connection, Kind
from tests.support.browser import ISSUER, Browser, hidden
from tests.support.providers import Google, OpenId, google, openid, query, stand_in
from tests.support.providers.server import Trouble
from tests.support.sql import executed
from tests.support.upstream import (
    Traveller,
    a_domain,
    away,
    buttons,
    connect,
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
def ours(world: World) -> Iterator[Google]:
    with google() as public, stand_in(world.services.connectors, google=public):
        yield public


def test_the_button_leads_to_the_provider_with_all_that_binds_the_way_back(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    browser = Traveller(world)
    page = sign_in_page(browser, client, ui_locales="de fr")
    assert "Acme &lt;Work&gt;" in page.text
    sent = browser.press(page, acme)
    asked = query(away(sent))
    assert away(sent).partition("?")[0] == f"{provider.url}/authorize"
    assert asked["redirect_uri"] == f"{ISSUER}/login/federation/{acme.id}/callback"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) == len(asked["nonce"]) == 43
    assert asked["ui_locales"] == "de fr"
    assert "prompt" not in asked
    assert sent.headers["Cache-Control"] == "no-store"
    assert sent.headers["Referrer-Policy"] == "no-referrer"


def test_the_button_needs_the_form_of_the_page(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    """A forged form, a bare link, and another site come to nothing, and ask nobody."""
    browser = Traveller(world)
    page = sign_in_page(browser, client)
    flow = hidden(page)["flow"]
    url = f"/login/federation/{acme.id}"
    assert browser.post(url, data={"flow": flow}).status_code == 400
    crossed = browser.post(url, data=hidden(page), headers={"Origin": "https://evil.example"})
    assert crossed.status_code == 403
    for linked in (
        browser.get(url, query_string={"flow": flow}),
        browser.get(f"{url}?to=overview"),
    ):
        assert linked.status_code == 303
        assert linked.headers["Location"].startswith("/login/password?")
    assert browser.http.head(url, base_url=ISSUER).status_code == 405
    assert provider.asked == []


def test_another_browser_cannot_leave_from_a_flow(
    world: World, client: ClientFixture, acme: Connection
) -> None:
    page = sign_in_page(Traveller(world), client)
    stranger = Traveller(world)
    own = stranger.get("/login/password?to=overview")
    form = {**hidden(own), "flow": hidden(page)["flow"]}
    form.pop("to")
    answer = stranger.post(f"/login/federation/{acme.id}", data=form)
    assert answer.status_code == 400
    assert "no longer open" in answer.text


def test_a_connection_of_another_tenant_is_not_there(
    world: World, client: ClientFixture, provider: OpenId
) -> None:
    foreign = connect(
        world, Kind.OIDC, provider, world.tenant(), label="Secret Deal", server=provider.url
    )
    browser = Traveller(world)
    page = sign_in_page(browser, client)
    assert "Secret Deal" not in page.text
    for connection_id in (foreign.id, "idp_" + "0" * 26, "x"):
        answer = browser.post(f"/login/federation/{connection_id}", data=hidden(page))
        assert answer.status_code == 404
        assert "Secret Deal" not in answer.text
    hinted = sign_in_page(browser, client, idp_hint=foreign.id)
    assert hinted.status_code == 200


def shown(world: World, client: ClientFixture, *ours: Connection) -> list[str]:
    """Return which of these have a button: other tests have connections of the platform, too."""
    found = [url.rpartition("/")[2] for url in buttons(sign_in_page(Browser(world), client))]
    return [one for one in found if one in {connection.id for connection in ours}]


def test_platform_connections_are_for_every_tenant_that_allows_them(
    world: World, client: ClientFixture, acme: Connection, ours: Google
) -> None:
    public = connect(world, Kind.GOOGLE, ours, label="Google", position=1)
    assert shown(world, client, acme, public) == [acme.id, public.id]
    assert buttons(Browser(world).get("/login/password?to=overview")).count(
        f"/login/federation/{public.id}"
    )
    switch(world, public, enabled=False)
    assert shown(world, client, acme, public) == [acme.id]


def test_one_that_is_switched_off_meanwhile_says_so_and_leaves_the_other_ways(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    browser = Traveller(world)
    page = sign_in_page(browser, client)
    switch(world, acme, enabled=False)
    answer = browser.post(f"/login/federation/{acme.id}", data=hidden(page))
    page = browser.follow(answer)
    assert "is switched off here" in page.text
    assert 'name="password"' in page.text
    assert f"/login/federation/{acme.id}" not in buttons(page)
    assert "is switched off here" not in browser.follow(answer).text
    assert provider.asked == []


@pytest.mark.parametrize("how", ["name", "id", "domain"])
def test_a_hint_of_the_client_goes_straight_to_the_provider_once(
    world: World, tenant: TenantFixture, client: ClientFixture, acme: Connection, how: str
) -> None:
    domain = own_domain(world, tenant, a_domain(), leads_to=acme)
    hint = {
        "name": {"idp_hint": acme.name},
        "id": {"idp_hint": acme.id},
        "domain": {"domain_hint": domain.upper()},
    }[how]
    browser = Traveller(world)
    sent = browser.authorize(client, login_hint=f"ada@{domain}", **hint)
    start = browser.follow(sent)
    assert start.headers["Location"].startswith(f"/login/federation/{acme.id}?flow=")
    asked = query(away(browser.follow(start)))
    assert asked["login_hint"] == f"ada@{domain}"
    again = browser.follow(sent)  # back by the browser's button, or cancelled
    assert again.status_code == 200
    assert buttons(again)


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    "hint",
    [{"idp_hint": "nobody"}, {"domain_hint": "nowhere.example"}, {"domain_hint": "?"}],
    ids=str,
)
def test_a_hint_that_leads_nowhere_is_as_none(
    world: World, client: ClientFixture, hint: dict[str, str]
) -> None:
    assert sign_in_page(Browser(world), client, **hint).status_code == 200


def test_no_hint_shows_a_page_with_prompt_none(
    world: World, client: ClientFixture, acme: Connection
) -> None:
    answer = Browser(world).authorize(client, idp_hint=acme.name, prompt="none")
    assert query(answer.headers["Location"])["error"] == "login_required"


@pytest.mark.parametrize("request_", [{"prompt": "login"}, {"max_age": "60"}], ids=str)
def test_who_is_asked_again_here_is_asked_again_there(
    world: World, client: ClientFixture, acme: Connection, request_: dict[str, str]
) -> None:
    asked = query(Traveller(world).depart(client, acme, **request_))
    assert asked.get("prompt") == "login" or asked.get("max_age") == "0"


def test_a_provider_that_is_down_leaves_every_other_way(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    provider.trouble["discovery"] = Trouble.STATUS_500
    browser = Traveller(world)
    page = sign_in_page(browser, client, idp_hint=acme.name)
    answer = browser.follow(page)
    assert answer.status_code == 303
    back = browser.follow(answer)
    assert back.status_code == 200
    assert "cannot be reached right now" in back.text
    assert "cor_" in back.text
    person = world.user(client.tenant)
    assert browser.sign_in(back, person).status_code == 303


@pytest.mark.usefixtures("acme")
def test_the_sign_in_page_reads_no_more_than_before(world: World, client: ClientFixture) -> None:
    browser = Traveller(world)
    sent = browser.authorize(client)
    browser.follow(sent)
    with executed(world.services.database.engine) as statements:
        page = browser.follow(sent)
    assert buttons(page)
    assert not any("federation" in s or "tenant_domains" in s for s in statements), statements
    assert len(statements) <= 3, statements
