"""Keys rotate without anybody noticing: by the calendar, by hand, and as often as one likes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from authserver.core.database import engine
from authserver.core.problems import Unavailable
from authserver.tenants.service import bump_snapshots
from tests.conftest import new_installation
from tests.support.browser import ISSUER, Browser, Party
from tests.support.parallel import at_once
from tests.support.signing_out import tokens_of
from tests.support.trail import everywhere
from tests.support.world import ClientFixture, World


@pytest.fixture(params=["sqlite", "postgresql"])
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Make an installation whose keys nobody else rotates."""
    with new_installation(request.param, tmp_path, ["ES256", "RS256"]) as world:
        yield world


def states(world: World) -> list[tuple[str, str]]:
    keys = world.services.keys.load(world.services.database, None).keys
    return sorted((one.key.alg, one.state(world.clock.now())) for one in keys)


def published(world: World) -> set[str]:
    keys = world.app.test_client().get("/oauth/jwks", base_url=ISSUER).json["keys"]
    return {key["kid"] for key in keys}


def test_a_key_is_next_then_active_then_retiring_then_retired(own: World) -> None:
    calendar = own.services.key_calendar
    assert calendar.rotate_due() == []
    own.clock.move(days=89, seconds=1)
    first = published(own)
    made = calendar.rotate_due()
    assert len(made) == 2
    assert calendar.rotate_due() == [], "once"
    assert states(own) == [(a, s) for a in ("ES256", "RS256") for s in ("active", "next")]
    assert published(own) == first | set(made), "a day before it signs"
    own.clock.move(days=1)
    assert states(own) == [(a, s) for a in ("ES256", "RS256") for s in ("active", "retiring")]
    assert published(own) == first | set(made)
    own.clock.move(hours=2)
    assert states(own) == [(a, s) for a in ("ES256", "RS256") for s in ("active", "retired")]
    assert published(own) == set(made)
    (event,) = everywhere(own, "keys.rotated")
    assert event.document["actor"]["kind"] == "server"


def test_processes_that_look_at_once_rotate_once(own: World) -> None:
    own.clock.move(days=90)
    made = at_once(*[own.services.key_calendar.rotate_due] * 4)
    assert sum(map(len, made)) == 2
    assert len(published(own)) == 4


def test_what_was_rotated_by_hand_is_not_rotated_again(own: World) -> None:
    own.clock.move(days=88)
    own.services.database.write(
        lambda tx: own.services.keys.rotate(tx, None, own.operator, algorithms={"ES256"})
    )
    own.services.watch.changed()
    own.clock.move(days=1, seconds=1)
    own.services.key_calendar.rotate_due()
    assert sorted(states(own)) == [
        ("ES256", "active"),
        ("ES256", "retiring"),
        ("RS256", "active"),
        ("RS256", "next"),
    ]


def test_an_id_token_is_a_hint_when_its_key_is_long_retired(own: World) -> None:
    user = own.user(own.tenant())
    client = own.client(user.tenant, first_party=True)
    browser = Browser(own)
    hint = tokens_of(own, browser, client, user)["id_token"]
    for _ in range(2):
        own.clock.move(days=90)
        own.services.key_calendar.rotate_due()
    assert jwt.get_unverified_header(hint)["kid"] not in published(own)
    answer = browser.get("/oauth/logout", query_string={"id_token_hint": hint})
    assert answer.headers["Location"] == "/login/signed-out"


@dataclass
class Api:
    """A resource server that reads the keys every 300 seconds, and never in between."""

    world: World
    behind: timedelta
    read_at: datetime | None = None
    keys: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def refresh(self) -> None:
        now = self.world.clock.now()
        if self.read_at is None or now - self.read_at >= timedelta(seconds=300):
            answer = self.world.app.test_client().get("/oauth/jwks", base_url=ISSUER)
            assert answer.headers["Cache-Control"] == "public, max-age=300"
            self.keys = {key["kid"]: jwt.PyJWK(key).key for key in answer.json["keys"]}
            # Those who read at different times notice at different times.
            self.read_at = now - (self.behind if self.read_at is None else timedelta())

    def check(self, token: str) -> None:
        header = jwt.get_unverified_header(token)
        try:
            jwt.decode(
                token,
                self.keys[header["kid"]],
                algorithms=["ES256"],
                options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
            )
        except (KeyError, jwt.PyJWTError) as error:
            self.failed.append(f"{type(error).__name__} {header['kid']}")


@dataclass
class Load:
    """A client that gets tokens, and APIs that check them when they are new and when they end."""

    world: World
    client: ClientFixture
    apis: list[Api]
    waiting: list[tuple[datetime, str]] = field(default_factory=list)
    signed: set[str] = field(default_factory=set)

    def rotate(self) -> None:
        services = self.world.services

        def job(tx: Any) -> None:
            services.keys.rotate(tx, None, self.world.operator, algorithms={"ES256"})
            bump_snapshots(tx)

        services.database.write(job)
        services.watch.changed()

    def use(self, _: int) -> str:
        answer = Party(self.world, self.client).machine()
        assert answer.status_code == 200, answer.text
        token = str(answer.json["access_token"])
        self.signed.add(jwt.get_unverified_header(token)["kid"])
        self.check(token)
        return token

    def check(self, token: str) -> None:
        for api in self.apis:
            api.check(token)

    def ten_seconds(self, pool: ThreadPoolExecutor) -> None:
        """Rotate while tokens are made and checked."""
        for api in self.apis:
            api.refresh()
        rotating = pool.submit(self.rotate)
        made = list(pool.map(self.use, range(3)))
        rotating.result()
        now = self.world.clock.now()
        ends = now + timedelta(seconds=290)
        self.waiting += [(ends, token) for token in made]
        for _, token in [one for one in self.waiting if one[0] <= now]:
            self.check(token)
        self.waiting = [one for one in self.waiting if one[0] > now]
        self.world.clock.move(seconds=10)


def test_keys_rotate_every_ten_seconds_under_load_and_no_check_fails(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F-15: published for as long as anybody keeps the old set, and a minute for clocks.

    Twenty minutes of the clock; the life of the tokens is five, so that keys retire meanwhile.
    """
    monkeypatch.setattr(own.services.keys, "_publish", timedelta(seconds=360))
    apis = [Api(own, timedelta(seconds=behind)) for behind in (0, 70, 140, 290)]
    load = Load(own, own.client(own.tenant(), "service"), apis)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(120):
            load.ten_seconds(pool)
    assert [api.failed for api in apis] == [[], [], [], []]
    assert len(load.signed) > 60, "keys did take over"


def test_the_keys_are_there_while_the_database_is_not(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    http = own.app.test_client()
    before = http.get("/oauth/jwks", base_url=ISSUER)
    with monkeypatch.context() as patch:

        def down(*_: object) -> None:
            raise Unavailable(detail="database: gone")

        patch.setattr(engine.Kept, "borrow", down)
        own.clock.move(hours=1)
        meanwhile = http.get("/oauth/jwks", base_url=ISSUER)
        assert (meanwhile.status_code, meanwhile.data) == (200, before.data)
        etag = {"If-None-Match": before.headers["ETag"]}
        assert http.get("/oauth/jwks", base_url=ISSUER, headers=etag).status_code == 304
