"""Buckets: exact in one process, shared through Redis, never gone."""

import os
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from authserver.core.limits.buckets import (
    LocalLimiter,
    Rate,
    RedisLimiter,
    Verdict,
    make_limiter,
    told,
)
from tests.support.parallel import together
from tests.support.redis import MortalRedis, running_redis

RATE = Rate(10, 60)


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_limit_and_refills_evenly() -> None:
    clock = Time()
    limiter = LocalLimiter(clock)
    assert [limiter.take("a", RATE).allowed for _ in range(12)] == [True] * 10 + [False] * 2
    clock.now += 6
    assert [limiter.take("a", RATE).allowed for _ in range(2)] == [True, False]
    clock.now += 6000
    assert [limiter.take("a", RATE).allowed for _ in range(11)] == [True] * 10 + [False]


def test_keys_and_rates_have_buckets_of_their_own() -> None:
    limiter = LocalLimiter(Time())
    for _ in range(10):
        limiter.take("a", RATE)
    assert not limiter.take("a", RATE).allowed
    assert limiter.take("b", RATE).allowed
    assert limiter.take("a", Rate(5, 60)).allowed


def test_a_verdict_says_what_is_left_and_when_to_come_back() -> None:
    limiter = LocalLimiter(Time())
    first = limiter.take("a", RATE)
    assert first.headers() == {
        "RateLimit-Policy": '"default";q=10;w=60',
        "RateLimit": '"default";r=9;t=6',
    }
    for _ in range(9):
        limiter.take("a", RATE)
    refused = limiter.take("a", RATE)
    assert refused.headers()["Retry-After"] == "6"
    assert refused.remaining == 0


def test_threads_never_take_more_than_there_is() -> None:
    limiter = LocalLimiter(Time())
    taken = together(50, lambda _n: sum(limiter.take("a", RATE).allowed for _ in range(20)))
    assert sum(taken) == 10


def test_keys_of_an_attacker_do_not_fill_the_memory() -> None:
    clock = Time()
    limiter = LocalLimiter(clock)
    for number in range(120_000):
        limiter.take(str(number), RATE)
    assert len(limiter._buckets) <= 100_000  # noqa: SLF001  the bound is the promise


@pytest.mark.parametrize(
    "text",
    [
        "",
        "60",
        "60/",
        "/minute",
        "0/minute",
        "-1/minute",
        "60/fortnight",
        "1.5/hour",
        "٣/minute",
        "60/minute/hour",
        " 60/minute",
        "1e3/minute",
        "60 / minute",
    ],
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        Rate.parse(text)


def test_a_rate_is_read() -> None:
    assert Rate.parse("60/minute") == Rate(60, 60)
    assert Rate.parse("2/day") == Rate(2, 86400)


def test_processes_share_a_bucket_through_redis(redis_url: str) -> None:
    first, second = make_limiter(redis_url), make_limiter(redis_url)
    key = f"test {os.urandom(6).hex()}"
    verdicts = [(first, second)[n % 2].take(key, RATE) for n in range(12)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 10 + [False] * 2
    assert verdicts[0].remaining == 9
    assert 1 <= verdicts[-1].retry_after <= 6


def test_threads_share_a_bucket_through_redis(redis_url: str) -> None:
    limiter = make_limiter(redis_url)
    key = f"test {os.urandom(6).hex()}"
    taken = together(8, lambda _n: sum(limiter.take(key, RATE).allowed for _ in range(5)))
    assert 10 <= sum(taken) <= 20  # one that Redis is too slow for takes from the local bucket


@pytest.fixture
def mortal_redis() -> Iterator[MortalRedis]:
    with running_redis() as redis:
        yield redis


def test_without_redis_the_limit_goes_on_in_the_process(
    mortal_redis: MortalRedis,
) -> None:
    limiter = make_limiter(mortal_redis.url)
    assert [limiter.take("a", RATE).allowed for _ in range(11)] == [True] * 10 + [False]
    mortal_redis.kill()
    assert [limiter.take("a", RATE).allowed for _ in range(11)] == [True] * 10 + [False]


def test_a_redis_that_was_never_there_is_no_reason_to_fail() -> None:
    limiter = make_limiter("redis://127.0.0.1:1/0")
    assert [limiter.take("a", RATE).allowed for _ in range(11)] == [True] * 10 + [False]


def test_a_redis_that_failed_is_left_alone_for_a_second() -> None:
    time, asked = Time(), []

    def script(**_: object) -> None:
        asked.append(time())
        raise TimeoutError

    client = SimpleNamespace(register_script=lambda _: script)
    limiter = RedisLimiter(client, LocalLimiter(time), now=time)
    for _ in range(3):
        assert limiter.take("a", Rate(10, 60)).allowed
    assert len(asked) == 1
    time.now += 1.1
    limiter.take("a", Rate(10, 60))
    assert len(asked) == 2


def test_several_limits_are_told_in_one_field_each() -> None:
    day = Verdict(
        allowed=False, limit=5, remaining=0, reset=90, retry_after=90, window=86400, name="day"
    )
    rate = LocalLimiter(Time()).take("a", Rate(10, 60))
    assert told((rate, day)) == {
        "RateLimit-Policy": '"default";q=10;w=60, "day";q=5;w=86400',
        "RateLimit": '"default";r=9;t=6, "day";r=0;t=90',
        "Retry-After": "90",
    }
    assert told(()) == {}
