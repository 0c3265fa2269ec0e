"""/api/v1: copies of tenants made in the background, taken, and handed over elsewhere."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from authserver.accounts.models import User
from authserver.copies import jobs as work_of
from authserver.copies import writing
from authserver.jobs.models import Job, JobPart
from authserver.jobs.worker import LEASE, NotOurs
from authserver.moving.models import TenantCopyPart
from authserver.moving.sealing import Key, Writer, lines
from authserver.tenants.models import Tenant
from authserver.wiring.people import jobs as wiring
from tests.admin.callers import Caller, person, program
from tests.conftest import new_installation
from tests.spec.tools import set_roles
from tests.support.trail import events
from tests.support.world import TenantFixture, World

PASSPHRASE = "correct horse battery"


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


@pytest.fixture(scope="module", name="elsewhere")
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with new_installation("sqlite", tmp_path_factory.mktemp("other")) as world:
        yield world


def many(tenant: TenantFixture, more: str = "") -> str:
    return f"/tenants/{tenant.id}/copies{more}"


def ask(caller: Caller, tenant: TenantFixture | None = None) -> str:
    """Ask for a copy; return its path."""
    made = caller.call("POST", many(tenant or caller.tenant), {"passphrase": PASSPHRASE})
    assert made.status_code == 201, made.text
    return made.headers["Location"].removeprefix("/api/v1")


def work(world: World) -> int:
    return wiring.make_job_worker(world.services).work_off()


def taken(caller: Caller, one: str) -> bytes:
    first = caller.call("POST", f"{one}/pieces", {"number": 1})
    assert first.status_code == 200, first.text
    rest = [
        caller.call("POST", f"{one}/pieces", {"number": number}).json["content"]
        for number in range(2, first.json["of"] + 1)
    ]
    return b"".join(map(b64decode, [first.json["content"], *rest]))


def copied(caller: Caller) -> bytes:
    one = ask(caller)
    work(caller.world)
    return taken(caller, one)


def changed(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a copy as whoever knows the passphrase can write it."""
    out = BytesIO()
    writer = Writer(out, Key.new(PASSPHRASE))
    for line in lines(BytesIO(data), Key.of(BytesIO(data), PASSPHRASE)):
        writer.line(change(line))
    writer.close()
    return out.getvalue()


def hand_over(caller: Caller, data: bytes, **more: Any) -> Any:
    body = {"file": b64encode(data).decode(), "passphrase": PASSPHRASE, **more}
    return caller.call("POST", "/tenant-copies", body)


def handed_over(caller: Caller, data: bytes, **more: Any) -> dict[str, Any]:
    """Hand a copy over, let it be done, and return what became of it."""
    begun = hand_over(caller, data, **more)
    assert begun.status_code == 201, begun.text
    work(caller.world)
    found: dict[str, Any] = caller.call(
        "GET", begun.headers["Location"].removeprefix("/api/v1")
    ).json
    return found


def is_there(world: World, tenant_id: str) -> bool:
    with world.services.database.read() as view:
        return view.platform().get(Tenant, tenant_id) is not None


def stored(world: World, model: type[Any], tenant_id: str) -> list[Any]:
    with world.services.database.read() as view:
        found = view.platform().scalars(select(model).where(model.tenant_id == tenant_id)).all()
        view.platform().expunge_all()
    return list(found)


def test_a_tenants_administrator_takes_it_away_and_the_platforms_lets_it_in_elsewhere(
    world: World, elsewhere: World, admin: Caller
) -> None:
    one = ask(admin)
    assert admin.call("GET", one).json["state"] == "waiting"
    assert admin.call("POST", f"{one}/pieces", {"number": 1}).status_code == 404
    assert work(world) >= 1  # others of the tests may have left something to do
    told = admin.call("GET", one).json
    assert (told["state"], told["there"], told["done"]) == ("done", True, told["total"])
    assert told["rows"]["users"] == 1
    data = taken(admin, one)
    assert (len(data), sha256(data).hexdigest()) == (told["size"], told["sha256"])
    kinds_ = [event.type for event in events(world, admin.tenant.id)]
    assert kinds_[-3:] == ["tenant_copy.requested", "tenant.exported", "tenant_copy.taken"]
    there = person(elsewhere, "PLATFORM_ADMIN")
    made = handed_over(there, data, slug=f"{admin.tenant.slug}-two")
    assert (made["state"], made["tenant_id"]) == ("done", admin.tenant.id)
    assert made["rows"] == told["rows"]
    assert [user.name for user in stored(elsewhere, User, admin.tenant.id)]
    assert there.call("GET", "/tenant-copies").json["items"][0] == made
    begun = [event.type for event in events(elsewhere, there.tenant.id)]
    assert begun[-1] == "tenant_copy.handed_over"


def test_neither_passphrase_nor_key_nor_file_stays_when_the_work_is_over(
    world: World, elsewhere: World, admin: Caller
) -> None:
    one = ask(admin)
    (waiting,), (job,) = (stored(world, model, admin.tenant.id) for model in (JobPart, Job))
    assert PASSPHRASE not in str(job.settings)
    assert PASSPHRASE.encode() not in waiting.content
    work(world)
    there = person(elsewhere, "PLATFORM_ADMIN")
    handed_over(there, taken(admin, one))
    assert stored(world, JobPart, admin.tenant.id) == []
    assert stored(elsewhere, JobPart, there.tenant.id) == []


def test_a_copy_is_there_for_a_day_or_until_it_is_deleted(world: World, admin: Caller) -> None:
    first = ask(admin)
    work(world)
    assert admin.call("DELETE", first).status_code == 204
    assert admin.call("POST", f"{first}/pieces", {"number": 1}).status_code == 404
    assert admin.call("GET", first).json["there"] is False
    second = ask(admin)
    work(world)
    assert len(stored(world, TenantCopyPart, admin.tenant.id)) == 1
    world.clock.move(hours=24, seconds=1)
    world.services.pruner.prune()
    assert stored(world, TenantCopyPart, admin.tenant.id) == []
    again = person(world, "admin", tenant=admin.tenant)
    assert again.call("POST", f"{second}/pieces", {"number": 1}).status_code == 404
    assert "tenant_copy.deleted" in [event.type for event in events(world, admin.tenant.id)]


def test_one_is_made_at_a_time_and_one_that_is_called_off_is_not_made(
    world: World, admin: Caller
) -> None:
    one = ask(admin)
    again = admin.call("POST", many(admin.tenant), {"passphrase": PASSPHRASE})
    assert again.status_code == 409
    assert admin.call("DELETE", one).status_code == 204
    assert work(world) == 0
    assert admin.call("GET", one).json["state"] == "cancelled"


@pytest.mark.attack("ATK-118")
def test_nobody_takes_the_factors_of_who_may_do_more(world: World) -> None:
    lesser = person(world, "admin")
    world.user(lesser.tenant, "PLATFORM_ADMIN")
    refused = lesser.call("POST", many(lesser.tenant), {"passphrase": PASSPHRASE})
    assert (refused.status_code, refused.json["type"]) == (403, "urn:authserver:problem:refused")


@pytest.mark.attack("ATK-115")
def test_who_may_not_change_all_of_a_tenant_has_no_copy_of_it(world: World) -> None:
    machine = program(world, "settings:write", "users:write", kind="customer")
    refused = machine.call("POST", many(machine.tenant), {"passphrase": PASSPHRASE})
    assert refused.status_code == 403
    admin = person(world, "admin", kind="customer")
    assert hand_over(admin, b"any").status_code == 403, "tenants come by the platform"


@pytest.mark.attack("ATK-111")
def test_a_copy_of_another_tenant_is_not_there(world: World, admin: Caller) -> None:
    one = ask(admin)
    work(world)
    other = person(world, "admin", kind="customer")
    job = one.rpartition("/")[2]
    for path in (one, many(other.tenant, f"/{job}")):
        assert other.call("GET", path).status_code == 404
        assert other.call("POST", f"{path}/pieces", {"number": 1}).status_code == 404
        assert other.call("DELETE", path).status_code == 404
    assert admin.call("GET", one).json["there"] is True


@pytest.mark.attack("ATK-118")
def test_no_copy_brings_an_internal_tenant_or_a_role_above_the_importers(
    elsewhere: World, admin: Caller
) -> None:
    data = copied(admin)
    there = person(elsewhere, "PLATFORM_ADMIN")
    crafted = changed(data, lambda line: line.replace(b'"customer"', b'"internal"', 1))
    assert handed_over(there, crafted)["failure"] == "refused"
    assert not is_there(elsewhere, admin.tenant.id)
    narrow = program(elsewhere, "tenants:write")
    assert handed_over(narrow, data)["failure"] == "refused"
    assert not is_there(elsewhere, admin.tenant.id)


@pytest.mark.attack("ATK-118")
def test_who_lost_the_right_lets_no_tenant_in_any_more(elsewhere: World, admin: Caller) -> None:
    data = copied(admin)
    there = person(elsewhere, "PLATFORM_ADMIN")
    assert there.stage is not None
    elsewhere.user(there.tenant, "PLATFORM_ADMIN")
    begun = hand_over(there, data)
    set_roles(elsewhere, there.stage.person, "customer_viewer")
    work(elsewhere)
    other = person(elsewhere, "PLATFORM_ADMIN", tenant=there.tenant)
    told = other.call("GET", begun.headers["Location"].removeprefix("/api/v1")).json
    assert (told["state"], told["failure"]) == ("failed", "refused")
    assert not is_there(elsewhere, admin.tenant.id)


def test_what_is_no_copy_is_refused_at_once_beside_the_field(
    world: World, elsewhere: World, admin: Caller
) -> None:
    data = copied(admin)
    there = person(elsewhere, "PLATFORM_ADMIN")
    of_here = person(world, "PLATFORM_ADMIN")
    other = {"passphrase": "another passphrase"}
    for answer, field in (
        (hand_over(there, b"PK no copy"), "file"),
        (hand_over(there, data, **other), "passphrase"),
        (hand_over(of_here, data), "slug"),
    ):
        assert answer.status_code in {400, 409}
        assert [one["field"] for one in answer.json["errors"]] == [field]
    assert there.call("POST", "/tenant-copies", {"file": "?", **other}).status_code == 400
    assert handed_over(of_here, data, slug="free-slug")["failure"] == "conflict"
    assert hand_over(there, data[:-1]).status_code == 400
    unknown = changed(data, lambda line: line.replace(b'"locale":', b'"local":'))
    assert handed_over(there, unknown)["failure"] == "unfit_copy"
    assert not is_there(elsewhere, admin.tenant.id)


def test_a_copy_of_many_pieces_is_put_together_and_begun_anew_after_a_death(
    world: World, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_of, "PIECE", 1000)
    monkeypatch.setattr(work_of, "_AT_ONCE", 5)
    monkeypatch.setattr(writing, "_AT_ONCE", 7)
    for number in range(20):
        world.client(admin.tenant, "service", name=f"Machine {number} {'x' * 100}")
    one = ask(admin)
    worker = wiring.make_job_worker(world.services)
    claim, notes = worker.claim(), 0
    assert claim is not None
    step = worker.step

    def dies(*what: Any) -> bool:
        nonlocal notes
        notes += 1
        if notes > 3:
            raise NotOurs
        return step(*what)

    monkeypatch.setattr(worker, "step", dies)
    assert worker._do(claim) is False  # noqa: SLF001  as the thread does
    told = admin.call("GET", one).json
    assert (told["state"], told["done"]) == ("running", 10)
    world.clock.move(seconds=LEASE.total_seconds() + 1)
    assert work(world) >= 1
    told = admin.call("GET", one).json
    assert (told["state"], told["done"]) == ("done", told["total"])
    data = taken(admin, one)
    assert sha256(data).hexdigest() == told["sha256"]
    assert sum(1 for _ in lines(BytesIO(data), Key.of(BytesIO(data), PASSPHRASE))) == (
        sum(told["rows"].values()) + 1
    )
