"""R-01 of RFC 9700 as a property: 100,000 mutations of registered redirect URIs."""

from collections.abc import Callable
from random import Random  # noqa: TID251  a seeded generator: the mutations must repeat
from urllib.parse import urlsplit

import pytest

from authserver.clients.redirects import match_redirect_uri, validate_redirect_uri
from authserver.core.net.uri import InvalidUri, parse_uri

WEB = (
    "https://app.example/cb",
    "https://app.example/Deep/Path/cb?tenant=acme&x=1",
    "https://xn--bcher-kva.example/cb",
    "https://[2001:db8::7]:8443/cb",
)
NATIVE = (
    *WEB,
    "http://127.0.0.1/cb",
    "http://127.0.0.1:3000/cb?x=1",
    "http://[::1]:3000/cb",
    "com.example.app:/cb",
)
Mutation = Callable[[Random, str], str]
_NASTY = [
    *"@:/?#[]%\\;&=*.,|<>'\"^~ \t\n\r\x00\x7f",
    *(
        "//",
        "..",
        "/..",
        "/./",
        "..;/",
        "%2e",
        "%2f",
        "%252f",
        "%00",
        "%0d%0a",
        "%40",
        "%5c",
        "\\@",
    ),
    *(":80", ":443", ":0", ":1", "@evil.test", ".evil.test", "evil.test#", "?x=1", "&x=1", ";x=1"),
    *("\u0430", "\u3002", "\uff0e", "\uff20", "\u200b", "\u212a", "\u0130", "\u00a0", "\ufeff"),
    *("localhost", "127.0.0.1", "127.1", "[::1]", "0x7f.1", "javascript:", "https://", "http://"),
]


def insert(random: Random, uri: str) -> str:
    at = random.randrange(len(uri) + 1)
    return uri[:at] + random.choice(_NASTY) + uri[at:]


def delete(random: Random, uri: str) -> str:
    at = random.randrange(len(uri) + 1)
    return uri[:at] + uri[at + random.randint(1, 3) :]


def replace(random: Random, uri: str) -> str:
    at = random.randrange(len(uri) + 1)
    return uri[:at] + random.choice(_NASTY) + uri[at + 1 :]


def swap_case(random: Random, uri: str) -> str:
    at = random.randrange(len(uri) + 1)
    return uri[:at] + uri[at : at + 1].swapcase() + uri[at + 1 :]


def encode(random: Random, uri: str) -> str:
    at = random.randrange(len(uri))
    return f"{uri[:at]}%{ord(uri[at]) & 0xFF:02{random.choice('xX')}}{uri[at + 1 :]}"


def repeat(random: Random, uri: str) -> str:
    at = random.randrange(len(uri) + 1)
    return uri[:at] + uri[at : at + random.randint(1, 8)] + uri[at:]


def move_port(random: Random, uri: str) -> str:
    scheme, _, rest = uri.partition("://")
    authority, slash, path = rest.partition("/")
    bare = (
        authority.rpartition(":")[0] if authority[-1:].isdigit() and ":" in authority else authority
    )
    port = random.choice(["", ":", f":{random.randint(-5, 70_000)}", ":0443", ":80"])
    return f"{scheme}://{bare or authority}{port}{slash}{path}"


def change_host(random: Random, uri: str) -> str:
    hosts = ("app.example", "xn--bcher-kva.example", "127.0.0.1", "[::1]", "[2001:db8::7]")
    others = ("localhost", "evil.test", "app.example@evil.test", "127.1", "[::ffff:127.0.0.1]")
    old, new = random.choice(hosts), random.choice(hosts + others)
    return uri.replace(old, new)


def join(random: Random, uri: str) -> str:
    return (
        uri + random.choice(["", " ", ",", "&", "?", "#", "/", "@", "\\"]) + random.choice(NATIVE)
    )


def reorder(random: Random, uri: str) -> str:
    head, _, query = uri.partition("?")
    pairs = query.split("&")
    random.shuffle(pairs)
    return f"{head}?{'&'.join(pairs)}"


MUTATIONS: tuple[Mutation, ...] = (
    *(insert, delete, replace, swap_case, encode, repeat, move_port, change_host, join, reorder),
)


def mutants(seed: int, count: int) -> list[str]:
    random = Random(seed)  # noqa: S311  reproducible, and no secret
    made = []
    for _ in range(count):
        uri = random.choice(NATIVE)
        for _ in range(random.randint(1, 3)):
            uri = random.choice(MUTATIONS)(random, uri) or "x"
        made.append(uri)
    return made


def without_loopback_port(uri: str) -> str | None:
    """Cut the port out without a parser: the oracle shares no code with the matcher."""
    for prefix in ("http://127.0.0.1", "http://[::1]"):
        rest = uri.removeprefix(prefix)
        if rest == uri:
            continue
        digits = rest[1:].partition("/")[0] if rest[:1] == ":" else ""
        path = rest[1 + len(digits) :] if digits else rest
        if path[:1] == "/" and (not digits or (digits.isascii() and digits.isdigit())):
            return prefix + path
    return None


@pytest.mark.bcp("R-01")
@pytest.mark.timeout(60)
def test_no_mutation_of_a_registered_uri_is_accepted() -> None:
    portless = {without_loopback_port(uri) for uri in NATIVE} - {None}
    moved = 0
    for presented in mutants(seed=20_260_101, count=100_000):
        as_web = match_redirect_uri(presented, WEB, native=False)
        assert as_web is None or (as_web == presented and presented in WEB)
        as_native = match_redirect_uri(presented, NATIVE, native=True)
        if as_native is None or presented in NATIVE:
            assert (as_native is None) == (presented not in NATIVE)
            continue
        moved += 1
        assert as_native == presented
        assert without_loopback_port(presented) in portless, presented
    assert moved > 100, "the generator must also reach the one exception"


@pytest.mark.bcp("R-01")
def test_a_mutation_that_could_be_registered_reads_the_same_to_another_parser() -> None:
    registrable = 0
    for uri in mutants(seed=20_260_102, count=20_000):
        try:
            validate_redirect_uri(uri, kind="native", allow_http_loopback=True)
        except InvalidUri:
            continue
        registrable += 1
        ours, theirs = parse_uri(uri), urlsplit(uri)
        assert (theirs.scheme, theirs.hostname or "", theirs.port) == (
            ours.scheme,
            ours.host,
            ours.port,
        )
        assert (theirs.path, theirs.query) == (ours.path, ours.query or "")
        assert "@" not in theirs.netloc
    assert registrable > 1_000, "the generator must also reach good URIs"
