"""Connecting another way in: whose it becomes is decided here, by a session, and once."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.audit.events import EventType
from authserver.federation.connectors.base import Answer
from authserver.federation.journeys import Journeys
from authserver.federation.models import FederatedIdentity, UpstreamRequest
from authserver.federation.values import Connection, Kind
from tests.support.account import url
from tests.support.authenticator import where
from tests.support.browser import hidden
from tests.support.factors import edit
from tests.support.linking import Linker, traveller
from tests.support.providers import GitHub, OpenId, github, openid, query, stand_in
from tests.support.trail import events
from tests.support.upstream import Traveller, away, connect, switch
from tests.support.world import TenantFixture, World

CLOSED = 400


@pytest.fixture
def provider(world: World) -> Iterator[OpenId]:
    with openid(world.clock) as provider, stand_in(world.services.connectors):
        yield provider


@pytest.fixture
def tenant(world: World) -> TenantFixture:
    return world.tenant()


@pytest.fixture
def acme(world: World, tenant: TenantFixture, provider: OpenId) -> Connection:
    return connect(world, Kind.OIDC, provider, tenant, label="Acme", server=provider.url)


@pytest.fixture
def ada(world: World, tenant: TenantFixture) -> Linker:
    return Linker(world, tenant)


@pytest.fixture
def mallory(world: World, tenant: TenantFixture) -> Linker:
    return Linker(world, tenant)


def refused(answer: TestResponse) -> bool:
    return answer.status_code >= CLOSED


@pytest.mark.every_database
@pytest.mark.attack("ATK-012")
def test_a_way_back_is_good_once(ada: Linker, acme: Connection, provider: OpenId) -> None:
    back = provider.sign_in(ada.leave(acme), provider.person(email="ada@there.example"))
    assert where(ada.browser.back(back)) == url("sign_ins")
    ada.unlink()
    assert refused(ada.browser.back(back))
    assert ada.linked() == 0


@pytest.mark.attack("ATK-005")
def test_the_proof_of_one_account_there_links_no_other(
    ada: Linker, acme: Connection, provider: OpenId
) -> None:
    """Two accounts at one provider: the way that was begun for one ends with that one alone."""
    first, second = (provider.person(email=f"{name}@there.example") for name in ("one", "two"))
    url_there = ada.leave(acme)
    back, other = (provider.sign_in(url_there, person) for person in (first, second))
    assert where(ada.browser.back(back)) == url("sign_ins")
    assert refused(ada.browser.back(other))
    assert "one@there.example" in ada.get("sign_ins").text
    assert "two@there.example" not in ada.get("sign_ins").text


@pytest.mark.attack("ATK-006")
def test_a_provider_without_addresses_links_by_its_own_number(world: World, ada: Linker) -> None:
    """GitHub's way: a name can be given away, the number behind it cannot."""
    with github() as public, stand_in(world.services.connectors, github=public):
        ours = connect(world, Kind.GITHUB, public, label="GitHub")
        by_github(ada, ours, public, user_name="ada")
        mallory = Linker(world, ada.tenant)
        by_github(mallory, ours, public, user_name="ada")  # another number, the same name
        assert (ada.linked(), mallory.linked()) == (1, 1)
        assert ada.identity() != mallory.identity()
        switch(world, ours, enabled=False)


def by_github(linker: Linker, ours: Connection, public: GitHub, *, user_name: str) -> None:
    person = public.person(user_name=user_name, emails=[])
    linker.browser.back(public.sign_in(linker.leave(ours), person))


@pytest.mark.attack("ATK-008")
def test_nobody_else_comes_back_with_it(
    world: World, ada: Linker, mallory: Linker, acme: Connection, provider: OpenId
) -> None:
    """The victim opens what the attacker brought back from the provider."""
    mine = provider.person(email="mallory@there.example")
    back = provider.sign_in(mallory.leave(acme), mine)
    assert refused(ada.browser.back(back))
    assert refused(Traveller(world).back(back))
    assert (ada.linked(), mallory.linked()) == (0, 0)


@pytest.mark.attack("ATK-008")
def test_a_way_that_was_begun_elsewhere_is_none(
    ada: Linker, acme: Connection, provider: OpenId
) -> None:
    """What a relying party or a stranger can know makes no way: the state is ours and random."""
    person = provider.person(email="mallory@there.example")
    there = ada.leave(acme)
    for state in ("", "x" * 43, acme.id, ada.user.id, query(there)["nonce"]):
        code = query(provider.sign_in(there, person))["code"]
        path = f"/login/federation/{acme.id}/callback"
        answer = ada.browser.get(path, query_string={"code": code, "state": state})
        assert refused(answer), state
    assert ada.linked() == 0


@pytest.mark.attack("ATK-008")
def test_no_link_leads_to_a_provider_without_a_form_of_ours(
    world: World, ada: Linker, acme: Connection
) -> None:
    def begun() -> int:
        wanted = select(UpstreamRequest).where(UpstreamRequest.connection_id == acme.id)
        with world.services.database.read() as view:
            return len(view.platform().scalars(wanted).all())

    form = hidden(ada.ask(acme.id))
    for missing in ("csrf_token", "account"):
        fields = {name: value for name, value in form.items() if name != missing}
        assert refused(ada.browser.post(url("sign_ins"), data={**fields, "about": acme.id}))
    other = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert refused(ada.browser.post(url("sign_ins"), data=form, headers=other))
    ada.browser.get(url("sign_ins"), query_string={**form, "about": acme.id})
    assert begun() == 0


@pytest.mark.attack("ATK-008")
@pytest.mark.parametrize("how", ["signed out", "ended elsewhere", "signed in as another"])
def test_without_the_session_that_left_nothing_is_linked(
    ada: Linker, mallory: Linker, acme: Connection, provider: OpenId, how: str
) -> None:
    back = provider.sign_in(ada.leave(acme), provider.person(email="ada@there.example"))
    if how == "ended elsewhere":
        other = traveller(ada)
        page = other.get(url("sessions"), query_string={"about": "others"})
        assert other.submit(page).status_code == 303
    else:
        ada.browser.submit(ada.browser.get("/login/logout"))
    if how == "signed in as another":
        page = ada.browser.get(url("overview"))
        assert ada.browser.sign_in(page, mallory.user).status_code == 303
    assert refused(ada.browser.back(back))
    assert (ada.linked(), mallory.linked()) == (0, 0)


def test_who_is_signed_out_while_the_provider_is_asked_links_nothing(
    ada: Linker, acme: Connection, provider: OpenId, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = provider.sign_in(ada.leave(acme), provider.person(email="ada@there.example"))
    other, finish = traveller(ada), Journeys.finish

    def meanwhile(*given: Any) -> Answer:
        page = other.get(url("sessions"), query_string={"about": "others"})
        assert other.submit(page).status_code == 303
        return finish(*given)

    monkeypatch.setattr(Journeys, "finish", meanwhile)
    assert refused(ada.browser.back(back))
    assert ada.linked() == 0


@pytest.mark.attack("ATK-021")
def test_what_one_provider_said_is_nothing_at_another(
    world: World, ada: Linker, acme: Connection, provider: OpenId
) -> None:
    other = connect(world, Kind.OIDC, provider, ada.tenant, label="Other", server=provider.url)
    back = provider.sign_in(ada.leave(acme), provider.person(email="ada@there.example"))
    assert refused(ada.browser.back(back.replace(acme.id, other.id)))
    assert ada.linked() == 0


@pytest.mark.attack("ATK-012")
def test_ten_minutes_later_it_is_over(
    world: World, ada: Linker, acme: Connection, provider: OpenId
) -> None:
    back = provider.sign_in(ada.leave(acme), provider.person(email="ada@there.example"))
    world.clock.move(minutes=10, seconds=1)
    assert refused(ada.browser.back(back))
    assert ada.linked() == 0


def test_what_was_switched_off_meanwhile_links_nothing(
    world: World, ada: Linker, acme: Connection, provider: OpenId
) -> None:
    back = provider.sign_in(ada.leave(acme), provider.person(email="ada@there.example"))
    switch(world, acme, enabled=False)
    assert refused(ada.browser.back(back))
    assert ada.linked() == 0


def test_what_is_linked_to_somebody_is_nobody_elses(
    world: World, ada: Linker, mallory: Linker, acme: Connection, provider: OpenId
) -> None:
    person = provider.person(email="ada@there.example")
    for linker in (ada, mallory):
        linker.browser.back(provider.sign_in(linker.leave(acme), person))
    assert (ada.linked(), mallory.linked()) == (1, 0)
    assert "is connected already" in mallory.get("sign_ins").text
    assert len(events(world, ada.tenant.id, EventType.IDENTITY_LINKED)) == 1


@pytest.mark.attack("ATK-015")
def test_no_field_of_a_form_changes_a_link(
    world: World, ada: Linker, mallory: Linker, acme: Connection, provider: OpenId
) -> None:
    """A link is made and deleted, never pointed at anybody else."""
    ada.connect(acme, provider, email="ada@there.example")
    identity = ada.identity()
    form = hidden(mallory.ask(acme.id))
    extra = {"user_id": mallory.user.id, "identity_id": identity, "id": identity, "subject": "x"}
    answer = mallory.browser.post(url("sign_ins"), data={**form, **extra})
    assert parse_qs(urlsplit(away(answer)).query)["redirect_uri"]
    assert (
        mallory.browser.post(url("sign_ins"), data={**form, "about": identity}).status_code == 404
    )
    assert mallory.ask(identity).status_code == 404
    with world.services.database.read() as view:
        row = view.tenant(ada.tenant.id).scalars(select(FederatedIdentity)).one()
    assert (row.id, row.user_id) == (identity, ada.user.id)


def test_people_of_another_tenant_reach_no_link(
    world: World, ada: Linker, acme: Connection, provider: OpenId
) -> None:
    ada.connect(acme, provider)
    stranger = Linker(world, world.tenant())
    form = hidden(stranger.browser.get(url("profile")))
    for about in (ada.identity(), acme.id):
        assert stranger.ask(about).status_code == 404
        answer = stranger.browser.post(url("sign_ins"), data={**form, "about": about})
        assert answer.status_code == 404
    assert ada.linked() == 1


def test_two_windows_disconnect_once_and_never_both_last_ways(
    world: World, ada: Linker, provider: OpenId, acme: Connection
) -> None:
    """Two links, no password: whichever goes second is the last way in."""
    second = connect(world, Kind.OIDC, provider, ada.tenant, label="B", server=provider.url)
    ada.connect(acme, provider, email="a@there.example")
    one = ada.identity()
    ada.connect(second, provider, email="b@there.example")
    two = next(link for link in ids(ada) if link != one)
    edit(world, ada.user, password_hash=None)
    forms = [hidden(ada.ask(link)) for link in (one, two)]
    first = ada.browser.post(url("sign_ins"), data=forms[0])
    assert first.status_code == 303
    again = ada.browser.post(url("sign_ins"), data=forms[0])
    assert again.status_code in {400, 404}  # the form is void with the browser's old name
    assert "has to stay" in ada.ask(two).text
    assert ids(ada) == [two]


def ids(linker: Linker) -> list[str]:
    wanted = select(FederatedIdentity.id).where(FederatedIdentity.user_id == linker.user.id)
    with linker.world.services.database.read() as view:
        return list(view.tenant(linker.tenant.id).scalars(wanted.order_by(FederatedIdentity.id)))


def test_no_link_makes_the_page_say_anything(ada: Linker, acme: Connection) -> None:
    for about in ({}, {"about": acme.id}):
        page = ada.get("sign_ins", said="connected", **about)
        assert "is connected" not in page.text
