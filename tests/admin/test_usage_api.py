"""/usage by API: figures for whoever may read them, quotas for who administers tenants."""

import pytest

from authserver.core.ids import new_id
from tests.admin.callers import Caller, person, program
from tests.spec.tools import events, statements
from tests.support.browser import Party
from tests.support.world import World

REASON = {"reason": "A quota was asked for, ticket 4711"}


@pytest.fixture(name="platform")
def _platform(world: World) -> Caller:
    return person(world, "PLATFORM_ADMIN")


def test_a_tenant_reads_its_own_figures_with_clients_and_reasons(world: World) -> None:
    admin = person(world, "admin", kind="partner")
    feed = Party(world, world.client(admin.tenant, "partner", name="Feed"))
    feed.machine()
    feed.machine(scope="nothing")
    world.services.usage.writer.flush()
    world.services.usage.notes.note()
    found = admin.call("GET", f"/tenants/{admin.tenant.id}/usage?period=7d").json
    assert (found["period"], found["grain"], len(found["points"])) == ("7d", "hour", 168)
    assert found["refusals"] == [{"reason": "scope", "number": 1}]
    shares = {one["name"]: (one["tokens"], one["refused"]) for one in found["shares"]}
    assert shares["Feed"] == (1, 1)
    assert found["points"][-1]["tokens"] == found["tokens"]
    assert (found["people"], found["people_with_second_factor"]) == (1, 0)
    assert found["latency_p95_ms"] > 0


def test_the_platform_reads_all_figures_and_a_tenant_only_its_own(
    world: World, platform: Caller
) -> None:
    admin = person(world, "admin", kind="partner")
    client = world.client(admin.tenant, "partner")
    Party(world, client).machine()
    # Only those who had most are shown, and the tests beside this one have some.
    for _ in range(500):
        world.services.meter.issued(admin.tenant.id, client.id, 0.01)
    world.services.usage.writer.flush()
    all_of = platform.call("GET", "/usage").json
    assert admin.tenant.id in {one["id"] for one in all_of["shares"]}
    own = platform.call("GET", f"/tenants/{admin.tenant.id}/usage")
    assert own.json["tokens"] >= 1
    assert admin.call("GET", "/usage").status_code == 403
    other = person(world, "admin", kind="partner")
    for path in ("usage", f"clients/{client.id}/usage"):
        foreign = other.call("GET", f"/tenants/{admin.tenant.id}/{path}")
        absent = other.call("GET", f"/tenants/{new_id('ten')}/{path}")
        assert (foreign.status_code, absent.status_code) == (404, 404)
        assert foreign.json["detail"] == absent.json["detail"]
    inside = other.call("GET", f"/tenants/{other.tenant.id}/clients/{client.id}/usage")
    assert inside.status_code == 404


def test_figures_need_the_permission_and_nothing_leaks_without_it(world: World) -> None:
    assert person(world, "SUPPORT_AGENT").call("GET", "/usage").status_code == 403
    reader = program(world, "usage:read", kind="partner")
    assert reader.call("GET", f"/tenants/{reader.tenant.id}/usage").status_code == 200
    other = program(world, "clients:read", kind="partner")
    assert other.call("GET", f"/tenants/{other.tenant.id}/usage").status_code == 403


def test_a_quota_is_set_by_who_administers_tenants_and_never_by_the_tenant(
    world: World, platform: Caller
) -> None:
    admin = person(world, "admin", kind="partner")
    client = world.client(admin.tenant, "partner")
    path = f"/tenants/{admin.tenant.id}/clients/{client.id}/quotas"
    assert admin.call("PATCH", path, {"day": 1_000}).status_code == 403
    assert platform.call("PATCH", path, {"day": 5}).status_code == 404  # not opened
    platform.call("POST", f"/tenants/{admin.tenant.id}/access", REASON)
    changed = platform.call("PATCH", path, {"day": 2, "month": 3})
    assert changed.json == {"client_id": client.id, "day": 2, "month": 3}
    statuses = [Party(world, client).machine().status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    left = admin.call("GET", f"/tenants/{admin.tenant.id}/clients/{client.id}/usage").json
    assert [(one["per"], one["used"], one["limit"]) for one in left["quotas"]] == [
        ("day", 2, 2),
        ("month", 2, 3),
    ]
    assert platform.call("PATCH", path, {"day": None}).json["month"] == 3
    stale = platform.call("PATCH", path, {"day": 9}, If_Match='"1"')
    assert stale.status_code == 412
    assert platform.call("PATCH", path, {"day": 0}).status_code == 422
    assert events(world, admin.tenant, "client.changed")[0]["after"] == {
        "quota_day": 2,
        "quota_month": 3,
    }


def test_figures_take_as_many_statements_for_a_month_as_for_a_day(
    world: World, platform: Caller
) -> None:
    numbers = []
    for period in ("24h", "30d"):
        with statements(world) as ran:
            assert platform.call("GET", f"/usage?period={period}").status_code == 200
        numbers.append(len([one for one in ran if "snapshot_version" not in one]))
    assert numbers[0] == numbers[1]
    assert platform.call("GET", "/usage?period=1y").status_code == 422
