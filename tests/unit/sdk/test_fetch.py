import gzip
import json
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from authserver.sdk import fetch
from authserver.sdk.errors import FetchError
from authserver.sdk.fetch import check_url, fetch_json

GOOD = (200, {}, b'{"keys": []}')


def test_a_json_object_is_fetched_with_its_age(site: SimpleNamespace) -> None:
    site.pages["/"] = (200, {"Cache-Control": "max-age=90"}, b'{"a": 1}')
    document = fetch_json(f"{site.url}/")
    assert document.data == {"a": 1}
    assert document.max_age == 90


@pytest.mark.parametrize(
    "media_type",
    ["application/json; charset=utf-8", "application/jwk-set+json", "Application/JSON"],
)
def test_json_has_several_names(site: SimpleNamespace, media_type: str) -> None:
    site.pages["/"] = (200, {"Content-Type": media_type}, b"{}")
    assert fetch_json(f"{site.url}/").data == {}


@pytest.mark.attack("ATK-108")
@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/jwks",
        "data:application/json,{}",
        "http://id.example.com/jwks",
        "http://localhost.example.com/jwks",
        "http://127.0.0.1.example.com/jwks",
        "http://127.1/jwks",
        "http://2130706433/jwks",
        "http://0.0.0.0/jwks",
        "http://[::]/jwks",
        "http://[::ffff:10.0.0.1]/jwks",
        "http://169.254.169.254/",
        "https://user:pw@id.example.com/jwks",
        "https://@id.example.com/jwks",
        "https://id.example.com\\@127.0.0.1/jwks",
        "https://id.example.com\\evil.example.com/jwks",
        "https://id.example.com/jwks#x",
        "https://id.example.com/jw ks",
        "https://id.example.com/\r\nHost: x",
        "https://id.ex\tample.com/jwks",
        "https://idé.example.com/",
        "https:///jwks",
        "https://[::1/jwks",
        "//id.example.com",
        "",
    ],
)
def test_only_https_and_http_on_this_machine_are_fetched(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        check_url(url)
    with pytest.raises(FetchError):
        fetch_json(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://id.example.com/t/acme?x=1",
        "http://localhost:8000",
        "http://127.0.0.1:1/",
        "http://[::1]:1/",
    ],
)
def test_good_addresses_pass(url: str) -> None:
    assert check_url(url).hostname


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(site: SimpleNamespace, status: int) -> None:
    site.pages["/"] = (status, {"Location": f"{site.url}/elsewhere"}, b"{}")
    site.pages["/elsewhere"] = GOOD
    with pytest.raises(FetchError, match=str(status)):
        fetch_json(f"{site.url}/")
    assert site.hits == {"/": 1}


@pytest.mark.parametrize(
    "page",
    [
        (404, {}, b"{}"),
        (500, {}, b"{}"),
        (201, {}, b"{}"),
        (200, {"Content-Type": "text/html"}, b"{}"),
        (200, {"Content-Type": ""}, b"{}"),
        (200, {"Content-Type": "text/json"}, b"{}"),
        (200, {"Content-Type": "application/jsonp"}, b"{}"),
        (200, {"Content-Encoding": "gzip"}, gzip.compress(b"{}")),
        (200, {}, b"[]"),
        (200, {}, b"{"),
        (200, {}, b""),
        (200, {}, b'{"keys": [], "keys": []}'),
        (200, {}, b'{"a": NaN}'),
        (200, {}, b"[" * 60_000),
    ],
    ids=range(14),
)
def test_an_answer_that_is_not_plain_json_is_refused(
    site: SimpleNamespace, page: tuple[int, dict[str, str], bytes]
) -> None:
    site.pages["/"] = page
    with pytest.raises(FetchError):
        fetch_json(f"{site.url}/")


@pytest.mark.attack("ATK-102")
@pytest.mark.parametrize(("size", "good"), [(64 * 1024, True), (64 * 1024 + 1, False)])
def test_sixty_four_kilobytes_are_the_limit(
    site: SimpleNamespace, size: int, *, good: bool
) -> None:
    site.pages["/"] = (200, {}, b'{"a": "' + b"x" * (size - 9) + b'"}')
    if good:
        assert len(str(fetch_json(f"{site.url}/").data["a"])) == size - 9
    else:
        with pytest.raises(FetchError, match="64 KB"):
            fetch_json(f"{site.url}/")


def test_the_environment_has_no_say(site: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    site.pages["/"] = GOOD
    assert fetch_json(f"{site.url}/").data == {"keys": []}


@pytest.fixture
def trickle() -> Iterator[str]:
    """Run a server that promises much and then sends one byte, and another one, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            connection.sendall(head + b"Content-Length: 60000\r\n\r\n")
            while not ended.wait(0.01):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    ended.set()
    thread.join()
    listener.close()


def test_a_trickle_is_cut_off(trickle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "TIMEOUT", 0.3)
    with pytest.raises(FetchError, match="too slow"):
        fetch_json(trickle)


def test_nobody_listening_is_a_fetch_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchError, match="ConnectionError"):
        fetch_json(f"http://127.0.0.1:{port}/")


def test_an_error_shows_a_foreign_text_escaped_and_cut(site: SimpleNamespace) -> None:
    site.pages["/"] = (200, {}, json.dumps("\r\n" * 500).encode())
    with pytest.raises(FetchError) as caught:
        fetch_json(f"{site.url}/")
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)
