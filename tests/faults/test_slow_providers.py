"""A provider that says nothing holds up those who wait for it, for seconds, and nobody else."""

import html
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin

import pytest
import requests

from authserver.federation.connectors.line import CONVERSATION_SECONDS, REQUEST_SECONDS
from tests.conftest import process_database
from tests.support.process import (
    Installation,
    Person,
    Registered,
    ServerProcess,
    make_installation,
)
from tests.support.providers import OpenId, Trouble, openid
from tests.support.walker import Walker

pytestmark = pytest.mark.processes

MANY = 24  # more than may wait for all providers together
CALLBACK = "http://localhost:9/callback"
_BUTTON = re.compile(r'<form[^>]*action="([^"]*/login/federation/[^"]+)".*?</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_AWAY = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')


@dataclass(frozen=True)
class Place:
    """A running server with a person, an application and a provider."""

    installation: Installation
    person: Person
    portal: Registered
    provider: OpenId

    def authorize_url(self) -> str:
        asked = {
            "response_type": "code",
            "client_id": self.portal.id,
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": "s",
            "code_challenge": "x" * 43,
            "code_challenge_method": "S256",
        }
        return f"{self.installation.issuer}/oauth/authorize?{urlencode(asked)}"

    def depart(self) -> tuple[requests.Session, str]:
        """Press the provider's button and sign in there; return where the browser comes back."""
        browser = requests.Session()
        page = browser.get(self.authorize_url(), timeout=30)
        found = _BUTTON.search(page.text)
        assert found, page.text
        action = urljoin(page.url, found[1])
        away = browser.post(action, data=dict(_HIDDEN.findall(found[0])), timeout=30)
        there = _AWAY.search(away.text)
        assert there, away.text
        return browser, self.provider.sign_in(html.unescape(there[1]))


@pytest.fixture(scope="module")
def place(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with process_database(database_kind) as url, openid() as provider:
        provider.person(email="ada@corp.example")
        made = make_installation(tmp_path_factory.mktemp("providers"), url)
        tenant = made.tenant("acme")
        asked = ("--kind", "oidc", "--server", provider.url, "--client-id", provider.client_id)
        told = ("connections", "create", "there", "--label", "There", *asked, "--secret-stdin")
        made.run(*told, stdin=provider.client_secret)
        portal = made.web_client(tenant, CALLBACK, "--first-party")
        with ServerProcess(made):
            yield Place(made, made.person(tenant), portal, provider)


def test_a_provider_that_is_back_is_a_way_in_again(place: Place) -> None:
    browser, url = place.depart()
    place.provider.trouble["token"] = Trouble.STATUS_500
    page = browser.get(url, timeout=60)
    assert page.url.startswith(f"{place.installation.issuer}/login/password")
    del place.provider.trouble["token"]
    browser, url = place.depart()
    page = browser.get(url, timeout=60)
    assert "/login/federation/link" in page.url


def test_sign_in_by_password_is_not_slowed_by_a_provider_that_hangs(place: Place) -> None:
    departed = [place.depart() for _ in range(MANY)]
    place.provider.trouble["token"] = Trouble.HANG

    def come_back(number: int) -> tuple[float, requests.Response]:
        browser, url = departed[number]
        begun = time.monotonic()
        page = browser.get(url, timeout=60)
        return time.monotonic() - begun, page

    with ThreadPoolExecutor(MANY) as pool:
        waiting = [pool.submit(come_back, number) for number in range(MANY)]
        while not place.provider.requests("token"):
            time.sleep(0.01)
        begun = time.monotonic()
        Walker(place.person).walk(place.authorize_url(), until=CALLBACK)
        took = time.monotonic() - begun
        still = sum(not one.done() for one in waiting)
        answers = [one.result() for one in waiting]
    assert took < REQUEST_SECONDS
    assert still > 0
    assert all(seconds < CONVERSATION_SECONDS for seconds, _ in answers)
    for _, page in answers:
        assert page.status_code == 200
        assert page.url.startswith(f"{place.installation.issuer}/login/password")
        assert "There" in page.text
