"""A provider that hangs, lies or floods: who waits for it is told soon, and nobody else is slow.

The connector's clock stands still; what is measured is the machine's time.
"""

import threading
import time as machine
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from authserver.federation.connectors import line
from authserver.federation.connectors.base import UpstreamDown, UpstreamRefused
from authserver.federation.connectors.line import CONVERSATION_SECONDS, IN_FLIGHT
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection
from tests.support.clock import ManualClock
from tests.support.providers import (
    Provider,
    Trouble,
    azure_ad,
    github,
    google,
    make_connectors,
    openid,
)
from tests.support.providers.visiting import Visit, connection, visit

MAKE: dict[str, Callable[[ManualClock], Provider]] = {
    "oidc": openid,
    "google": google,
    "azure_ad": azure_ad,
    "github": github,
}
# Each is down, whichever endpoint it happens at; what is understood and refused is not.
DOWN = [trouble for trouble in Trouble if trouble is not Trouble.LIST]
QUICK = 0.4


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a request wait less than in production, so that the tests do."""
    monkeypatch.setattr(line, "REQUEST_SECONDS", QUICK)


@pytest.fixture
def time() -> ManualClock:
    return ManualClock()


@pytest.fixture
def connectors(time: ManualClock, request: pytest.FixtureRequest) -> Connectors:
    request.getfixturevalue("quick")
    return make_connectors(time)


@pytest.fixture(params=MAKE)
def provider(request: pytest.FixtureRequest, time: ManualClock) -> Iterator[Provider]:
    with MAKE[request.param](time) as there:
        there.person(email="ada@corp.example")
        yield there


@pytest.fixture
def to(provider: Provider) -> Connection:
    kinds = {"Google": "google", "AzureAd": "azure_ad", "GitHub": "github"}
    kind = kinds.get(type(provider).__name__, "oidc")
    return connection(kind, provider, allowed=(provider.tenant,) if kind == "azure_ad" else ())


def is_down(there: Visit) -> float:
    """Complete a visit that ends with UpstreamDown, and return after how many seconds it did."""
    begun = machine.monotonic()
    with pytest.raises(UpstreamDown):
        there.complete()
    return machine.monotonic() - begun


@pytest.mark.attack("ATK-129")
@pytest.mark.parametrize("trouble", DOWN)
def test_a_token_endpoint_in_trouble_is_told_soon(
    connectors: Connectors, to: Connection, provider: Provider, trouble: Trouble
) -> None:
    provider.trouble["token"] = trouble
    assert is_down(visit(connectors, to, provider)) < CONVERSATION_SECONDS
    assert len(provider.requests("token")) == 1


@pytest.mark.parametrize("endpoint", ["discovery", "jwks", "userinfo", "user", "emails"])
@pytest.mark.parametrize("trouble", DOWN)
def test_any_other_endpoint_in_trouble_is_told_soon_too(
    connectors: Connectors, endpoint: str, trouble: Trouble, time: ManualClock
) -> None:
    of_github = endpoint in {"user", "emails"}
    with MAKE["github" if of_github else "oidc"](time) as provider:
        provider.person(email="" if endpoint == "userinfo" else "ada@corp.example")
        provider.trouble[endpoint] = trouble
        to = connection("github" if of_github else "oidc", provider)
        assert is_down(visit(connectors, to, provider)) < CONVERSATION_SECONDS


def test_an_answer_of_another_shape_is_no_sign_in(
    connectors: Connectors, to: Connection, provider: Provider
) -> None:
    provider.trouble["token"] = Trouble.LIST
    with pytest.raises(UpstreamRefused, match="not an object"):
        visit(connectors, to, provider).complete()


@pytest.mark.attack("ATK-129")
def test_a_hundred_megabytes_are_never_held(
    connectors: Connectors, to: Connection, provider: Provider
) -> None:
    provider.trouble["token"] = Trouble.HUGE
    there = visit(connectors, to, provider)
    said = there.back()
    tracemalloc.start()
    with pytest.raises(UpstreamDown, match="larger than 65536"):
        there.finish(said)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.attack("ATK-127")
def test_a_redirect_to_this_machine_is_followed_by_nobody(
    connectors: Connectors, to: Connection, provider: Provider
) -> None:
    there = visit(connectors, to, provider)
    said = there.back()
    provider.trouble["token"] = Trouble.REDIRECT
    with pytest.raises(UpstreamDown, match="redirects are not followed"):
        there.finish(said)


def test_after_three_failures_nobody_waits_and_later_one_tries(
    connectors: Connectors, to: Connection, provider: Provider, time: ManualClock
) -> None:
    visits = [visit(connectors, to, provider) for _ in range(5)]
    said = [one.back() for one in visits]
    provider.trouble["token"] = Trouble.HANG
    for number in range(3):
        with pytest.raises(UpstreamDown, match=r"within|timed out"):
            visits[number].finish(said[number])
    begun = machine.monotonic()
    for again in (lambda: visits[3].finish(said[3]), visits[3].url):
        with pytest.raises(UpstreamDown, match="a moment ago"):
            again()
    assert machine.monotonic() - begun < QUICK / 2
    assert len(provider.requests("token")) == 3
    del provider.trouble["token"]
    time.move(seconds=30)
    visits[3].finish(said[3])
    visits[4].finish(said[4])


def test_a_trial_that_fails_keeps_everybody_away_again(
    connectors: Connectors, to: Connection, provider: Provider, time: ManualClock
) -> None:
    there = visit(connectors, to, provider)
    said = there.back()
    provider.trouble["token"] = Trouble.STATUS_500
    for _ in range(3):
        with pytest.raises(UpstreamDown, match="500"):
            there.finish(said)
    time.move(seconds=30)
    with pytest.raises(UpstreamDown, match="500"):
        there.finish(said)
    with pytest.raises(UpstreamDown, match="a moment ago"):
        there.finish(said)


def test_a_provider_that_is_down_slows_no_other_connection(
    connectors: Connectors, time: ManualClock
) -> None:
    with openid(time) as hanging, openid(time) as well:
        hanging.person(email="ada@corp.example")
        well.person(email="bob@corp.example")
        hanging.trouble["discovery"] = Trouble.HANG
        stuck, fine = connection("oidc", hanging), connection("oidc", well)
        visit(connectors, fine, well).complete()
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            waiting = [
                pool.submit(is_down, visit(connectors, stuck, hanging)) for _ in range(IN_FLIGHT)
            ]
            begun = machine.monotonic()
            assert visit(connectors, fine, well).complete().identity.label == "bob@corp.example"
            assert machine.monotonic() - begun < QUICK
            assert all(one.result() < CONVERSATION_SECONDS for one in waiting)


def test_only_so_many_wait_for_a_provider_at_once_and_who_is_sent_away_counts_for_nothing(
    connectors: Connectors, time: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with openid(time) as provider:
        provider.person(email="ada@corp.example")
        to = connection("oidc", provider)
        visit(connectors, to, provider).complete()
        visits = [visit(connectors, to, provider) for _ in range(IN_FLIGHT + 4)]
        said = [one.back() for one in visits]
        inside, let_go = threading.Semaphore(0), threading.Event()
        answer = provider._token  # noqa: SLF001  the endpoint waits for the test

        def slow(*given: object) -> object:
            inside.release()
            let_go.wait(10)
            return answer(*given)

        monkeypatch.setattr(provider, "_token", slow)
        monkeypatch.setattr(line, "REQUEST_SECONDS", 30)
        patient = make_connectors(time)
        for one in visits:
            one.connector = patient.of(to, provider.client_secret)
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            waiting = [pool.submit(visits[n].finish, said[n]) for n in range(IN_FLIGHT)]
            for _ in range(IN_FLIGHT):
                assert inside.acquire(timeout=10)
            for number in range(IN_FLIGHT, IN_FLIGHT + 4):
                with pytest.raises(UpstreamDown, match="running"):
                    visits[number].finish(said[number])
            let_go.set()
            assert all(one.result().identity.subject for one in waiting)
        visits[-1].finish(said[-1])


def test_a_conversation_ends_however_many_questions_it_takes(
    connectors: Connectors, time: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "CONVERSATION_SECONDS", 0.6)
    names = tuple(f"org-{number}" for number in range(50))
    with github(time) as provider:
        provider.person(email="ada@corp.example")
        membership = provider._membership  # noqa: SLF001  each answer takes its time

        def slow(*given: object) -> object:
            provider.closing.wait(0.1)
            return membership(*given)

        monkeypatch.setattr(provider, "_membership", slow)
        to = connection("github", provider, allowed=names)
        assert is_down(visit(connectors, to, provider)) < 0.6 + 2 * QUICK
