"""openid-client from npm with DPoP: proofs, nonces and pushed requests of another's making."""

from pathlib import Path

import pytest

from tests.interop.conftest import Running
from tests.support.process import PEOPLE_SCOPES, Registered
from tests.support.scripts import running_script
from tests.support.walker import Walker

pytestmark = [pytest.mark.processes, pytest.mark.node]


@pytest.mark.rfc("RFC 9449 section 5")
@pytest.mark.parametrize(
    ("kind", "alg"),
    [("bound_portal", "ES256"), ("single_page", "ES256"), ("bound_portal", "EdDSA")],
)
def test_an_application_with_a_key_signs_somebody_in(
    running: Running, scripts: Path, *, kind: str, alg: str
) -> None:
    client: Registered = getattr(running, kind)
    with running_script(
        ["node", "dpop.mjs"],
        scripts,
        issuer=running.issuer,
        client_id=client.id,
        client_secret=client.secret,
        redirect_uri=client.redirect_uri,
        scope=" ".join(PEOPLE_SCOPES),
        alg="Ed25519" if alg == "EdDSA" else alg,
    ) as script:
        url = script.hear()["authorize"]
        script.tell(Walker(running.person).walk(url, until=client.redirect_uri))
        said = script.hear()
    assert said["type"].lower() == said["again"].lower() == "dpop"
    assert said["profile"]["email"] == running.person.email
    assert said["stolen"] == "invalid_grant"
    assert said["bearer"] == "invalid_token"
    assert said["keyless"] in {"invalid_grant", "invalid_dpop_proof"}
