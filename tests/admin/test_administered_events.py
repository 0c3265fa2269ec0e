"""What administrators change is in the trail, where no test of the change itself looks there."""

from base64 import b64encode

import pytest

from authserver.audit.events import EventType
from tests.admin.callers import Caller, person
from tests.support.pictures import picture
from tests.support.trail import events
from tests.support.world import World

pytestmark = pytest.mark.any_database


def happened(caller: Caller, tenant_id: str, type_: EventType) -> int:
    return len(events(caller.world, tenant_id, type_.value))


def test_a_limit_and_a_flag(world: World) -> None:
    platform, tenant = person(world, "PLATFORM_ADMIN"), world.tenant()
    for path, body, type_ in (
        ("limits/seats", {"most": 5}, EventType.TENANT_LIMIT_CHANGED),
        ("flags/billing", {"enabled": True}, EventType.TENANT_FLAGS_CHANGED),
    ):
        for _ in range(2):  # the second time, nothing changes
            answer = platform.call("PUT", f"/tenants/{tenant.id}/{path}", body)
            assert answer.status_code == 200, answer.text
        assert happened(platform, tenant.id, type_) == 1


def test_a_logo_and_an_import_that_is_called_off(world: World) -> None:
    admin = person(world, "admin", kind="customer")
    mine = f"/tenants/{admin.tenant.id}"
    image = b64encode(picture("PNG", (30, 30))).decode()
    assert admin.call("PUT", f"{mine}/logo", {"image": image}).status_code == 200
    assert happened(admin, admin.tenant.id, EventType.TENANT_LOGO_CHANGED) == 1
    begun = admin.call("POST", f"{mine}/imports", {"format": "jsonl"}).headers["Location"]
    one = begun.removeprefix("/api/v1")
    assert admin.call("POST", f"{one}/cancel").json["state"] == "cancelled"
    assert happened(admin, admin.tenant.id, EventType.IMPORT_CANCELLED) == 1
