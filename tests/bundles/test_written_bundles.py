"""What the server writes, both verifiers verify; what somebody does to the database, both find."""

import json

import pytest

from authserver.audit.bundles.writing import Plan
from authserver.audit.events import Actor
from authserver.core.ids import new_id
from authserver.core.problems import Refused
from authserver.oauth.trail.keys import shown
from tests.support.bundles.verifying import Given, Verifiers
from tests.support.world import World
from tests.trail.events import record

pytestmark = [pytest.mark.node]


def signed(world: World) -> int:
    return world.services.proving.sequencer.once()[1].number


def plan(
    world: World, tenant_id: str, since: int | None = None, also: tuple[int, ...] = ()
) -> Plan:
    with world.services.database.read() as view:
        return world.services.proving.bundles.plan(view, tenant_id, since=since, also=also)


def bundle(world: World, planned: Plan) -> bytes:
    return b"".join(world.services.proving.bundles.lines(world.services.database, planned))


def given(world: World) -> Given:
    """What somebody saved from /.well-known/audit-keys."""
    with world.services.database.read() as view:
        keys = [shown(key) for key in world.services.proving.keys.published(view)]
    return Given(json.dumps({"keys": keys}))


def test_a_tenants_trail_is_verified_whole_and_from_a_checkpoint(
    world: World, verifiers: Verifiers
) -> None:
    tenant, other = world.tenant().id, world.tenant().id
    record(world, tenant, 3, words='\u2028 " \\ \x7f \U0001f600 \x01')
    early = signed(world)
    with pytest.raises(Refused):
        plan(world, world.tenant().id)
    record(world, other, 2)
    middle = signed(world)
    record(world, tenant, 300)
    signed(world)
    for since, also in ((None, ()), (None, (early, middle)), (early, ()), (middle, (early,))):
        verdict = verifiers.verdict(
            bundle(world, plan(world, tenant, since, also)), given(world), size=1 << 16
        )
        assert (verdict["status"], verdict["reasons"]) == ("verified", []), since
        assert verdict["tenant"] == tenant


def test_a_bundle_is_the_same_whenever_its_plan_is_written(
    world: World, verifiers: Verifiers
) -> None:
    tenant = world.tenant().id
    record(world, tenant)
    signed(world)
    planned = plan(world, tenant)
    before = bundle(world, planned)
    record(world, tenant, 5)
    signed(world)
    assert bundle(world, planned) == before
    assert verifiers.brief(before, given(world)) == ("verified", None)


@pytest.mark.attack("AUD-10")
def test_checkpoints_before_and_after_a_rotation_are_verified(
    world: World, verifiers: Verifiers
) -> None:
    tenant, keys = world.tenant().id, world.services.proving.keys
    record(world, tenant)
    first = signed(world)
    saved = given(world)
    world.services.database.write(
        lambda transaction: keys.rotate(transaction, Actor("operator", tenant, new_id("req")))
    )
    record(world, tenant)
    signed(world)
    both = bundle(world, plan(world, tenant, also=(first,)))
    assert verifiers.brief(both, given(world)) == ("verified", None)
    assert verifiers.brief(both, saved) == ("verified", None)
