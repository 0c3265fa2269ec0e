"""Which redirect URIs a client may register, and which one a request may use (TOP-04).

A request's URI is compared, never interpreted: byte equality with a registered string. The one
exception is RFC 8252 section 7.3: a native app on a loopback address chooses its port at run time.
"""

from collections.abc import Sequence
from typing import Literal
from urllib.parse import unquote_plus

from authserver.core.net.uri import InvalidUri, Uri, parse_uri
from authserver.core.said import said

ClientKind = Literal["web", "spa", "native"]

_LOOPBACK_LITERALS = frozenset({"127.0.0.1", "::1"})
_LOOPBACK_HOSTS = _LOOPBACK_LITERALS | {"localhost"}
# What the authorization response itself adds: a registered copy would shadow or duplicate it.
_RESPONSE_PARAMETERS = frozenset(
    {"code", "state", "iss", "error", "error_description", "error_uri", "response", "id_token"}
    | {"access_token", "token_type", "expires_in", "scope"}
)


def validate_redirect_uri(uri: str, *, kind: ClientKind, allow_http_loopback: bool = False) -> str:
    """Return the URI if a client of this kind may register it (RFC 9700 section 2.1).

    Raises InvalidUri with the reason in plain words. `allow_http_loopback` is for development:
    set it only where the issuer itself is http on a loopback host.
    """
    parsed = parse_uri(uri)
    if parsed.scheme == "http":
        _check_http(parsed, native=kind == "native", allow_http_loopback=allow_http_loopback)
    elif parsed.scheme != "https":
        _check_private_scheme(parsed.scheme, kind)
    names = {unquote_plus(pair.partition("=")[0]) for pair in (parsed.query or "").split("&")}
    if taken := sorted(names & _RESPONSE_PARAMETERS):
        raise InvalidUri(
            said("the query has '%(taken)s', which the answer itself carries", taken=taken[0])
        )
    return uri


def _check_http(uri: Uri, *, native: bool, allow_http_loopback: bool) -> None:
    if native and uri.host in _LOOPBACK_LITERALS:
        return
    if allow_http_loopback and uri.host in _LOOPBACK_HOSTS:
        return
    if native and uri.host == "localhost":
        raise InvalidUri("write 127.0.0.1 or [::1]: the name 'localhost' may lead elsewhere")
    raise InvalidUri("http is not allowed here: use https")


def _check_private_scheme(scheme: str, kind: ClientKind) -> None:
    """Accept `com.example.app:` for native apps (RFC 8252 section 7.1), and no other scheme."""
    if kind != "native":
        raise InvalidUri(
            said("the scheme '%(scheme)s:' is not allowed here: use https", scheme=scheme)
        )
    labels = scheme.split(".")
    if len(labels) == 1 or not all(labels):
        raise InvalidUri(
            said(
                "'%(scheme)s:' is not a domain name in reverse, such as 'com.example.app:'",
                scheme=scheme,
            )
        )


def match_redirect_uri(presented: str, registered: Sequence[str], *, native: bool) -> str | None:
    """Return the URI to redirect to, or None: then there must be no redirect at all."""
    if not presented:
        return None
    if presented in registered:
        return presented
    if native and (wanted := _loopback_key(presented)) is not None:
        return presented if any(_loopback_key(known) == wanted for known in registered) else None
    return None


def _loopback_key(text: str) -> tuple[str, str, str | None] | None:
    """Return what must be equal, the port left out; None if not http on a loopback literal."""
    try:
        uri = parse_uri(text)
    except InvalidUri:
        return None
    if uri.scheme != "http" or uri.host not in _LOOPBACK_LITERALS:
        return None
    return uri.host, uri.path, uri.query


def sector_of(redirect_uris: Sequence[str], sector_identifier_uri: str | None) -> str:
    """Return the host whose clients know people under the same names (OpenID Connect Core 8.1).

    Raises InvalidUri where it is not one host, or a host that everybody's clients may have.
    """
    if not redirect_uris:  # no document at the sector could say that the client belongs to it
        raise InvalidUri("there are none, and without one nobody says who the client belongs to")
    if sector_identifier_uri is not None:
        return _host(sector_identifier_uri)
    hosts = {_host(uri) for uri in redirect_uris}
    if len(hosts) != 1:
        raise InvalidUri("they have several hosts: a sector_identifier_uri has to say which counts")
    return hosts.pop()


def _host(uri: str) -> str:
    parsed = parse_uri(uri)
    if parsed.scheme != "https" or not parsed.host:
        raise InvalidUri("only an https URI says who a client belongs to")
    return parsed.host
