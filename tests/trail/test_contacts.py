"""A tenant has its checkpoint mailed once a day, and can hold the server to it."""

from typing import Any

import pytest
from sqlalchemy import select

from authserver.audit.events import Actor, EventType
from authserver.audit.tree import root_of
from authserver.core.ids import new_id
from authserver.core.problems import Problem
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import Content, open_content
from tests.support.trail import events, personal
from tests.support.world import TenantFixture, World
from tests.trail.events import record, trail
from tests.trail.restored import signed

TO = "security@globex.example"


def named(world: World, tenant: TenantFixture, address: str = TO) -> None:
    actor = Actor("operator", tenant.id, new_id("cor"))
    contacts = world.services.proving.contacts
    world.services.database.write(
        lambda tx: contacts.name(tx, tenant.id, address=address, actor=actor)
    )


def mails(world: World, tenant: TenantFixture) -> list[Content]:
    with world.services.database.read() as view:
        wanted = select(OutboxMessage).where(OutboxMessage.template == "trail_checkpoint")
        rows = view.tenant(tenant.id).scalars(wanted.order_by(OutboxMessage.id)).all()
        return [open_content(one.id, one.content, world.services.keyring) for one in rows]


def test_a_contact_is_mailed_its_checkpoint_once_a_day(world: World) -> None:
    tenant, other = world.tenant(), world.tenant()
    tell = world.services.proving.contacts.tell
    record(world, tenant.id, 3)
    named(world, tenant)
    newest = signed(world.services)
    assert tell() == [tenant.id]
    assert tell() == []
    signed(world.services)
    world.clock.move(hours=23)
    assert tell() == []
    world.clock.move(hours=2)
    assert tell() == [tenant.id]
    first, second = mails(world, tenant)
    assert mails(world, other) == []
    leaves = [one.leaf for one in trail(world, tenant.id) if one.seq]
    assert first.to == TO
    assert first.values["note"] == newest.note
    assert (first.values["size"], first.values["root"]) == (
        str(len(leaves)),
        root_of(leaves).hex(),
    )
    assert int(second.values["number"]) == newest.number + 1
    world.clock.reset()


def test_who_is_named_is_in_the_trail_and_only_encrypted(world: World) -> None:
    tenant = world.tenant()
    named(world, tenant)
    named(world, tenant)
    (event,) = events(world, tenant.id, EventType.TRAIL_CONTACT_CHANGED.value)
    assert TO.encode() not in event.body
    assert personal(world, event)["contact"] == TO


def test_an_address_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(Problem):
        named(world, world.tenant(), "not an address")


def test_nobody_is_mailed_any_more_when_the_contact_is_removed(world: World) -> None:
    tenant, contacts = world.tenant(), world.services.proving.contacts
    named(world, tenant)
    signed(world.services)
    actor = Actor("operator", tenant.id, new_id("cor"))

    def job(tx: Any) -> None:
        contacts.remove(tx, tenant.id, actor=actor)

    world.services.database.write(job)
    world.services.database.write(job)
    assert tenant.id not in contacts.tell()
    with world.services.database.read() as view:
        assert contacts.of(view, tenant.id) is None
    assert len(events(world, tenant.id, EventType.TRAIL_CONTACT_CHANGED.value)) == 2
