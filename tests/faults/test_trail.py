"""The sequencer is killed, stopped, doubled, cut off: no gap, no fork, nothing is lost (AUD-06)."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from authserver.audit import sequencer as working
from authserver.audit.anchors.standing import Standings
from authserver.audit.checkpoints import making
from authserver.audit.checkpoints.making import CheckpointMaker
from authserver.audit.sequencer import NotLeadingError
from authserver.audit.sequencing import placing, statements
from authserver.core.database.engine import Transaction, make_engine
from authserver.core.problems import Unavailable
from authserver.wiring.services import Services, build
from tests.conftest import KINDS, new_installation
from tests.support.databases import as_owner
from tests.support.waiting import wait_for
from tests.support.world import World
from tests.trail.events import record, trail

pytestmark = pytest.mark.attack("AUD-06")
SECONDS = 60
EVENTS = 30


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with new_installation(request.param, tmp_path, ("ES256",)) as made:
        yield made


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints.ndjson"


@contextmanager
def process(world: World, kept: Path) -> Iterator[Services]:
    """Give the services of another process: its own connections, its own claim to lead."""
    url = world.services.database.engine.url.render_as_string(hide_password=False)
    settings = replace(world.services.settings, trail_anchors=f"far=file:{kept}")
    services = build(settings, world.clock, make_engine(url))
    try:
        yield services
    finally:
        services.database.close()


def child(do: Callable[[], None]) -> int:
    """Do something in a process of its own, and return its id; 0 is its end when it was done."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.alarm(SECONDS)
        do()
        code = 0
    finally:
        os._exit(code)


def ended(pid: int) -> int:
    """Return how a process ended: 0, or minus its signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def die(*_: object, **__: object) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def check(world: World, kept: Path, tenants: list[str]) -> None:
    """Let another process go on, and look at all there is: numbers, chains, checkpoints, anchor."""
    with process(world, kept) as heir:
        for _ in range(2):
            heir.proving.sequencer.once()
        heir.proving.anchors.worker.round()
        with heir.database.read() as view:
            newest = heir.proving.checkpoints.newest(view).number
            notes = [heir.proving.checkpoints.one(view, n + 1).note for n in range(newest)]
            assert heir.proving.anchors.contradictions.standing(view) == []
    for tenant_id in tenants:
        events = trail(world, tenant_id)
        assert [one.seq for one in events] == [*range(1, len(events) + 1)]
        chain = bytes(32)
        for seq, one in enumerate(events, 1):
            assert one.chain == working_chain(chain, seq, one.leaf)
            chain = one.chain
    lines = [json.loads(line) for line in kept.read_text().splitlines()]
    assert lines[-1]["number"] == newest
    assert {one["note"] for one in lines} <= set(notes), "nothing else was ever sent"


def working_chain(chain: bytes, seq: int, leaf: bytes) -> bytes:
    from authserver.audit.sequencing.chain import chained  # noqa: PLC0415  as docs/trail-format.md

    return chained(chain, seq, leaf)


# Where a process dies: what is replaced by its death, and whether that is before or after it.
FAILPOINTS: dict[str, tuple[object, str, bool]] = {
    "before numbers are written": (placing, "tree_of", False),
    "with numbers that are not committed": (statements.GROW.__class__, "run", True),
    "between numbers and checkpoint": (working.Sequencer, "_sign", False),
    "before a checkpoint is stored": (making, "_store", False),
    "with a checkpoint that is not committed": (making, "_store_head", True),
    "after a checkpoint": (CheckpointMaker, "remember", False),
    "before an anchor has it": (working.Sequencer, "leads", False),
    "between an anchor and the note of it": (Standings, "taken", False),
}


def dying(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name, after = FAILPOINTS[place]
    if name == "leads":
        from authserver.audit.anchors.worker import AnchorWorker  # noqa: PLC0415  only here

        monkeypatch.setattr(AnchorWorker, "round", die)
        return
    real = getattr(owner, name)

    def patched(*given: Any, **named: Any) -> Any:
        return die(real(*given, **named)) if after else die()

    monkeypatch.setattr(owner, name, patched)


@pytest.mark.parametrize("place", FAILPOINTS)
def test_a_sequencer_that_is_killed_leaves_no_gap_and_no_fork(
    world: World, kept: Path, place: str
) -> None:
    tenants = [world.tenant().id for _ in range(3)]
    with process(world, kept) as first:
        first.proving.sequencer.once()
        first.proving.anchors.worker.round()
    for tenant_id in tenants:
        record(world, tenant_id, EVENTS)

    def work() -> None:
        with pytest.MonkeyPatch.context() as patch, process(world, kept) as services:
            dying(place, patch)
            services.proving.sequencer.once()
            services.proving.anchors.worker.round()

    assert ended(child(work)) == -signal.SIGKILL
    for tenant_id in tenants:
        record(world, tenant_id, 2)
    check(world, kept, tenants)
    assert all(len(trail(world, one)) >= EVENTS + 2 for one in tenants), "nothing is lost"


def test_a_leader_that_was_stopped_past_its_lease_writes_nothing_when_it_wakes_up(
    world: World, kept: Path
) -> None:
    tenant_id = world.tenant().id
    reading, writing = os.pipe()

    def lead() -> None:
        with process(world, kept) as services:
            sequencer: Any = services.proving.sequencer
            sequencer._leadership.stand(at_once=True)  # noqa: SLF001  no other leads yet
            sequencer._sign()  # noqa: SLF001  it leads, and has written
            os.write(writing, b"1")
            time.sleep(0.3)  # it is stopped in here
            with pytest.raises(NotLeadingError):
                sequencer._sign()  # noqa: SLF001  what it was about to do
            with pytest.raises(NotLeadingError):
                sequencer._place_all()  # noqa: SLF001  the same

    pid = child(lead)
    assert os.read(reading, 1) == b"1"
    os.kill(pid, signal.SIGSTOP)
    with process(world, kept) as heir:
        watch = [0.0]
        leadership: Any = working.Leadership(heir.database, watch=lambda: watch[0])
        leadership.stand()
        watch[0] += working.PATIENCE
        assert leadership.stand(), "its lease is over"
        record(world, tenant_id, EVENTS)
        os.kill(pid, signal.SIGCONT)
        assert ended(pid) == 0, "it found that another leads"
        assert {one.seq for one in trail(world, tenant_id)} == {None}
        leadership.resign()
    check(world, kept, [tenant_id])


def test_two_sequencers_at_once_give_each_number_once(world: World, kept: Path) -> None:
    tenants = [world.tenant().id for _ in range(2)]

    def work() -> None:
        with process(world, kept) as services, pytest.MonkeyPatch.context() as patch:
            patch.setattr(working, "CHECKPOINT_EVERY", 0.2)
            services.proving.sequencer.start()
            services.proving.anchors.worker.start()
            time.sleep(SECONDS)

    both = [child(work), child(work)]
    for round_ in range(12):
        for tenant_id in tenants:
            record(world, tenant_id, 10)
        time.sleep(0.1)
        if round_ == 5:
            os.kill(both[0], signal.SIGKILL)
    os.kill(both[1], signal.SIGKILL)
    assert [ended(pid) for pid in both] == [-signal.SIGKILL] * 2
    check(world, kept, tenants)
    assert [len(trail(world, one)) >= 120 for one in tenants] == [True, True]


def test_a_database_that_cuts_everybody_off_in_the_middle_of_a_batch_loses_nothing(
    world: World, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if world.services.database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server to be killed: the process is, above")
    tenant_id = world.tenant().id
    record(world, tenant_id, EVENTS)
    with process(world, kept) as services:
        real, cuts = placing.tree_of, [1]

        def cut(transaction: Transaction, tenant: str) -> Any:
            if cuts.pop() if cuts else 0:
                cut_off(world)
            return real(transaction, tenant)

        monkeypatch.setattr(placing, "tree_of", cut)
        with pytest.raises(Unavailable):
            services.proving.sequencer.once()
        monkeypatch.undo()
    # Whoever was at hand was cut off, too: each such connection fails once.
    wait_for(lambda: reads(world), "the database to answer again")
    check(world, kept, [tenant_id])


def reads(world: World) -> bool:
    """Tell whether the database answers."""
    try:
        with world.services.database.read() as view:
            return view.platform().scalar(select(1)) == 1
    except Unavailable:
        return False


def cut_off(world: World) -> None:
    """End every connection to the database, as a server that dies does."""
    url = world.services.database.engine.url.render_as_string(hide_password=False)
    engine = create_engine(as_owner(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()
