"""What of a client's metadata is refused, and that every refusal names the member."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from authserver.clients.metadata.checks import Around, check_options
from authserver.clients.options import DEFAULTS, Options
from authserver.clients.policy import AuthMethod, UnfitRegistration

HERE = "https://rp.example"
AROUND = {
    "kind": "web",
    "auth_method": AuthMethod.BASIC,
    "redirect_uris": [f"{HERE}/cb"],
    "has_jwks": True,
    "allow_http_loopback": False,
}


def check(around: Mapping[str, Any] | None = None, **options: Any) -> Options:
    return check_options(Options(**options), Around(**{**AROUND, **(around or {})}))


def test_every_option_has_a_value_that_fits() -> None:
    asked = Options(
        subject_type="pairwise",
        sector_identifier_uri=f"{HERE}/sector.json",
        id_token_encrypted_response_alg="RSA-OAEP-256",
        id_token_encrypted_response_enc="A256GCM",
        userinfo_signed_response_alg="PS256",
        userinfo_encrypted_response_alg="ECDH-ES",
        userinfo_encrypted_response_enc="A128GCM",
        default_max_age=0,
        require_auth_time=True,
        default_acr_values=("urn:example:gold", "1"),
        request_object_signing_alg="EdDSA",
        require_signed_request_object=True,
        request_uris=(f"{HERE}/request.jwt#GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM",),
        require_pushed_authorization_requests=True,
        authorization_signed_response_alg="ES384",
        token_endpoint_auth_signing_alg="RS256",
        introspection_signed_response_alg="RS256",
        post_logout_redirect_uris=(f"{HERE}/out?from=here",),
        backchannel_logout_uri=f"{HERE}/back",
        backchannel_logout_session_required=True,
        frontchannel_logout_uri=f"{HERE}/front",
        frontchannel_logout_session_required=True,
        initiate_login_uri=f"{HERE}/login",
        client_uri=HERE,
        logo_uri=f"{HERE}/logo.png",
        contacts=("ops@rp.example",),
        software_id="4NRB1-0XZABZI9E6-5SM3R",
        software_version="2.1",
    )
    assert check_options(asked, Around(**AROUND)) == asked


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jwks_uri", "http://rp.example/jwks"),
        ("jwks_uri", "https://user@rp.example/jwks"),
        ("sector_identifier_uri", "ftp://rp.example/sector"),
        ("initiate_login_uri", f"{HERE}/login#now"),
        ("backchannel_logout_uri", "javascript:alert(1)"),
        ("frontchannel_logout_uri", "https://other.example/front"),
        ("post_logout_redirect_uris", ("https://*.rp.example/out",)),
        ("post_logout_redirect_uris", (f"{HERE}/out#top",)),
        ("request_uris", ("http://rp.example/request.jwt",)),
        ("request_uris", (f"{HERE}/request.jwt#<script>",)),
        ("client_uri", "http://rp.example"),
        ("logo_uri", "data:image/png;base64,iVBORw0KGgo="),
        ("subject_type", "ephemeral"),
        ("userinfo_signed_response_alg", "none"),
        ("request_object_signing_alg", "none"),
        ("request_object_signing_alg", "HS256"),
        ("authorization_signed_response_alg", "RS512"),
        ("introspection_signed_response_alg", "none"),
        ("token_endpoint_auth_signing_alg", "HS256"),
        ("id_token_encrypted_response_alg", "RSA1_5"),
        ("userinfo_encrypted_response_alg", "PBES2-HS256+A128KW"),
        ("id_token_encrypted_response_enc", "A256GCM"),
        ("default_max_age", -1),
        ("default_acr_values", ("two words",)),
        ("contacts", ("a\nb",)),
        ("contacts", ("x",) * 11),
        ("software_version", "x" * 256),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(name: str, value: object) -> None:
    text = value[0] if isinstance(value, tuple) else value
    with pytest.raises(UnfitRegistration, match=f"{name}|{re.escape(str(text))}"):
        check({"has_jwks": name != "jwks_uri"}, **{name: value})


def test_content_encryption_has_a_default() -> None:
    checked = check(userinfo_encrypted_response_alg="RSA-OAEP")
    assert checked.userinfo_encrypted_response_enc == "A128CBC-HS256"
    assert checked.id_token_encrypted_response_enc is None


@pytest.mark.parametrize(
    "options",
    [
        {"id_token_encrypted_response_alg": "RSA-OAEP"},
        {"require_signed_request_object": True},
    ],
)
def test_what_needs_keys_is_refused_without_any(options: Mapping[str, Any]) -> None:
    with pytest.raises(UnfitRegistration, match="jwks_uri"):
        check({"has_jwks": False}, **options)
    check({"has_jwks": False}, jwks_uri=f"{HERE}/jwks", **options)


def test_keys_come_by_value_or_by_reference() -> None:
    with pytest.raises(UnfitRegistration, match="not both"):
        check(jwks_uri=f"{HERE}/jwks")


@pytest.mark.rfc("OIDC-CORE-8.1")
def test_pairwise_subjects_of_several_hosts_need_a_sector() -> None:
    several = {"redirect_uris": [f"{HERE}/cb", "https://other.example/cb"]}
    with pytest.raises(UnfitRegistration, match="sector_identifier_uri"):
        check(several, subject_type="pairwise")
    check(several, subject_type="pairwise", sector_identifier_uri=f"{HERE}/sector.json")
    check(subject_type="pairwise")


def test_machines_have_nothing_that_is_about_people() -> None:
    machine = {"kind": "service", "redirect_uris": []}
    check(machine, contacts=("ops@rp.example",), introspection_signed_response_alg="ES256")
    with pytest.raises(UnfitRegistration, match="'initiate_login_uri'"):
        check(machine, initiate_login_uri=f"{HERE}/login")


def test_a_secret_signs_with_its_own_algorithms() -> None:
    by_secret = {"auth_method": AuthMethod.SECRET_JWT}
    check(by_secret, token_endpoint_auth_signing_alg="HS256")
    with pytest.raises(UnfitRegistration, match="HS256, HS384, HS512"):
        check(by_secret, token_endpoint_auth_signing_alg="RS256")


def test_loopback_is_for_development() -> None:
    local = "http://127.0.0.1:8080/jwks"
    with pytest.raises(UnfitRegistration, match="https"):
        check({"has_jwks": False}, jwks_uri=local)
    check({"has_jwks": False, "allow_http_loopback": True}, jwks_uri=local)


def test_no_options_are_fine_for_every_kind() -> None:
    for kind in ("web", "spa", "native", "service", "partner"):
        assert check({"kind": kind}) == DEFAULTS
