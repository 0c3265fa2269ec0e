import pytest

from authserver.clients.redirects import ClientKind, match_redirect_uri, validate_redirect_uri
from authserver.core.net.uri import InvalidUri


@pytest.mark.parametrize("kind", ["web", "spa", "native"])
def test_every_client_may_register_https(kind: ClientKind) -> None:
    uri = "https://app.example/cb?tenant=acme"
    assert validate_redirect_uri(uri, kind=kind) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/cb",
        "http://127.0.0.1:8001/cb",
        "http://[::1]/cb?x=1",
        "com.example.app:/cb",
        "com.example.app://callback",
    ],
)
def test_a_native_app_may_register_loopback_and_its_own_scheme(uri: str) -> None:
    assert validate_redirect_uri(uri, kind="native") == uri


@pytest.mark.bcp("R-03")
@pytest.mark.parametrize("kind", ["web", "spa"])
@pytest.mark.parametrize(
    "uri",
    [
        *("http://app.example/cb", "http://127.0.0.1/cb", "http://[::1]/cb"),
        *("http://localhost:8001/cb", "com.example.app:/cb", "myapp://cb"),
    ],
)
def test_a_web_client_may_register_https_alone(kind: ClientKind, uri: str) -> None:
    with pytest.raises(InvalidUri, match="use https"):
        validate_redirect_uri(uri, kind=kind)


@pytest.mark.bcp("R-03")
@pytest.mark.parametrize("kind", ["web", "spa", "native"])
@pytest.mark.parametrize("uri", ["http://app.example/cb", "http://10.0.0.1/cb", "http://0.0.0.0/"])
def test_development_opens_http_to_loopback_and_nowhere_else(kind: ClientKind, uri: str) -> None:
    with pytest.raises(InvalidUri, match="use https"):
        validate_redirect_uri(uri, kind=kind, allow_http_loopback=True)


@pytest.mark.parametrize("kind", ["web", "spa", "native"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_demo_relying_party_may_be_http_on_this_machine(kind: ClientKind, host: str) -> None:
    uri = f"http://{host}:8001/cb"
    assert validate_redirect_uri(uri, kind=kind, allow_http_loopback=True) == uri


@pytest.mark.bcp("R-02")
def test_a_native_app_is_told_to_write_the_address_instead_of_localhost() -> None:
    with pytest.raises(InvalidUri, match=r"127\.0\.0\.1"):
        validate_redirect_uri("http://localhost/cb", kind="native")


@pytest.mark.parametrize(
    "uri",
    [
        *(
            "javascript:alert(1)",
            "javascript:/alert(1)",
            "JAVASCRIPT:/x",
            "data:/x",
            "data:text/html",
        ),
        *("vbscript:/x", "file:/etc/passwd", "file:///etc/passwd", "blob:/x", "about:/blank"),
        *("ws://a.example/", "ftp://a.example/", "myapp:/cb", "urn:ietf:wg:oauth:2.0:oob"),
        *("com.example.:/cb", "com..app:/cb", "com.example.app:cb", "intent://x/#Intent;end"),
    ],
)
def test_no_client_may_register_a_scheme_that_is_nobodys_own(uri: str) -> None:
    for kind in ("web", "spa", "native"):
        with pytest.raises(InvalidUri):
            validate_redirect_uri(uri, kind=kind, allow_http_loopback=True)


@pytest.mark.parametrize("query", ["code=1", "a=1&state=x", "%73tate=x", "iss", "a&error=b"])
def test_the_query_may_not_hold_what_the_answer_adds(query: str) -> None:
    with pytest.raises(InvalidUri, match="the answer itself carries"):
        validate_redirect_uri(f"https://app.example/cb?{query}", kind="web")


@pytest.mark.bcp("R-01")
def test_a_registered_uri_matches_itself() -> None:
    registered = ("https://app.example/cb", "com.example.app:/cb")
    for native in (False, True):
        for uri in registered:
            assert match_redirect_uri(uri, registered, native=native) == uri


def test_nothing_matches_an_empty_list_and_nothing_is_matched_by_nothing() -> None:
    assert match_redirect_uri("https://app.example/cb", (), native=True) is None
    assert match_redirect_uri("", ("",), native=True) is None


@pytest.mark.bcp("R-02")
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
@pytest.mark.parametrize("registered_port", ["", ":3000"])
@pytest.mark.parametrize("port", ["", ":1", ":3000", ":51004", ":65535"])
def test_a_native_app_chooses_its_loopback_port(host: str, registered_port: str, port: str) -> None:
    registered = [f"http://{host}{registered_port}/cb?x=1"]
    presented = f"http://{host}{port}/cb?x=1"
    assert match_redirect_uri(presented, registered, native=True) == presented


@pytest.mark.bcp("R-02")
@pytest.mark.attack("ATK-032")
@pytest.mark.parametrize(
    "presented",
    [
        *("http://127.0.0.1:80@evil.test/cb", "http://127.0.0.1.evil.test/cb", "http://127.0.0.1:"),
        *("http://127.0.0.1:0/cb", "http://127.0.0.1:080/cb", "http://127.0.0.1:99999/cb"),
        *("http://127.0.0.1:/cb", "http://127.0.0.1:3000/", "http://127.0.0.1:3000/cb/"),
        *("http://127.0.0.1:3000/CB", "http://127.0.0.1:3000/cb?x=1", "http://127.0.0.1:3000/cb?"),
        *("http://127.0.0.1:3000/cb#", "http://127.0.0.1:3000/cb;x", "http://127.0.0.1:3000//cb"),
        *("http://127.0.0.1:3000/x/../cb", "http://127.0.0.1:3000/%63b", "http://127.1:3000/cb"),
        *("http://localhost:3000/cb", "http://[::1]:3000/cb", "https://127.0.0.1:3000/cb"),
        *("http://127.0.0.2:3000/cb", "http://0x7f.0.0.1:3000/cb", "http://2130706433:3000/cb"),
        *(
            "http://127.0.0.1:3000\\@evil.test/cb",
            "HTTP://127.0.0.1:3000/cb",
            " http://127.0.0.1/cb",
        ),
        *(
            "http://[::ffff:127.0.0.1]:3000/cb",
            "http://127.0.0.1:3000/cb\n",
            "http://127.0.0.1:\u0661/cb",
        ),
    ],
)
def test_the_port_is_the_only_freedom(presented: str) -> None:
    assert match_redirect_uri(presented, ["http://127.0.0.1/cb"], native=True) is None


@pytest.mark.bcp("R-02")
def test_localhost_by_name_and_other_hosts_have_no_free_port() -> None:
    for uri in (
        "http://localhost:8001/cb",
        "https://127.0.0.1:8001/cb",
        "https://a.example:8001/cb",
    ):
        moved = uri.replace("8001", "8002")
        assert match_redirect_uri(uri, [uri], native=True) == uri
        assert match_redirect_uri(moved, [uri], native=True) is None


@pytest.mark.bcp("R-02")
def test_a_web_client_has_no_free_port() -> None:
    registered = ["http://127.0.0.1:8001/cb"]
    assert match_redirect_uri("http://127.0.0.1:8002/cb", registered, native=False) is None
