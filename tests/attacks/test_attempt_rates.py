"""How many attempts a minute brings: from one address, and at one account from anywhere."""

import itertools
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from authserver.tenants.policy import TenantPolicy, Tier
from tests.attacks.people import Scene
from tests.spec.tools import restarted
from tests.support.browser import Browser
from tests.support.redis import running_redis
from tests.support.sql import executed
from tests.support.world import UserFixture, World

pytestmark = pytest.mark.every_database

# Nobody closes the connections of an application that is thrown away: the collector does.
of_a_killed_redis = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
RATE = 6
WRONG = "Wrong-Lantern-8"
_addresses = (f"198.51.100.{n}" for n in itertools.cycle(range(1, 255)))


@pytest.fixture
def limited(world: World) -> Iterator[World]:
    """The installation as a server whose standard is six attempts a minute."""
    with restarted(world, login_rate=RATE) as server:
        yield server


@pytest.fixture
def scene(limited: World) -> Scene:
    return Scene(limited)


def attempt(
    scene: Scene, email: str, password: str = WRONG, *, browser: Browser | None = None
) -> TestResponse:
    """Try to sign in from an address that nobody used before, unless the browser has one."""
    browser = browser or stranger(scene.world)
    page = browser.follow(browser.authorize(scene.client))
    return browser.submit(page, email=email, password=password)


def stranger(world: World, address: str | None = None) -> Browser:
    browser = Browser(world)
    browser.http.environ_base["REMOTE_ADDR"] = address or next(_addresses)
    return browser


def booked(scene: Scene, tier: Tier) -> None:
    services = scene.world.services
    services.database.write(
        lambda tx: services.tenants.set_policy(
            tx, scene.tenant.slug, TenantPolicy(tier=tier), actor=scene.world.operator
        )
    )
    services.watch.changed()


def statuses(scene: Scene, count: int, email: str) -> list[int]:
    return [attempt(scene, email).status_code for _ in range(count)]


@pytest.mark.rfc("TOP-06")
def test_one_address_tries_no_more_than_the_rate_whomever_it_tries(scene: Scene) -> None:
    browser = stranger(scene.world, "203.0.113.77")
    found = [
        attempt(scene, f"nobody{n}@example.com", browser=browser).status_code
        for n in range(RATE + 2)
    ]
    assert found == [401] * RATE + [429] * 2


@pytest.mark.rfc("TOP-06")
@pytest.mark.parametrize(
    ("addresses", "elsewhere"),
    [("203.0.113.{:d}", "203.0.114.1"), ("2001:db8:7:{:x}::1", "2001:db8:8::1")],
)
def test_neighbours_share_ten_times_as_many(world: World, addresses: str, elsewhere: str) -> None:
    with restarted(world, login_rate=2) as server:
        scene = Scene(server)

        def tried(n: int, address: str) -> int:
            browser = stranger(server, address)
            return attempt(scene, f"nobody{n}@example.com", browser=browser).status_code

        found = [tried(n, addresses.format(n)) for n in range(1, 22)]
        assert found == [401] * 20 + [429]
        assert tried(22, elsewhere) == 401


@pytest.mark.rfc("TOP-06")
@pytest.mark.parametrize("tier", Tier)
def test_the_tier_of_the_tenant_sets_the_number(scene: Scene, tier: Tier) -> None:
    booked(scene, tier)
    most = {Tier.FREE: RATE // 2, Tier.STANDARD: RATE, Tier.ENTERPRISE: 2 * RATE}[tier]
    assert statuses(scene, most + 1, "x@example.com") == [401] * most + [429]


@pytest.mark.attack("ATK-082")
def test_every_spelling_of_an_address_is_the_same_account(scene: Scene) -> None:
    local, _, domain = scene.person.email.partition("@")
    spellings = [
        scene.person.email,
        f"{local.upper()}@{domain}",
        f"  {local}@{domain.upper()} ",
        f"{local}@{domain}".title(),
    ]
    found = [
        attempt(scene, email).status_code
        for email, _ in zip(itertools.cycle(spellings), range(RATE + 1), strict=False)
    ]
    assert found == [401] * RATE + [429]


@pytest.mark.attack("ATK-095")
def test_the_limit_of_an_account_tells_nothing_about_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.world.services.limiter, "_now", lambda: 0.0)
    answers = {}
    for email in (scene.person.email, "nobody@example.com", "not an address"):
        statuses(scene, RATE, email)
        refused = attempt(scene, email)
        headers = {name: value for name, value in refused.headers if name == "Retry-After"}
        answers[email] = (refused.status_code, headers)
    assert len({repr(answer) for answer in answers.values()}) == 1
    assert answers["nobody@example.com"][0] == 429
    assert int(answers["nobody@example.com"][1]["Retry-After"]) > 0


@pytest.mark.attack("ATK-095")
def test_beyond_the_limit_the_statements_tell_nothing_either(scene: Scene) -> None:
    told = []
    for email in ("x@example.com", scene.person.email, "nobody@example.com", "not an address"):
        statuses(scene, RATE, email)
        browser = stranger(scene.world)
        page = browser.follow(browser.authorize(scene.client))
        with executed(scene.world.services.database.engine) as ran:
            assert browser.submit(page, email=email, password=WRONG).status_code == 429
        # Once a second a process looks whether its caches are still right.
        told.append([text for text in ran if "snapshot_version" not in text])
    assert told[1] == told[2] == told[3]


@pytest.mark.attack("ATK-083")
def test_strangers_who_use_the_rate_up_do_not_keep_a_known_browser_out(scene: Scene) -> None:
    home = stranger(scene.world, "192.0.2.10")
    person: UserFixture = scene.person
    assert attempt(scene, person.email, person.password, browser=home).status_code == 303
    statuses(scene, RATE + 3, person.email)
    assert attempt(scene, person.email, person.password).status_code == 429
    again = home.get("/login/password", query_string={"to": "overview", "account": "", "about": ""})
    answer = home.submit(again, email=person.email, password=person.password)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/account")


@pytest.mark.rfc("TOP-06")
def test_a_refused_attempt_costs_no_hash_and_counts_no_failure(scene: Scene) -> None:
    statuses(scene, RATE, "x@example.com")
    hashed: list[str] = []
    pooled = scene.world.services.hasher
    verify, pooled.verify = pooled.verify, lambda *given: hashed.append("") or verify(*given)
    assert attempt(scene, "x@example.com").status_code == 429
    assert hashed == []
    assert attempt(scene, "y@example.com").status_code == 401
    assert hashed == [""]


@of_a_killed_redis
@pytest.mark.rfc("TOP-06")
def test_a_redis_that_dies_meanwhile_changes_nothing_about_the_lock(world: World) -> None:
    with running_redis() as redis, restarted(world, redis_url=redis.url) as server:
        scene = Scene(server)
        person = scene.person
        assert statuses(scene, 3, person.email) == [401] * 3
        redis.kill()
        assert statuses(scene, 2, person.email) == [401] * 2
        # Five failures: from now on the right password is refused like a wrong one.
        assert attempt(scene, person.email, person.password).status_code == 401
        server.clock.move(minutes=31)
        assert attempt(scene, person.email, person.password).status_code == 303


@of_a_killed_redis
@pytest.mark.rfc("TOP-06")
def test_without_redis_the_rates_go_on_in_the_process(world: World) -> None:
    with (
        running_redis() as redis,
        restarted(world, redis_url=redis.url, login_rate=RATE) as server,
    ):
        scene = Scene(server)
        assert statuses(scene, 2, "x@example.com") == [401] * 2
        redis.kill()
        # The process begins anew: looser by what was counted elsewhere, never gone.
        assert statuses(scene, RATE + 2, "x@example.com") == [401] * RATE + [429] * 2
