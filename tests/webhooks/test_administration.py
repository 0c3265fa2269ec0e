"""Webhooks by the API: made, shown, changed, tested, paused, replayed; secrets shown once."""

from functools import partial
from typing import Any

import pytest

from authserver.webhooks.following import BELL
from authserver.webhooks.policy import MOST_ENDPOINTS, TELLABLE
from tests.admin.callers import Caller, person
from tests.support.trail import events
from tests.support.world import World
from tests.webhooks.receiving import FAR, Receivers, deliver, happen

NEW = {"url": f"{FAR}/rcv", "events": ["client.*", "user.created"], "description": "Shop"}


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


def every(caller: Caller) -> str:
    return f"/tenants/{caller.tenant.id}/webhooks"


def create(caller: Caller, **asked: object) -> dict[str, Any]:
    answer = caller.call("POST", every(caller), {**NEW, **asked})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def test_a_webhook_is_made_read_changed_and_taken_away(world: World, admin: Caller) -> None:
    made = create(admin)
    assert made["secret"].startswith("whsec_")
    one = f"{every(admin)}/{made['id']}"
    shown = admin.call("GET", one)
    assert "secret" not in shown.json
    etag = shown.headers["ETag"]
    patched = admin.call("PATCH", one, {"events": ["*"]}, If_Match=etag)
    assert patched.json["events"] == ["*"]
    assert admin.call("PATCH", one, {"events": ["user.*"]}, If_Match=etag).status_code == 412
    listed = admin.call("GET", every(admin)).json
    assert [item["id"] for item in listed["items"]] == [made["id"]]
    assert tuple(listed["event_types"]) == TELLABLE
    assert admin.call("DELETE", one).status_code == 204
    assert admin.call("GET", one).status_code == 404
    kinds = [event.type for event in events(world, admin.tenant.id) if "webhook" in event.type]
    assert kinds == ["webhook.created", "webhook.changed", "webhook.deleted"]


@pytest.mark.parametrize(
    "unfit",
    [
        {"url": "http://told.example/"},
        {"url": "https://told.example:8443/"},
        {"url": "https://user:pass@told.example/"},
        {"url": "file:///etc/passwd"},
        {"url": "https://"},
        {"url": "https://[::ffff:127.0.0.1]/"},
        {"url": "https://127.1/"},
        {"url": "https://2130706433/"},
        {"events": []},
        {"events": ["users.*"]},
        {"events": ["webhook.tested"]},
        {"events": ["us*"]},
        {"description": "two\nlines"},
    ],
)
@pytest.mark.any_database
@pytest.mark.attack("ATK-126")
def test_what_is_no_webhook_is_refused_and_leaves_nothing(
    admin: Caller, unfit: dict[str, object]
) -> None:
    refused = admin.call("POST", every(admin), {**NEW, **unfit})
    assert refused.status_code == 400, refused.text
    assert refused.json["type"].endswith("unfit_webhook")
    assert admin.call("GET", every(admin)).json["items"] == []


def test_a_test_arrives_and_its_delivery_is_shown(
    world: World, there: Receivers, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = create(admin, events=["key.created"])
    one = f"{every(admin)}/{made['id']}"
    assert admin.call("POST", f"{one}/test").status_code == 200
    assert deliver(world) == 1
    (message,) = there.got
    assert message.document["type"] == "webhook.tested"
    assert message.is_signed_by(made["secret"])
    (shown,) = admin.call("GET", f"{one}/deliveries").json["items"]
    assert (shown["state"], shown["status"], shown["attempts"]) == ("sent", 200, 1)
    rung: list[str] = []
    monkeypatch.setitem(world.services.database.bells, BELL, partial(rung.append, BELL))
    again = admin.call("POST", f"{one}/replay", {"ids": [shown["id"]]})
    assert again.json["ids"] == [shown["id"]]
    assert rung == [BELL]
    assert deliver(world) == 1
    assert there.got[1].id == message.id, "so that a receiver knows what it has had"


def test_a_failure_is_shown_with_what_the_server_said(
    world: World, there: Receivers, admin: Caller
) -> None:
    made = create(admin)
    there.status["rcv"] = 400
    happen(world, admin.tenant)
    deliver(world)
    one = f"{every(admin)}/{made['id']}"
    (listed,) = admin.call("GET", f"{one}/deliveries?state=waiting").json["items"]
    shown = admin.call("GET", f"{one}/deliveries/{listed['id']}").json
    assert (shown["status"], shown["answer"]) == (400, "thanks")
    assert admin.call("GET", f"{one}/deliveries?state=sent").json["items"] == []
    assert admin.call("GET", one).json["failures"] == 1


def test_a_pause_holds_what_happens_and_a_resume_sends_it(
    world: World, there: Receivers, admin: Caller
) -> None:
    made = create(admin)
    one = f"{every(admin)}/{made['id']}"
    assert admin.call("POST", f"{one}/pause").json["paused_reason"] == "by_hand"
    assert admin.call("POST", f"{one}/test").status_code == 409
    happen(world, admin.tenant)
    assert (deliver(world), there.got) == (0, [])
    assert admin.call("POST", f"{one}/resume").json["paused_at"] is None
    assert "webhook.resumed" in {event.type for event in events(world, admin.tenant.id)}
    assert deliver(world) == 1


def test_a_secret_is_exchanged_and_shown_once(world: World, admin: Caller) -> None:
    made = create(admin)
    one = f"{every(admin)}/{made['id']}"
    answer = admin.call("POST", f"{one}/secrets", {"overlap_hours": 1})
    assert answer.status_code == 201
    assert answer.json["secret"] != made["secret"]
    assert admin.call("POST", f"{one}/secrets", {"overlap_hours": 169}).status_code == 422
    assert "webhook.secret_rotated" in {event.type for event in events(world, admin.tenant.id)}
    recorded = b"".join(event.body for event in events(world, admin.tenant.id)).decode()
    assert not [s for s in (made["secret"], answer.json["secret"]) if s in recorded]


@pytest.mark.any_database
def test_a_tenant_has_twenty_webhooks_at_most(admin: Caller) -> None:
    for _ in range(MOST_ENDPOINTS):
        create(admin)
    refused = admin.call("POST", every(admin), NEW)
    assert (refused.status_code, refused.json["type"]) == (
        409,
        "urn:authserver:problem:limit_reached",
    )


@pytest.mark.any_database
def test_who_may_not_read_the_trail_decides_nothing_that_leaves_it(world: World) -> None:
    caller = person(world, "admin", kind="customer", scopes=["settings:read", "settings:write"])
    assert caller.call("POST", every(caller), NEW).status_code == 403


@pytest.mark.any_database
def test_a_delivery_is_found_below_its_own_webhook_alone(
    world: World, there: Receivers, admin: Caller
) -> None:
    assert there.got == []
    one, other = create(admin), create(admin, events=["key.created"])
    happen(world, admin.tenant)
    (listed,) = admin.call("GET", f"{every(admin)}/{one['id']}/deliveries").json["items"]
    below_other = f"{every(admin)}/{other['id']}/deliveries/{listed['id']}"
    assert admin.call("GET", below_other).status_code == 404
    replay = f"{every(admin)}/{other['id']}/replay"
    assert admin.call("POST", replay, {"ids": [listed["id"]]}).json["ids"] == []
