"""What single values of client metadata may be. Values in, decision out."""

from collections.abc import Sequence

from authserver.clients.policy import UnfitRegistration
from authserver.core.net.uri import InvalidUri, Uri, parse_uri
from authserver.core.said import reason, said

MAX_ENTRIES = 100
MAX_TEXT = 255
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TEN_YEARS = 10 * 366 * 24 * 3600
_FRAGMENT = 256  # a SHA-256 in base64url has 43 characters


def check_url(name: str, url: str, *, allow_http_loopback: bool) -> Uri:
    """Return an address that is called, or where people are sent: https. Raises UnfitRegistration.

    http on loopback is for development.
    """
    try:
        uri = parse_uri(url)
    except InvalidUri as error:
        raise UnfitRegistration(
            said("'%(name)s' %(url)r is refused: %(why)s.", name=name, url=url, why=reason(error))
        ) from error
    loopback = allow_http_loopback and uri.scheme == "http" and uri.host in _LOOPBACK
    if uri.scheme != "https" and not loopback:
        raise UnfitRegistration(said("'%(name)s' %(url)r is not https.", name=name, url=url))
    return uri


def check_request_uri(url: str, *, allow_http_loopback: bool) -> None:
    """Accept where a request object is; its hash may follow as a fragment (OIDC Core 6.2)."""
    address, mark, fragment = url.partition("#")
    check_url("request_uris", address, allow_http_loopback=allow_http_loopback)
    plain = fragment.replace("-", "").replace("_", "").rstrip("=")
    if mark and not (plain.isascii() and plain.isalnum() and len(fragment) <= _FRAGMENT):
        raise UnfitRegistration("The fragment of one of 'request_uris' is no hash in base64url.")


def check_one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    """Accept one of the values that this server offers."""
    if value not in allowed:
        raise UnfitRegistration(
            said(
                "'%(name)s' is one of %(allowed)s; %(value)r is not.",
                name=name,
                allowed=", ".join(allowed),
                value=value,
            )
        )


def check_texts(name: str, texts: Sequence[str], *, most: int, longest: int = MAX_TEXT) -> None:
    """Accept a few short texts without control characters."""
    if len(texts) > most:
        raise UnfitRegistration(
            said("'%(name)s' has more than %(most)s entries.", name=name, most=most)
        )
    for text in texts:
        if not text.strip() or len(text) > longest or not text.isprintable():
            raise UnfitRegistration(
                said(
                    "'%(name)s' has 1 to %(longest)s printable characters each.",
                    name=name,
                    longest=longest,
                )
            )


def check_age(name: str, seconds: int) -> None:
    """Accept a number of seconds."""
    if not 0 <= seconds <= _TEN_YEARS:
        raise UnfitRegistration(said("'%(name)s' is a number of seconds, 0 or more.", name=name))
