"""/api/v1/tenants/{id}/events: the trail, for the tenant's own administrators."""

from urllib.parse import quote

import pytest
from sqlalchemy import delete

from authserver.audit import reading
from authserver.audit.events import Event, EventType
from authserver.audit.models import AuditSubject
from tests.admin.callers import Caller, person
from tests.support.world import World


def happened(world: World) -> tuple[Caller, str]:
    """Return an administrator in whose tenant somebody was renamed, and the path of its trail."""
    caller = person(world, "admin", kind="customer")
    return caller, f"/tenants/{caller.tenant.id}/events"


def test_events_are_read_newest_first_with_names(world: World) -> None:
    caller, path = happened(world)
    items = caller.call("GET", path).json["items"]
    assert [one["id"] for one in items] == sorted((one["id"] for one in items), reverse=True)
    signed_in = next(one for one in items if one["type"] == "session.started")
    assert caller.stage is not None
    assert signed_in["actor"] == caller.stage.person.id
    assert signed_in["actor_name"] == caller.stage.person.email
    assert "address" in signed_in["sealed"]
    assert caller.call("GET", f"{path}/{signed_in['id']}").json == signed_in


def test_an_event_says_the_name_of_the_client_that_it_is_about_and_of_no_other_tenants(
    world: World,
) -> None:
    caller, path = happened(world)
    new = {"name": "Feed reader", "kind": "service", "scopes": ["orders:read"]}
    made = caller.call("POST", f"/tenants/{caller.tenant.id}/clients", new).json
    newest = caller.call("GET", f"{path}?limit=1").json["items"][0]
    assert (newest["type"], newest["resource_name"]) == ("client.created", "Feed reader")
    assert newest["resource"].endswith(made["id"])
    other = world.client(world.tenant(), "service")
    elsewhere = Event(
        EventType.CLIENT_CHANGED, caller.tenant.id, world.operator, resource=f"client:{other.id}"
    )
    world.services.database.write(lambda tx: world.services.trail.record(tx, elsewhere))
    newest = caller.call("GET", f"{path}?limit=1").json["items"][0]
    assert (newest["type"], newest["resource_name"]) == ("client.changed", None)


def test_what_an_event_says_of_people_is_shown_to_whoever_asks_and_that_is_an_event(
    world: World,
) -> None:
    caller, path = happened(world)
    items = caller.call("GET", path).json["items"]
    assert all(one["private"] == {} for one in items)
    signed_in = next(one for one in items if one["type"] == "session.started")
    opened = caller.call("POST", f"{path}/{signed_in['id']}/open").json
    assert opened["private"]["address"] == "127.0.0.1"
    newest = caller.call("GET", f"{path}?limit=1").json["items"][0]
    assert (newest["type"], newest["resource"]) == (
        "trail_event.opened",
        f"event:{signed_in['id']}",
    )
    assert newest["facts"]["names"] == sorted(opened["private"])
    assert "127.0.0.1" not in str(newest)


def test_one_field_finds_people_objects_and_references(world: World) -> None:
    caller, path = happened(world)
    assert caller.stage is not None
    him = caller.stage.person

    def found(text: str) -> list[dict[str, str]]:
        return list(caller.call("GET", f"{path}?q={quote(text)}").json["items"])

    by_address, by_id = found(him.email), found(him.id)
    assert by_address == by_id
    assert all(him.id in {one["actor"], one["subject"]} for one in by_id)
    started = next(one for one in by_id if one["type"] == "session.started")
    by_reference = found(started["correlation_id"])
    assert {one["correlation_id"] for one in by_reference} == {started["correlation_id"]}
    of_object = next(one for one in by_id if one["resource"])
    by_object = found(str(of_object["resource"]))
    assert {one["resource"] for one in by_object} == {of_object["resource"]}
    assert found("nobody@nowhere.example") == found("no such thing") == []


def test_pages_follow_each_other_without_gap_or_repetition(world: World) -> None:
    caller, path = happened(world)
    whole = caller.call("GET", f"{path}?limit=100").json["items"]
    found, cursor = [], ""
    while cursor is not None:
        page = caller.call("GET", f"{path}?limit=2{cursor and f'&cursor={cursor}'}").json
        found += page["items"]
        cursor = page["next_cursor"]
    assert [one["id"] for one in found] == [one["id"] for one in whole]


def test_filters_find_what_they_name(world: World) -> None:
    caller, path = happened(world)
    assert caller.stage is not None
    by_noun = caller.call("GET", f"{path}?noun=session").json["items"]
    assert {one["type"].partition(".")[0] for one in by_noun} == {"session"}
    by_actor = caller.call("GET", f"{path}?actor={caller.stage.person.id}").json["items"]
    assert {one["actor"] for one in by_actor} == {caller.stage.person.id}
    assert caller.call("GET", f"{path}?actor=usr_nobody").json == {
        "items": [],
        "next_cursor": None,
    }
    assert caller.call("GET", f"{path}?until=2001-01-01T00:00:00Z").json["items"] == []
    assert caller.call("GET", f"{path}?type=no.such").status_code == 422


def test_a_filter_looks_at_a_stretch_and_says_where_to_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, path = happened(world)
    whole = caller.call("GET", f"{path}?noun=tenant").json["items"]
    monkeypatch.setattr(reading, "STRETCH", 2)
    found, cursor, pages = [], "", 0
    while cursor is not None:
        page = caller.call("GET", f"{path}?noun=tenant{cursor and f'&cursor={cursor}'}").json
        found, cursor, pages = found + page["items"], page["next_cursor"], pages + 1
    assert pages > 1
    assert found == whole


def test_who_was_erased_is_not_named_any_more(world: World) -> None:
    caller, path = happened(world)
    assert caller.stage is not None
    gone = caller.stage.person.id

    def erase(transaction: object) -> None:
        rows = transaction.tenant(caller.tenant.id)  # type: ignore[attr-defined]
        rows.execute(delete(AuditSubject).where(AuditSubject.principal_id == gone))

    world.services.database.write(erase)
    text = caller.call("GET", path).text
    assert gone not in text
    assert caller.stage.person.email not in text


def test_another_tenants_trail_is_not_there(world: World) -> None:
    caller, path = happened(world)
    other, theirs = happened(world)
    event = other.call("GET", theirs).json["items"][0]["id"]
    assert caller.call("GET", theirs).status_code == 404
    assert caller.call("GET", f"{path}/{event}").status_code == 404
    cursor = other.call("GET", f"{theirs}?limit=1").json["next_cursor"]
    assert caller.call("GET", f"{path}?limit=1&cursor={cursor}").status_code == 400


def test_looking_and_taking_away_are_two_permissions(world: World) -> None:
    viewer = person(world, "admin_viewer", kind="customer")
    path = f"/tenants/{viewer.tenant.id}/events"
    assert viewer.call("GET", path).status_code == 200
    exports = f"/tenants/{viewer.tenant.id}/trail/exports"
    assert viewer.call("POST", exports, {"format": "csv"}).status_code == 403
    nobody = person(world, "customer_viewer", kind="customer")
    assert nobody.call("GET", f"/tenants/{nobody.tenant.id}/events").status_code == 403
