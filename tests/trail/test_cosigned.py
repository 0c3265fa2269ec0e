"""The server has its checkpoints cosigned, and believes a witness before its own database."""

import threading
from collections.abc import Iterator

import pytest
import requests

from authserver.audit.checkpoints import note
from authserver.audit.checkpoints.policy import InconsistentError
from authserver.audit.witnesses.cosigning import new_cosigner, read_key
from authserver.audit.witnesses.folder import WitnessFolder
from authserver.audit.witnesses.serving import WitnessServer
from authserver.audit.witnesses.trust import offered, trusted
from authserver.audit.witnesses.witness import Witness
from authserver.oauth.trail.keys import shown
from authserver.sdk import trail_verifier
from authserver.wiring.services import Services
from tests.support.world import World
from tests.trail.events import record
from tests.trail.restored import WITNESS, roll_back, signed, started


class Running:
    """A witness of a server, at an address."""

    def __init__(self, folder: WitnessFolder, world: World) -> None:
        self.folder = folder
        with world.services.database.read() as view:
            keys = world.services.proving.keys.published(view)
        for log in trusted({}, offered({"keys": [shown(one) for one in keys]})):
            folder.keep(log)
        self.witness = Witness(folder, world.clock)
        self.server = WitnessServer(("127.0.0.1", 0), self.witness)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def started(self, world: World) -> Services:
        """Return a server that has it as a witness; an http address is for development."""
        chosen = f"w={self.url},{self.witness.key}"
        return started(world, trail_witnesses=chosen, issuer="http://localhost:9")


@pytest.fixture
def running(world: World, folder: WitnessFolder) -> Iterator[Running]:
    yield from _running(world, folder)


@pytest.fixture
def new_running(new_world: World, folder: WitnessFolder) -> Iterator[Running]:
    yield from _running(new_world, folder)


def _running(world: World, folder: WitnessFolder) -> Iterator[Running]:
    signed(world.services)  # then there are keys
    made = Running(folder, world)
    yield made
    made.server.shutdown()
    made.server.server_close()


def cosigners(services: Services, number: int) -> list[str]:
    with services.database.read() as view:
        checkpoint = services.proving.checkpoints.one(view, number)
    return [one.name for one in note.read(checkpoint.note).signatures]


def test_checkpoints_are_cosigned_and_given_out_with_the_cosignature(
    world: World, running: Running
) -> None:
    tenant = world.tenant()
    server = running.started(world)
    numbers = []
    for _ in range(3):
        record(world, tenant.id)
        numbers.append(signed(server).number)
        assert server.proving.anchors.worker.round() == 1
    assert [cosigners(server, one)[-1] for one in numbers] == [WITNESS] * 3
    with server.database.read() as view:
        plan = server.proving.bundles.plan(view, tenant.id)
        keys = [trail_verifier.saved_key(shown(one)) for one in server.proving.keys.own(view)]
    lines = list(server.proving.bundles.lines(server.database, plan))
    key = read_key(running.witness.key)
    trust = trail_verifier.Trust(keys, (), {(key.name, key.key_id.hex()): key.public_key})
    verdict = trail_verifier.verify(lines, trust)
    assert (verdict.status, verdict.witnesses) == ("verified", [WITNESS])


@pytest.mark.attack("AUD-08")
def test_a_witness_that_saw_more_stops_a_restored_server(
    new_world: World, new_running: Running
) -> None:
    world, server = new_world, new_running.started(new_world)
    first = signed(server).number
    for _ in range(3):
        signed(server)
    server.proving.anchors.worker.round()
    roll_back(world, first)
    with pytest.raises(InconsistentError, match="w has checkpoint"):
        signed(new_running.started(world))


@pytest.mark.attack("AUD-05")
def test_a_witness_that_saw_another_history_stops_the_server(
    new_world: World, new_running: Running
) -> None:
    world, server = new_world, new_running.started(new_world)
    first = signed(server).number
    record(world, world.tenant().id)
    signed(server)
    server.proving.anchors.worker.round()
    roll_back(world, first)
    without = started(world)
    for _ in range(3):
        record(world, world.tenant().id)
        signed(without)  # it is longer now: its size alone says nothing
    with pytest.raises(InconsistentError, match="forked"):
        signed(new_running.started(world))


def test_a_witness_that_is_away_holds_nothing_up(world: World, running: Running) -> None:
    running.server.shutdown()
    running.server.server_close()
    server = running.started(world)
    number = signed(server).number
    assert server.proving.anchors.worker.round() == 0
    with server.database.read() as view:
        (standing,) = server.proving.anchors.all(view)
    assert standing.error
    assert cosigners(server, number) == ["auth.example/trail"]


def test_an_answer_by_another_key_is_no_cosignature(world: World, running: Running) -> None:
    other = new_cosigner(WITNESS).key.text()
    server = started(world, trail_witnesses=f"w={running.url},{other}", issuer="http://localhost:9")
    number = signed(server).number
    assert server.proving.anchors.worker.round() == 0
    assert WITNESS not in cosigners(server, number)


def test_the_http_server_says_its_key_and_refuses_what_is_long(running: Running) -> None:
    assert requests.get(running.url, timeout=10).text.strip() == running.witness.key
    assert requests.get(f"{running.url}else", timeout=10).status_code == 404
    assert requests.post(f"{running.url}else", data="x", timeout=10).status_code == 404
    long = requests.post(f"{running.url}add-checkpoint", data=b"x" * 200_000, timeout=10)
    assert long.status_code == 413
    assert requests.post(f"{running.url}add-checkpoint", data=b"x", timeout=10).status_code == 400
