"""Who is told of keys, and what the trail says; the key itself is nowhere."""

from datetime import timedelta

import pytest

from authserver.api_keys.ending import Warnings
from authserver.api_keys.notices import Notices
from tests.api_keys.making import of_person, of_service
from tests.support.mails import mails, text_of
from tests.support.trail import events
from tests.support.world import World

pytestmark = pytest.mark.any_database


def warn(world: World) -> list[str]:
    services = world.services
    notices = Notices(services.keyring, world.clock, platform_url=services.settings.issuer)
    warnings = Warnings(services.database, notices, trail=services.trail, clock=world.clock)
    return [*warnings.warn()]


def test_a_person_is_told_of_a_new_key_and_never_shown_it(world: World) -> None:
    user = world.user(world.tenant(), "admin")
    key = of_person(world, user, "users:read", name="Nightly <b>")
    (mail,) = mails(world, user.id, "api_key_created")
    assert "Nightly <b>" in text_of(mail)
    assert "Nightly" not in str(mail["Subject"])
    assert "192.0.2.1" in text_of(mail)
    assert "/account/api-keys" in text_of(mail)
    assert key.text not in mail.as_string()
    trail = b"".join(event.body for event in events(world, user.tenant.id))
    assert key.text.encode() not in trail
    assert b"api_key.created" in trail


def test_administrators_are_told_of_a_services_key(world: World) -> None:
    tenant = world.tenant()
    admin, viewer = world.user(tenant, "admin"), world.user(tenant, "customer_viewer")
    of_service(world, world.client(tenant, "service", name="Billing"), "orders:read")
    (mail,) = mails(world, admin.id, "api_key_created")
    assert "Billing" in text_of(mail)
    assert not mails(world, viewer.id)


def test_a_person_is_told_that_somebody_else_revoked_it(world: World) -> None:
    user = world.user(world.tenant(), "admin")
    of_person(world, user, "users:read").revoke()
    (mail,) = mails(world, user.id, "api_key_revoked")
    assert "Reports" in text_of(mail)
    assert len(events(world, user.tenant.id, "api_key.revoked")) == 1


def test_an_owner_is_told_once_a_week_before_a_key_ends(world: World) -> None:
    user = world.user(world.tenant(), "admin")
    key = of_person(world, user, "users:read", life=timedelta(days=30))
    of_person(world, user, "users:read", name="Short", life=timedelta(days=2))
    gone = of_person(world, user, "users:read", name="Gone", life=timedelta(days=30))
    gone.revoke()
    world.clock.move(days=22)
    assert key.id not in warn(world)
    world.clock.move(days=1)
    assert key.id in warn(world)
    assert key.id not in warn(world)
    (mail,) = mails(world, user.id, "api_key_expiring")
    assert "Reports" in text_of(mail)
    assert "Reports" not in str(mail["Subject"])
    assert len(events(world, user.tenant.id, "api_key.expiring")) == 1
