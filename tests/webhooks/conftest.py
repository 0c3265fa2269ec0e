"""Receivers that the server can reach, and a tenant."""

from collections.abc import Iterator

import pytest

from tests.support.world import TenantFixture, World
from tests.webhooks.receiving import Receivers, reachable


@pytest.fixture
def there(world: World) -> Iterator[Receivers]:
    with reachable(world) as receivers:
        yield receivers


@pytest.fixture
def tenant(world: World) -> TenantFixture:
    return world.tenant()
