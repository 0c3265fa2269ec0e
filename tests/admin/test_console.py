"""The console: who comes in, what they see, and that a form does what the API does."""

import pytest

from tests.admin.console import Console, enter
from tests.support.world import World


@pytest.fixture(name="platform")
def _platform(world: World) -> Console:
    return enter(world, "PLATFORM_ADMIN")


def test_somebody_unknown_signs_in_and_comes_to_the_screen_that_was_wanted(world: World) -> None:
    tenant = world.tenant("internal")
    console = Console(world, tenant, world.user(tenant, "PLATFORM_ADMIN"))
    page = console.enter("/tenants?type=partner")
    assert page.request.full_path == "/console/tenants?type=partner"


def test_a_tenant_is_created_in_the_console(world: World, platform: Console) -> None:
    slug = f"{world.tenant().slug}-x"
    sent = platform.send("/tenants/new", name="Acme", slug=slug, type="customer")
    assert sent.status_code == 303, sent.text
    page = platform.browser.follow(sent)
    assert "The tenant was created." in page.text
    assert slug in page.text
