"""Every statement of a sign-in finds people by an index, however many there are.

PostgreSQL is asked how it would run them for the role that works behind row-level security, which
keeps more conditions from an index than one would think. In an empty database it takes an index
only where we forbid the rest: what it still reads from the beginning has no index to go by.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Connection

from authserver.schema import metadata
from tests.support.browser import Browser, Party
from tests.support.sql import executed
from tests.support.world import World

pytestmark = pytest.mark.parametrize("installation", ["postgresql"], indirect=True, scope="session")
PARAMETER = re.compile(r"%\((\w+)\)s")
PLANNED = re.compile(r"(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
OF_PEOPLE = {
    table.name
    for table in metadata.tables.values()
    if "user_id" in table.c or table.name == "users"
}
# The plan for any parameters; and whole tables, or whole indexes, only where nothing else is left.
ASK = (
    "SET LOCAL plan_cache_mode = force_generic_plan",
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL enable_hashjoin = off",
    "SET LOCAL enable_mergejoin = off",
)


def test_every_statement_of_a_sign_in_finds_people_by_an_index(world: World) -> None:
    client = world.client(world.tenant())
    person = world.user(client.tenant)
    engine = world.services.database.engine
    with executed(engine) as found:
        browser, party = Browser(world), Party(world, client)
        page = browser.follow(browser.authorize(client))
        browser.sign_in(page, person, password="Wrong-Horse-7")
        browser.sign_in(page, person, password=person.password)
        scope = "openid offline_access"
        tokens = party.redeem(browser.code(client, person, scope=scope)).json
        party.refresh(tokens["refresh_token"])
        party.userinfo(tokens["access_token"])
        browser.get("/account")
    statements = {statement for statement in found if PLANNED.match(statement)}
    assert sum("FROM users" in statement for statement in statements) > 1
    with engine.connect() as connection:
        for setting in ASK:
            connection.exec_driver_sql(setting)
        whole = {sql: scans for sql in statements if (scans := [*_whole(connection, sql)])}
    assert whole == {}


def _whole(connection: Connection, statement: str) -> Iterator[str]:
    """Yield the tables of people that a statement reads from their beginning."""
    names = [*dict.fromkeys(PARAMETER.findall(statement))]
    numbered = PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement)
    given = f"({', '.join('NULL' for _ in names)})" if names else ""
    connection.exec_driver_sql(f"PREPARE asked AS {numbered}")
    plans = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) EXECUTE asked{given}").scalar_one()
    connection.exec_driver_sql("DEALLOCATE asked")
    yield from _scans(plans[0]["Plan"])


def _scans(plan: Mapping[str, Any]) -> Iterator[str]:
    by = plan.keys() & {"Index Cond", "Recheck Cond", "TID Cond"}
    if "Scan" in plan["Node Type"] and plan.get("Relation Name") in OF_PEOPLE and not by:
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _scans(part)
