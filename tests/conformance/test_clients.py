"""Basic OP: clients that prove who they are in the other way."""

import pytest

from tests.conformance.party import RelyingParty
from tests.support.world import World


@pytest.mark.every_database
@pytest.mark.module("oidcc-server-client-secret-post")
@pytest.mark.rfc("OpenID Connect Core section 9")
def test_a_secret_may_come_in_the_form_where_that_was_registered(world: World) -> None:
    tenant = world.tenant()
    client = world.client(tenant, pkce_required=False, auth_method="client_secret_post")
    rp = RelyingParty(world, client, world.user(tenant, "admin"))
    said, secret = rp.answer(), client.secret
    basic = rp.redeem(said["code"])
    assert (basic.status_code, basic.json["error"]) == (401, "invalid_client")
    client.secret = None  # and so it is not sent in the header
    rp.finish(said, client_id=client.id, client_secret=secret)
