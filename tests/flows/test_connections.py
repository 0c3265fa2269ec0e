"""Connections made and changed."""

import os

import pytest
from sqlalchemy import select

from authserver.audit.events import EventType
from authserver.core.problems import Conflict, NotFound
from authserver.federation import connections
from authserver.federation.administration.allowed import UnfitConnection
from authserver.federation.models import (
    FederationConnection,
)
from authserver.federation.values import Kind
from tests.attacks.people import Scene
from tests.support.federation import (
    SECRET,
    by,
    change,
    connect,
    leave,
    told,
    under_way,
    write,
)
from tests.support.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def test_the_secret_is_kept_encrypted_and_told_to_nobody(world: World) -> None:
    made = connect(world, world.tenant())
    with world.services.database.read() as view:
        wanted = select(FederationConnection).where(FederationConnection.id == made.id)
        row = view.platform().scalars(wanted).one()
        assert SECRET.encode() not in row.client_secret
        assert connections.client_secret(view, made.id, world.services.keyring) == SECRET
    (event,) = told(world, made, EventType.CONNECTION_CREATED)
    assert SECRET not in str(event.document)
    assert event.document["after"]["client_id"] == "ours"
    assert event.document["actor"]["kind"] == "operator"


def test_another_secret_takes_the_place_of_the_first(world: World) -> None:
    made, other = connect(world), "another-secret"
    service = world.services.federation.connections
    leave(world, made)
    write(world, lambda tx: service.set_secret(tx, None, made.name, secret=other, actor=by(world)))
    with world.services.database.read() as view:
        assert connections.client_secret(view, made.id, world.services.keyring) == other
    (event,) = told(world, made, EventType.CONNECTION_SECRET_CHANGED)
    assert other not in str(event.document)
    assert under_way(world, made)["requests"] == 1, "the code of a browser on its way is redeemed"


def test_a_google_without_a_secret_is_refused_and_stays_as_it_was(world: World) -> None:
    made = connect(world, kind=Kind.GOOGLE)
    service = world.services.federation.connections
    with pytest.raises(UnfitConnection):
        write(world, lambda tx: service.set_secret(tx, None, made.name, secret="", actor=by(world)))
    with world.services.database.read() as view:
        assert connections.client_secret(view, made.id, world.services.keyring) == SECRET


def test_a_name_is_one_connection_of_its_owner(world: World) -> None:
    name, tenants = f"c-{os.urandom(5).hex()}", (world.tenant(), world.tenant(), None)
    made = [connect(world, tenant, name=name) for tenant in tenants]
    assert len({one.id for one in made}) == 3
    for tenant in tenants:
        with pytest.raises(Conflict):
            connect(world, tenant, name=name)


def test_a_change_is_told_with_before_and_after_and_only_once(world: World) -> None:
    made = connect(world, world.tenant())
    for _ in range(2):
        change(world, made, label="Another", creates_people=True)
    (event,) = told(world, made, EventType.CONNECTION_CHANGED)
    assert event.document["before"] == {"label": "Corp SSO", "creates_people": False}
    assert event.document["after"] == {"label": "Another", "creates_people": True}
    with world.services.database.read() as view:
        found = connections.find(view, made.id)
    assert found is not None
    assert (found.label, found.creates_people, found.server) == ("Another", True, made.server)


@pytest.mark.attack("ATK-015")
@pytest.mark.parametrize("field", ["id", "tenant_id", "kind", "name", "server", "enabled"])
def test_what_a_connection_leads_to_never_changes(world: World, field: str) -> None:
    made = connect(world, world.tenant())
    with pytest.raises(UnfitConnection):
        change(world, made, **{field: "https://other.example"})


def test_a_connection_of_somebody_else_is_not_found(world: World) -> None:
    ours, theirs = world.tenant(), world.tenant()
    made = connect(world, theirs)
    service, removal = world.services.federation.connections, world.services.federation.removal
    for owner in (ours.id, None):
        for attempt in (
            lambda tx, owner=owner: service.disable(tx, owner, made.name, actor=by(world)),
            lambda tx, owner=owner: service.enable(tx, owner, made.name, actor=by(world)),
            lambda tx, owner=owner: service.get(tx, owner, made.name),
            lambda tx, owner=owner: removal.unlink_some(tx, owner, made.name, actor=by(world)),
        ):
            with pytest.raises(NotFound):
                write(world, attempt)
