"""A connection is switched off at the very moment in which somebody comes back by it (TOP-10).

Two processes on one database: threads of one process would wait for each other already.
"""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from authserver.accounts.directory import snapshot
from authserver.accounts.service import get
from authserver.audit.events import EventType
from authserver.core.ids import new_id
from authserver.core.net.browsers import recognise
from authserver.federation import connections
from authserver.federation.connectors.base import Answer
from authserver.federation.models import FederatedIdentity
from authserver.federation.values import Connection, Identity, Tokens
from authserver.mfa import partial as partials
from authserver.mfa.partial import Hop
from authserver.sessions.service import SessionStart
from tests.attacks.people import Scene
from tests.attacks.test_epochs_at_once import meanwhile
from tests.support.federation import (
    begin,
    came_by,
    connect,
    disable,
    linked,
    set_policy,
    under_way,
    write,
)
from tests.support.parallel import at_once
from tests.support.trail import events
from tests.support.world import UserFixture, World

pytestmark = pytest.mark.every_database

ROUNDS = 12
ISSUER = "https://auth.example"


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def come_back(
    world: World, made: Connection, person: UserFixture, identity: str
) -> tuple[str, Hop] | None:
    """What the job of a callback does: hold the connection, look, begin."""

    def job(tx: object) -> tuple[str, Hop] | None:
        found = connections.held(tx, made.id)
        return begin(tx, world, person, identity) if found and found.enabled else None

    return world.services.database.write(job)


def is_half_in(world: World, begun: tuple[str, Hop] | None) -> bool:
    """Tell whether a sign-in can go on."""
    if begun is None:
        return False
    with world.services.database.read() as view:
        return partials.find(view, *begun, now=world.clock.now()) is not None


@pytest.mark.attack("TOP-10")
@pytest.mark.parametrize("owned", [True, False], ids=["own", "platform"])
def test_no_sign_in_slips_through_while_a_connection_is_switched_off(
    scene: Scene,
    another: Callable[[], World],
    owned: bool,  # noqa: FBT001
) -> None:
    other, met = another(), set()
    for _ in range(ROUNDS):
        made = connect(scene.world, scene.tenant if owned else None)
        person = scene.world.user(scene.tenant)
        identity = linked(scene.world, person, made)
        begun, ended = at_once(
            lambda made=made, person=person, identity=identity: come_back(
                other, made, person, identity
            ),
            lambda made=made: disable(scene.world, made),
        )
        assert not is_half_in(scene.world, begun)
        assert under_way(scene.world, made)["partial"] == 0
        assert ended.sign_ins == (begun is not None)
        met.add(begun is not None)
    assert met, "one of the two orders at least"


@pytest.mark.attack("TOP-10")
def test_who_comes_back_in_the_middle_of_switching_off_is_too_late(
    scene: Scene, another: Callable[[], World]
) -> None:
    """The browser comes between the change of the row and what it ends."""
    other, made = another(), connect(scene.world, scene.tenant)
    identity, came = linked(scene.world, scene.person, made), []

    def come() -> None:
        came.append(come_back(other, made, scene.person, identity))

    with meanwhile(scene.world, "DELETE FROM upstream_requests", come):
        disable(scene.world, made)
    assert came == [None]
    assert under_way(scene.world, made)["partial"] == 0


@pytest.mark.attack("TOP-10")
def test_who_was_before_is_found_by_switching_off(
    scene: Scene, another: Callable[[], World]
) -> None:
    """Somebody switches off between the look at the connection and the begin of the sign-in."""
    other, made, ended = another(), connect(scene.world, scene.tenant), []
    identity = linked(scene.world, scene.person, made)

    def switch() -> None:
        ended.append(disable(other, made))

    with meanwhile(scene.world, "INSERT INTO partial_sign_ins", switch):
        begun = come_back(scene.world, made, scene.person, identity)
    assert begun is not None
    assert ended[0].sign_ins == 1
    assert not is_half_in(scene.world, begun)


@pytest.mark.attack("TOP-10")
def test_a_half_done_sign_in_ends_by_its_last_proof_or_with_its_connection(
    scene: Scene, another: Callable[[], World]
) -> None:
    """The last proof and the end of the connection, at the same moment, many times."""
    other = another()
    for _ in range(ROUNDS):
        made, person = connect(scene.world, scene.tenant), scene.world.user(scene.tenant)
        begun = come_back(scene.world, made, person, linked(scene.world, person, made))
        assert begun is not None
        finished, ended = at_once(
            lambda begun=begun: finish(other, begun), lambda made=made: disable(scene.world, made)
        )
        assert finished is not (ended.sign_ins == 1), "one of the two has it, and one alone"


def finish(world: World, begun: tuple[str, Hop]) -> bool:
    """What the last proof does before it starts the session: hold the person, take the row."""

    def job(tx: object) -> bool:
        half = partials.locked(tx, *begun, now=world.clock.now())
        return half is not None and partials.finish(tx, half)

    return world.services.database.write(job)


@pytest.mark.attack("TOP-10")
def test_no_session_of_a_connection_outlives_it_where_the_tenant_says_so(
    scene: Scene, another: Callable[[], World]
) -> None:
    """The last proof begins a session while the connection goes: it is found, or never begun."""
    world, other = scene.world, another()
    set_policy(world, scene.tenant, ends_federated_sessions=True)
    for _ in range(ROUNDS):
        made, person = connect(world, scene.tenant), world.user(scene.tenant)
        begun = come_back(world, made, person, linked(world, person, made))
        assert begun is not None
        token, _ = at_once(
            lambda begun=begun: sign_in(other, begun), lambda made=made: disable(world, made)
        )
        with world.services.database.read() as view:
            assert world.services.sessions.find(view, token, ISSUER) == []


def sign_in(world: World, begun: tuple[str, Hop]) -> str | None:
    """What the last proof does: take the row, and begin the session of it."""

    def job(tx: object) -> str | None:
        half = partials.locked(tx, *begun, now=world.clock.now())
        if half is None or not partials.finish(tx, half):
            return None
        start = SessionStart(
            ISSUER,
            half.user,
            level=1,
            amr=half.first.amr,
            actor=replace(world.operator, kind="user", principal=half.user.id),
            device=recognise(""),
            identity_id=half.first.identity_id,
        )
        _, token = world.services.sessions.start(tx, start)
        return token

    return world.services.database.write(job)


@pytest.mark.attack("TOP-10")
def test_two_who_switch_off_at_once_end_everything_once(
    scene: Scene, another: Callable[[], World]
) -> None:
    other, made = another(), connect(scene.world, scene.tenant)
    identity = linked(scene.world, scene.person, made)
    scene.tokens()
    came_by(scene.world, scene.person, identity)
    come_back(scene.world, made, scene.person, identity)
    ended = at_once(lambda: disable(scene.world, made), lambda: disable(other, made))
    assert sorted(one.sign_ins for one in ended) == [0, 1]
    recorded = events(scene.world, scene.tenant.id, EventType.CONNECTION_DISABLED)
    assert len(recorded) == 1


@pytest.mark.attack("TOP-10")
def test_an_offer_is_taken_before_its_connection_goes_or_not_at_all(
    scene: Scene, another: Callable[[], World]
) -> None:
    """One has the offer's row first, the other the connection's: neither may fail of it."""
    world, other = scene.world, another()
    for _ in range(ROUNDS):
        made, person = connect(world, scene.tenant), world.user(scene.tenant)
        hop = offered(world, made)
        taken, _ = at_once(
            lambda person=person, hop=hop: take(other, hop, person),
            lambda made=made: disable(world, made),
        )
        with world.services.database.read() as view:
            mine = select(FederatedIdentity).where(FederatedIdentity.user_id == person.id)
            assert (view.platform().scalar(mine) is not None) == taken
        assert under_way(world, made)["offers"] == 0


def offered(world: World, made: Connection) -> Hop:
    """Let somebody be offered what a provider proved and no account knows."""
    hop, offers = Hop(new_id("pen"), os.urandom(16).hex()), world.services.upstream.offers
    answer = Answer(Identity(made.server, os.urandom(8).hex(), "ada"), Tokens("token"))
    write(world, lambda tx: offers.make(tx, hop, answer, connection=made))
    return hop


def take(world: World, hop: Hop, person: UserFixture) -> bool:
    def job(tx: object) -> bool:
        user = snapshot(get(tx, person.tenant.id, person.id))
        actor = replace(world.operator, kind="user", principal=person.id)
        return world.services.upstream.offers.take(tx, hop, user, by=actor)

    return world.services.database.write(job)
