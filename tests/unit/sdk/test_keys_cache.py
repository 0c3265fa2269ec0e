import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from authserver.sdk.errors import FetchError
from authserver.sdk.verifier import AccessToken, InvalidToken, KeysUnavailable, TokenVerifier

DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/oauth/jwks"
Mint = Callable[..., str]
Publish = Callable[..., None]
Verify = Callable[..., AccessToken]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 300),
        ({"Cache_Control": "public, max-age=600"}, 600),
        ({"Cache_Control": "public, max-age=600", "Age": "500"}, 100),
        ({"Cache_Control": "max-age=900, max-age=120"}, 120),
        ({"Cache_Control": 'MAX-AGE="600"'}, 600),
        ({"Cache_Control": "max-age=1"}, 60),
        ({"Cache_Control": "no-store"}, 60),
        ({"Cache_Control": "max-age=600, no-cache"}, 60),
        ({"Cache_Control": "max-age=99999999"}, 3600),
        ({"Cache_Control": "max-age=99999999999999999999"}, 300),
        ({"Cache_Control": "max-age=-1"}, 300),
        ({"Cache_Control": "max-age=soon"}, 300),
    ],
    ids=str,
)
def test_keys_are_kept_as_long_as_the_issuer_says_within_bounds(
    *,
    site: SimpleNamespace,
    publish: Publish,
    verify: Verify,
    now: list[float],
    headers: dict[str, str],
    seconds: int,
) -> None:
    publish("es256", **headers)
    verify()
    now[0] += seconds - 1
    verify()
    assert site.hits[JWKS] == 1
    now[0] += 1
    verify()
    assert site.hits[JWKS] == 2


def test_a_rotated_key_is_learned_at_its_first_token(
    *, site: SimpleNamespace, publish: Publish, verify: Verify, now: list[float]
) -> None:
    publish("es256")
    verify()
    now[0] += 11
    publish("es256", "next")
    assert verify("next").subject == "usr_ann"
    assert verify("es256").subject == "usr_ann"
    assert site.hits[JWKS] == 2


def test_a_withdrawn_key_is_forgotten_with_the_next_fetch(
    publish: Publish, verify: Verify, now: list[float]
) -> None:
    publish("es256", "next")
    verify("next")
    publish("es256")
    now[0] += 300
    with pytest.raises(InvalidToken):
        verify("next")
    assert verify("es256").subject == "usr_ann"


@pytest.mark.attack("ATK-102")
def test_a_flood_of_unknown_key_ids_makes_one_fetch_in_ten_seconds(
    *, site: SimpleNamespace, publish: Publish, verify: Verify, now: list[float]
) -> None:
    publish("es256", Cache_Control="max-age=3600")
    verify()
    for second in range(100):
        now[0] = 1_800_000_000 + second
        for number in range(5):
            with pytest.raises(InvalidToken):
                verify(header={"kid": f"made-up-{second}-{number}"})
        verify()
    assert site.hits[JWKS] == 10
    assert site.hits[DISCOVERY] == 1


def test_fifty_threads_share_one_fetch(
    site: SimpleNamespace, publish: Publish, verify: Verify
) -> None:
    publish("es256")
    site.gate.clear()
    barrier = threading.Barrier(51)

    def one() -> str:
        barrier.wait(10)
        return verify().subject

    with ThreadPoolExecutor(50) as pool:
        answers = [pool.submit(one) for _ in range(50)]
        barrier.wait(10)
        site.gate.set()
        assert {answer.result(20) for answer in answers} == {"usr_ann"}
    assert site.hits == {DISCOVERY: 1, JWKS: 1}


def test_nobody_waits_for_a_refresh_while_old_keys_are_good_enough(
    *, site: SimpleNamespace, publish: Publish, verify: Verify, now: list[float]
) -> None:
    publish("es256")
    verify()
    now[0] += 301
    site.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        refreshing = pool.submit(verify)
        assert [site.arrived.get(timeout=10) for _ in range(3)] == [DISCOVERY, JWKS, JWKS]
        assert verify().subject == "usr_ann"
        assert not refreshing.done()
        site.gate.set()
        assert refreshing.result(20).subject == "usr_ann"
    assert site.hits[JWKS] == 2


@pytest.mark.bcp("F-15")
def test_no_validation_fails_while_keys_rotate_as_published(
    publish: Publish, verify: Verify, now: list[float]
) -> None:
    """The next key is published one cache life before it signs, the previous one stays."""
    publish("es256", "next")
    for second in range(0, 1200, 10):
        now[0] = 1_800_000_000 + second
        if second == 600:
            publish("next")
        assert verify("es256" if second < 300 else "next").subject == "usr_ann"


def test_old_keys_serve_for_an_hour_when_the_issuer_is_down_and_then_fail_closed(
    *, site: SimpleNamespace, publish: Publish, verify: Verify, now: list[float]
) -> None:
    publish("es256")
    verify()
    metadata = site.pages.pop(DISCOVERY)
    site.pages.clear()
    now[0] += 300 + 3599
    assert verify().subject == "usr_ann"
    now[0] += 1
    with pytest.raises(KeysUnavailable) as caught:
        verify()
    assert 1 <= caught.value.retry_after <= 10
    publish("es256")
    site.pages[DISCOVERY] = metadata
    now[0] += 10
    assert verify().subject == "usr_ann"


def test_a_failing_issuer_is_not_asked_again_at_once(
    site: SimpleNamespace, verify: Verify, now: list[float]
) -> None:
    for _ in range(20):
        with pytest.raises(KeysUnavailable):
            verify()
    assert sum(site.hits.values()) == 1
    now[0] += 9.5
    with pytest.raises(KeysUnavailable) as caught:
        verify()
    assert caught.value.retry_after == 1
    now[0] += 0.5
    with pytest.raises(KeysUnavailable):
        verify()
    assert sum(site.hits.values()) == 2


def test_an_unknown_key_is_refused_while_keys_are_fresh_and_undecided_when_they_are_old(
    *, site: SimpleNamespace, publish: Publish, verify: Verify, now: list[float]
) -> None:
    publish("es256")
    verify()
    site.pages[JWKS] = (500, {}, b"")
    now[0] += 20
    with pytest.raises(InvalidToken):
        verify("next")
    now[0] += 300
    with pytest.raises(KeysUnavailable):
        verify("next")
    assert verify().subject == "usr_ann"


def test_a_clock_that_is_set_back_prolongs_nothing(
    *, site: SimpleNamespace, publish: Publish, verify: Verify, now: list[float]
) -> None:
    publish("es256")
    verify()
    now[0] -= 100_000
    verify()
    assert site.hits[JWKS] == 2


def test_an_emptied_key_set_is_honoured(publish: Publish, verify: Verify, now: list[float]) -> None:
    publish("es256")
    verify()
    publish()
    now[0] += 300
    with pytest.raises(InvalidToken):
        verify()


@pytest.mark.parametrize("error", [FetchError("x"), OSError("x"), ValueError("x")])
def test_a_fetcher_of_ones_own_may_fail_in_the_usual_ways(
    build: Callable[..., TokenVerifier], mint: Mint, error: Exception
) -> None:
    def fetch(_url: str) -> None:
        raise error

    with pytest.raises(KeysUnavailable):
        build(fetch=fetch).verify(mint())
