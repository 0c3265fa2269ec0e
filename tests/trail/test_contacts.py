"""A tenant has its checkpoint mailed once a day, and can hold the server to it."""

from typing import Any

import pytest
from sqlalchemy import select

from authserver.audit.events import EventType
from authserver.audit.tree import root_of
from authserver.core.problems import Conflict, Problem
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import Content, open_content
from tests.support.contacts import TO, asked, by, contact_of, link_to, named, used
from tests.support.trail import events, personal
from tests.support.world import TenantFixture, World
from tests.trail.events import record, trail
from tests.trail.restored import signed

OTHER = "soc@globex.example"


def mails(world: World, tenant: TenantFixture, template: str) -> list[Content]:
    with world.services.database.read() as view:
        wanted = select(OutboxMessage).where(OutboxMessage.template == template)
        rows = view.tenant(tenant.id).scalars(wanted.order_by(OutboxMessage.id)).all()
        return [open_content(one.id, one.content, world.services.keyring) for one in rows]


def act(world: World, tenant: TenantFixture, name: str) -> Any:
    job = getattr(world.services.proving.contacts, name)
    return world.services.database.write(lambda tx: job(tx, tenant.id, actor=by(tenant)))


def test_a_contact_is_mailed_its_checkpoint_once_a_day(world: World) -> None:
    tenant, other = world.tenant(), world.tenant()
    tell = world.services.proving.telling.tell
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
    first, second = mails(world, tenant, "trail_checkpoint")
    assert mails(world, other, "trail_checkpoint") == []
    leaves = [one.leaf for one in trail(world, tenant.id) if one.seq]
    assert first.to == TO
    assert first.values["note"] == newest.note
    assert (first.values["size"], first.values["root"]) == (
        str(len(leaves)),
        root_of(leaves).hex(),
    )
    assert int(second.values["number"]) == newest.number + 1
    world.clock.reset()


def test_a_mailbox_gets_no_checkpoint_before_somebody_confirms_it_there(world: World) -> None:
    tenant = world.tenant()
    named(world, tenant)
    asked(world, tenant, OTHER)
    signed(world.services)
    assert world.services.proving.telling.tell() == [tenant.id]
    assert [one.to for one in mails(world, tenant, "trail_checkpoint")] == [TO]
    waits = contact_of(world, tenant)
    assert (waits.address, waits.waiting and waits.waiting.address) == (TO, OTHER)
    assert used(world, link_to(world, tenant, OTHER)) == 200
    assert contact_of(world, tenant).address == OTHER
    assert contact_of(world, tenant).waiting is None
    assert world.services.proving.telling.tell() == [tenant.id], "the new one, at once"
    assert [one.to for one in mails(world, tenant, "trail_checkpoint")] == [TO, OTHER]


def test_the_contact_of_before_is_told_when_it_is_asked_for_and_when_it_is_changed(
    world: World,
) -> None:
    tenant = world.tenant()
    named(world, tenant)
    asked(world, tenant, OTHER)
    act(world, tenant, "resend")
    (before,) = mails(world, tenant, "trail_contact_will_change")
    assert (before.to, before.values["new_email"]) == (TO, OTHER)
    used(world, link_to(world, tenant, OTHER))
    act(world, tenant, "remove")
    changed, removed = mails(world, tenant, "trail_contact_changed")
    assert (changed.to, changed.values["new_email"]) == (TO, OTHER)
    assert (removed.to, removed.values["new_email"]) == (OTHER, "")


def test_who_is_asked_and_named_is_in_the_trail_and_only_encrypted(world: World) -> None:
    tenant = world.tenant()
    named(world, tenant)
    named_again = contact_of(world, tenant)
    assert asked(world, tenant) == named_again, "there is nothing to change"
    for kind in (EventType.TRAIL_CONTACT_ASKED, EventType.TRAIL_CONTACT_CHANGED):
        (event,) = events(world, tenant.id, kind.value)
        assert TO.encode() not in event.body
        assert personal(world, event)["contact"] == TO


def test_an_address_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(Problem):
        asked(world, world.tenant(), "not an address")


def test_nobody_is_mailed_any_more_when_the_contact_is_removed(world: World) -> None:
    tenant = world.tenant()
    named(world, tenant)
    asked(world, tenant, OTHER)
    signed(world.services)
    act(world, tenant, "remove")
    act(world, tenant, "remove")
    assert tenant.id not in world.services.proving.telling.tell()
    assert contact_of(world, tenant).address is None
    assert used(world, link_to(world, tenant, OTHER)) == 400
    assert len(events(world, tenant.id, EventType.TRAIL_CONTACT_CHANGED.value)) == 2
    assert len(events(world, tenant.id, EventType.TRAIL_CONTACT_WITHDRAWN.value)) == 1


def test_what_was_called_off_is_over_and_nothing_is_mailed_again(world: World) -> None:
    tenant = world.tenant()
    asked(world, tenant)
    act(world, tenant, "withdraw")
    act(world, tenant, "withdraw")
    assert used(world, link_to(world, tenant)) == 400
    with pytest.raises(Conflict):
        act(world, tenant, "resend")
    assert len(events(world, tenant.id, EventType.TRAIL_CONTACT_WITHDRAWN.value)) == 1


def test_naming_the_present_contact_calls_off_the_other_one(world: World) -> None:
    tenant = world.tenant()
    named(world, tenant)
    asked(world, tenant, OTHER)
    assert asked(world, tenant).waiting is None
    assert used(world, link_to(world, tenant, OTHER)) == 400
