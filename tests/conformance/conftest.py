"""A relying party as the plans make one: confidential, without PKCE, at one issuer."""

import pytest

from tests.conformance.party import SCOPES, RelyingParty
from tests.support.world import World

REDIRECTS = ["https://rp.example/callback", "https://rp.example/callback?dummy1=lorem&dummy2=ipsum"]


@pytest.fixture
def response_mode(world: World) -> str:
    """Answers come by query on SQLite and by form_post on PostgreSQL: two plans, each once."""
    name = world.services.database.engine.dialect.name
    return {"sqlite": "query", "postgresql": "form_post"}[name]


@pytest.fixture
def rp(world: World, response_mode: str) -> RelyingParty:
    """A registered client, and a person with every claim who is not signed in yet."""
    tenant = world.tenant()
    person = world.user(tenant, "admin")
    client = world.client(
        tenant, redirect_uris=REDIRECTS, scopes=[*SCOPES, "offline_access"], pkce_required=False
    )
    return RelyingParty(world, client, person, response_mode)
