"""requests-oauthlib: a person's code flow and a machine's client credentials."""

import pytest
from oauthlib.oauth2 import BackendApplicationClient
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from tests.interop.conftest import Running
from tests.support.process import PEOPLE_SCOPES
from tests.support.walker import Walker

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """OAuthlib speaks to https only, unless told that this is a test."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def signed_in(running: Running) -> OAuth2Session:
    client, oauth = running.portal, f"{running.issuer}/oauth"
    session = OAuth2Session(
        client.id, redirect_uri=client.redirect_uri, scope=list(PEOPLE_SCOPES), pkce="S256"
    )
    url, _state = session.authorization_url(f"{oauth}/authorize")
    answer = Walker(running.person).walk(url, until=client.redirect_uri)
    session.fetch_token(
        f"{oauth}/token",
        authorization_response=answer,
        auth=HTTPBasicAuth(client.id, client.secret or ""),
    )
    return session


def test_a_person_signs_in_and_the_tokens_work(running: Running) -> None:
    session = signed_in(running)
    assert set(session.token["scope"]) == set(PEOPLE_SCOPES)
    profile = session.get(f"{running.issuer}/oauth/userinfo").json()
    assert profile["sub"] == running.person.id
    assert profile["tenant"] == running.tenant


def test_a_refresh_gives_new_tokens_until_they_are_revoked(running: Running) -> None:
    session, oauth = signed_in(running), f"{running.issuer}/oauth"
    auth = HTTPBasicAuth(running.portal.id, running.portal.secret or "")
    before = dict(session.token)
    after = session.refresh_token(f"{oauth}/token", auth=auth)
    assert after["refresh_token"] != before["refresh_token"]
    assert session.get(f"{oauth}/userinfo").json()["sub"] == running.person.id
    gone = session.post(f"{oauth}/revoke", data={"token": after["refresh_token"]}, auth=auth)
    assert gone.status_code == 200
    with pytest.raises(InvalidGrantError):
        session.refresh_token(f"{oauth}/token", auth=auth)


def test_a_partner_gets_a_token_from_an_allowed_address(running: Running) -> None:
    session = OAuth2Session(client=BackendApplicationClient(running.partner.id))
    token = session.fetch_token(
        f"{running.issuer}/oauth/token",
        auth=HTTPBasicAuth(running.partner.id, running.partner.secret or ""),
        scope=["reports:write"],
    )
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 3600
    assert token["scope"] == ["reports:write"]
