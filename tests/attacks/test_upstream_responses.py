"""Mix-up, and documents that lead inside: a provider that is not who it should be."""

import logging

import pytest

from authserver.core import log
from authserver.federation.connectors.base import UpstreamDown, UpstreamRefused
from authserver.federation.connectors.making import Connectors
from tests.support.clock import ManualClock
from tests.support.providers import (
    github,
    make_connectors,
    openid,
)
from tests.support.providers.visiting import connection, visit


@pytest.fixture
def time() -> ManualClock:
    return ManualClock()


@pytest.fixture
def connectors(time: ManualClock) -> Connectors:
    return make_connectors(time)


@pytest.mark.rfc("RFC 9207 section 2.4")
@pytest.mark.bcp("R-37")
def test_a_response_of_another_provider_is_refused_before_the_code_leaves(
    connectors: Connectors, time: ManualClock
) -> None:
    """Mix-up (RFC 9700 section 4.4): the attacker's provider wants the honest one's code."""
    with openid(time) as honest:
        honest.person(email="victim@corp.example")
        there = visit(connectors, connection("oidc", honest), honest)
        said = there.back()
        for issuer in ("https://evil.example", honest.url + "/", honest.url.upper(), ""):
            with pytest.raises(UpstreamRefused, match="another provider"):
                there.finish({**said, "iss": issuer})
        del said["iss"]
        with pytest.raises(UpstreamRefused, match="does not say whose"):
            there.finish(said)
        assert honest.requests("token") == []


@pytest.mark.rfc("RFC 9207 section 2.4")
def test_a_provider_that_does_not_promise_its_name_need_not_say_it_but_not_wrongly(
    connectors: Connectors, time: ManualClock
) -> None:
    with openid(time) as provider:
        provider.person(email="ada@corp.example")
        provider.says_iss = False
        to = connection("oidc", provider)
        assert visit(connectors, to, provider).complete().identity.subject
        provider.callback = {"iss": "https://evil.example"}
        with pytest.raises(UpstreamRefused, match="another provider"):
            visit(connectors, to, provider).complete()


@pytest.mark.attack("ATK-126")
@pytest.mark.parametrize(
    "inside",
    ["http://169.254.169.254/latest/meta-data/", "https://10.0.0.1/jwks", "file:///etc/passwd",
     "https://[::ffff:127.0.0.1]/jwks", "https://localhost/jwks", "gopher://127.0.0.1/"],
)  # fmt: skip
@pytest.mark.parametrize("endpoint", ["jwks_uri", "token_endpoint", "userinfo_endpoint"])
def test_a_document_leads_to_no_address_inside(
    connectors: Connectors, time: ManualClock, endpoint: str, inside: str
) -> None:
    with openid(time) as provider:
        provider.person(email="ada@corp.example")
        provider.metadata[endpoint] = inside
        provider.claims = {"email": None}
        with pytest.raises(UpstreamDown):
            visit(connectors, connection("oidc", provider), provider).complete()


@pytest.mark.parametrize("kind", ["oidc", "github"])
def test_no_code_no_token_and_no_secret_is_logged(
    connectors: Connectors, time: ManualClock, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    log.configure("DEBUG")
    try:
        with github(time) if kind == "github" else openid(time) as provider:
            provider.person(email="ada@corp.example")
            there = visit(connectors, connection(kind, provider), provider)
            said = there.back()
            access_token = there.finish(said).tokens.access_token
            with pytest.raises(UpstreamRefused) as refused:
                there.finish(said)
    finally:
        log.configure("ERROR")
    told = caplog.text + str(refused.value) + repr(refused.value.__cause__)
    for secret in (said["code"], access_token, provider.client_secret, there.verifier):
        assert secret not in told
