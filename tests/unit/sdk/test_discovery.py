import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from authserver.sdk.verifier import AccessToken, KeysUnavailable, TokenVerifier

DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/oauth/jwks"
Mint = Callable[..., str]
Publish = Callable[..., None]
Verify = Callable[..., AccessToken]


def test_keys_are_discovered_once_and_kept(
    site: SimpleNamespace, publish: Publish, verify: Verify
) -> None:
    publish("es256")
    for _ in range(20):
        verify()
    assert site.hits == {DISCOVERY: 1, JWKS: 1}


def test_a_configured_key_set_needs_no_metadata(
    *, site: SimpleNamespace, publish: Publish, mint: Mint, now: list[float]
) -> None:
    publish("es256")
    verifier = TokenVerifier(
        issuer={site.url: f"{site.url}{JWKS}"},
        audience="https://api.example.com",
        clock=lambda: now[0],
    )
    assert verifier.verify(mint(iss=site.url)).subject == "usr_ann"
    assert site.hits == {JWKS: 1}


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"issuer": "https://evil.example.com"},
        {"issuer": "{url}/"},
        {"issuer": "{url}"},
        {"issuer": "{url}", "jwks_uri": 1},
        {"issuer": "{url}", "jwks_uri": "file:///etc/passwd"},
        {"issuer": "{url}", "jwks_uri": "https://evil.example.com/jwks"},
        {"issuer": "{url}", "jwks_uri": "{url}1/oauth/jwks"},
        {"issuer": "{url}", "jwks_uri": "http://localhost:1/oauth/jwks"},
        {"issuer": ["{url}"], "jwks_uri": "{url}/oauth/jwks"},
    ],
    ids=str,
)
@pytest.mark.attack("ATK-108")
def test_metadata_of_another_issuer_or_with_a_foreign_key_set_is_not_used(
    *, site: SimpleNamespace, publish: Publish, verify: Verify, metadata: dict[str, object]
) -> None:
    publish("es256")
    text = json.dumps(metadata).replace("{url}", site.url)
    site.pages[DISCOVERY] = (200, {}, text.encode())
    with pytest.raises(KeysUnavailable):
        verify()
    assert site.hits == {DISCOVERY: 1}


def test_a_moved_key_set_is_found_again(
    *, site: SimpleNamespace, publish: Publish, verify: Verify, now: list[float]
) -> None:
    publish("es256")
    verify()
    site.pages["/new"] = site.pages.pop(JWKS)
    moved = {"issuer": site.url, "jwks_uri": f"{site.url}/new"}
    site.pages[DISCOVERY] = (200, {}, json.dumps(moved).encode())
    now[0] += 300
    verify()
    now[0] += 10
    verify()
    assert site.hits == {DISCOVERY: 2, JWKS: 2, "/new": 1}
