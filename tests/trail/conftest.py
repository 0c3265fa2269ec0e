"""An installation of its own for each file: its tests number every event there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from authserver.audit.witnesses.folder import WitnessFolder
from tests.conftest import KINDS, new_installation
from tests.support.world import World
from tests.trail import restored


@pytest.fixture(scope="module", params=KINDS)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Make it on each database."""
    with new_installation(request.param, tmp_path_factory.mktemp("data"), ("ES256",)) as world:
        yield world


@pytest.fixture
def new_world(installation: World, tmp_path: Path) -> Iterator[World]:
    """One that a test may spoil."""
    kind = installation.services.database.engine.dialect.name
    with new_installation(kind, tmp_path, ("ES256",)) as world:
        yield world
        restored.end()


@pytest.fixture(autouse=True)
def end_what_was_started() -> Iterator[None]:
    """Close connections while there is a database."""
    yield
    restored.end()


@pytest.fixture
def folder(tmp_path: Path) -> WitnessFolder:
    """Make a witness's folder."""
    made = WitnessFolder(tmp_path / "witness")
    made.make(restored.WITNESS)
    return made
