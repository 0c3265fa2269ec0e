"""3rd Party-Initiated Login OP: the client's own address begins the sign-in."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from authserver.clients.options import Options
from tests.conformance.party import RelyingParty
from tests.conformance.registering import registry
from tests.support.browser import ISSUER
from tests.support.world import World

BEGIN = "https://rp.example/begin"


@pytest.mark.every_database
@pytest.mark.module("oidcc-3rd_party-init-login")
@pytest.mark.rfc("OpenID Connect Core section 4")
def test_a_person_is_sent_to_the_address_of_a_client_that_then_asks(world: World) -> None:
    tenant = world.tenant()
    options = Options(initiate_login_uri=BEGIN)
    client = world.client(tenant, pkce_required=False, options=options, name="Orders")
    rp = RelyingParty(world, client, world.user(tenant, "admin"))
    rp.sign_in()
    page = rp.browser.get("/account/applications")
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', page.text)]
    (link,) = [one for one in links if one.startswith(BEGIN)]
    assert parse_qs(urlsplit(link).query) == {"iss": [ISSUER]}
    assert rp.finish(rp.received(rp.ask())).claims["sub"] == rp.person.id


@pytest.mark.module("oidcc-3rd_party-init-login")
@pytest.mark.rfc("OpenID Connect Registration section 2")
@pytest.mark.rfc("OpenID Connect Registration section 4.2")
def test_the_address_is_registered_and_can_be_read_again(world: World) -> None:
    _, told = registry(world).register(initiate_login_uri=BEGIN)
    bearer = {"Authorization": f"Bearer {told['registration_access_token']}"}
    read = world.app.test_client().get(told["registration_client_uri"], headers=bearer)
    assert (read.status_code, read.mimetype) == (200, "application/json")
    assert told["initiate_login_uri"] == read.json["initiate_login_uri"] == BEGIN


@pytest.mark.module("oidcc-3rd_party-init-login-nohttps")
@pytest.mark.rfc("OpenID Connect Registration section 2")
def test_the_address_is_https(world: World) -> None:
    answer = registry(world).ask(initiate_login_uri=BEGIN.replace("https", "http"))
    assert (answer.status_code, answer.mimetype) == (400, "application/json")
    assert answer.json["error"] == "invalid_client_metadata"
