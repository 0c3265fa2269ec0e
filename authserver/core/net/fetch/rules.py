"""What may be asked for: https to a public address, a small JSON document, a few seconds."""

import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any

import orjson
from ssrfguard import DEFAULT_DENIED, AddressTable, Policy, Reach

from authserver.core.net.addresses import Address, Network, contains, is_public, parse_networks
from authserver.core.net.uri import DEFAULT_PORTS, InvalidUri, Uri, parse_uri

Answer = tuple[int, int, int, str, tuple[Any, ...]]
Resolver = Callable[..., Iterable[Answer]]

_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_LOOPBACK = parse_networks(["127.0.0.0/8", "::1/128"])
_MAX_CONNECTION_ATTEMPTS = 2
# The library decodes a translated address and permits it if the inner one is public, and it
# permits anycast services. Nobody serves documents from either: no row of its table is allowed.
_NO_SPECIAL_ADDRESS = AddressTable(
    tuple(replace(block, reach=Reach.DENIED) for block in DEFAULT_DENIED.blocks)
)


class _FetchError(Exception):
    """Carries a reason for the log; it may describe the network and is no answer to outsiders."""

    def __init__(self, reason: str) -> None:
        """Take the reason in plain words."""
        super().__init__(reason)
        self.reason = reason


class FetchRefused(_FetchError):  # noqa: N818  a decision of ours, not an error
    """The rules forbid the request: nothing was sent, or the answer pointed elsewhere."""


class FetchFailed(_FetchError):  # noqa: N818  named as its twin
    """The request was allowed, and no usable document came back."""


@dataclass(frozen=True, slots=True)
class FetchRules:
    """The limits of one request. `allow_loopback_http` is for a development issuer alone."""

    ports: frozenset[int] = frozenset({443})
    allow_loopback_http: bool = False
    total_seconds: float = 3.0
    max_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class ForTestsOnly:
    """Seams that let a test stand in for the internet. Production code never names this."""

    resolver: Resolver | None = None
    networks: tuple[Network, ...] = ()
    ca_bundle: str | None = None


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """A complete answer with status 200 and a JSON type. `headers` has lower-case names."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> object:
        """Return the parsed body. Raises FetchFailed if it is not JSON in UTF-8 (RFC 8259)."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise FetchFailed("the body is not JSON") from error


DEFAULT_RULES = FetchRules()
NO_TEST = ForTestsOnly()


def check_url(url: str, rules: FetchRules) -> Uri:
    """Return the parts of a URL that may be fetched. Raises FetchRefused."""
    try:
        uri = parse_uri(url)
    except InvalidUri as error:
        raise FetchRefused(f"the URL is refused: {error}") from error
    if rules.allow_loopback_http and uri.scheme == "http" and uri.host in _LOOPBACK_HOSTS:
        return uri
    if uri.scheme != "https":
        raise FetchRefused("the URL is not https")
    if port_of(uri) not in rules.ports:
        raise FetchRefused(f"port {port_of(uri)} is not allowed")
    return uri


def port_of(uri: Uri) -> int:
    """Return the port to connect to, written or default."""
    return uri.port or DEFAULT_PORTS[uri.scheme]


def policy_for(uri: Uri, for_tests_only: ForTestsOnly) -> Policy:
    """Return the library's policy for this one origin, the second wall behind our resolver."""
    extra = _LOOPBACK if uri.scheme == "http" else ()
    return Policy(
        allowed_schemes=frozenset({uri.scheme}),
        allowed_ports=frozenset({port_of(uri)}),
        denied_networks=_NO_SPECIAL_ADDRESS,
        allowed_networks=(*extra, *for_tests_only.networks),
        max_connection_attempts=_MAX_CONNECTION_ATTEMPTS,
        max_redirects=0,
    )


def checked_resolver(uri: Uri, for_tests_only: ForTestsOnly) -> Resolver:
    """Return a `getaddrinfo` that refuses a name as soon as one of its addresses is not ours."""
    resolver = for_tests_only.resolver or socket.getaddrinfo

    def resolve(host: str, port: int, *hints: int) -> list[Answer]:
        answers = list(resolver(host, port, *hints))
        for *_, sockaddr in answers:
            if sockaddr[1] != port:
                raise FetchRefused("the resolver answered with another port")
            _check_address(str(sockaddr[0]), uri, for_tests_only)
        return answers

    return resolve


def _check_address(text: str, uri: Uri, for_tests_only: ForTestsOnly) -> None:
    try:
        address: Address = ip_address(text)
    except ValueError as error:
        raise FetchRefused("the name leads to something that is no address") from error
    if uri.scheme == "http":
        allowed = contains(_LOOPBACK, address)
    else:
        allowed = is_public(address) or contains(for_tests_only.networks, address)
    if not allowed:
        raise FetchRefused(f"the name leads to {address}, which is not a public address")
