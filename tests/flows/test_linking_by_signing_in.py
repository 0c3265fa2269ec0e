"""Whoever signs in where a provider's identity was offered has it linked, and tokens say `fed`."""

from base64 import urlsafe_b64decode
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from authserver.login import entry
from authserver.mfa.partial import Hop
from authserver.sessions.models import UserSession
from tests.support.authenticator import Owner
from tests.support.browser import ISSUER, Browser, Party
from tests.support.mails import mails
from tests.support.proofs import House, answer, make
from tests.support.sql import executed
from tests.support.world import UserFixture, World

PAGE = "/login/password?to=overview"


class Guest(Browser):
    """A browser at the sign-in page, back from a provider that proved nobody whom we know."""

    def __init__(self, house: House) -> None:
        super().__init__(house.world)
        self.house, self.google, self.said = house, house.connect(), answer()
        self.page = self.get(PAGE)
        with self.http.session_transaction(base_url=ISSUER) as kept:
            kept[entry.OFFERED] = True
            (token,) = [kept[name] for name in kept if len(str(kept[name])) == 43]
        self.hop: Hop = entry._hop("overview", SimpleNamespace(flow_token=token))  # noqa: SLF001
        offers = house.world.services.upstream.offers
        house.write(lambda tx: offers.make(tx, self.hop, self.said, connection=self.google))

    def subjects(self, person: UserFixture) -> list[str]:
        return [one.subject for one in self.house.links(person)]


@pytest.fixture
def house(world: World) -> House:
    return make(world)


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(orjson.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def signed_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def test_a_sign_in_links_what_is_offered_once(house: House) -> None:
    browser, person = Guest(house), house.world.user(house.tenant)
    more = {"organization": house.tenant.slug}
    assert browser.sign_in(browser.page, person, **more).status_code == 303
    assert signed_in(browser)
    assert browser.subjects(person) == [browser.said.identity.subject]
    assert len(mails(house.world, person.id, "identity_linked")) == 1
    with browser.http.session_transaction(base_url=ISSUER) as kept:
        assert entry.OFFERED not in kept


def test_a_wrong_password_and_half_a_sign_in_link_nothing(house: House) -> None:
    owner = Owner(house.world, house.world.client(house.tenant))
    browser = Guest(house)
    more = {"organization": house.tenant.slug}
    browser.sign_in(browser.page, owner.user, **{**more, "password": "Wrong-Horse-7"})
    assert browser.subjects(owner.user) == []
    half = browser.follow(browser.sign_in(browser.page, owner.user, **more))
    half = browser.follow(half) if half.status_code == 303 else half
    assert half.request.path == "/login/mfa"
    assert browser.subjects(owner.user) == []
    assert browser.submit(half, code=owner.app.code()).status_code == 303
    assert browser.subjects(owner.user) == [browser.said.identity.subject]


def test_a_sign_in_at_another_page_or_in_another_browser_links_nothing(house: House) -> None:
    browser, person = Guest(house), house.world.user(house.tenant)
    more = {"organization": house.tenant.slug}
    other = Browser(house.world)
    other.sign_in(other.get(PAGE), person, **more)
    elsewhere = browser.get("/login/password?to=security")
    browser.sign_in(elsewhere, person, **more)
    assert signed_in(browser)
    assert browser.subjects(person) == []


def test_a_refusal_to_link_does_not_stop_the_sign_in(house: House) -> None:
    browser, person = Guest(house), house.world.user(house.tenant)
    house.change(browser.google, enabled=False)
    browser.sign_in(browser.page, person, organization=house.tenant.slug)
    assert signed_in(browser)
    assert browser.subjects(person) == []
    assert house.not_linked() == ["connection closed"]


def test_who_was_offered_nothing_pays_nothing_for_it(house: House) -> None:
    person, browser = house.world.user(house.tenant), Browser(house.world)
    page = browser.get(PAGE)
    with executed(house.world.services.database.engine) as found:
        browser.sign_in(page, person, organization=house.tenant.slug)
    assert not [one for one in found if "offered" in one or "federat" in one]


@pytest.mark.parametrize(
    ("level", "amr", "acr"),
    [(1, ["fed"], "federated"), (1, ["pwd"], "password"), (2, ["fed", "mfa"], "mfa")],
)
def test_tokens_say_that_a_provider_proved_it(
    house: House, level: int, amr: list[str], acr: str
) -> None:
    person, client = house.world.user(house.tenant), house.world.client(house.tenant)
    browser = Browser(house.world)
    browser.code(client, person)

    def job(tx: Any) -> None:
        mine = update(UserSession).where(UserSession.user_id == person.id)
        tx.tenant(house.tenant.id).execute(mine.values(level=level, amr=amr))

    house.write(job)
    code = browser.code(client, person)
    tokens = Party(house.world, client).redeem(code).json
    for token in (tokens["id_token"], tokens["access_token"]):
        claims = claims_of(token)
        assert (claims["acr"], claims["amr"]) == (f"urn:authserver:acr:{acr}", amr)
    again = Party(house.world, client).refresh(tokens["refresh_token"]).json
    assert claims_of(again["access_token"])["acr"] == f"urn:authserver:acr:{acr}"
