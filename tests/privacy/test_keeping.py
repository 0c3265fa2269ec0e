"""Events over their time say nothing any more, and the trail verifies all the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from authserver.audit.classes import EventClass, class_of, types_of
from authserver.audit.events import EventType
from authserver.core.database.tenancy import Base
from authserver.oauth.trail.keys import shown
from authserver.privacy.keeping.service import Keeping
from authserver.sdk.trail_verifier import main as verify
from tests.admin.callers import person
from tests.support.account import enter
from tests.support.browser import Browser
from tests.support.trail import events
from tests.support.world import TenantFixture, UserFixture, World


def keep(world: World, tenant: TenantFixture, **days: int | None) -> int:
    admin = person(world, "admin", kind="customer", tenant=tenant)
    return admin.call("PATCH", f"/tenants/{tenant.id}/policy", days).status_code


def buried(world: World) -> None:
    services = world.services
    services.proving.sequencer.once()
    Keeping(services.database, services.trail, services.clock).bury()


def rows(world: World, tenant: TenantFixture, type_: str) -> list[Any]:
    with world.services.database.engine.connect() as connection:
        wanted = "SELECT * FROM audit_events WHERE tenant_id = :tenant AND type = :type ORDER BY id"
        asked = {"tenant": tenant.id, "type": type_}
        return [*connection.execute(text(wanted), asked)]


def signed_in(world: World) -> UserFixture:
    user = world.user(world.tenant())
    enter(Browser(world), user)
    return user


def test_events_of_use_go_first_and_keep_their_place(world: World) -> None:
    user = signed_in(world)
    assert keep(world, user.tenant, activity_event_days=30) == 200
    world.services.proving.sequencer.once()
    before = rows(world, user.tenant, "sign_in.succeeded")[0]
    world.clock.move(days=31)
    buried(world)
    after = rows(world, user.tenant, "sign_in.succeeded")[0]
    assert (after.body, after.actor_ref, after.subject_ref, after.correlation_id) == (
        b"", None, None, "",
    )  # fmt: skip
    assert (after.seq, after.leaf, after.chain) == (before.seq, before.leaf, before.chain)
    assert all(row.body for row in rows(world, user.tenant, "user.created"))
    (said,) = events(world, user.tenant.id, "trail.pruned")
    assert said.document["facts"]["class"] == "activity"
    assert said.document["facts"]["events"] >= 1


def test_what_is_left_verifies_with_tombstones(world: World, tmp_path: Path) -> None:
    user = signed_in(world)
    keep(world, user.tenant, activity_event_days=30)
    world.services.proving.sequencer.once()
    world.clock.move(days=31)
    buried(world)
    world.services.proving.sequencer.once()
    bundle, keys = tmp_path / "trail.ndjson", tmp_path / "keys.json"
    proving = world.services.proving
    with world.services.database.read() as view:
        plan = proving.bundles.plan(view, user.tenant.id)
        published = [shown(key) for key in proving.keys.published(view)]
    keys.write_text(json.dumps({"keys": published}))
    bundle.write_bytes(b"".join(proving.bundles.lines(world.services.database, plan)))
    assert b'"kind":"tombstone"' in bundle.read_bytes()
    assert verify([str(bundle), "--keys", str(keys)]) == 0


def test_they_are_read_no_more(world: World) -> None:
    user = signed_in(world)
    keep(world, user.tenant, activity_event_days=30)
    world.services.proving.sequencer.once()
    (one, *_) = rows(world, user.tenant, "sign_in.succeeded")
    world.clock.move(days=31)
    buried(world)
    admin = person(world, "admin", kind="customer", tenant=user.tenant)
    found = admin.call("GET", f"/tenants/{user.tenant.id}/events").json["items"]
    assert one.id not in [event["id"] for event in found]
    assert admin.call("GET", f"/tenants/{user.tenant.id}/events/{one.id}").status_code == 404


def test_a_legal_hold_keeps_what_is_said_of_the_person(world: World) -> None:
    user = signed_in(world)
    keep(world, user.tenant, activity_event_days=30)
    admin = person(world, "admin", kind="customer", tenant=user.tenant)
    url = f"/tenants/{user.tenant.id}/users/{user.id}/legal-hold"
    admin.call("POST", url, {"reason": "Case 7"})
    world.services.proving.sequencer.once()
    world.clock.move(days=31)
    buried(world)

    def first() -> bytes:
        body: bytes = rows(world, user.tenant, "sign_in.succeeded")[0].body
        return body

    assert first()
    later = person(world, "admin", kind="customer", tenant=user.tenant)
    assert later.call("POST", f"{url}/lift").status_code == 200
    buried(world)
    assert not first()


EMPTIED = {
    "body": b"",
    "actor_ref": None,
    "subject_ref": None,
    "resource": None,
    "correlation_id": "",
}


@pytest.mark.parametrize(
    "values",
    [
        {"body": b""},
        EMPTIED | {"leaf": b"x" * 32},
        EMPTIED | {"chain": b"x" * 32},
        EMPTIED | {"seq": 999},
        EMPTIED | {"type": "code.issued"},
        EMPTIED | {"body": b"{}"},
    ],
    ids=["half", "leaf", "chain", "number", "type", "text"],
)
def test_the_database_lets_an_event_be_emptied_and_nothing_else(
    world: World, values: dict[str, object]
) -> None:
    user = signed_in(world)
    world.services.proving.sequencer.once()
    (one, *_) = rows(world, user.tenant, "sign_in.succeeded")
    table = Base.metadata.tables["audit_events"]
    change = table.update().where(table.c.id == one.id).values(**values)
    with (
        pytest.raises(DBAPIError, match=r"append-only|permission denied"),
        world.services.database.engine.begin() as connection,
    ):
        connection.execute(change)


@pytest.mark.parametrize(
    "days",
    [{"activity_event_days": 29}, {"security_event_days": 90}, {"administration_event_days": 30}],
)
def test_no_class_is_kept_for_less_than_a_proof_needs(world: World, days: dict[str, int]) -> None:
    assert keep(world, world.tenant(), **days) == 400


def test_every_event_has_one_class() -> None:
    found = [types_of(one) for one in EventClass]
    assert sum(map(len, found)) == len(EventType)
    assert class_of(EventType.SIGN_IN_FAILED) is EventClass.SECURITY
    assert class_of(EventType.USER_ERASED) is EventClass.ADMINISTRATION
