"""Old values are encrypted anew: in batches, resumable, and never over somebody's change."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from authserver import ciphertexts
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Unavailable
from authserver.mfa.models import TotpFactor
from authserver.ops.reencryption import Encrypted, Reencryption
from authserver.sessions.models import UserSession
from tests.conftest import KINDS, new_installation
from tests.support.master_keys import BOTH, NEW_ID, OLD_ID, Full, counted, ids_in, renew
from tests.support.world import World

SEEDS, DEVICES = Encrypted(TotpFactor, "seed"), Encrypted(UserSession, "device")
Another = Callable[..., World]


@pytest.fixture(params=KINDS)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """One for each test: who has the old key alone can read nothing of it afterwards."""
    with new_installation(request.param, tmp_path, ["ES256"]) as world:
        yield world


@pytest.fixture
def full(world: World) -> Full:
    return Full(world)


def test_it_goes_in_small_batches_and_is_resumed_where_it_was_left(
    full: Full, another: Another
) -> None:
    later = another(master_key=BOTH)
    total = sum(keys[OLD_ID] for keys in counted(full.world).values())
    services, done = later.services, 0
    while True:
        small = Reencryption(services.database, services.keyring, ciphertexts.COLUMNS, batch=2)
        step = next(small.renew(), None)  # and it is killed
        if step is None:
            break
        assert 0 < step.renewed <= 2
        done += step.renewed
    assert done == total
    assert OLD_ID not in ids_in(later)


def test_a_change_meanwhile_stays(
    full: Full, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that is not the one that was read any more belongs to somebody else."""
    later = another(master_key=BOTH)
    write, place = Database.write, SEEDS.place
    fresh: dict[str, bytes] = {}

    def change_before(self: Database, job: Callable[[Transaction], object]) -> object:
        def change(tx: Transaction) -> None:
            for row in tx.platform().scalars(select(TotpFactor)):
                if row.id not in fresh:
                    row.seed = full.world.services.keyring.encrypt(b"another", place(row.id))
                    fresh[row.id] = row.seed

        write(self, change)
        return write(self, job)

    def seeds(tx: Transaction) -> dict[str, bytes]:
        rows = tx.platform().execute(select(TotpFactor.id, TotpFactor.seed))
        return {row.id: bytes(row.seed) for row in rows}

    services = later.services
    only = Reencryption(services.database, services.keyring, [SEEDS])
    monkeypatch.setattr(Database, "write", change_before)
    assert [step.renewed for step in only.renew()] == [0]
    monkeypatch.undo()
    with services.database.read() as view:
        assert seeds(view) == fresh
    assert [step.renewed for step in only.renew()] == [1]
    with services.database.read() as view:
        opened = [services.keyring.decrypt(seed, place(id_)) for id_, seed in seeds(view).items()]
    assert opened == [b"another"]


def test_what_does_not_open_stays_and_holds_nothing_up(full: Full, another: Another) -> None:
    broken = full.world.services.keyring.encrypt(b"x", ciphertexts.COLUMNS[0].place("elsewhere"))
    lost = b"\x01" + b"another!" + b"x" * 40

    def spoil(tx: Transaction) -> None:
        rows = tx.platform().scalars(select(UserSession).order_by(UserSession.id)).all()
        rows[0].device, rows[1].device = broken, lost

    full.world.services.database.write(spoil)
    later = another(master_key=BOTH)
    steps = list(later.services.chores.reencryption.renew())
    assert sum(step.unreadable for step in steps) == 1
    left = {name: keys for name, keys in counted(later).items() if keys.keys() != {NEW_ID}}
    assert left.keys() == {"sessions.device"}
    assert left["sessions.device"][OLD_ID] == 1
    assert left["sessions.device"][b"another!"] == 1


def test_several_do_it_at_once(full: Full, another: Another) -> None:
    total = sum(keys[OLD_ID] for keys in counted(full.world).values())
    worlds, renewed = [another(master_key=BOTH) for _ in range(3)], []
    threads = [
        threading.Thread(target=lambda world=world: renewed.append(renew(world)))
        for world in worlds
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(renewed) == total
    assert OLD_ID not in ids_in(worlds[0])


class Clock:
    """What `time.monotonic` says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


def test_the_server_does_it_by_itself_and_looks_again_every_hour(
    full: Full, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    later, services = another(master_key=BOTH), full.world.services
    reencryption, clock = later.services.chores.reencryption, Clock(monkeypatch)
    reencryption.tick()
    assert OLD_ID not in ids_in(later)

    def by_a_process_of_before(tx: Transaction) -> None:
        row = tx.platform().scalars(select(UserSession)).first()
        assert row is not None
        row.device = services.keyring.encrypt(b"Firefox", DEVICES.place(row.id))

    services.database.write(by_a_process_of_before)
    reencryption.tick()
    clock.now += 3599
    reencryption.tick()
    assert OLD_ID in ids_in(later)
    clock.now += 2
    reencryption.tick()
    assert OLD_ID not in ids_in(later)


def test_with_one_key_nothing_is_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_self: Reencryption) -> object:
        raise AssertionError

    monkeypatch.setattr(Reencryption, "renew", never)
    world.services.chores.reencryption.tick()


@pytest.mark.usefixtures("full")
def test_a_database_that_is_away_holds_nothing_up(
    another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = another(master_key=BOTH)

    def down(_self: Database, _job: object) -> object:
        raise Unavailable(detail="database: gone")

    with monkeypatch.context() as away:
        away.setattr(Database, "write", down)
        later.services.chores.reencryption.tick()
    assert OLD_ID in ids_in(later)
    later.services.chores.reencryption.tick()
    assert OLD_ID not in ids_in(later)


@pytest.mark.usefixtures("full")
def test_the_worker_calls_it(another: Another) -> None:
    later = another(master_key=BOTH)
    worker = later.services.mail
    worker.start()
    deadline = threading.Event()
    for _ in range(200):
        if OLD_ID not in ids_in(later):
            break
        deadline.wait(0.05)
    worker.stop()
    assert OLD_ID not in ids_in(later)
