"""Back-Channel and Front-Channel Logout OP: clients of the session hear that it is over."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from authserver.clients.options import Options
from tests.conformance.party import RelyingParty
from tests.support.browser import ISSUER
from tests.support.signing_out import BACK, client_that_is_told, relying_parties
from tests.support.world import World

FRAME = "https://rp.example/frontchannel"


@pytest.mark.module("oidcc-backchannel-rp-initiated-logout")
@pytest.mark.rfc("OpenID Connect Back-Channel Logout section 2.2")
@pytest.mark.rfc("OpenID Connect Back-Channel Logout section 2.4")
@pytest.mark.rfc("OpenID Connect Back-Channel Logout section 2.5")
@pytest.mark.parametrize("subject_type", ["public", "pairwise"])
def test_a_clients_server_gets_a_logout_token(world: World, subject_type: str) -> None:
    with relying_parties(world) as there:
        tenant = world.tenant()
        client = client_that_is_told(
            world, tenant, there, pkce_required=False, options={"subject_type": subject_type}
        )
        rp = RelyingParty(world, client, world.user(tenant, "admin"))
        signed_in = rp.sign_in()
        hint = signed_in.tokens["id_token"]
        query = {"id_token_hint": hint, "post_logout_redirect_uri": BACK}
        assert rp.browser.get("/oauth/logout", query_string=query).headers["Location"] == BACK
        world.services.logout.deliver_due()
        (request,) = there.told()
        (claims,) = there.tokens(world)
    assert set(request.given) == {"logout_token"}
    assert claims["iss"] == ISSUER
    assert claims["aud"] == client.id
    assert claims["sub"] == signed_in.claims["sub"], "the subject that the client knows"
    assert claims["sid"] == signed_in.claims["sid"]
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert claims["iat"] < claims["exp"] <= claims["iat"] + 120
    assert claims["jti"]
    assert "nonce" not in claims


@pytest.mark.every_database
@pytest.mark.module("oidcc-frontchannel-rp-initiated-logout")
@pytest.mark.rfc("OpenID Connect Front-Channel Logout section 2")
@pytest.mark.rfc("OpenID Connect Front-Channel Logout section 3")
def test_a_clients_page_is_loaded_with_issuer_and_session(world: World) -> None:
    tenant = world.tenant()
    options = Options(
        frontchannel_logout_uri=FRAME,
        frontchannel_logout_session_required=True,
        post_logout_redirect_uris=(BACK,),
    )
    client = world.client(tenant, pkce_required=False, options=options)
    rp = RelyingParty(world, client, world.user(tenant, "admin"))
    signed_in = rp.sign_in()
    query = {
        "id_token_hint": signed_in.tokens["id_token"],
        "post_logout_redirect_uri": BACK,
        "state": "x",
    }
    answer = rp.browser.get("/oauth/logout", query_string=query)
    page = rp.browser.follow(answer) if answer.status_code == 303 else answer
    (frame,) = re.findall(r'<iframe src="([^"]+)"', page.text)
    loaded = urlsplit(unescape(frame))
    assert loaded._replace(query="").geturl() == FRAME
    assert parse_qs(loaded.query) == {"iss": [ISSUER], "sid": [signed_in.claims["sid"]]}
    assert "frame-src https://rp.example" in page.headers["Content-Security-Policy"]
    assert f"{BACK}?state=x" in unescape(page.text), "and then the browser goes back"
