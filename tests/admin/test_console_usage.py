"""The console's figures: of a tenant, of a client, of all; and a client's quotas."""

import re
from html import unescape

import orjson
import pytest

from tests.admin.console import Console, enter
from tests.support.browser import Party
from tests.support.world import World

pytestmark = pytest.mark.any_database
_CHART = re.compile(r'data-chart="([^"]+)"')
HOSTILE = "Feed \"><img src=x onerror=alert(1)>'"


@pytest.fixture(name="admin")
def _admin(world: World) -> Console:
    return enter(world, "admin", kind="partner", path="")


def of(admin: Console) -> str:
    return f"/tenants/{admin.tenant.id}"


def test_a_tenants_figures_are_charts_and_the_same_as_tables(world: World, admin: Console) -> None:
    party = Party(world, world.client(admin.tenant, "partner", name=HOSTILE))
    party.machine()
    party.machine(scope="nothing")
    world.services.usage.writer.flush()
    page = admin.get(f"{of(admin)}/usage?period=7d").text
    charts = [orjson.loads(unescape(data)) for data in _CHART.findall(page)]
    assert [[one["label"] for one in chart["series"]] for chart in charts][1] == [
        "Tokens",
        "Refused",
    ]
    assert charts[1]["series"][0]["values"][-1] == 1
    assert "Scope not allowed" in page
    assert page.count('<details class="as-table">') == len(charts) == 4
    assert HOSTILE in unescape(page)
    assert "<img src=x" not in page


def test_a_client_has_its_own_and_its_quotas_are_changed_from_above(
    world: World, admin: Console
) -> None:
    client = world.client(admin.tenant, "partner", name="Feed", quota_day=5)
    path = f"{of(admin)}/clients/{client.id}"
    Party(world, client).machine()
    world.services.usage.writer.flush()
    own = admin.get(f"{path}/usage").text
    assert "1 of 5" in own
    assert "Change quotas" not in own
    assert admin.get(f"{path}/quotas").status_code == 403
    above = enter(world, "PLATFORM_ADMIN")
    above.send(f"{of(admin)}/open", reason="They asked for more, ticket 4711", minutes="15")
    assert "Change quotas" in above.get(f"{path}/usage").text
    assert above.send(f"{path}/quotas", day="many", month="").status_code == 422
    assert above.send(f"{path}/quotas", day="9", month="90").status_code == 303
    shown = above.get(f"{path}/usage").text
    assert "1 of 9" in shown
    assert "1 of 90" in shown


def test_figures_of_all_are_for_the_platform(world: World, admin: Console) -> None:
    assert enter(world, "FINANCE_ANALYST").get("/usage").status_code == 200
    assert admin.get("/usage").status_code == 403
    other = enter(world, "admin", kind="partner", path="")
    assert other.get(f"{of(admin)}/usage").status_code == 404
