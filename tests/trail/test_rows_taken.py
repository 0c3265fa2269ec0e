"""Events that are taken away, and what the server's own role may do to those that are there."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from authserver.audit.checkpoints.policy import InconsistentError
from authserver.oauth.trail.keys import shown
from authserver.sdk import trail_verifier
from authserver.sdk.trail_verifier import Trust, Verdict
from tests.support.world import World
from tests.trail.events import changed, record, trail
from tests.trail.restored import signed, started

TAKEN = 3


def verdict(world: World, tenant_id: str) -> Verdict:
    proving = world.services.proving
    with world.services.database.read() as view:
        plan = proving.bundles.plan(view, tenant_id)
        keys = [trail_verifier.saved_key(shown(one)) for one in proving.keys.own(view)]
    return trail_verifier.verify(proving.bundles.lines(world.services.database, plan), Trust(keys))


@pytest.mark.attack("ATK-145")
@pytest.mark.attack("AUD-03")
def test_the_last_events_that_were_signed_cannot_be_taken_away(new_world: World) -> None:
    world = new_world
    tenant_id = world.tenant().id
    record(world, tenant_id, 10)
    signed(world.services)
    assert verdict(world, tenant_id).status == "verified"
    last = len(trail(world, tenant_id))
    changed(
        world,
        f"DELETE FROM audit_events WHERE tenant_id = '{tenant_id}' AND seq > {last - TAKEN}",  # noqa: S608  ours
    )
    found = verdict(world, tenant_id)
    assert (found.status, found.at) == ("tampered", last - TAKEN + 1)


@pytest.mark.attack("AUD-03")
def test_events_with_numbers_that_are_taken_away_before_they_are_signed_stop_signatures(
    new_world: World,
) -> None:
    world = new_world
    tenant_id = world.tenant().id
    signed(world.services)
    record(world, tenant_id, 10)
    sequencer: Any = started(world).proving.sequencer
    sequencer._leadership.stand(at_once=True)  # noqa: SLF001  the step before the signature alone
    sequencer._place_all()  # noqa: SLF001  the same
    sequencer._leadership.resign()  # noqa: SLF001  the same
    last = len(trail(world, tenant_id))
    changed(
        world,
        f"DELETE FROM audit_events WHERE tenant_id = '{tenant_id}' AND seq > {last - TAKEN}",  # noqa: S608  ours
    )
    with pytest.raises((InconsistentError, LookupError)):
        signed(started(world))


@pytest.mark.attack("AUD-03")
def test_events_without_numbers_leave_no_trace_for_a_second_at_most_and_the_page_says_so() -> None:
    """What cannot be proved is not promised: the sequencer looks more often than once a second."""
    from authserver.audit import sequencer  # noqa: PLC0415  its figures
    from tests.support.source import ROOT  # noqa: PLC0415  the page

    assert sequencer._LOOK_EVERY + sequencer._GATHER <= 1.0  # noqa: SLF001  what the page promises
    assert sequencer.CHECKPOINT_EVERY <= 60
    assert "*The last second.*" in (ROOT / "docs" / "trail.md").read_text()


GROWS = (
    "audit_events", "audit_nodes", "audit_heads", "audit_checkpoints", "audit_checkpoint_nodes",
    "audit_cosignatures",
)  # fmt: skip


@pytest.mark.attack("AUD-15")
@pytest.mark.parametrize("table", GROWS)
def test_the_servers_own_role_takes_nothing_away(world: World, table: str) -> None:
    engine = world.services.database.engine
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no roles: triggers refuse it, as test_numbers.py shows")
    column = {"audit_events": "type", "audit_checkpoints": "note", "audit_cosignatures": "line"}
    one = column.get(table, "root" if table == "audit_heads" else "hash")
    for change in (
        f"UPDATE {table} SET {one} = {one}",  # noqa: S608  ours
        f"DELETE FROM {table}",  # noqa: S608  the same
        f"TRUNCATE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        "SET LOCAL session_replication_role = replica",
    ):
        refused = pytest.raises(DBAPIError, match=r"permission denied|must be owner")
        with refused, engine.begin() as connection:
            connection.execute(text(change))


ODD = {
    "a line of its own": 'x"}\n{"id":"evt_forged","type":"key.created"}\r\n',
    "separators": "a\u2028b\u2029c\u0085d",
    "nothing and escapes": "a\x00b\x1b[31m\ud7ff\U0001f600",
    "right to left": "\u202egnp.exe",
    "a megabyte": "ü" * 500_000,
}


@pytest.mark.attack("AUD-12")
@pytest.mark.parametrize("name", ODD)
def test_whatever_is_recorded_is_one_line_that_verifies(world: World, name: str) -> None:
    tenant_id = world.tenant().id
    record(world, tenant_id, 2, said=ODD[name])
    signed(world.services)
    proving = world.services.proving
    with world.services.database.read() as view:
        plan = proving.bundles.plan(view, tenant_id)
    lines = list(proving.bundles.lines(world.services.database, plan))
    assert all(one.count(b"\n") == 1 and one.endswith(b"\n") for one in lines)
    assert verdict(world, tenant_id).status == "verified"
