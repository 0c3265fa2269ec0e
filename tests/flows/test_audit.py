"""Every change tells the trail, in its own transaction, and the trail holds nothing personal."""

import contextlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, Table, literal_column, or_, select, text
from sqlalchemy.exc import DBAPIError

from authserver.audit.events import Event, EventType
from authserver.audit.service import leaf_hash
from authserver.schema import metadata
from tests.conftest import KINDS, new_installation
from tests.flows.entry_story import ADDRESS, NAME, USER_AGENT
from tests.flows.story import STEPS, Story
from tests.support.browser import Browser
from tests.support.trail import Recorded, events, everywhere, personal, principal
from tests.support.world import World

# Nobody else may ask the provider meanwhile: that is written before it is asked.
AFTER_A_CLAIM = {EventType.PROVIDER_TOKENS_DROPPED}
every_step_at_once = pytest.mark.parametrize(
    "type_", [one for one in STEPS if one not in AFTER_A_CLAIM], ids=lambda t: t.value
)
every_step = pytest.mark.parametrize("type_", STEPS, ids=lambda t: t.value)


@pytest.fixture(scope="module", params=KINDS)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One of its own: its rows are all read, again and again."""
    with new_installation(request.param, tmp_path_factory.mktemp("data")) as world:
        yield world


def happened(world: World, type_: EventType) -> list[Recorded]:
    """Return the events of a type in every tenant's trail, oldest first."""
    return everywhere(world, type_.value)


def test_setting_up_is_the_first_event(world: World) -> None:
    assert len(happened(world, EventType.INSTALLATION_CREATED)) == 1


@pytest.mark.any_database  # that each of them works on both is seen in the next test
@every_step
def test_a_change_records_its_event_once(world: World, type_: EventType) -> None:
    change = Story(world).prepared(type_)
    before = {event.body for event in happened(world, type_)}
    change()
    new = [event for event in happened(world, type_) if event.body not in before]
    assert len(new) == (2 if type_ is EventType.KEY_CREATED else 1)
    for event in new:
        check(world, event)


def check(world: World, event: Recorded) -> None:
    """The leaf is the hash of tenant and body, the body is canonical, the actor is known."""
    document = event.document
    assert event.leaf == leaf_hash(event.tenant_id, event.body)
    assert event.body == orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    assert (document["tenant"], document["type"]) == (event.tenant_id, event.type)
    assert document["correlation_id"]
    assert principal(world, document["actor"]["ref"])
    assert document["actor"]["ref"].startswith("sub_")
    if document["subject"]:
        assert principal(world, document["subject"])


@pytest.mark.parametrize(
    "type_", [one for one in STEPS if one not in AFTER_A_CLAIM], ids=lambda t: t.value
)
def test_a_change_whose_event_cannot_be_written_does_not_happen(
    world: World, type_: EventType, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_us = set(tenants(world))
    change = Story(world).prepared(type_)
    ours = frozenset(tenants(world)) - before_us
    trail = world.services.trail
    record = trail.record

    def fail(transaction: Any, event: Event) -> None:
        if event.type is type_:
            raise RuntimeError("the trail is broken")
        record(transaction, event)

    before = everything(world, ours)
    monkeypatch.setattr(trail, "record", fail)
    with contextlib.suppress(RuntimeError):
        change()
    monkeypatch.undo()
    assert everything(world, ours) == before


def tenants(world: World) -> list[str]:
    """Return the ids of all."""
    with world.services.database.read() as view:
        return list(view.connection.execute(select(metadata.tables["tenants"].c.id)).scalars())


def everything(world: World, ours: frozenset[str]) -> dict[str, list[Any]]:
    """Return all rows of these tenants, and all that are no tenant's.

    Without the keys of whom the trail meets: they are kept in any case.
    """
    names = ", ".join(f"'{one}'" for one in sorted(ours))
    with world.services.database.read() as view:
        return {
            name: list(view.connection.exec_driver_sql(_all_of(table).replace("OURS", names)))
            for name, table in metadata.tables.items()
            if name != "audit_subjects"
        }


@cache
def _all_of(table: Table) -> str:
    """Return the statement for a table's rows as the driver gives them, in a certain order."""
    wanted = select(table).order_by(*table.primary_key)
    owner = table.columns.get("id" if table.name == "tenants" else "tenant_id")
    if owner is not None:
        wanted = wanted.where(or_(owner.in_([literal_column("OURS")]), owner.is_(None)))
    return str(wanted)


@pytest.mark.any_database
def test_personal_values_are_readable_with_the_subjects_keys_and_nowhere_else(
    world: World,
) -> None:
    story = Story(world)
    for type_ in STEPS:
        if not type_.value.startswith(("tenant", "client.d", "client.e", "user")):
            story.prepared(type_)()
            world.clock.move(minutes=45)
    found = events(world, story.tenant.id)
    opened = [personal(world, event) for event in found]
    assert any(values.get("address") == ADDRESS for values in opened)
    assert any(values.get("user_agent") == USER_AGENT for values in opened)
    clear = b"".join(event.body for event in found)
    for canary in (ADDRESS, USER_AGENT, NAME, story.email, story.email.partition("@")[0]):
        assert canary.encode() not in clear
    for known in (story.person.id, story.other.id):
        assert known.encode() not in clear


def test_who_tries_an_address_that_nobody_has_leaves_no_address_behind(world: World) -> None:
    story = Story(world)
    browser = story.browser()
    page = browser.follow(browser.authorize(story.client))
    browser.submit(page, email="nobody-canary@example.com", password="Wrong-Horse-7")
    event = events(world, story.tenant.id, EventType.SIGN_IN_FAILED)[-1]
    assert b"nobody-canary" not in event.body
    assert personal(world, event)["address"] == ADDRESS


@pytest.mark.any_database
def test_from_where_an_account_was_tried_is_sealed_for_its_person(world: World) -> None:
    """An erasure reaches it, though nobody had signed in."""
    story = Story(world)
    story.wrong_password(before=0)()
    event = events(world, story.tenant.id, EventType.SIGN_IN_FAILED)[-1]
    sealed = event.document["personal"]
    assert {sealed[name]["of"] for name in ("address", "user_agent")} == {event.document["subject"]}
    assert event.document["subject"] != event.document["actor"]["ref"]
    assert personal(world, event)["address"] == ADDRESS


def test_a_refused_sign_in_is_recorded_and_counted_though_it_was_refused(world: World) -> None:
    """The commit rule: a refusal commits, so that counters and events outlive it."""
    story = Story(world)
    for _ in range(3):
        answer = story.wrong_password(before=0)()
        assert answer.status_code >= 400
    recorded = events(world, story.tenant.id, EventType.SIGN_IN_FAILED)
    assert [event.document["facts"]["reason"] for event in recorded] == ["wrong_password"] * 3
    with world.services.database.read() as view:
        counters = metadata.tables["failure_counters"]
        query = select(counters.c.failures).where(counters.c.user_id == story.person.id)
        assert set(view.connection.execute(query).scalars()) == {3}


def test_a_long_or_odd_user_agent_is_cut_and_harms_nothing(world: World) -> None:
    story = Story(world)
    browser = Browser(world)
    odd = "\u2028<script>" + "x" * 5000
    browser.http.environ_base.update(HTTP_USER_AGENT=odd.encode().decode("latin-1"))
    browser.complete(story.client, story.person)
    event = events(world, story.tenant.id, EventType.SIGN_IN_SUCCEEDED)[-1]
    assert len(personal(world, event)["user_agent"]) <= 512
    check(world, event)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET body = :bytes",
        "UPDATE audit_events SET leaf = :bytes",
        "UPDATE audit_events SET tenant_id = 'ten_other'",
        "UPDATE audit_events SET id = 'evt_other'",
        "UPDATE audit_events SET type = 'tenant.resumed'",
        "UPDATE audit_events SET correlation_id = 'cor_other'",
        "UPDATE audit_events SET occurred_at = (SELECT created_at FROM tenants LIMIT 1)",
        "UPDATE audit_events SET actor_ref = NULL",
        "UPDATE audit_events SET subject_ref = 'sub_other'",
        "UPDATE audit_events SET resource = 'other'",
        "DELETE FROM audit_events",
        "DELETE FROM audit_events WHERE id = 'evt_nothing' OR 1 = 1",
        "UPDATE builtin_roles SET description = 'x'",
        "UPDATE builtin_roles SET name = 'x' WHERE name = 'admin'",
        "DELETE FROM builtin_roles",
        (
            "INSERT INTO builtin_roles (name, domain, description, permissions)"
            " VALUES ('root', 'system', 'x', '[]')"
        ),
    ],
)
def test_the_database_refuses_to_change_the_trail_and_the_built_in_roles(
    world: World, statement: str
) -> None:
    values = {"bytes": b"x"} if ":bytes" in statement else {}
    refused(world, lambda connection: connection.execute(text(statement), values))


def test_an_event_gets_its_place_in_the_sequence_once(world: World) -> None:
    """What the sequencer does is allowed, and a second time it is not."""
    tenant = world.tenant().id
    place = text(
        "UPDATE audit_events SET seq = :seq, chain = :chain WHERE tenant_id = :tenant"
    ).bindparams(chain=b"c" * 32)
    with world.services.database.engine.connect() as connection, connection.begin() as transaction:
        assert connection.execute(place, {"seq": 1, "tenant": tenant}).rowcount == 1
        with pytest.raises(DBAPIError):
            connection.execute(place, {"seq": 2, "tenant": tenant})
        transaction.rollback()


def test_an_event_cannot_be_written_over(world: World) -> None:
    """SQLite's INSERT OR REPLACE deletes without asking the trigger for deletions."""
    events_table = metadata.tables["audit_events"]

    def overwrite(connection: Connection) -> None:
        row = dict(connection.execute(select(events_table).limit(1)).mappings().one())
        insert = events_table.insert()
        if connection.dialect.name == "sqlite":
            insert = insert.prefix_with("OR REPLACE")
        connection.execute(insert.values(**{**row, "body": b"{}", "leaf": b"x" * 32}))

    refused(world, overwrite)


def test_neither_can_be_truncated(world: World) -> None:
    for table in ("audit_events", "builtin_roles CASCADE"):  # SQLite knows no TRUNCATE at all
        refused(world, lambda c, table=table: c.execute(text(f"TRUNCATE {table}")))


def refused(world: World, change: Callable[[Connection], object]) -> None:
    with (
        world.services.database.engine.connect() as connection,
        pytest.raises(DBAPIError),
        connection.begin(),
    ):
        change(connection)
