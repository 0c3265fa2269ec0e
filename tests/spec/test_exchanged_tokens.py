"""What comes of a bound token, and what names it carries: RFC 8693 beside RFC 9449 and sectors."""

import pytest

from authserver.clients.options import Options
from tests.spec.exchanging import ACCESS, allow, chain, exchange
from tests.spec.tools import API, error_of, part, stage
from tests.support.browser import Party
from tests.support.holder import BoundParty, Holder
from tests.support.world import World


@pytest.mark.every_database
@pytest.mark.rfc("RFC 9449 section 5")
def test_of_a_token_that_is_bound_to_a_key_comes_none_that_is_not(world: World) -> None:
    hop = chain(world)
    owner = BoundParty(world, hop.on.client, Holder(world))
    bound = owner.redeem(hop.on.code()).json["access_token"]
    assert error_of(exchange(hop.service, bound)) == (400, "invalid_request")
    key = Holder(world)
    answer = exchange(BoundParty(world, hop.service.client, key), bound)
    assert answer.json["token_type"] == "DPoP"
    assert part(answer.json["access_token"], 1)["cnf"] == {"jkt": key.jkt}


@pytest.mark.rfc("OpenID Connect Core section 8.1")
def test_nobody_hears_how_another_sector_calls_those_who_act(world: World) -> None:
    on = stage(world, options=Options(subject_type="pairwise"), audiences=[API])
    service = Party(world, world.client(on.tenant, "service", audiences=[API]))
    allow(world, on.client, on.client, "delegation", audiences=(API,))
    allow(world, service.client, on.client, "impersonation")
    own = on.tokens()["access_token"]
    acted = exchange(on.party, own, actor_token=own, actor_token_type=ACCESS)
    assert part(acted.json["access_token"], 1)["act"]["sub"] == part(own, 1)["sub"]
    assert exchange(service, own).status_code == 200
    assert error_of(exchange(service, acted.json["access_token"])) == (400, "invalid_request")
