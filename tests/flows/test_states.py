"""What a browser is sent to a provider with comes back once, there, in time, or not at all."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from authserver.core.ids import new_secret
from authserver.federation import states
from authserver.federation.models import UpstreamRequest
from authserver.federation.states import Errand, Person, Returned, Sent
from tests.support.parallel import together
from tests.support.world import World

BROWSER = "b" * 43
PERSON = Person("ten_1", "usr_1", "ses_1")


def errand(**more: Any) -> Errand:
    place = (("to", "overview"), ("about", "a b"))
    return Errand("idp_1", place, "page:overview:abc", **more)


def sent(world: World, wanted: Errand | None = None, browser: str = BROWSER) -> Sent:
    now = world.clock.now()
    return world.services.database.write(
        lambda tx: states.send(tx, wanted or errand(), browser=browser, now=now)
    )


def claimed(
    world: World, state: str, connection_id: str = "idp_1", browser: str = BROWSER
) -> Returned | None:
    now = world.clock.now()
    return world.services.database.write(
        lambda tx: states.claim(tx, state, connection_id, browser=browser, now=now)
    )


@pytest.mark.parametrize("wanted", [errand(), errand(anew=True, person=PERSON)], ids=["in", "link"])
def test_what_was_sent_comes_back_as_it_was(world: World, wanted: Errand) -> None:
    away = sent(world, wanted)
    back = claimed(world, away.state)
    assert back is not None
    assert back.errand == wanted
    assert back.nonce == away.nonce
    digest = hashlib.sha256(back.code_verifier.encode()).digest()
    assert away.code_challenge == urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert len({away.state, away.nonce, back.code_verifier}) == 3
    assert all(len(one) == 43 for one in (away.state, away.nonce, back.code_verifier))


@pytest.mark.attack("ATK-012")
def test_a_state_is_good_once(world: World) -> None:
    away = sent(world)
    assert claimed(world, away.state)
    assert claimed(world, away.state) is None


@pytest.mark.attack("ATK-012")
def test_of_fifty_at_the_same_moment_one_wins(world: World) -> None:
    away = sent(world)
    found = together(50, lambda _: claimed(world, away.state))
    assert sum(one is not None for one in found) == 1


@pytest.mark.attack("ATK-021")
@pytest.mark.parametrize(
    "elsewhere",
    [
        lambda _: {"connection_id": "idp_2"},
        lambda _: {"browser": "c" * 43},
        lambda _: {"state": new_secret()},
        lambda away: {"state": away.state[:-1]},
        lambda away: {"state": away.state + "\0"},
        lambda away: {"state": away.nonce},
        lambda _: {"state": "ä" * 43},
        lambda _: {"state": "a" * 10_000},
        lambda _: {"state": ""},
    ],
    ids=["connection", "browser", "other", "cut", "nul", "nonce", "umlaut", "long", "empty"],
)
def test_elsewhere_it_is_unknown_and_stays_good(
    world: World, elsewhere: Callable[[Sent], dict[str, str]]
) -> None:
    away = sent(world)
    assert claimed(world, **{"state": away.state, **elsewhere(away)}) is None
    assert claimed(world, away.state), "nobody else used it up"


def test_after_ten_minutes_it_is_over(world: World) -> None:
    in_time, late = sent(world), sent(world)
    world.clock.move(minutes=9, seconds=59)
    assert claimed(world, in_time.state)
    world.clock.move(seconds=1)
    assert claimed(world, late.state) is None


def test_what_is_stored_opens_with_the_cookie_and_the_state_only(world: World) -> None:
    away = sent(world, errand(person=PERSON))
    with world.services.database.read() as view:
        rows = list(view.platform().scalars(select(UpstreamRequest)))
    stored = b"".join(row.state_hash + row.sealed + row.connection_id.encode() for row in rows)
    for secret in (away.state, away.nonce, BROWSER, "usr_1", "overview"):
        assert secret.encode() not in stored


def test_two_browsers_and_two_tabs_do_not_meet(world: World) -> None:
    first, second = sent(world), sent(world)
    other = sent(world, browser="c" * 43)
    assert len({first.state, second.state, other.state}) == 3
    assert claimed(world, other.state, browser="c" * 43)
    assert claimed(world, second.state)
    assert claimed(world, first.state)
