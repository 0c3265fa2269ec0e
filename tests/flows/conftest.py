"""A second process in the same process: another wired application over the same database."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from authserver.app import create_app
from tests.support.world import World


@pytest.fixture
def another(world: World) -> Iterator[Callable[..., World]]:
    """Return what wires one more application over the world's database, at the same clock.

    Settings may be others there.
    """
    made: list[World] = []

    def make(**changed: Any) -> World:
        settings = replace(world.services.settings, **changed)
        made.append(World(create_app(settings, world.clock), world.clock))
        return made[-1]

    yield make
    for one in made:
        one.services.database.close()
