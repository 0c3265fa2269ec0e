"""What may be asked for: https to a public address, a small JSON document, a few seconds."""

import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl

import orjson
from ssrfguard import DEFAULT_DENIED, AddressTable, Policy, Reach

from authserver.core.net.addresses import Address, Network, contains, is_public, parse_networks
from authserver.core.net.uri import DEFAULT_PORTS, InvalidUri, Uri, parse_uri

Answer = tuple[int, int, int, str, tuple[Any, ...]]
Resolver = Callable[..., Iterable[Answer]]

_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_LOOPBACK = parse_networks(["127.0.0.0/8", "::1/128"])
# What clouds tell a machine of itself, and what is no host: no rule opens these.
NEVER = parse_networks(
    [
        *("0.0.0.0/8", "169.254.0.0/16", "168.63.129.16", "100.100.100.200", "192.0.0.192"),
        *("224.0.0.0/3", "fe80::/10", "fd00:ec2::254", "ff00::/8"),
    ]
)
_MAX_CONNECTION_ATTEMPTS = 2
_MAX_FIELDS = 32
_HEADER = frozenset(chr(code) for code in range(0x20, 0x7F))
FORM = "application/x-www-form-urlencoded"
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


class FetchBusy(FetchRefused):
    """Too much runs already, or ran within a minute: nothing was sent, nothing is wrong there."""


class FetchFailed(_FetchError):  # noqa: N818  named as its twin
    """The request was allowed, and no usable document came back; its status, if it had one."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        """Take the reason in plain words."""
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class FetchRules:
    """The limits of one request. `allow_loopback_http` is for a development issuer alone.

    `networks` are asked although they are not public, by https too. `ca_file` has certificates
    (PEM) that are believed beside the machine's.
    """

    ports: frozenset[int] = frozenset({443})
    networks: tuple[Network, ...] = ()
    ca_file: str = ""
    allow_loopback_http: bool = False
    total_seconds: float = 3.0
    max_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What is sent, and which answers count. The default reads a public document.

    `form` or `json` makes it a POST: it is sent once, and what came of it is not remembered; a
    `json` may have `headers` of its own. `authorization`
    is the header's value. `any_status`: an answer of 400 or more is returned like one of 200, if it
    is JSON too. `form_answers`: an answer may be form-encoded. `media_types`: what an answer may be
    instead of JSON. `no_answer`: that it is of 200 to 299 is all that counts, and its body is not
    read. `excerpt`: so is an answer of any other status, but a redirect, with so many bytes of its
    body, whatever they are; `reads_success`: that of 200 to 299 has its body, too. `seconds`: a
    shorter deadline.
    """

    form: str | None = field(default=None, repr=False)
    json: bytes | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    authorization: str | None = field(default=None, repr=False)
    any_status: bool = False
    form_answers: bool = False
    media_types: tuple[str, ...] = ()
    no_answer: bool = False
    excerpt: int = 0
    reads_success: bool = False
    seconds: float | None = None

    def __post_init__(self) -> None:
        """Refuse a header that would be two, without repeating the secret in it."""
        if self.authorization is not None and not _HEADER.issuperset(self.authorization):
            raise FetchRefused("the authorization has characters that no header has")
        if not all(_HEADER.issuperset(name + value) for name, value in self.headers):
            raise FetchRefused("a header has characters that none has")

    @property
    def is_public(self) -> bool:
        """Tell whether anybody who asks gets the same answer, as often as they ask."""
        return self.body is None and self.authorization is None

    @property
    def body(self) -> bytes | None:
        """Return what is posted, None where nothing is."""
        return self.json if self.form is None else self.form.encode()


@dataclass(frozen=True, slots=True)
class ForTestsOnly:
    """The seam that lets a test stand in for the internet. Production code never names this."""

    resolver: Resolver | None = None


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """A complete answer, of status 200 and a JSON type where nothing else was asked for.

    `headers` has lower-case names.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> object:
        """Return the parsed body. Raises FetchFailed if it is not JSON in UTF-8 (RFC 8259)."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise FetchFailed("the body is not JSON", self.status) from error

    def form(self) -> dict[str, str]:
        """Return the parsed body. Raises FetchFailed if it is no form, or names something twice."""
        try:
            pairs = parse_qsl(
                self.body.decode("ascii"), keep_blank_values=True, strict_parsing=True,
                errors="strict", max_num_fields=_MAX_FIELDS,
            )  # fmt: skip
        except ValueError as error:
            raise FetchFailed("the body is not a form", self.status) from error
        if len(dict(pairs)) != len(pairs):
            raise FetchFailed("the form names something twice", self.status)
        return dict(pairs)

    @property
    def is_form(self) -> bool:
        """Tell whether it is form-encoded by its type."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM


DEFAULT_RULES = FetchRules()
READ = FetchRequest()
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


def policy_for(uri: Uri, rules: FetchRules) -> Policy:
    """Return the library's policy for this one origin, the second wall behind our resolver."""
    extra = _LOOPBACK if uri.scheme == "http" else ()
    return Policy(
        allowed_schemes=frozenset({uri.scheme}),
        allowed_ports=frozenset({port_of(uri)}),
        denied_networks=_NO_SPECIAL_ADDRESS,
        allowed_networks=(*extra, *rules.networks),
        max_connection_attempts=_MAX_CONNECTION_ATTEMPTS,
        max_redirects=0,
    )


def checked_resolver(uri: Uri, rules: FetchRules, for_tests_only: ForTestsOnly) -> Resolver:
    """Return a `getaddrinfo` that refuses a name as soon as one of its addresses is not ours."""
    resolver = for_tests_only.resolver or socket.getaddrinfo

    def resolve(host: str, port: int, *hints: int) -> list[Answer]:
        answers = list(resolver(host, port, *hints))
        for *_, sockaddr in answers:
            if sockaddr[1] != port:
                raise FetchRefused("the resolver answered with another port")
            _check_address(str(sockaddr[0]), uri, rules)
        return answers

    return resolve


def _check_address(text: str, uri: Uri, rules: FetchRules) -> None:
    try:
        address: Address = ip_address(text)
    except ValueError as error:
        raise FetchRefused("the name leads to something that is no address") from error
    if uri.scheme == "http":
        allowed = contains(_LOOPBACK, address)
    else:
        inside = contains(rules.networks, address) and not contains(NEVER, address)
        allowed = is_public(address) or inside
    if not allowed:
        raise FetchRefused(f"the name leads to {address}, which is not a public address")
