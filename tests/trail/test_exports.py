"""/api/v1/tenants/{tenant_id}/trail/exports: the trail taken away, made in the background."""

import csv
import gzip
import io
import json
from typing import Any

import pytest
from sqlalchemy import func, select

from authserver.core.problems import NotFound
from authserver.jobs.worker import JobWorker
from authserver.oauth.trail.keys import shown
from authserver.sdk import trail_verifier as verifier
from authserver.trail_exports import writing
from authserver.trail_exports.models import TrailExportPart
from authserver.trail_exports.values import LIFE, Standing
from authserver.wiring.people.jobs import make_job_worker
from authserver.wiring.trail.exporting import make_exports
from tests.admin.callers import Caller, person
from tests.support.trail import events
from tests.support.world import World
from tests.trail.events import record


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "AT_ONCE", 5)


def many(caller: Caller) -> str:
    return f"/tenants/{caller.tenant.id}/trail/exports"


def asked(caller: Caller, form: str, **more: Any) -> str:
    """Ask for an export; return its path."""
    made = caller.call("POST", many(caller), {"format": form, **more})
    assert made.status_code == 201, made.text
    return str(made.headers["Location"].removeprefix("/api/v1"))


def fetched(world: World, caller: Caller, form: str, **more: Any) -> bytes:
    """Return the file of an export."""
    one = asked(caller, form, **more)
    make_job_worker(world.services).work_off()
    told = caller.call("GET", one).json
    assert (told["standing"], told["done"]) == ("ready", told["total"]), told
    answer = caller.call("POST", f"{one}/download")
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    assert len(answer.data) == told["size"] == int(answer.headers["Content-Length"])
    return answer.data


def numbered(world: World, caller: Caller, count: int = 17) -> None:
    record(world, caller.tenant.id, count)
    world.services.proving.sequencer.once()


def test_a_bundle_made_in_pieces_is_one_that_is_verified(world: World, admin: Caller) -> None:
    numbered(world, admin)
    data = fetched(world, admin, "bundle")
    with world.services.database.read() as view:
        keys = world.services.proving.keys.own(view)
    trust = verifier.Trust([verifier.saved_key(shown(key)) for key in keys])
    verdict = verifier.verify(iter([data]), trust)
    assert (verdict.status, verdict.first, verdict.events) == ("verified", 1, verdict.last)
    assert verdict.events >= 17


def test_json_lines_are_the_whole_trail_and_nothing_personal_is_in_clear(
    world: World, admin: Caller
) -> None:
    numbered(world, admin)
    found = [json.loads(line) for line in fetched(world, admin, "jsonl").splitlines()]
    listed = admin.call("GET", f"/tenants/{admin.tenant.id}/events?limit=100").json["items"]
    ids = [one["id"] for one in listed]
    # What happened since then is the making of it, and the sequencer's.
    assert [one["id"] for one in found] == [one for one in ids if one in {f["id"] for f in found}]
    assert len(found) >= 17
    assert all(one["private"] == {} for one in found)


def test_a_filter_leaves_out_what_it_does_not_name(world: World, admin: Caller) -> None:
    numbered(world, admin)
    data = fetched(world, admin, "jsonl", type="mail.retried")
    found = [json.loads(line) for line in data.splitlines()]
    assert [one["facts"]["number"] for one in found] == [*reversed(range(17))]
    assert fetched(world, admin, "jsonl", actor="usr_nobody") == b""


def test_what_is_personal_is_in_clear_only_where_it_was_asked_for_and_recorded(
    world: World, admin: Caller
) -> None:
    rows = csv.DictReader(io.StringIO(fetched(world, admin, "csv", personal=True).decode()))
    private = [json.loads(row["private"]) for row in rows]
    assert {"127.0.0.1"} <= {one.get("address") for one in private}
    told = [one for one in events(world, admin.tenant.id) if one.type == "trail_export.requested"]
    assert told[-1].document["facts"]["personal"] is True
    taken = [one for one in events(world, admin.tenant.id) if one.type == "trail.exported"]
    assert taken[-1].document["facts"]["personal"] is True


def test_what_a_spreadsheet_would_compute_is_text(world: World, admin: Caller) -> None:
    record(world, admin.tenant.id, 1, formula="=1+1")
    assert "\n=" not in fetched(world, admin, "csv").decode()


def test_a_process_that_dies_is_gone_on_for_behind_its_last_piece(
    world: World, admin: Caller
) -> None:
    numbered(world, admin)
    one = asked(admin, "jsonl", type="mail.retried")
    worker = make_job_worker(world.services)
    claim = worker.claim()
    assert claim is not None
    world.services.database.write(lambda tx: worker.step(tx, claim))
    half = admin.call("GET", one).json
    assert 0 < half["events"] < 17
    world.clock.move(seconds=61)
    JobWorker.work_off(make_job_worker(world.services))
    data = admin.call("POST", f"{one}/download").data
    numbers = [json.loads(line)["facts"]["number"] for line in data.splitlines()]
    assert numbers == [*reversed(range(17))]


def test_one_is_made_at_a_time_and_can_be_called_off(world: World, admin: Caller) -> None:
    one = asked(admin, "jsonl")
    assert admin.call("POST", many(admin), {"format": "csv"}).status_code == 409
    assert admin.call("POST", f"{one}/download").status_code == 404
    assert admin.call("POST", f"{one}/cancel").json["standing"] == "cancelled"
    assert admin.call("POST", f"{one}/cancel").json["standing"] == "cancelled"
    assert make_job_worker(world.services).work_off() == 0
    assert "trail_export.cancelled" in {one.type for one in events(world, admin.tenant.id)}
    assert admin.call("POST", many(admin), {"format": "csv"}).status_code == 201


def test_it_can_be_fetched_until_it_expires_and_nothing_of_it_is_left_then(
    world: World, admin: Caller
) -> None:
    one = asked(admin, "jsonl")
    make_job_worker(world.services).work_off()
    first = admin.call("POST", f"{one}/download").data
    assert admin.call("POST", f"{one}/download").data == first
    assert admin.call("POST", f"{one}/cancel").status_code == 409
    world.clock.move(seconds=LIFE.total_seconds() + 1)
    exports, export_id = make_exports(world.services), one.rpartition("/")[2]
    with world.services.database.read() as view:
        assert exports.one(view, admin.tenant.id, export_id).standing is Standing.EXPIRED
    with pytest.raises(NotFound):
        world.services.database.write(
            lambda tx: exports.take(tx, admin.tenant.id, export_id, actor=world.operator)
        )
    world.services.pruner.prune()
    with world.services.database.read() as view:
        left = select(func.count()).where(TrailExportPart.tenant_id == admin.tenant.id)
        assert view.platform().scalar(left) == 0


def test_what_waits_to_be_fetched_is_encrypted(world: World, admin: Caller) -> None:
    record(world, admin.tenant.id, 1, canary="canary-in-the-export")
    fetched(world, admin, "jsonl")
    with world.services.database.read() as view:
        parts = select(TrailExportPart.content).where(TrailExportPart.tenant_id == admin.tenant.id)
        stored = b"".join(view.platform().scalars(parts))
    assert stored
    assert b"canary" not in stored
    assert not stored.startswith(gzip.compress(b"")[:4])


@pytest.mark.parametrize(
    "body",
    [
        {"format": "bundle", "type": "mail.retried"},
        {"format": "bundle", "personal": True},
        {"format": "csv", "checkpoint": 1},
        {"format": "xml"},
        {"format": "csv", "since": "yesterday"},
    ],
)
@pytest.mark.any_database
def test_what_does_not_go_together_is_refused(admin: Caller, body: dict[str, Any]) -> None:
    assert admin.call("POST", many(admin), body).status_code == 422


def test_taking_away_takes_its_own_permission_and_the_tenant(world: World, admin: Caller) -> None:
    viewer = person(world, "admin_viewer", kind="customer")
    assert viewer.call("POST", many(viewer), {"format": "csv"}).status_code == 403
    one = asked(admin, "jsonl")
    make_job_worker(world.services).work_off()
    other = person(world, "admin", kind="customer")
    theirs = one.replace(admin.tenant.id, other.tenant.id)
    for path in (one, theirs):
        assert other.call("POST", f"{path}/download").status_code == 404
        assert other.call("GET", path).status_code == 404
