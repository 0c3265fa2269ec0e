"""Tokens bound to certificates (RFC 8705 sections 3 and 4)."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.spec.certificates import BOUND, DN, Site, make_site
from tests.spec.tools import Stage, error_of, part
from tests.support.browser import ISSUER
from tests.support.certificates import Holder, make
from tests.support.world import World

pytestmark = pytest.mark.any_database


@pytest.fixture(name="site")
def _site(world: World, tmp_path: Path) -> Site:
    return make_site(world, tmp_path)


@pytest.fixture
def person_at(site: Site) -> Iterator[Callable[..., Stage]]:
    def make_stage(kind: str = "web", **client: Any) -> Stage:
        tenant = site.world.tenant()
        made = site.world.client(tenant, kind, options=BOUND, **client)
        return Stage(site.world, tenant, site.world.user(tenant), made)

    return make_stage


@pytest.mark.rfc("RFC 8705 section 3")
@pytest.mark.bcp("R-19")
def test_a_bound_token_is_good_with_the_certificate_only(
    site: Site, person_at: Callable[..., Stage]
) -> None:
    own, other = make("CN=x"), make("CN=y")
    on = person_at()
    without = site.party(on.client, None).redeem(on.code())
    assert error_of(without) == (400, "invalid_request")
    party = site.party(on.client, own)
    tokens = party.redeem(on.code()).json
    access = tokens["access_token"]
    assert tokens["token_type"] == "Bearer"
    thumbprint = own_thumbprint(own)
    assert part(access, 1)["cnf"] == {"x5t#S256": thumbprint}
    assert party.introspect(access).json["cnf"] == {"x5t#S256": thumbprint}
    assert party.userinfo(access).json["sub"] == on.person.id
    for thief in (site.party(on.client, other), site.party(on.client, None)):
        answer = thief.userinfo(access)
        assert error_of(answer) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    as_dpop = party.http.get(
        "/oauth/userinfo", base_url=ISSUER, headers={"Authorization": f"DPoP {access}"}
    )
    assert error_of(as_dpop) == (401, "invalid_token")


def own_thumbprint(holder: Holder) -> str:
    digest = holder.certificate.fingerprint(x509.base.hashes.SHA256())
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.mark.rfc("RFC 8705 section 4")
@pytest.mark.bcp("R-19")
def test_refresh_tokens_of_a_public_client_are_bound_those_of_others_move_on(
    site: Site, person_at: Callable[..., Stage]
) -> None:
    """Section 4 and section 7.1: a confidential client is bound by its authentication."""
    own, other = make("CN=x"), make("CN=y")
    for kind, expected in (("native", 400), ("web", 200)):
        uris = {"redirect_uris": ["app.example:/cb"]} if kind == "native" else {}
        on = person_at(kind, **uris)
        refresh = site.party(on.client, own).redeem(on.code()).json["refresh_token"]
        moved = site.party(on.client, other).refresh(refresh)
        assert moved.status_code == expected, kind
        without = site.party(on.client, None).refresh(refresh)
        assert error_of(without) == (400, "invalid_request")
        if kind == "native":
            assert site.party(on.client, own).refresh(refresh).status_code == 200


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-5")
@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-6")
def test_the_profile_fapi2_takes_certificates_instead_of_proofs(site: Site) -> None:
    """FAPI 2.0 Security Profile 5.3.2.1, 5 and 6."""
    options = replace(BOUND, security_profile="fapi2", tls_client_auth_subject_dn=DN)
    client = site.machine("tls_client_auth", options=options)
    own = make(DN, site.intermediate)
    answer = site.party(client, own).machine()
    assert answer.status_code == 200
    assert part(answer.json["access_token"], 1)["cnf"] == {"x5t#S256": own_thumbprint(own)}
