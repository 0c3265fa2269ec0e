import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from authserver.sdk.verifier import (
    AccessToken,
    Document,
    InvalidToken,
    KeysUnavailable,
    TokenVerifier,
)

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


@pytest.mark.attack("ATK-108")
@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example.com/jwks",
        "https://id.example.com.evil.example.com/jwks",
        "https://id.example.com:8443/jwks",
        "http://localhost/jwks",
        "http://id.example.com/jwks",
        "file:///etc/passwd",
    ],
)
def test_a_foreign_key_set_is_not_even_asked_for(
    build: Callable[..., TokenVerifier], mint: Mint, uri: str
) -> None:
    asked: list[str] = []

    def fetch(url: str) -> Document:
        asked.append(url)
        return Document({"issuer": "https://id.example.com", "jwks_uri": uri, "keys": []})

    with pytest.raises(KeysUnavailable):
        build(fetch=fetch).verify(mint())
    assert asked == ["https://id.example.com/.well-known/openid-configuration"]


@pytest.mark.attack("ATK-102")
@pytest.mark.parametrize("kid", [..., "", "x" * 257, 1])
def test_a_key_id_that_cannot_be_one_makes_nobody_ask(
    *, site: SimpleNamespace, publish: Publish, verify: Verify, kid: object
) -> None:
    publish("es256")
    with pytest.raises(InvalidToken):
        verify(header={"kid": kid})
    assert not site.hits
