"""Config OP: the document that a relying party configures itself from."""

from typing import Any

import pytest

from tests.conformance.party import RelyingParty

DOCUMENT = "/.well-known/openid-configuration"
REQUIRED = (
    "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri",
    "registration_endpoint", "scopes_supported", "claims_supported", "response_types_supported",
    "grant_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported", "claims_parameter_supported",
    "request_parameter_supported", "request_uri_parameter_supported",
)  # fmt: skip


@pytest.fixture
def metadata(rp: RelyingParty) -> dict[str, Any]:
    return rp.metadata


@pytest.mark.every_database
@pytest.mark.module("oidcc-discovery-endpoint-verification")
@pytest.mark.rfc("OpenID Connect Discovery section 3")
def test_the_document_has_what_a_relying_party_needs(
    rp: RelyingParty, metadata: dict[str, Any]
) -> None:
    answer = rp.browser.get(DOCUMENT)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert [name for name in REQUIRED if name not in metadata] == []
    for name, value in metadata.items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith("https://"), name
        if name.endswith(("_supported", "_alg_values_supported")) and isinstance(value, list):
            assert value, f"{name} is empty: it is better left out"
            assert len(set(value)) == len(value), name
    assert "code" in metadata["response_types_supported"]
    assert {"authorization_code", "refresh_token"} <= set(metadata["grant_types_supported"])
    assert "RS256" in metadata["id_token_signing_alg_values_supported"]
    assert set(metadata["subject_types_supported"]) <= {"public", "pairwise"}
    assert {"openid", "profile", "email", "address", "phone"} <= set(metadata["scopes_supported"])
    assert {"sub", "iss", "auth_time", "acr", "name", "email"} <= set(metadata["claims_supported"])


@pytest.mark.module("oidcc-rp-initiated-logout-discovery-endpoint-verification")
@pytest.mark.rfc("OpenID Connect RP-Initiated Logout section 2.1")
def test_it_says_where_to_sign_out(metadata: dict[str, Any]) -> None:
    assert metadata["end_session_endpoint"].startswith(metadata["issuer"])


@pytest.mark.module("oidcc-backchannel-logout-discovery-endpoint-verification")
@pytest.mark.rfc("OpenID Connect Back-Channel Logout section 2.1")
def test_it_says_that_servers_are_told(metadata: dict[str, Any]) -> None:
    assert metadata["backchannel_logout_supported"] is True
    assert metadata["backchannel_logout_session_supported"] is True


@pytest.mark.module("oidcc-frontchannel-logout-discovery-endpoint-verification")
@pytest.mark.rfc("OpenID Connect Front-Channel Logout section 4")
def test_it_says_that_browsers_tell(metadata: dict[str, Any]) -> None:
    assert metadata["frontchannel_logout_supported"] is True
    assert metadata["frontchannel_logout_session_supported"] is True


@pytest.mark.rfc("OpenID Connect Discovery section 3")
def test_there_is_no_frame_that_watches_sessions(metadata: dict[str, Any]) -> None:
    assert "check_session_iframe" not in metadata
