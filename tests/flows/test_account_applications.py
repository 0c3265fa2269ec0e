"""The page of applications: who has access, to what, and that it can be taken away at once."""

import re
from dataclasses import replace

import pytest

from authserver.audit.events import EventType
from authserver.clients.options import Options
from tests.support.account import agree, ask, enter
from tests.support.browser import Browser, Party, answered, hidden
from tests.support.trail import events
from tests.support.world import ClientFixture, UserFixture, World

SCOPE = "openid profile offline_access"


@pytest.fixture
def person(world: World) -> UserFixture:
    return world.user(world.tenant())


@pytest.fixture
def browser(world: World, person: UserFixture) -> Browser:
    browser = Browser(world)
    enter(browser, person)
    return browser


@pytest.fixture
def client(world: World, person: UserFixture) -> ClientFixture:
    return world.client(person.tenant, name="Orchid Reader")


def tokens(browser: Browser, client: ClientFixture, person: UserFixture) -> dict[str, str]:
    code = browser.code(client, person, scope=SCOPE)
    found: dict[str, str] = Party(browser.world, client).redeem(code).json
    return found


def test_nothing_has_access_at_first(browser: Browser) -> None:
    assert "No application has access" in browser.get("/account/applications").text


def test_a_client_is_shown_with_tenant_rights_and_times(
    world: World, person: UserFixture, browser: Browser, client: ClientFixture
) -> None:
    issued = tokens(browser, client, person)
    page = browser.get("/account/applications").text
    for words in ("Orchid Reader", f"Tenant {person.tenant.slug}", "Stay connected", "See your"):
        assert words in page
    assert "Last renewed" not in page
    world.clock.move(seconds=60)
    Party(world, client).refresh(issued["refresh_token"])
    page = browser.get("/account/applications").text
    assert page.count('class="row"') == 1
    assert "Last renewed" in page


def test_a_client_of_the_house_that_asks_no_consent_is_shown_too(
    world: World, person: UserFixture, browser: Browser
) -> None:
    client = world.client(person.tenant, name="Own Portal", first_party=True)
    tokens(browser, client, person)
    assert "Own Portal" in browser.get("/account/applications").text


def test_a_family_whose_refresh_token_ran_out_is_shown_no_more(
    world: World, person: UserFixture
) -> None:
    client, browser = world.client(person.tenant, first_party=True), Browser(world)
    tokens(browser, client, person)
    world.clock.move(seconds=8 * 24 * 3600)
    assert "No application has access" in enter(browser, person, "applications").text


def test_taking_access_away_holds_for_the_next_request(
    world: World, person: UserFixture, browser: Browser, client: ClientFixture
) -> None:
    issued, party = tokens(browser, client, person), Party(world, client)
    assert party.introspect(issued["access_token"]).json["active"]
    agree(browser, "applications", client.id)
    assert not party.introspect(issued["access_token"]).json["active"]
    assert party.userinfo(issued["access_token"]).status_code == 401
    assert party.refresh(issued["refresh_token"]).status_code == 400
    page = browser.get("/account/applications").text
    assert "Orchid Reader has no access any more." in page
    assert "No application has access" in page


def test_the_client_has_to_ask_again(
    person: UserFixture, browser: Browser, client: ClientFixture
) -> None:
    tokens(browser, client, person)
    assert "code" in answered(browser.authorize(client, scope=SCOPE))
    agree(browser, "applications", client.id)
    assert "/login/consent" in browser.authorize(client, scope=SCOPE).headers["Location"]


def test_a_code_on_its_way_is_worth_nothing_afterwards(
    world: World, person: UserFixture, browser: Browser, client: ClientFixture
) -> None:
    tokens(browser, client, person)
    code = answered(browser.authorize(client, scope=SCOPE))["code"]
    agree(browser, "applications", client.id)
    assert Party(world, client).redeem(code).json["error"] == "invalid_grant"
    assert not events(world, person.tenant.id, EventType.CODE_REPLAYED)


def test_it_stands_in_the_trail_once(
    world: World, person: UserFixture, browser: Browser, client: ClientFixture
) -> None:
    tokens(browser, client, person)
    tokens(browser, client, person)
    question = ask(browser, "applications", client.id)
    assert browser.submit(question).status_code == 303
    assert browser.submit(question).status_code == 404
    found = events(world, person.tenant.id, EventType.ACCESS_REVOKED)
    assert [one.document["resource"] for one in found] == [f"client:{client.id}"]
    assert found[0].document["facts"] == {"consent": True, "families": 2}


def test_other_clients_and_other_people_keep_their_access(
    world: World, person: UserFixture, browser: Browser, client: ClientFixture
) -> None:
    colleague, theirs = world.user(person.tenant), Browser(world)
    tokens(browser, client, person)
    kept = [
        (client, tokens(theirs, client, colleague)),
        (other := world.client(person.tenant), tokens(browser, other, person)),
    ]
    agree(browser, "applications", client.id)
    for owner, issued in kept:
        assert Party(world, owner).introspect(issued["access_token"]).json["active"]


@pytest.mark.attack("ATK-111")
def test_a_client_that_only_others_use_is_not_there(
    world: World, person: UserFixture, browser: Browser, client: ClientFixture
) -> None:
    colleague, theirs = world.user(person.tenant), Browser(world)
    issued = tokens(theirs, client, colleague)
    foreign = world.client(world.tenant())
    form = hidden(browser.get("/account/profile"))
    for about in (client.id, foreign.id, "cli_nobody", "'; --"):
        assert ask(browser, "applications", about).status_code == 404
        answer = browser.post("/account/applications", data={**form, "about": about})
        assert answer.status_code == 404
    assert Party(world, client).introspect(issued["access_token"]).json["active"]


def test_a_link_alone_takes_nothing_away(
    world: World, person: UserFixture, browser: Browser, client: ClientFixture
) -> None:
    issued = tokens(browser, client, person)
    page = browser.get("/account/applications").text
    found = re.search(r'href="(/account/applications\?about=[^"]+)"', page)
    assert found
    assert "Take away the access of Orchid Reader?" in browser.get(found[1]).text
    assert Party(world, client).introspect(issued["access_token"]).json["active"]


@pytest.mark.rfc("OIDC Core 4: initiating login from a third party")
def test_an_application_that_begins_the_sign_in_itself_can_be_opened(
    world: World, person: UserFixture, browser: Browser
) -> None:
    options = Options(initiate_login_uri="https://orders.example/begin?from=portal")
    world.client(person.tenant, name="Order Desk", options=options)
    page = browser.get("/account/applications").text
    link = "https://orders.example/begin?from=portal&amp;iss=https%3A%2F%2Fauth.example"
    assert f'href="{link}"' in page
    assert "Order Desk" in page
    assert person.email not in link


@pytest.mark.attack("ATK-036")
def test_what_serves_others_or_is_switched_off_is_not_offered(
    world: World, person: UserFixture, browser: Browser
) -> None:
    options = Options(initiate_login_uri="https://orders.example/begin")
    other, internal = world.tenant(), world.tenant("internal")
    world.client(other, name="Of others", options=options)
    world.client(internal, name="For all", options=options, serves=["*"])
    own = world.tenant(own_issuer=True)
    world.client(own, name="Elsewhere", options=options, at_tenant_issuer=True)
    off = world.client(person.tenant, name="Switched off", options=options)
    by = replace(world.operator, principal=person.tenant.id)
    world.services.database.write(
        lambda tx: world.services.clients.set_enabled(
            tx, person.tenant.id, off.id, enabled=False, actor=by
        )
    )
    world.services.watch.changed()
    page = browser.get("/account/applications").text
    assert "For all" in page
    assert not [name for name in ("Of others", "Elsewhere", "Switched off") if name in page]
