import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, ip_address

import pytest

from authserver.core.net.fetch import (
    FetchedDocument,
    Fetcher,
    FetchFailed,
    FetchLimits,
    FetchRefused,
    FetchRules,
    ForTestsOnly,
    safe_fetch,
)
from authserver.core.net.fetch.rules import Answer, check_url, policy_for

URL = "https://idp.example/jwks"


class MovedClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def move(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class CountingResolver:
    """Never finds a name, and remembers who asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, host: str, *_hints: int) -> list[Answer]:
        self.asked.append(host)
        raise socket.gaierror("no such name")


def answer(text: str, port: int = 443) -> Answer:
    family = socket.AF_INET6 if ip_address(text).version == 6 else socket.AF_INET
    where = (text, port, 0, 0) if family == socket.AF_INET6 else (text, port)
    return (family, socket.SOCK_STREAM, 6, "", where)


def fetcher_with(
    clock: MovedClock, resolver: Callable[..., list[Answer]], **limits: int
) -> Fetcher:
    return Fetcher(
        clock, limits=FetchLimits(**limits), for_tests_only=ForTestsOnly(resolver=resolver)
    )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://idp.example/jwks", "not https"),
        ("http://127.0.0.1/jwks", "not https"),
        ("ftp://idp.example/jwks", "not https"),
        ("file:///etc/passwd", "host is missing"),
        ("https://idp.example:8443/jwks", "port 8443"),
        ("https://idp.example:22/jwks", "port 22"),
        ("https://user@idp.example/jwks", "user name"),
        ("https://idp.example/jwks#x", "fragment"),
        ("https://127.1/jwks", "a number"),
        ("idp.example", "scheme"),
        ("", "empty"),
    ],
)
def test_only_https_on_an_allowed_port_is_asked_for(url: str, reason: str) -> None:
    with pytest.raises(FetchRefused, match=reason):
        safe_fetch(url)


def test_more_ports_can_be_allowed() -> None:
    rules = FetchRules(ports=frozenset({443, 8443}))
    assert check_url("https://idp.example:8443/jwks", rules).port == 8443


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_loopback_http_is_a_development_setting(host: str) -> None:
    rules = FetchRules(allow_loopback_http=True)
    assert check_url(f"http://{host}:8000/jwks", rules).port == 8000
    with pytest.raises(FetchRefused):
        check_url("http://idp.example/jwks", rules)


def test_loopback_http_does_not_follow_a_name_that_leads_elsewhere() -> None:
    seams = ForTestsOnly(resolver=lambda *_: [answer("127.0.0.1", 8000), answer("8.8.8.8", 8000)])
    with pytest.raises(FetchRefused, match=r"8\.8\.8\.8"):
        safe_fetch(
            "http://localhost:8000/",
            rules=FetchRules(allow_loopback_http=True),
            for_tests_only=seams,
        )


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"NaN", b"[" * 60_000, b"{} x"])
def test_a_body_that_is_not_json_is_a_failure(body: bytes) -> None:
    with pytest.raises(FetchFailed, match="not JSON"):
        FetchedDocument(200, body).json()


def test_a_json_body_is_parsed() -> None:
    assert FetchedDocument(200, b'{"keys": []}').json() == {"keys": []}


def test_a_name_that_is_not_found_is_a_failure_and_not_a_refusal() -> None:
    with pytest.raises(FetchFailed, match="no such name"):
        safe_fetch(URL, for_tests_only=ForTestsOnly(resolver=CountingResolver()))


def test_a_resolver_cannot_change_the_port() -> None:
    seams = ForTestsOnly(resolver=lambda *_: [answer("8.8.8.8", 22)])
    with pytest.raises(FetchRefused, match="another port"):
        safe_fetch(URL, for_tests_only=seams)


def test_a_resolver_that_answers_nonsense_is_refused() -> None:
    nonsense = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("not an address", 443))
    with pytest.raises(FetchRefused, match="no address"):
        safe_fetch(URL, for_tests_only=ForTestsOnly(resolver=lambda *_: [nonsense]))


def test_a_hanging_lookup_is_given_up_at_the_deadline() -> None:
    let_go, ended = threading.Event(), threading.Event()

    def hang(*_: object) -> list[Answer]:
        let_go.wait(30)
        return []

    with pytest.raises(FetchFailed, match="within"):
        safe_fetch(
            URL,
            rules=FetchRules(total_seconds=0.05),
            on_end=ended.set,
            for_tests_only=ForTestsOnly(resolver=hang),
        )
    assert not ended.is_set()
    let_go.set()
    assert ended.wait(30)


@pytest.mark.attack("ATK-129")
def test_a_handshake_that_never_ends_is_cut_off() -> None:
    cut_off = threading.Event()

    def stall(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while connection.recv(4096):
                continue
            cut_off.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=stall, args=(listener,), daemon=True).start()
        port = listener.getsockname()[1]
        seams = ForTestsOnly(lambda *_: [answer("127.0.0.1", port)])
        with pytest.raises(FetchFailed, match="within"):
            safe_fetch(
                f"https://idp.example:{port}/jwks",
                rules=FetchRules(
                    networks=(IPv4Network("127.0.0.1"),), ports=frozenset({port}), total_seconds=1
                ),
                for_tests_only=seams,
            )
        assert cut_off.wait(30)


@pytest.mark.parametrize("url", ["http://idp.example/", URL])
def test_the_end_of_a_request_is_told_once(url: str) -> None:
    ends: list[str] = []
    with pytest.raises((FetchFailed, FetchRefused)):
        safe_fetch(
            url,
            on_end=lambda: ends.append(url),
            for_tests_only=ForTestsOnly(resolver=CountingResolver()),
        )
    assert ends == [url]


@pytest.mark.parametrize(
    "text", ["64:ff9b::808:808", "2002:808:808::", "::ffff:8.8.8.8", "192.31.196.1", "10.0.0.1"]
)
def test_the_second_wall_permits_no_special_address_either(text: str) -> None:
    policy = policy_for(check_url(URL, FetchRules()), FetchRules())
    assert not policy.permits_address(text)
    assert policy.permits_address("8.8.8.8")


def test_a_failure_is_remembered_for_a_while_and_then_tried_again() -> None:
    clock, resolver = MovedClock(), CountingResolver()
    fetcher = fetcher_with(clock, resolver, negative_seconds=60)
    for _ in range(3):
        with pytest.raises(FetchFailed):
            fetcher.fetch(URL, key="ten_a")
    assert len(resolver.asked) == 1
    clock.move(59)
    with pytest.raises(FetchFailed, match="a moment ago"):
        fetcher.fetch(URL, key="ten_a")
    clock.move(1)
    with pytest.raises(FetchFailed, match="no such name"):
        fetcher.fetch(URL, key="ten_a")
    assert len(resolver.asked) == 2


@pytest.mark.attack("ATK-124")
def test_one_tenants_failure_is_not_anothers() -> None:
    resolver = CountingResolver()
    fetcher = fetcher_with(MovedClock(), resolver)
    for key in ("ten_a", "ten_b"):
        with pytest.raises(FetchFailed, match="no such name"):
            fetcher.fetch(URL, key=key)
    assert len(resolver.asked) == 2


def test_failures_are_forgotten_oldest_first_so_that_memory_is_bounded() -> None:
    resolver = CountingResolver()
    fetcher = fetcher_with(MovedClock(), resolver, remembered=2, per_minute=100)
    for path in ("1", "2", "3", "1"):
        with pytest.raises(FetchFailed, match="no such name"):
            fetcher.fetch(f"https://idp.example/{path}", key="ten_a")
    assert len(resolver.asked) == 4


def test_a_tenant_may_ask_so_many_times_a_minute_and_no_more() -> None:
    clock, resolver = MovedClock(), CountingResolver()
    fetcher = fetcher_with(clock, resolver, per_minute=3)
    for number in range(3):
        with pytest.raises(FetchFailed):
            fetcher.fetch(f"https://idp.example/{number}", key="ten_a")
        clock.move(10)
    with pytest.raises(FetchRefused, match="within a minute"):
        fetcher.fetch("https://idp.example/next", key="ten_a")
    with pytest.raises(FetchFailed):
        fetcher.fetch("https://idp.example/next", key="ten_b")
    clock.move(30)
    with pytest.raises(FetchFailed):
        fetcher.fetch("https://idp.example/next", key="ten_a")


def test_a_refused_url_costs_a_tenant_nothing() -> None:
    resolver = CountingResolver()
    fetcher = fetcher_with(MovedClock(), resolver, per_minute=1)
    for _ in range(5):
        with pytest.raises(FetchRefused, match="not https"):
            fetcher.fetch("http://idp.example/", key="ten_a")
    with pytest.raises(FetchFailed, match="no such name"):
        fetcher.fetch(URL, key="ten_a")


@pytest.mark.parametrize(
    ("limits", "other", "reason"),
    [
        ({"in_flight": 1}, "ten_a", "of this tenant are running"),
        ({"in_flight_of_all": 1}, "ten_b", "too many requests are running"),
    ],
)
def test_only_so_many_requests_run_at_once(limits: dict[str, int], other: str, reason: str) -> None:
    inside, let_go = threading.Event(), threading.Event()

    def slow(*_: object) -> list[Answer]:
        inside.set()
        let_go.wait(30)
        raise socket.gaierror("no such name")

    fetcher = fetcher_with(MovedClock(), slow, **limits)

    def first() -> None:
        with pytest.raises(FetchFailed):
            fetcher.fetch(URL, key="ten_a")

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(30)
    with pytest.raises(FetchRefused, match=reason):
        fetcher.fetch("https://idp.example/next", key=other)
    let_go.set()
    thread.join()
    with pytest.raises(FetchFailed, match="no such name"):
        fetcher.fetch("https://idp.example/next", key=other)
