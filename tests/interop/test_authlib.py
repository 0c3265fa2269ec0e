"""Authlib: its Flask client as a relying party, its OAuth2Session as a machine."""

import pytest
from authlib.integrations.requests_client import OAuth2Session

from tests.interop.conftest import Running
from tests.support.portal import make_portal, serving
from tests.support.process import AUDIENCE
from tests.support.walker import Walker

pytestmark = pytest.mark.processes


def test_a_person_signs_in_to_an_application_made_with_authlib(running: Running) -> None:
    walker = Walker(running.person)
    with serving(make_portal(running.issuer, running.portal), running.portal_port) as portal:
        first = walker.visit(f"{portal}/sign-in")
        assert first.status_code == 200, first.text
        again = walker.visit(f"{portal}/refresh")
        assert again.status_code == 200, again.text
    said = first.json()
    assert said["token"]["userinfo"]["iss"] == running.issuer
    assert said["token"]["userinfo"]["sub"] == running.person.id
    assert said["profile"]["email"] == running.person.email
    assert said["profile"]["roles"] == ["NOC_OPERATOR"]
    renewed = again.json()
    assert renewed["token"]["access_token"] != said["token"]["access_token"]
    assert renewed["profile"]["sub"] == running.person.id


def test_a_second_sign_in_with_authlib_asks_for_nothing(running: Running) -> None:
    walker = Walker(running.person)
    with serving(make_portal(running.issuer, running.portal), running.portal_port) as portal:
        walker.visit(f"{portal}/sign-in")
        walker.pages.clear()
        again = walker.visit(f"{portal}/sign-in")
    assert again.json()["profile"]["sub"] == running.person.id
    assert walker.pages == ["/sign-in", "/oauth/authorize", "/callback"]


@pytest.mark.parametrize("method", ["client_secret_basic"])
def test_a_machine_gets_asks_about_and_revokes_a_token(running: Running, method: str) -> None:
    session = OAuth2Session(
        running.service.id, running.service.secret, token_endpoint_auth_method=method
    )
    oauth = f"{running.issuer}/oauth"
    token = session.fetch_token(f"{oauth}/token", scope="reports:read")
    assert token["scope"] == "reports:read"
    said = session.introspect_token(f"{oauth}/introspect", token=token["access_token"]).json()
    assert said["active"] is True
    assert said["sub"] == running.service.id
    assert said["aud"] == AUDIENCE
    done = session.revoke_token(f"{oauth}/revoke", token=token["access_token"])
    assert done.status_code == 200
    after = session.introspect_token(f"{oauth}/introspect", token=token["access_token"]).json()
    assert after == {"active": False}
