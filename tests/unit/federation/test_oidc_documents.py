"""What an OpenID Connect provider publishes: what is used of it, and for how long."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from authserver.federation.connectors.base import (
    Answer,
    UpstreamDown,
    UpstreamRefused,
)
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection
from tests.support.clock import ManualClock
from tests.support.providers import OpenId
from tests.support.providers.visiting import connection, visit


@pytest.fixture
def to(provider: OpenId) -> Connection:
    return connection("oidc", provider)


def complete(connectors: Connectors, to: Connection, provider: OpenId) -> Answer:
    return visit(connectors, to, provider).complete()


def test_a_secret_goes_in_the_header_as_a_form_encodes_it(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    complete(connectors, to, provider)
    (asked,) = provider.requests("token")
    assert asked.headers["authorization"].startswith("Basic ")
    assert not {"client_secret", "client_id"} & set(asked.given)


def test_a_secret_goes_in_the_form_where_nothing_else_is_taken(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.auth_methods = ("client_secret_post", "private_key_jwt")
    complete(connectors, to, provider)
    (asked,) = provider.requests("token")
    assert asked.given["client_secret"] == provider.client_secret
    assert "authorization" not in asked.headers


def test_without_a_secret_only_the_verifier_proves_it(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.auth_methods, provider.client_secret = ("none",), ""
    complete(connectors, to, provider)
    (asked,) = provider.requests("token")
    assert asked.given["client_id"] == provider.client_id
    assert "client_secret" not in asked.given
    assert "authorization" not in asked.headers


def test_a_method_that_we_do_not_have_is_no_sign_in(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.auth_methods = ("private_key_jwt",)
    with pytest.raises(UpstreamDown, match="no way that we know"):
        visit(connectors, to, provider).url()


def test_without_a_list_of_methods_the_header_is_used(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.metadata["token_endpoint_auth_methods_supported"] = None
    complete(connectors, to, provider)
    assert "authorization" in provider.requests("token")[0].headers


@pytest.mark.rfc("OpenID Connect Discovery section 4.3")
@pytest.mark.parametrize("wrong", ["/", "x", "%2F", None])
def test_the_published_issuer_is_the_configured_one_byte_for_byte(
    connectors: Connectors, to: Connection, provider: OpenId, wrong: str | None
) -> None:
    provider.metadata["issuer"] = None if wrong is None else provider.url + wrong
    with pytest.raises(UpstreamDown, match="issuer is another one"):
        visit(connectors, to, provider).url()


@pytest.mark.parametrize(
    "wrong",
    ["http://evil.example/authorize", "javascript:alert(1)", "/authorize", "", None, 7,
     "https://good.example\\@evil.example/", "https://user@evil.example/", "https://e.example/#"],
)  # fmt: skip
def test_a_browser_is_sent_only_to_an_address_that_can_be_one(
    connectors: Connectors, to: Connection, provider: OpenId, wrong: object
) -> None:
    provider.metadata["authorization_endpoint"] = wrong
    with pytest.raises(UpstreamDown, match="authorization"):
        visit(connectors, to, provider).url()


@pytest.mark.parametrize("missing", ["token_endpoint", "jwks_uri"])
def test_metadata_without_an_endpoint_is_no_provider(
    connectors: Connectors, to: Connection, provider: OpenId, missing: str
) -> None:
    provider.metadata[missing] = None
    with pytest.raises(UpstreamDown, match=missing):
        visit(connectors, to, provider).url()


def test_metadata_that_are_mended_count_at_once(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.metadata["issuer"] = "https://typo.example"
    with pytest.raises(UpstreamDown):
        visit(connectors, to, provider).url()
    del provider.metadata["issuer"]
    assert complete(connectors, to, provider).identity.subject == "subject-1"


def test_documents_are_kept_for_an_hour(
    connectors: Connectors, to: Connection, provider: OpenId, time: ManualClock
) -> None:
    complete(connectors, to, provider)
    time.move(minutes=59)
    complete(connectors, to, provider)
    assert len(provider.requests("discovery")) == len(provider.requests("jwks")) == 1
    time.move(minutes=1)
    complete(connectors, to, provider)
    assert len(provider.requests("discovery")) == len(provider.requests("jwks")) == 2


def test_no_connection_reads_the_copies_of_another(
    connectors: Connectors, provider: OpenId
) -> None:
    for _ in range(2):
        complete(connectors, connection("oidc", provider), provider)
    assert len(provider.requests("discovery")) == 2


def test_keys_that_rotate_in_the_middle_of_a_sign_in_are_read_again(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    complete(connectors, to, provider)
    there = visit(connectors, to, provider)
    said = there.back()
    provider.rotate_keys()
    assert there.finish(said).identity.subject == "subject-1"
    assert len(provider.requests("jwks")) == 2


def test_an_unknown_key_is_looked_for_once_a_minute(
    connectors: Connectors, to: Connection, provider: OpenId, time: ManualClock
) -> None:
    provider.signing = type(provider.signing).UNKNOWN
    for _ in range(3):
        with pytest.raises(UpstreamRefused, match="no published key"):
            complete(connectors, to, provider)
    assert len(provider.requests("jwks")) == 2
    time.move(seconds=61)
    with pytest.raises(UpstreamRefused, match="no published key"):
        complete(connectors, to, provider)
    assert len(provider.requests("jwks")) == 3


def test_keys_that_rotate_under_many_people_at_once_keep_nobody_out(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    complete(connectors, to, provider)
    visits = [visit(connectors, to, provider) for _ in range(6)]
    said = [one.back() for one in visits]
    provider.rotate_keys()
    gate = threading.Barrier(len(visits))

    def finish(number: int) -> str:
        gate.wait(10)
        return visits[number].finish(said[number]).identity.subject

    with ThreadPoolExecutor(len(visits)) as pool:
        assert set(pool.map(finish, range(len(visits)))) == {"subject-1"}
