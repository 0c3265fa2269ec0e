"""What the profile `fapi2` asks of a registration: FAPI 2.0 Security Profile 5.3.2 and 5.4."""

from typing import Any

import pytest

from authserver.clients.options import Options
from authserver.clients.policy import UnfitRegistration
from authserver.clients.registration import Checked, Registration, check

KEY = {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43, "kid": "one"}
GOOD: dict[str, Any] = {
    "kind": "web",
    "auth_method": "private_key_jwt",
    "jwks": {"keys": [KEY]},
    "redirect_uris": ["https://rp.example/cb"],
}


def registered(options: dict[str, Any] | None = None, **more: Any) -> Checked:
    fapi2 = Options(**{"security_profile": "fapi2", **(options or {})})
    asked = Registration(tenant_id="ten_1", name="Bank", options=fapi2, **{**GOOD, **more})
    return check(asked, tenant_type="customer", own_issuer=False, allow_http_loopback=True)


def test_the_profile_implies_what_it_demands() -> None:
    checked = registered()
    assert checked.options.dpop_bound_access_tokens
    assert checked.options.require_pushed_authorization_requests
    assert checked.id_token_alg == "ES256"
    assert registered(id_token_alg="PS256").id_token_alg == "PS256"


def test_a_service_of_the_profile_pushes_nothing() -> None:
    checked = registered(kind="service", redirect_uris=[])
    assert checked.options.dpop_bound_access_tokens
    assert not checked.options.require_pushed_authorization_requests


UNFIT: dict[str, dict[str, Any]] = {
    "a secret": {"auth_method": "client_secret_basic", "jwks": None},
    "a public client": {"kind": "spa", "auth_method": "none", "jwks": None},
    "no PKCE": {"pkce_required": False},
    "http on loopback": {"redirect_uris": ["http://127.0.0.1/cb"]},
    "access tokens by RS256": {"access_token_alg": "RS256"},
    "ID tokens by ES384": {"id_token_alg": "ES384"},
    "assertions by RS256": {"options": {"token_endpoint_auth_signing_alg": "RS256"}},
    "requests by RS256": {"options": {"request_object_signing_alg": "RS256"}},
    "another profile": {"options": {"security_profile": "fapi3"}},
}


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-3")
@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-6")
@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-8")
@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_what_the_profile_forbids_is_refused(unfit: dict[str, Any]) -> None:
    with pytest.raises(UnfitRegistration):
        registered(**unfit)
