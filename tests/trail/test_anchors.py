"""Anchors get every checkpoint, and what they keep is believed before the database is."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from authserver.audit.anchors.places import FileAnchor
from authserver.audit.anchors.targets import parse
from authserver.audit.anchors.values import Refused
from authserver.audit.checkpoints.policy import InconsistentError
from authserver.audit.events import Actor, EventType
from authserver.core.ids import new_id
from authserver.core.problems import Refused as RefusedByUs
from authserver.sdk import trail_verifier
from authserver.settings import SettingsError
from authserver.tenants.service import installation_id
from authserver.wiring.services import Services
from tests.support.trail import everywhere
from tests.support.world import World
from tests.trail.events import changed, record
from tests.trail.restored import roll_back, signed, started

SECRET = "whsec_" + b64encode(b"s" * 32).decode()


def kept(path: Path) -> list[int]:
    return [json.loads(line)["number"] for line in path.read_text().splitlines()]


def to_file(world: World, path: Path) -> Services:
    return started(world, trail_anchors=f"far=file:{path}")


def accepted(services: Services, reason: str = "restored, as INC-7 says") -> None:
    actor = Actor("operator", installation_id(services.database), new_id("cor"))
    services.database.write(
        lambda transaction: services.proving.anchors.contradictions.accept(
            transaction, actor, reason=reason
        )
    )


def test_every_checkpoint_goes_to_a_file_once(world: World, tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.ndjson"
    server = started(world, trail_anchors=f"each=file:{path}")
    first = signed(server).number
    server.proving.anchors.worker.round()
    assert kept(path)[-1] == first, "a new anchor begins with the newest"
    for _ in range(45):
        signed(server)
    assert server.proving.anchors.worker.round() == 45
    assert kept(path) == [*range(first, first + 46)]
    assert server.proving.anchors.worker.round() == 0
    folder = tmp_path / "kept"
    folder.mkdir()
    path.rename(folder / "checkpoints.ndjson")
    assert len(trail_verifier.read_anchors(folder)) == 46, "the offline verifier reads the file"


def test_a_file_that_cannot_be_written_is_tried_again_and_nothing_is_left_out(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "mount" / "checkpoints.ndjson"
    server = started(world, trail_anchors=f"mount=file:{path}")
    worker = server.proving.anchors.worker
    first = signed(server).number
    assert worker.round() == 0
    with server.database.read() as view:
        (standing,) = server.proving.anchors.all(view)
    assert standing.error is not None
    assert "No such file" in standing.error
    assert standing.failing_since == world.clock.now()
    signed(server)
    path.parent.mkdir()
    again = started(world, trail_anchors=f"mount=file:{path}")
    assert again.proving.anchors.worker.round() == 2
    assert kept(path) == [first, first + 1]
    with server.database.read() as view:
        (standing,) = server.proving.anchors.all(view)
    assert (standing.error, standing.waiting, standing.number) == (None, 0, first + 1)


def test_what_a_power_cut_left_of_a_line_is_no_checkpoint(world: World, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "checkpoints.ndjson"
    path.parent.mkdir()
    server = to_file(world, path)
    newest = signed(server)
    server.proving.anchors.worker.round()
    with path.open("a") as file:
        file.write(path.read_text()[:60])
    origin = newest.note.split("\n", 1)[0]
    assert FileAnchor(path, lambda: origin).kept() == newest.note
    assert FileAnchor(path, lambda: "another/trail").kept() is None
    assert len(trail_verifier.read_anchors(path.parent)) == 1


@pytest.mark.attack("AUD-08")
@pytest.mark.parametrize("lost", [1, 3])
def test_a_restored_database_is_told_and_nothing_is_signed(
    new_world: World, tmp_path: Path, lost: int
) -> None:
    world, path = new_world, tmp_path / "checkpoints.ndjson"
    tenant_id = world.tenant().id
    server = to_file(world, path)
    numbers = []
    for _ in range(4):
        record(world, tenant_id)
        numbers.append(signed(server).number)
        server.proving.anchors.worker.round()
    roll_back(world, numbers[-1 - lost])

    restarted = to_file(world, path)
    with pytest.raises(InconsistentError, match="far has checkpoint"):
        signed(restarted)
    with restarted.database.read() as view:
        (found,) = restarted.proving.anchors.contradictions.standing(view)
        newest = restarted.proving.checkpoints.newest(view).number
    assert (found.number, found.newest, found.why) == (numbers[-1], newest, "rolled_back")
    assert newest == numbers[-1 - lost]
    (told,) = everywhere(world, EventType.TRAIL_CONTRADICTED.value)
    assert told.document["facts"]["newest"] == newest
    with pytest.raises(InconsistentError):
        signed(to_file(world, path))
    assert len(everywhere(world, EventType.TRAIL_CONTRADICTED.value)) == 1, "it is told once"


@pytest.mark.attack("AUD-08")
def test_an_operator_accepts_with_a_reason_and_the_server_goes_on(
    new_world: World, tmp_path: Path
) -> None:
    world, path = new_world, tmp_path / "checkpoints.ndjson"
    server = to_file(world, path)
    first = signed(server).number
    server.proving.anchors.worker.round()
    signed(server)
    server.proving.anchors.worker.round()
    roll_back(world, first)
    restarted = to_file(world, path)
    with pytest.raises(InconsistentError):
        signed(restarted)
    accepted(restarted)
    (told,) = everywhere(world, EventType.TRAIL_CONTRADICTION_ACCEPTED.value)
    assert told.document["facts"]["reason"] == "restored, as INC-7 says"
    assert signed(restarted).number == first + 1
    restarted.proving.anchors.worker.round()
    assert kept(path)[-1] == first + 1
    assert signed(to_file(world, path)).number == first + 2, "what was accepted is not asked again"
    with pytest.raises(RefusedByUs):
        accepted(restarted)


@pytest.mark.attack("AUD-08")
def test_who_can_only_write_to_the_database_accepts_nothing(
    new_world: World, tmp_path: Path
) -> None:
    world, path = new_world, tmp_path / "checkpoints.ndjson"
    server = to_file(world, path)
    first = signed(server).number
    signed(server)
    server.proving.anchors.worker.round()
    roll_back(world, first)
    with pytest.raises(InconsistentError):
        signed(to_file(world, path))
    blob = "decode('00', 'hex')" if world.services.database.engine.name == "postgresql" else "x'00'"
    changed(world, f"UPDATE audit_contradictions SET accepted = {blob}")  # noqa: S608  ours
    with pytest.raises(InconsistentError):
        signed(to_file(world, path))
    changed(world, "DELETE FROM audit_contradictions")
    with pytest.raises(InconsistentError):
        signed(to_file(world, path))


@pytest.mark.attack("AUD-08")
def test_an_empty_database_is_no_new_beginning(new_world: World, tmp_path: Path) -> None:
    world, path = new_world, tmp_path / "checkpoints.ndjson"
    server = to_file(world, path)
    signed(server)
    server.proving.anchors.worker.round()
    roll_back(world, 0)
    with pytest.raises(InconsistentError, match="rolled_back"):
        signed(to_file(world, path))


@pytest.mark.attack("AUD-05")
def test_a_checkpoint_that_an_anchor_has_otherwise_is_a_fork(
    new_world: World, tmp_path: Path
) -> None:
    world, path = new_world, tmp_path / "checkpoints.ndjson"
    server = to_file(world, path)
    first = signed(server).number
    record(world, world.tenant().id)
    signed(server)
    server.proving.anchors.worker.round()
    roll_back(world, first)
    without = started(world)
    record(world, world.tenant().id, 2)
    signed(without)  # nobody asked the anchor: the same number, another history
    with pytest.raises(InconsistentError, match="forked"):
        signed(to_file(world, path))


@pytest.mark.attack("AUD-04")
def test_history_rewritten_with_the_right_key_is_found_by_the_anchor_alone(
    new_world: World, tmp_path: Path
) -> None:
    """What is signed is consistent in itself: only what is kept elsewhere denies it."""
    world, path = new_world, tmp_path / "kept" / "checkpoints.ndjson"
    path.parent.mkdir()
    tenant = world.tenant()
    server = to_file(world, path)
    first = signed(server).number
    record(world, tenant.id, 2)
    honest = signed(server)
    server.proving.anchors.worker.round()
    roll_back(world, first)
    rewritten = started(world)
    record(world, tenant.id, 2, forged=True)
    forged = signed(rewritten)
    assert forged.number == honest.number
    with rewritten.database.read() as view:
        plan = rewritten.proving.bundles.plan(view, tenant.id)
    lines = list(rewritten.proving.bundles.lines(rewritten.database, plan))
    alone = trail_verifier.verify(lines, trail_verifier.Trust(None))
    assert alone.status != "tampered"
    anchors = trail_verifier.read_anchors(path.parent)
    verdict = trail_verifier.verify(lines, trail_verifier.Trust(None, anchors))
    assert (verdict.status, verdict.reasons) == ("tampered", ["fork"])
    assert verdict.notes == [forged.note, honest.note]


def test_an_anchor_that_cannot_be_read_is_said_to_be_so_and_denies_nothing(
    world: World, tmp_path: Path
) -> None:
    server = started(world, trail_anchors=f"folder=file:{tmp_path}")
    signed(server)
    with server.database.read() as view:
        (standing,) = server.proving.anchors.all(view)
    assert standing.error is not None


def test_a_line_of_the_log_is_an_anchor(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    from authserver.core import log  # noqa: PLC0415  the level is put back below

    server = started(world, trail_anchors="siem=log:", log_level="INFO")
    newest = signed(server)
    log.configure("INFO")
    try:
        assert server.proving.anchors.worker.round() == 1
    finally:
        log.configure("ERROR")
    lines = [
        json.loads(one) for one in capfd.readouterr().err.splitlines() if "trail_anchor" in one
    ]
    assert [(one["number"], one["note"]) for one in lines] == [(newest.number, newest.note)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("file:/kept", "NAME=URL"),
        ("a=ftp://x", "begins with one of"),
        ("a=file:kept", "whole path"),
        ("a=log:x", "nothing more"),
        ("a=https:///x", "which host"),
        ("a=https://u:p@x/", "no user"),
        ("a=log: a=log:", "the same name"),
    ],
)
def test_a_setting_that_names_no_place_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(text)


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"trail_anchors": "a=log:"}, "LOG_LEVEL"),
        ({"trail_anchors": "a=https://x.example/"}, "ANCHOR_SECRET"),
        ({"trail_anchors": "a=nothing"}, "TRAIL_ANCHORS"),
        ({"trail_witnesses": "w=https://x.example/"}, "TRAIL_WITNESSES"),
    ],
)
def test_settings_that_do_not_go_together_end_the_start(
    world: World, settings: dict[str, str], why: str
) -> None:
    with pytest.raises(SettingsError, match=why):
        started(world, **settings)


def test_a_refusal_says_where(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nowhere"):
        FileAnchor(tmp_path / "nowhere" / "x", lambda: "").send(())
