"""A new master key reaches every value, while everything goes on."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select

from authserver import ciphertexts, schema
from authserver.audit.models import AuditSubject
from authserver.core.crypto import KEY_ID, DecryptionError, Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Unavailable
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import open_content
from authserver.federation import connections
from authserver.federation.models import ProviderToken
from authserver.mfa.models import TotpFactor
from authserver.ops.reencryption import Encrypted, Reencryption
from authserver.sessions.models import UserSession
from authserver.tenants.service import verify_master_key
from tests.conftest import KINDS, new_installation
from tests.support import linked
from tests.support.account import FIREFOX, url
from tests.support.authenticator import where
from tests.support.browser import Browser, Party
from tests.support.factors import Keeper, set_policy
from tests.support.world import MASTER_KEY as OLD
from tests.support.world import World

NEW = base64.b64encode(b"n" * 32).decode()
BOTH = f"{NEW}\n{OLD}"
OLD_ID, NEW_ID = (Keyring.parse(key).ids[0] for key in (OLD, NEW))
SEEDS, DEVICES = Encrypted(TotpFactor, "seed"), Encrypted(UserSession, "device")
Another = Callable[..., World]


@pytest.fixture(params=KINDS)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """One for each test: who has the old key alone can read nothing of it afterwards."""
    with new_installation(request.param, tmp_path, ["ES256"]) as world:
        yield world


class Full:
    """An installation in which every kind of ciphertext is."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tenant = world.tenant(own_issuer=True)
        set_policy(world, self.tenant, trusted_device_days=7)
        self.keeper = Keeper(world, self.tenant)
        self.keeper.add()
        self.client = world.client(self.tenant)
        self.trusted = Browser(world)
        self.trusted.http.environ_base.update(HTTP_USER_AGENT=FIREFOX)
        assert self.keeper.sign_in(self.trusted, trust="yes").status_code == 200
        self.connection = linked.connect(world, self.tenant)
        self.identity = linked.link(world, self.keeper.user, self.connection)
        self.token = linked.keep(world, self.keeper.user, self.identity)

    def move(self, world: World) -> None:
        """Go on at another process."""
        self.keeper.world = self.world = world
        for browser in (self.keeper.browser, self.trusted):
            browser.world, browser.http.application = world, world.app


@pytest.fixture
def full(world: World) -> Full:
    return Full(world)


def counted(world: World) -> dict[str, dict[bytes, int]]:
    return {name: dict(keys) for name, keys in world.services.reencryption.count().items()}


def renew(world: World) -> int:
    return sum(step.renewed for step in world.services.reencryption.renew())


def ids_in(world: World) -> set[bytes]:
    """Return what stands where a ciphertext names its key, in every binary value there is."""
    found = set()
    with world.services.database.engine.connect() as raw:
        for table in schema.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, LargeBinary):
                    found |= {
                        bytes(value[KEY_ID]) for value in raw.scalars(select(column)) if value
                    }
    return found


def test_a_new_key_reaches_every_value_of_every_column(full: Full, another: Another) -> None:
    before = counted(full.world)
    assert before.keys() == {str(column) for column in ciphertexts.COLUMNS}
    assert {name for name, keys in before.items() if keys.keys() != {OLD_ID}} == set()
    later = another(master_key=BOTH)
    assert renew(later) == sum(keys[OLD_ID] for keys in before.values())
    assert counted(later) == {name: {NEW_ID: keys[OLD_ID]} for name, keys in before.items()}
    assert OLD_ID not in ids_in(later)
    assert renew(later) == 0


def test_the_old_key_can_go_when_nothing_is_under_it(full: Full, another: Another) -> None:
    renew(another(master_key=BOTH))
    alone = another(master_key=NEW)
    full.move(alone)
    services, user = alone.services, full.keeper.user
    with services.database.read() as view:
        verify_master_key(view, services.keyring)
        secret = connections.client_secret(view, full.connection.id, services.keyring)
        mails = view.tenant(full.tenant.id).scalars(select(OutboxMessage)).all()
        assert {open_content(row.id, row.content, services.keyring).to for row in mails} == {
            user.email
        }
    assert secret == linked.SECRET
    assert linked.kept(alone, user, full.identity) == full.token
    assert "Firefox" in full.trusted.get(url("sessions")).text
    assert full.keeper.is_in()
    assert full.keeper.sign_in(Browser(alone)).status_code == 200  # a password and a code
    full.trusted.submit(full.trusted.get("/login/logout"))
    page = full.trusted.follow(full.trusted.sign_in(full.trusted.get(url("overview")), user))
    assert page.request.path == "/account"
    machine = Party(alone, alone.client(full.tenant, "service"))
    assert machine.machine().status_code == 200  # signed with the key of before


def test_before_the_old_key_goes_without_it_nothing_opens(full: Full, another: Another) -> None:
    alone = another(master_key=NEW)
    with alone.services.database.read() as view, pytest.raises(DecryptionError):
        connections.client_secret(view, full.connection.id, alone.services.keyring)
    assert set(counted(alone)["sessions.device"]) == {OLD_ID}


def test_a_sign_in_that_is_under_way_goes_on(world: World, another: Another) -> None:
    """The flow cookie and the form were signed with the old key."""
    user, browser = world.user(world.tenant()), Browser(world)
    page = browser.follow(browser.get(url("overview")))
    later = another(master_key=BOTH)
    browser.world, browser.http.application = later, later.app
    assert where(browser.sign_in(page, user)) == url("overview")
    page = browser.get(url("profile"))
    assert browser.submit(page, name="Ada King").status_code == 303
    # What the new key signed is nothing to who does not know it, and good to who keeps both.
    both = another(master_key=f"{OLD}\n{NEW}")
    browser.world, browser.http.application = both, both.app
    assert browser.get(url("profile")).status_code == 200


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
    steps = list(later.services.reencryption.renew())
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


def test_people_work_meanwhile(full: Full, another: Another) -> None:
    later = another(master_key=BOTH)
    full.move(later)
    for step in later.services.reencryption.renew():
        assert step.unreadable == 0
        assert full.keeper.is_in()
        assert full.keeper.sign_in(Browser(later)).status_code == 200
    assert renew(later) == 0


class Clock:
    """What `time.monotonic` says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


def test_the_server_does_it_by_itself_and_looks_again_every_hour(
    full: Full, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    later, services = another(master_key=BOTH), full.world.services
    reencryption, clock = later.services.reencryption, Clock(monkeypatch)
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
    world.services.reencryption.tick()


@pytest.mark.usefixtures("full")
def test_a_database_that_is_away_holds_nothing_up(
    another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = another(master_key=BOTH)

    def down(_self: Database, _job: object) -> object:
        raise Unavailable(detail="database: gone")

    with monkeypatch.context() as away:
        away.setattr(Database, "write", down)
        later.services.reencryption.tick()
    assert OLD_ID in ids_in(later)
    later.services.reencryption.tick()
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


def test_the_trails_keys_stay_what_they_are(full: Full, another: Another) -> None:
    """The personal parts of the trail are under them: the wrapping changes, the key does not."""
    column = next(one for one in ciphertexts.COLUMNS if one.model is AuditSubject)

    def keys(world: World) -> dict[str, bytes]:
        with world.services.database.read() as view:
            rows = view.platform().execute(select(AuditSubject.ref, AuditSubject.wrapped_key))
            keyring = world.services.keyring
            return {r.ref: keyring.decrypt(r.wrapped_key, column.place(r.ref)) for r in rows}

    before = keys(full.world)
    renew(another(master_key=BOTH))
    assert keys(another(master_key=NEW)) == before


def test_a_token_is_bound_to_its_row(full: Full) -> None:
    """TOP-17: a value that is copied to another row, or column, opens nowhere."""
    keyring = full.world.services.keyring
    with full.world.services.database.read() as view:
        row = view.platform().scalar(select(ProviderToken))
    for column, place in (("access_token", "refresh_token"), ("refresh_token", "access_token")):
        with pytest.raises(DecryptionError):
            keyring.decrypt(getattr(row, column), linked.place(place, full.identity))
        with pytest.raises(DecryptionError):
            keyring.decrypt(getattr(row, column), linked.place(column, "fid_other"))
