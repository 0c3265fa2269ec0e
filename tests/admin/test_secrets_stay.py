"""Canaries: what is secret appears in no answer, on no screen, in no file and in no log."""

import pytest

from tests.admin.console import Console
from tests.admin.crawling import answers, screens
from tests.support import linked
from tests.support.factors import Keeper
from tests.support.provider_tokens import Owner
from tests.support.world import World

pytestmark = pytest.mark.any_database


def test_no_secret_is_read_back_anywhere(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    owner = Owner(world)
    keeper = Keeper(world, owner.tenant)
    assert keeper.add("Phone").status_code == 303
    assert keeper.app is not None
    client = world.client(owner.tenant, "service")
    console = Console(world, owner.tenant, world.user(owner.tenant, "admin"))
    console.enter()
    cookie = console.browser.http.get_cookie("__Host-as-session", domain="auth.example")
    assert cookie is not None
    canaries = {
        "client secret": client.secret,
        "seed": keeper.app.secret,
        "provider's refresh token": linked.REFRESH,
        "password": console.user.password,
        "browser": cookie.value,
    }
    read, shown = [*answers(console)], [*screens(console)]
    # What a tenant has no own of is not found: its issuer's keys.
    odd = {one.request.path: one.text for one in read if one.status_code not in {200, 404}}
    assert odd == {}
    assert sum(one.status_code == 200 for one in read) > len(read) / 2
    assert {one.status_code for one in shown} <= {200, 303}
    assert len(shown) > 5
    said = "".join(capfd.readouterr())
    texts = [*(one.text for one in (*read, *shown)), said]
    for name, canary in canaries.items():
        assert canary, name
        assert not any(canary in text for text in texts), name


def test_the_search_for_canaries_would_find_one(world: World) -> None:
    """Without this the test above would pass if nothing were looked at."""
    tenant = world.tenant()
    console = Console(world, tenant, world.user(tenant, "admin"))
    console.enter()
    assert any(console.user.email in one.text for one in answers(console))
    assert any(console.user.email in one.text for one in screens(console))
