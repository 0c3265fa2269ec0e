"""The stage most specification tests play on."""

import pytest

from tests.flows.conftest import another
from tests.spec.tools import Stage, stage
from tests.support.world import World

__all__ = ["another"]


@pytest.fixture(name="on")
def _on(world: World) -> Stage:
    """A tenant, a person and a web client of their own for each test."""
    return stage(world)
