"""/account/sign-ins: a person looks after the providers by which they sign in."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from authserver.audit.events import EventType
from authserver.federation.models import ProviderToken
from authserver.federation.values import Connection, Kind
from authserver.tenants.models import Tenant
from tests.support import linked
from tests.support.account import url
from tests.support.authenticator import where
from tests.support.browser import Party, answered, hidden
from tests.support.factors import Keeper, edit
from tests.support.linking import Linker
from tests.support.mails import mails, mails_to
from tests.support.providers import GitHub, OpenId, github, openid, stand_in
from tests.support.providers.server import Trouble
from tests.support.trail import events
from tests.support.upstream import Traveller, away, connect, is_away, switch
from tests.support.world import TenantFixture, World

SESSION, DOMAIN = "__Host-as-session", "auth.example"


@pytest.fixture
def provider(world: World) -> Iterator[OpenId]:
    with openid(world.clock) as provider, stand_in(world.services.connectors):
        yield provider


@pytest.fixture
def tenant(world: World) -> TenantFixture:
    return world.tenant()


@pytest.fixture
def acme(world: World, tenant: TenantFixture, provider: OpenId) -> Connection:
    return connect(world, Kind.OIDC, provider, tenant, label="Acme ID", server=provider.url)


@pytest.fixture
def ada(world: World, tenant: TenantFixture) -> Linker:
    return Linker(world, tenant)


def test_a_provider_is_connected_and_signs_in(
    world: World, ada: Linker, acme: Connection, provider: OpenId
) -> None:
    assert "Nothing is linked" in ada.get("sign_ins").text
    page = ada.connect(acme, provider, email="ada@elsewhere.example")
    assert "Acme ID is connected to your account now." in page.text
    assert "ada@elsewhere.example" in page.text
    assert f"about={acme.id}" not in page.text
    assert "is connected" not in ada.get("sign_ins").text
    client = world.client(ada.tenant, first_party=True)
    other = Traveller(world)
    answer = other.onward(other.through(client, acme, at=provider))
    tokens = Party(world, client).redeem(answered(answer)["code"]).json
    assert tokens["access_token"]
    assert "Last used" in ada.get("sign_ins").text
    assert "Acme ID" in ada.get("security").text
    assert "linked sign-in" in ada.get("overview").text


def test_both_addresses_are_told_of_a_link_and_of_its_end(
    world: World, ada: Linker, acme: Connection, provider: OpenId
) -> None:
    """TOP-01: the account's, and the one that the provider proved."""
    there = f"there-{acme.id}@elsewhere.example"
    ada.connect(acme, provider, email=there)
    assert len(mails(world, ada.user.id, "identity_linked")) == 1
    assert len(mails_to(world, there, ada.tenant.id)) == 1
    assert ada.unlink().status_code == 303
    assert len(mails(world, ada.user.id, "identity_unlinked")) == 1
    assert len(mails_to(world, there, ada.tenant.id)) == 2
    for wanted in (EventType.IDENTITY_LINKED, EventType.IDENTITY_UNLINKED):
        assert len(events(world, ada.tenant.id, wanted)) == 1


def test_unlinking_ends_everything_but_this_very_session(
    ada: Linker, acme: Connection, provider: OpenId
) -> None:
    ada.connect(acme, provider)
    elsewhere, name = ada.elsewhere(), ada.browser.http.get_cookie(SESSION, DOMAIN)
    answer = ada.unlink()
    assert where(answer) == url("sign_ins")
    assert "Acme ID is disconnected." in ada.browser.follow(answer).text
    assert ada.is_in()
    assert not ada.is_in(elsewhere)
    now = ada.browser.http.get_cookie(SESSION, DOMAIN)
    assert name is not None
    assert now is not None
    assert now.value != name.value
    assert ada.linked() == 0


def test_what_was_disconnected_signs_nobody_in(
    world: World, ada: Linker, acme: Connection, provider: OpenId
) -> None:
    ada.connect(acme, provider)
    ada.unlink()
    other = Traveller(world)
    page = other.follow(other.through(world.client(ada.tenant), acme, at=provider))
    assert page.request.path == "/login/federation/link"


def test_the_tokens_of_the_provider_go_with_the_link(
    world: World, tenant: TenantFixture, ada: Linker, provider: OpenId
) -> None:
    keeps = connect(
        world, Kind.OIDC, provider, tenant, label="Kept", server=provider.url, keeps_tokens=True
    )
    ada.connect(keeps, provider)

    def rows() -> int:
        with world.services.database.read() as view:
            return len(view.tenant(tenant.id).scalars(select(ProviderToken)).all())

    assert rows() == 1
    ada.unlink()
    assert rows() == 0


def test_the_last_way_in_stays_and_the_page_says_what_to_do(
    world: World, ada: Linker, acme: Connection, provider: OpenId
) -> None:
    ada.connect(acme, provider)
    identity = ada.identity()
    form = hidden(ada.ask(identity))
    edit(world, ada.user, password_hash=None)
    page = ada.ask(identity)
    assert "Acme ID has to stay" in page.text
    assert url("password") in page.text
    assert "<button" not in page.text.partition("<main")[2]
    refused = ada.browser.post(url("sign_ins"), data=form)
    assert refused.status_code == 409
    assert "Acme ID has to stay" in refused.text
    assert ada.linked() == 1
    assert ada.is_in()


@pytest.mark.parametrize("changed", [{"password_reset_required": True}, {"password_hash": None}])
def test_a_link_to_what_is_switched_off_is_no_way_in(
    world: World, ada: Linker, acme: Connection, provider: OpenId, changed: dict[str, object]
) -> None:
    ada.connect(acme, provider)
    first = ada.identity()
    second = connect(world, Kind.OIDC, provider, ada.tenant, label="Off", server=provider.url)
    linked.link(world, ada.user, second)
    edit(world, ada.user, **changed)
    switch(world, second, enabled=False)
    assert "Switched off" in ada.get("sign_ins").text
    assert "has to stay" in ada.ask(first).text
    switch(world, second, enabled=True)
    assert "has to stay" not in ada.ask(first).text


def test_both_take_a_fresh_sign_in(
    world: World, ada: Linker, acme: Connection, provider: OpenId
) -> None:
    ada.connect(acme, provider)
    identity, form = ada.identity(), hidden(ada.ask(ada.identity()))
    world.clock.move(minutes=6)
    assert ada.get("sign_ins").status_code == 200
    for answer in (ada.ask(identity), ada.browser.post(url("sign_ins"), data=form)):
        assert where(answer) == "/login/password"
        assert f"about={identity}" in answer.headers["Location"]
    assert ada.linked() == 1
    page = ada.browser.follow(ada.browser.sign_in(ada.ask(identity), ada.user))
    assert "Disconnect Acme ID?" in page.text


def test_leaving_takes_a_fresh_sign_in_too(world: World, ada: Linker, acme: Connection) -> None:
    form = hidden(ada.ask(acme.id))
    world.clock.move(minutes=6)
    assert where(ada.ask(acme.id)) == "/login/password"
    answer = ada.browser.post(url("sign_ins"), data=form)
    assert where(answer) == "/login/password"
    assert not is_away(answer)


def test_a_person_with_a_second_factor_is_asked_for_it(
    ada: Linker, acme: Connection, provider: OpenId
) -> None:
    keeper = Keeper(ada.world, ada.tenant)
    keeper.add()
    browser = Traveller(ada.world)
    page = browser.follow(browser.sign_in(browser.get(url("sign_ins")), keeper.user))
    assert page.request.path == "/login/mfa"
    assert keeper.app is not None
    browser.submit(page, code=keeper.app.code())
    page = browser.get(url("sign_ins"), query_string={"about": acme.id})
    assert page.status_code == 200
    assert provider.url in away(browser.submit(page))


def test_what_can_only_be_connected_is_offered_and_no_way_in(
    world: World, tenant: TenantFixture, ada: Linker, provider: OpenId
) -> None:
    only = connect(
        world, Kind.OIDC, provider, tenant, label="Files", server=provider.url, link_only=True
    )
    assert "Not for signing in" in ada.get("sign_ins").text
    ada.connect(only, provider)
    assert "Not for signing in" in ada.get("sign_ins").text
    edit(world, ada.user, password_hash=None)
    assert "has to stay" in ada.ask(ada.identity()).text  # it opens nothing, and nothing else does


def test_only_what_the_tenant_admits_is_offered(
    world: World, ada: Linker, provider: OpenId, acme: Connection
) -> None:
    others = connect(
        world, Kind.OIDC, provider, world.tenant(), label="Theirs", server=provider.url
    )
    page = ada.get("sign_ins").text
    assert acme.id in page
    assert others.id not in page
    assert ada.ask(others.id).status_code == 404
    form = hidden(ada.ask(acme.id))
    assert ada.browser.post(url("sign_ins"), data={**form, "about": others.id}).status_code == 404
    switch(world, acme, enabled=False)
    assert acme.id not in ada.get("sign_ins").text
    assert ada.browser.post(url("sign_ins"), data=form).status_code == 404


def test_platform_connections_are_for_the_tenants_that_allow_them(world: World) -> None:
    with github() as public, stand_in(world.services.connectors, github=public):
        ours = connect(world, Kind.GITHUB, public, label="GitHub")
        ada = Linker(world, world.tenant())
        assert ours.id in ada.get("sign_ins").text
        form = hidden(ada.ask(ours.id))
        allow(world, ada.tenant, [])
        assert ours.id not in ada.get("sign_ins").text
        assert ada.browser.post(url("sign_ins"), data=form).status_code == 404
        allow(world, ada.tenant, [ours.name])
        assert through_github(ada, ours, public) == url("sign_ins")
        assert ada.linked() == 1
        switch(world, ours, enabled=False)


def through_github(ada: Linker, ours: Connection, public: GitHub) -> str:
    person = public.person(email="ada@elsewhere.example", user_name="ada")
    return where(ada.browser.back(public.sign_in(ada.leave(ours), person)))


def allow(world: World, tenant: TenantFixture, names: list[str] | None) -> None:
    change = update(Tenant).where(Tenant.id == tenant.id).values(platform_connections=names)
    world.services.database.write(lambda tx: tx.platform().execute(change))
    world.bump()


def test_a_guest_is_told_where_its_sign_ins_are(
    world: World, ada: Linker, acme: Connection
) -> None:
    away_from_home = world.tenant()
    guest = world.guest(ada.user, away_from_home)
    opened = ada.browser.submit(ada.get("tenants"), about=guest.id)
    assert where(opened) == url("overview"), opened.text
    page = ada.get("sign_ins")
    assert "Not in this account" in page.text
    assert acme.id not in page.text
    posted = ada.post("sign_ins", about=acme.id)
    assert posted.status_code == 403


def test_a_provider_that_is_down_is_said_and_nothing_is_lost(
    ada: Linker, acme: Connection, provider: OpenId
) -> None:
    provider.trouble["discovery"] = Trouble.STATUS_500
    page = ada.browser.submit(ada.ask(acme.id))
    assert page.status_code == 503
    assert "cannot be reached right now" in page.text
    assert "Continue</span>" in page.text


def test_who_says_no_there_is_back_and_nothing_is_changed(
    ada: Linker, acme: Connection, provider: OpenId
) -> None:
    person = provider.person(email=ada.user.email)
    person.denies = True
    back = ada.browser.back(provider.sign_in(ada.leave(acme), person))
    assert "Nothing was changed" in ada.browser.follow(back).text
    assert ada.linked() == 0


def test_a_second_account_of_one_provider_does_not_replace_the_first(
    world: World, ada: Linker, acme: Connection, provider: OpenId
) -> None:
    url_there = ada.leave(acme)
    linked.link(world, ada.user, acme, label="the first")
    back = ada.browser.back(provider.sign_in(url_there, provider.person(email="a@b.example")))
    page = ada.browser.follow(back)
    assert "is connected already" in page.text
    assert "Reference:" in page.text
    assert "the first" in page.text
    assert ada.linked() == 1
