"""Every claim of the metadata of every issuer, compared with what the server does: RFC 8414."""

import pytest

from tests.spec.probes import PROBES, At, endpoint
from tests.spec.tools import get
from tests.support.world import World

DOCUMENT = "/.well-known/openid-configuration"


@pytest.fixture(params=["platform", "path"])
def at(world: World, request: pytest.FixtureRequest) -> At:
    own = request.param == "path"
    tenant = world.tenant(own_issuer=own)
    prefix = f"/t/{tenant.slug}" if own else ""
    return At(world, tenant, world.user(tenant, "admin"), prefix)


@pytest.mark.every_database
@pytest.mark.rfc("Prompt Create section 4.1")
@pytest.mark.rfc("RFC 8414 section 2")
@pytest.mark.rfc("OpenID Connect Discovery section 3")
@pytest.mark.bcp("R-36")
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_every_claim_of_the_metadata_is_true(at: At) -> None:
    at.stage()  # and so there is a key for ID tokens, which an issuer without clients need not have
    published = get(at.world, at.prefix + DOCUMENT).json
    untrue: dict[str, str] = {}
    for member, said in published.items():
        probe = PROBES.get(member, endpoint if member.endswith("_endpoint") else None)
        if probe is None:
            untrue[member] = "there is no probe for it"
            continue
        try:
            probe(at, said)
        except (AssertionError, KeyError) as error:
            untrue[member] = repr(error)
    assert untrue == {}
