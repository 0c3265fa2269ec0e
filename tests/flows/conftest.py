"""A second process in the same process: another wired application over the same database."""

from collections.abc import Callable, Iterator

import pytest

from authserver.app import create_app
from tests.support.world import World


@pytest.fixture
def another(world: World) -> Iterator[Callable[[], World]]:
    """Return what wires one more application over the world's database, at the same clock."""
    made: list[World] = []

    def make() -> World:
        made.append(World(create_app(world.services.settings, world.clock), world.clock))
        return made[-1]

    yield make
    for one in made:
        one.services.database.close()
