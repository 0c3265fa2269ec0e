"""What is counted: tokens and refusals by hour, quotas exactly, wrong secrets and only these."""

import calendar
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest

from authserver.core.problems import Unavailable
from authserver.retention import FIGURES_KEPT, QUARTER
from authserver.usage.policy import Period, Refusal, refusals
from authserver.usage.service import Figures
from tests.spec.tools import change, events, restarted, stage, statements
from tests.support.browser import Party
from tests.support.world import ClientFixture, World


@pytest.fixture(autouse=True)
def _at_noon(world: World) -> Iterator[None]:
    """Begin in the middle of a day and a month, and of an hour."""
    now = world.clock.now()
    noon = datetime(now.year, now.month, 15, 12, 30, tzinfo=UTC)
    world.clock.move(seconds=(noon - now).total_seconds())
    world.services.meter.drain()
    yield
    world.services.meter.drain()
    world.clock.reset()


def partner(world: World, **more: Any) -> Party:
    return Party(world, world.client(world.tenant("partner"), "partner", **more))


def figures(world: World, client: ClientFixture, period: Period = Period.DAY) -> Figures:
    world.services.usage.writer.flush()
    with world.services.database.read() as view:
        return world.services.usage.figures.of_client(
            view, client.tenant.id, client_id=client.id, period=period
        )


def test_tokens_and_refusals_are_counted_by_hour_with_their_reasons(world: World) -> None:
    party = partner(world, ip_allowlist=["192.0.2.0/24", "127.0.0.0/8"])
    assert party.machine().status_code == 200
    assert party.machine(scope="nothing").status_code == 400
    wrong = Party(world, replace(party.client, secret="cs_wrong"))
    assert wrong.machine().status_code == 401
    party.http.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert party.machine().status_code == 400
    party.http.environ_base["REMOTE_ADDR"] = "127.0.0.1"
    world.clock.move(hours=1)
    assert party.machine().status_code == 200

    found = figures(world, party.client)
    assert [point.counted.get("tokens", 0) for point in found.points[-2:]] == [1, 1]
    assert refusals(found.totals) == {
        Refusal.AUTHENTICATION: 1,
        Refusal.SCOPE: 1,
        Refusal.ADDRESS: 1,
    }
    month = figures(world, party.client, Period.MONTH)
    assert month.points[-1].counted["tokens"] == 2


def test_what_two_processes_count_is_added_and_what_one_cannot_write_is_kept(
    world: World,
) -> None:
    party = partner(world)
    party.machine()
    with restarted(world) as other:
        Party(other, party.client).machine()
        other.services.usage.writer.flush()
    database, writer = world.services.database, world.services.usage.writer
    with patch.object(database, "write", side_effect=Unavailable()), pytest.raises(Unavailable):
        writer.flush()
    assert figures(world, party.client).totals["tokens"] == 2
    assert figures(world, party.client).totals["tokens"] == 2


def test_a_token_costs_no_statement_more_than_before_it_was_counted(world: World) -> None:
    party = partner(world)
    party.machine()
    with statements(world) as ran:
        party.machine()
    assert [one for one in ran if "usage" in one or "quota" in one.replace("quota_", "")] == []


def test_figures_add_up_for_the_tenant_and_the_installation(world: World) -> None:
    on = stage(world)
    with world.services.database.read() as view:
        before = world.services.usage.figures.of_platform(view, Period.DAY).totals
    on.tokens()
    browser = on.browser()
    browser.sign_in(browser.authorize(on.client), replace(on.person, password="No-1x"))
    world.services.usage.writer.flush()
    with world.services.database.read() as view:
        own = world.services.usage.figures.of_tenant(view, on.tenant.id, Period.DAY)
        all_of = world.services.usage.figures.of_platform(view, Period.DAY)
    assert (own.totals["tokens"], own.totals["sign_ins"]) == (1, 1)
    assert own.totals["sign_in_failures"] == 1
    assert [(one.id, one.tokens) for one in own.shares] == [(on.client.id, 1)]
    assert all_of.totals["tokens"] == before.get("tokens", 0) + 1
    assert on.tenant.id in {one.id for one in all_of.shares}


def test_people_and_their_second_factors_are_noted_once_an_hour(world: World) -> None:
    on = stage(world)
    world.user(on.tenant)
    on.tokens()
    world.services.usage.notes.note()
    with world.services.database.read() as view:
        found = world.services.usage.figures.of_tenant(view, on.tenant.id, Period.DAY).totals
    assert (found["people"], found["people_mfa"], found["active_day"]) == (2, 0, 1)


def test_a_quota_gives_exactly_what_it_says_to_whoever_asks_at_once(world: World) -> None:
    party = partner(world, quota_day=10, quota_month=1000)

    def ask(_: int) -> int:
        return Party(world, party.client).machine().status_code

    with ThreadPoolExecutor(8) as threads:
        answers = sorted(threads.map(ask, range(30)))
    assert answers == [200] * 10 + [429] * 20
    refused = party.machine()
    assert refused.json["error"] == "slow_down"
    assert refused.headers["RateLimit-Policy"] == (
        f'"default";q=600;w=60, "day";q=10;w=86400, "month";q=1000;w={_days(world) * 86400}'
    )
    assert refused.headers["Retry-After"] == "41401"  # half past twelve to midnight
    assert '"day";r=0' in refused.headers["RateLimit"]
    assert '"month";r=990' in refused.headers["RateLimit"]
    assert refusals(figures(world, party.client).totals) == {Refusal.QUOTA: 21}


def test_a_quota_begins_anew_with_the_day_and_ends_with_the_month(world: World) -> None:
    party = partner(world, quota_day=1, quota_month=2, rate="100/minute")
    first, second = party.machine(), party.machine()
    assert (first.status_code, second.status_code) == (200, 429)
    assert first.headers["RateLimit-Policy"].startswith('"default";q=100;w=60, "day";q=1;')
    world.clock.move(days=1)
    assert party.machine().status_code == 200
    world.clock.move(days=1)
    assert party.machine().status_code == 429
    world.clock.move(days=31)
    assert party.machine().status_code == 200


def test_a_refused_request_takes_nothing_from_the_quota(world: World) -> None:
    party = partner(world, quota_day=1)
    for _ in range(3):
        assert party.machine(scope="nothing").status_code == 400
    assert party.machine().status_code == 200


def test_a_raised_quota_holds_for_the_next_request_and_is_in_the_trail(world: World) -> None:
    party = partner(world, quota_day=1)
    tenant = party.client.tenant
    assert [party.machine().status_code, party.machine().status_code] == [200, 429]
    change(
        world,
        lambda tx: world.services.amendments.amend(
            tx,
            tenant.id,
            party.client.id,
            changes={"quota_day": 5},
            actor=replace(world.operator, principal=tenant.id),
        ),
    )
    assert party.machine().status_code == 200
    assert events(world, tenant, "client.changed")[-1]["after"] == {"quota_day": 5}


@pytest.mark.any_database
def test_wrong_secrets_are_slowed_down_and_the_right_one_beside_them_is_not(world: World) -> None:
    party = partner(world)
    wrong = Party(world, replace(party.client, secret="cs_wrong"))
    unknown = Party(world, replace(party.client, id=f"{party.client.id[:-2]}zz", secret="cs_x"))

    def ask(number: int) -> tuple[str, int]:
        who, asking = (("right", party), ("wrong", wrong), ("none", unknown))[number % 3]
        return who, asking.machine().status_code

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(240)))
    by = {who: [status for name, status in answers if name == who] for who, _ in answers}
    assert set(by["right"]) == {200}
    # Whether there is such a client, nobody is told. Buckets fill meanwhile, one a second.
    told = by["wrong"].count(401)
    assert 60 <= told < 75
    assert 60 <= by["none"].count(401) < 75
    assert set(by["wrong"]) == set(by["none"]) == {401, 429}
    assert len(events(world, party.client.tenant, "client.authentication_failed")) == told


def test_figures_go_when_they_are_old(world: World) -> None:
    party = partner(world)
    party.machine()
    world.services.usage.writer.flush()
    for time in (QUARTER, FIGURES_KEPT - QUARTER):
        world.clock.move(days=time.days, hours=1)
        gone = world.services.pruner.prune()
        assert gone["figures of clients"] >= 1
    assert figures(world, party.client).totals == {}


def _days(world: World) -> int:
    now = world.clock.now()
    return calendar.monthrange(now.year, now.month)[1]
