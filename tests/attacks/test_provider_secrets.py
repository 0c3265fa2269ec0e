"""What providers gave us is in no page, answer, mail, event or log, and in clear in no row."""

from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from authserver.core import log
from authserver.core.crypto import Keyring
from authserver.federation.tokens.vault import Vault
from authserver.federation.values import Connection, Kind
from tests.isolation.rows import everything, texts
from tests.support import linked
from tests.support.browser import Party, answered
from tests.support.linking import Linker
from tests.support.mails import html_of, mails, text_of
from tests.support.providers import OpenId, openid, query, stand_in
from tests.support.trail import events, personal
from tests.support.upstream import Traveller, connect
from tests.support.world import World

PAGES = ("overview", "profile", "security", "sessions", "applications", "tenants", "sign_ins")


@pytest.fixture
def provider(world: World) -> Iterator[OpenId]:
    with openid(world.clock) as provider, stand_in(world.services.connectors):
        yield provider


@pytest.fixture
def loud(world: World) -> Iterator[None]:
    """Log all there is to log."""
    log.configure("DEBUG")
    yield
    log.configure(world.services.settings.log_level)


class Visit:
    """Somebody who is linked and signs in, and everything that was said meanwhile."""

    def __init__(self, world: World, provider: OpenId) -> None:
        self.world, self.said = world, []
        self.ada = Linker(world, world.tenant())
        self.connection: Connection = connect(
            world,
            Kind.OIDC,
            provider,
            self.ada.tenant,
            label="Acme",
            server=provider.url,
            keeps_tokens=True,
        )
        self.secrets = [provider.client_secret]
        person = provider.person(email="ada@there.example")
        there = self.ada.leave(self.connection)
        back = provider.sign_in(there, person)
        self.secrets.append(query(back)["code"])
        self.page(self.ada.browser.back(back))
        self.kept()
        self.client = world.client(self.ada.tenant, first_party=True)
        self.sign_in(provider)
        self.kept()

    def page(self, answer: TestResponse) -> None:
        self.said += [answer.text, str(answer.headers)]

    def kept(self) -> None:
        """Take the tokens that are kept now for secrets."""
        vault, user = Vault(self.world.services.keyring), linked.of(self.world, self.ada.user)
        with self.world.services.database.read() as view:
            kept = vault.find(view, user, self.ada.identity())
        assert kept is not None
        assert kept.refresh_token
        self.secrets += [kept.access_token, kept.refresh_token]
        self.said.append(repr(kept))

    def sign_in(self, provider: OpenId) -> None:
        browser = Traveller(self.world)
        answer = browser.onward(browser.through(self.client, self.connection, at=provider))
        self.page(answer)
        party = Party(self.world, self.client)
        tokens = party.redeem(answered(answer)["code"])
        self.page(tokens)
        self.page(party.introspect(tokens.json["access_token"]))
        bearer = {"Authorization": f"Bearer {tokens.json['access_token']}"}
        self.page(browser.get("/oauth/userinfo", headers=bearer))

    def look_around(self) -> str:
        """Return all that the person, operators and the outside get to see."""
        for name in PAGES:
            self.page(self.ada.get(name))
        self.page(self.ada.ask(self.ada.identity()))
        for mail in mails(self.world, self.ada.user.id):
            self.said += [text_of(mail), html_of(mail), str(mail)]
        for event in events(self.world, self.ada.tenant.id):
            self.said += [str(event.document), str(personal(self.world, event))]
        self.page(self.ada.unlink())
        return "\n".join(self.said)


@pytest.mark.every_database
@pytest.mark.attack("ATK-121")
@pytest.mark.usefixtures("loud")
def test_no_secret_of_a_provider_comes_back_out(
    world: World, provider: OpenId, capfd: pytest.CaptureFixture[str]
) -> None:
    visit = Visit(world, provider)
    with world.services.database.read() as view:
        rows = everything(view.connection, visit.ada.tenant.id)
    stored = "\n".join(
        text for table in rows.values() for row in table for value in row for text in texts(value)
    )
    shown = visit.look_around()
    log.flush()
    logged = "".join(capfd.readouterr())
    assert '"path":"/account/sign-ins"' in logged
    secrets = [secret for secret in visit.secrets if secret]
    assert len(set(secrets)) >= 5
    for place, text in (("shown", shown), ("stored", stored), ("logged", logged)):
        found = [number for number, secret in enumerate(secrets) if secret in text]
        assert found == [], place


@pytest.mark.attack("ATK-121")
def test_another_master_key_reads_nothing(world: World, provider: OpenId) -> None:
    visit = Visit(world, provider)
    other = Vault(Keyring([b"z" * 32]))
    user = linked.of(world, visit.ada.user)
    with world.services.database.read() as view, pytest.raises(Exception, match="unknown key"):
        other.find(view, user, visit.ada.identity())
