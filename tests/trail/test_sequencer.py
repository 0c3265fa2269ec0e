"""One process leads; whoever was stopped and wakes up writes nothing; what is due is done."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from authserver.audit import sequencer as working
from authserver.audit.sequencer import NotLeadingError, Sequencer
from authserver.audit.sequencing.leadership import PATIENCE, Leadership
from authserver.core.database.engine import Database, make_engine
from authserver.core.problems import Unavailable
from tests.support.world import World
from tests.trail.events import record, trail


class Watch:
    """Stands still until moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Process:
    """A process with a database and a watch of its own, as far as leading goes."""

    def __init__(self, world: World) -> None:
        url = world.services.database.engine.url.render_as_string(hide_password=False)
        self.database, self.watch = Database(make_engine(url)), Watch()
        self.leadership = Leadership(self.database, watch=self.watch)

    def holds(self) -> bool:
        return self.database.write(self.leadership.holds)

    def die(self) -> None:
        """Be gone from one moment to the next: the connections are closed, and nothing is said."""
        self.leadership.forget()
        self.database.close()


@pytest.fixture
def processes(world: World) -> Iterator[tuple[Process, Process]]:
    """Two, and nobody leads."""
    both = Process(world), Process(world)
    both[0].leadership.stand(at_once=True)
    both[0].leadership.resign()
    yield both
    for one in both:
        one.leadership.resign()
        one.database.close()


def test_one_of_two_leads(processes: tuple[Process, Process]) -> None:
    first, second = processes
    assert first.leadership.stand()
    assert not second.leadership.stand()
    assert first.holds()
    assert not second.holds()


def test_who_resigns_lets_another_lead_at_once(processes: tuple[Process, Process]) -> None:
    first, second = processes
    first.leadership.stand()
    first.leadership.resign()
    assert second.leadership.stand()
    assert not first.holds()


def test_a_leader_that_is_silent_is_replaced_and_writes_nothing_any_more(
    processes: tuple[Process, Process],
) -> None:
    """Stopped for a minute, and resumed: its lock is still there, its epoch is not."""
    first, second = processes
    first.leadership.stand()
    assert not second.leadership.stand()
    second.watch.now += PATIENCE - 0.1
    assert not second.leadership.stand()
    second.watch.now += 0.2
    assert second.leadership.stand()
    assert not first.holds()
    assert second.holds()


def test_a_leader_that_beats_is_not_replaced(processes: tuple[Process, Process]) -> None:
    first, second = processes
    first.leadership.stand()
    for _ in range(4):
        assert not second.leadership.stand()
        second.watch.now += PATIENCE - 0.1
        assert first.holds()
    assert not second.leadership.stand()


def test_a_leader_that_died_is_replaced_at_once_where_its_connection_tells(
    processes: tuple[Process, Process],
) -> None:
    first, second = processes
    first.leadership.stand()
    first.die()
    if second.database.engine.dialect.name == "sqlite":
        assert not second.leadership.stand()
        second.watch.now += PATIENCE
    assert second.leadership.stand()


def test_of_two_that_saw_the_same_one_leads(processes: tuple[Process, Process]) -> None:
    first, second = processes
    seen: Any = second.leadership._look()  # noqa: SLF001  what it saw a moment ago
    assert first.leadership.stand()
    assert not second.leadership._claim(seen)  # noqa: SLF001  the same
    assert first.holds()


@pytest.fixture
def sequencer(world: World) -> Iterator[tuple[Sequencer, Watch]]:
    """The one of this process, by a watch that tests move."""
    watch, services = Watch(), world.services
    maker: Any = services.proving.sequencer
    made = Sequencer(services.database, services.trail, maker._maker, watch=watch)  # noqa: SLF001  the parts
    made._leadership.stand(at_once=True)  # noqa: SLF001  no other process leads in a test
    made._signed_at = watch.now - working.CHECKPOINT_EVERY  # noqa: SLF001  as it is for a new leader
    yield made, watch
    made._leadership.resign()  # noqa: SLF001  others may lead


def newest(world: World) -> int:
    with world.services.database.read() as view:
        return world.services.proving.checkpoints.newest(view).number


def test_what_is_new_gets_numbers_and_what_is_due_is_signed(
    world: World, sequencer: tuple[Sequencer, Watch]
) -> None:
    working_, watch = sequencer
    tenant_id = world.tenant().id
    working_.work()
    first = newest(world)
    record(world, tenant_id)
    watch.now += 1
    working_.work()
    assert trail(world, tenant_id)[-1].seq is not None
    assert newest(world) == first
    watch.now += working.CHECKPOINT_EVERY
    working_.work()
    assert newest(world) == first + 1


def test_a_checkpoint_is_signed_every_minute_though_nothing_happens(
    world: World, sequencer: tuple[Sequencer, Watch]
) -> None:
    working_, watch = sequencer
    working_.work()
    first = newest(world)
    for _ in range(3):
        watch.now += working.CHECKPOINT_EVERY
        working_.work()
    assert newest(world) == first + 3


def test_many_events_are_signed_sooner(
    world: World, sequencer: tuple[Sequencer, Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "CHECKPOINT_EVENTS", 20)
    working_, watch = sequencer
    working_.work()
    first, tenant_id = newest(world), world.tenant().id
    watch.now += 10
    record(world, tenant_id, 20)
    working_.work()
    assert newest(world) == first + 1


def test_who_was_replaced_writes_nothing(world: World, sequencer: tuple[Sequencer, Watch]) -> None:
    working_, _ = sequencer
    other = Process(world)
    tenant_id = world.tenant().id
    working_.work()
    other.leadership.stand(at_once=True)
    record(world, tenant_id)
    with pytest.raises(NotLeadingError):
        working_.work()
    assert trail(world, tenant_id)[-1].seq is None
    other.leadership.resign()
    other.database.close()


def test_a_database_that_is_down_makes_it_wait_and_not_end(
    world: World, sequencer: tuple[Sequencer, Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    working_, watch = sequencer
    tenant_id = world.tenant().id
    record(world, tenant_id)

    def down(*_: object) -> None:
        raise Unavailable(detail=str(OperationalError("down", None, Exception())))

    with monkeypatch.context() as patch:
        patch.setattr(world.services.database, "write", down)
        working_._safely(working_.work)  # noqa: SLF001  one round of `run`
    assert trail(world, tenant_id)[-1].seq is None
    working_._leadership.stand(at_once=True)  # noqa: SLF001  as after some seconds
    watch.now += 10
    working_.work()
    assert trail(world, tenant_id)[-1].seq is not None


def test_an_event_rings_the_bell(world: World) -> None:
    rung = []
    trail_ = world.services.trail
    before, trail_.wake = trail_.wake, lambda: rung.append(1)
    record(world, world.tenant().id)
    trail_.wake = before
    assert rung
