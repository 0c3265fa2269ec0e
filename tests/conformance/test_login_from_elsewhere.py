"""3rd Party-Initiated Login OP: the client's own address begins the sign-in."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from authserver.clients.options import Options
from tests.conformance.party import RelyingParty
from tests.support.browser import ISSUER
from tests.support.world import World

BEGIN = "https://rp.example/begin"


@pytest.mark.every_database
@pytest.mark.module("oidcc-3rdparty-init-login")
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
