"""Files of the trail with personal values in clear go with anybody who may be in them."""

import pytest
from sqlalchemy import select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.models import AuditSubject
from authserver.core.ids import new_id
from authserver.jobs.worker import NotOurs
from authserver.trail_exports import writing
from authserver.trail_exports.models import TrailExportPart
from authserver.wiring.people.jobs import make_job_worker
from tests.admin.callers import Caller, person
from tests.privacy.test_erasure import begun, confirmed
from tests.support.trail import events
from tests.support.world import TenantFixture, UserFixture, World


@pytest.fixture(name="leaving")
def _leaving(world: World) -> UserFixture:
    """Return somebody whose erasure is due."""
    user = world.user(world.tenant(), "customer_viewer")
    confirmed(world, user)
    world.clock.move(days=14)
    return user


def admin_of(world: World, tenant: TenantFixture) -> Caller:
    return person(world, "admin", kind="customer", tenant=tenant)


def asked(caller: Caller, *, personal: bool = True) -> str:
    """Ask for a file; return its path."""
    wanted = {"format": "jsonl", "personal": personal}
    made = caller.call("POST", f"/tenants/{caller.tenant.id}/trail/exports", wanted)
    assert made.status_code == 201, made.text
    return str(made.headers["Location"].removeprefix("/api/v1"))


def made(world: World, caller: Caller, *, personal: bool = True) -> str:
    path = asked(caller, personal=personal)
    make_job_worker(world.services).work_off()
    assert caller.call("GET", path).json["standing"] == "ready"
    return path


def erased(world: World) -> None:
    begun(world)
    make_job_worker(world.services).work_off()


def parts(world: World, tenant: TenantFixture) -> int:
    with world.services.database.read() as view:
        return len(view.tenant(tenant.id).scalars(select(TrailExportPart.id)).all())


def test_a_file_with_personal_values_is_deleted_and_says_why(
    world: World, leaving: UserFixture
) -> None:
    admin = admin_of(world, leaving.tenant)
    file, without = made(world, admin), made(world, admin, personal=False)
    assert b"127.0.0.1" in admin.call("POST", f"{file}/download").data
    erased(world)
    told = admin.call("GET", file).json
    assert (told["standing"], told["failure"]) == ("withdrawn", "person_erased")
    assert admin.call("POST", f"{file}/download").status_code == 404
    assert admin.call("POST", f"{file}/cancel").status_code == 409
    assert admin.call("GET", without).json["standing"] == "ready"
    assert admin.call("POST", f"{without}/download").status_code == 200
    assert parts(world, leaving.tenant) == 1


def test_the_trail_says_so_and_does_not_get_to_know_the_person_again(
    world: World, leaving: UserFixture
) -> None:
    """Who confirmed an erasure is its actor: recorded after it, they would have a key anew."""
    made(world, admin_of(world, leaving.tenant))
    erased(world)
    last, *_ = [
        one for one in events(world, leaving.tenant.id) if one.type == "trail_export.withdrawn"
    ]
    assert last.document["actor"]["kind"] == "server"
    with world.services.database.read() as view:
        known = select(AuditSubject).where(AuditSubject.principal_id == leaving.id)
        assert view.tenant(leaving.tenant.id).scalar(known) is None


def test_a_file_that_is_being_made_ends_and_another_may_be_asked_for(
    world: World, leaving: UserFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "AT_ONCE", 2)
    admin = admin_of(world, leaving.tenant)
    file = asked(admin)
    worker = make_job_worker(world.services)
    claim = worker.claim()
    assert claim is not None
    world.services.database.write(lambda tx: worker.step(tx, claim))
    assert parts(world, leaving.tenant) == 1
    erased(world)
    assert admin.call("GET", file).json["standing"] == "withdrawn"
    assert parts(world, leaving.tenant) == 0
    with pytest.raises(NotOurs):
        world.services.database.write(lambda tx: worker.step(tx, claim))
    again = made(world, admin)
    assert leaving.email.encode() not in admin.call("POST", f"{again}/download").data


def test_an_operator_is_forgotten_by_the_trails_of_those_for_whom_they_worked(
    world: World, leaving: UserFixture
) -> None:
    customer = world.tenant()
    actor = Actor("user", leaving.id, new_id("cor"), address="192.0.2.7")
    event = Event(EventType.TENANT_ACCESS_OPENED, customer.id, actor)
    world.services.database.write(lambda tx: world.services.trail.record(tx, event))
    theirs = admin_of(world, customer)
    file = made(world, theirs)
    assert b"192.0.2.7" in theirs.call("POST", f"{file}/download").data
    erased(world)
    with world.services.database.read() as view:
        known = select(AuditSubject).where(AuditSubject.principal_id == leaving.id)
        assert view.platform().scalar(known) is None
    assert theirs.call("GET", file).json["standing"] == "withdrawn"
    assert b"192.0.2.7" not in theirs.call("POST", f"{made(world, theirs)}/download").data


@pytest.mark.usefixtures("leaving")
def test_files_of_another_tenant_stay(world: World) -> None:
    other = admin_of(world, world.tenant())
    file = made(world, other)
    erased(world)
    assert other.call("POST", f"{file}/download").status_code == 200
