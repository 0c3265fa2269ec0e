"""What a provider publishes of itself: its metadata and its keys, kept for an hour."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from authserver.core.clock import Clock
from authserver.core.net.uri import InvalidUri, parse_uri
from authserver.federation.connectors.base import UpstreamDown
from authserver.federation.connectors.line import Line

Document = Mapping[str, object]

_KEPT = timedelta(hours=1)
_REFETCHED = timedelta(minutes=1)
_REMEMBERED = 1024
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class _Copy:
    document: Document
    read_at: datetime
    asked_again_at: datetime | None = None


class Documents:
    """Copies of what providers publish: each connection has its own, so that none spoils another's.

    Kept in memory, per process.
    """

    def __init__(self, clock: Clock) -> None:
        """Take the clock by which copies grow old."""
        self._clock = clock
        self._lock = threading.Lock()
        self._copies: OrderedDict[tuple[str, str], _Copy] = OrderedDict()

    def read(self, line: Line, url: str) -> Document:
        """Return a document, at most an hour old. Raises UpstreamDown."""
        with self._lock:
            copy = self._copies.get((line.key, url))
        if copy is not None and self._clock.now() - copy.read_at < _KEPT:
            return copy.document
        return self._fetch(line, url, asked_again_at=None)

    def read_again(self, line: Line, url: str) -> Document:
        """Return the document as it is now, or was when it was last asked for again, a minute ago.

        Whoever comes meanwhile has what that brought.
        """
        now = self._clock.now()
        with self._lock:
            copy = self._copies.get((line.key, url))
        again = copy.asked_again_at if copy else None
        if copy and again and now - again < _REFETCHED:
            return copy.document
        return self._fetch(line, url, asked_again_at=now)

    def forget(self, line: Line, url: str) -> None:
        """Drop a copy that nobody can use: what is mended there counts at once."""
        with self._lock:
            self._copies.pop((line.key, url), None)

    def _fetch(self, line: Line, url: str, *, asked_again_at: datetime | None) -> Document:
        document = line.read(url)
        with self._lock:
            self._copies.pop((line.key, url), None)
            self._copies[line.key, url] = _Copy(document, self._clock.now(), asked_again_at)
            if len(self._copies) > _REMEMBERED:
                self._copies.popitem(last=False)
        return document


@dataclass(frozen=True)
class Metadata:
    """What of the discovery document is used (OpenID Connect Discovery section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    auth_methods: tuple[str, ...]
    algorithms: tuple[str, ...]
    scopes: tuple[str, ...] | None
    says_iss: bool


def discover(documents: Documents, line: Line, base: str, *, issuer: str) -> Metadata:
    """Return the metadata below `base`, whose issuer must be this one, byte for byte.

    Raises UpstreamDown: who configures is wrong, or the provider is, and nobody can sign in.
    """
    url = base.rstrip("/") + _WELL_KNOWN
    try:
        return _metadata(documents.read(line, url), base, issuer=issuer)
    except UpstreamDown:
        documents.forget(line, url)
        raise


def _metadata(document: Document, base: str, *, issuer: str) -> Metadata:
    if document.get("issuer") != issuer:
        raise UpstreamDown("discovery: the issuer is another one")
    supported, userinfo = document.get("scopes_supported"), document.get("userinfo_endpoint")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        issuer=issuer,
        authorization_endpoint=_browser_url(_text(document, "authorization_endpoint"), base),
        token_endpoint=_text(document, "token_endpoint"),
        jwks_uri=_text(document, "jwks_uri"),
        userinfo_endpoint=userinfo if isinstance(userinfo, str) else None,
        auth_methods=_texts(methods),
        algorithms=_texts(document.get("id_token_signing_alg_values_supported")),
        scopes=_texts(supported) if supported is not None else None,
        says_iss=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _browser_url(url: str, base: str) -> str:
    """Return where browsers are sent: unlike our own requests, theirs are checked nowhere else.

    They go by https, or as discovery itself did: by http to this machine, in development.
    """
    try:
        uri, own = parse_uri(url), parse_uri(base)
    except InvalidUri as error:
        raise UpstreamDown(f"discovery: the authorization endpoint is refused: {error}") from error
    if uri.scheme != "https" and (uri.scheme, uri.host) != (own.scheme, own.host):
        raise UpstreamDown("discovery: the authorization endpoint is not https")
    return url


def _text(document: Document, name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        raise UpstreamDown(f"discovery: there is no {name}")
    return value


def _texts(value: object) -> tuple[str, ...]:
    items: Iterable[object] = value if isinstance(value, list) else ()
    return tuple(item for item in items if isinstance(item, str))
