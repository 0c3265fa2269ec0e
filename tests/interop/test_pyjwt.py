"""PyJWT's PyJWKClient: tokens are validated by somebody who knows nothing but the issuer."""

from typing import Any

import jwt
import pytest
import requests

from tests.interop.conftest import Running
from tests.support.process import AUDIENCE
from tests.support.tokens import code_flow, machine_token

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def metadata(running: Running) -> dict[str, Any]:
    url = f"{running.issuer}/.well-known/openid-configuration"
    return dict(requests.get(url, timeout=30).json())


@pytest.fixture(scope="module")
def tokens(running: Running) -> dict[str, Any]:
    return code_flow(running.issuer, running.portal, running.person, nonce="n-0S6_WzA2Mj")


def claims_of(metadata: dict[str, Any], token: str, *, audience: str) -> dict[str, Any]:
    key = jwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(token)
    return dict(
        jwt.decode(
            token,
            key,
            algorithms=["ES256", "RS256"],
            issuer=metadata["issuer"],
            audience=audience,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    )


def test_a_persons_access_token_says_tenant_and_roles(
    running: Running, metadata: dict[str, Any], tokens: dict[str, Any]
) -> None:
    token = tokens["access_token"]
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    claims = claims_of(metadata, token, audience=AUDIENCE)
    assert claims["sub"] == running.person.id
    assert claims["tenant"] == running.tenant
    assert claims["tenant_type"] == "internal"
    assert claims["roles"] == ["NOC_OPERATOR"]
    assert claims["exp"] - claims["iat"] == 15 * 60


def test_an_id_token_is_for_the_client_with_its_nonce(
    running: Running, metadata: dict[str, Any], tokens: dict[str, Any]
) -> None:
    token = tokens["id_token"]
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    claims = claims_of(metadata, token, audience=running.portal.id)
    assert claims["sub"] == running.person.id
    assert claims["nonce"] == "n-0S6_WzA2Mj"


def test_a_machines_token_has_its_client_as_subject_and_no_roles(
    running: Running, metadata: dict[str, Any]
) -> None:
    token = machine_token(running.issuer, running.service, scope="reports:read")
    claims = claims_of(metadata, token, audience=AUDIENCE)
    assert claims["sub"] == claims["client_id"] == running.service.id
    assert claims["scope"] == "reports:read"
    assert "roles" not in claims


def test_another_audience_refuses_the_token(
    metadata: dict[str, Any], tokens: dict[str, Any]
) -> None:
    with pytest.raises(jwt.InvalidAudienceError):
        claims_of(metadata, tokens["access_token"], audience="urn:example:somebody-else")
