"""A strict reader of absolute URIs, for addresses that somebody registers with this server.

It refuses whatever two programs could read differently, in linear time and without repairing
anything: the text that passes is the text that is stored, compared and used (RFC 3986, RFC 9700
section 4.1.3). The standard library's parsers drop tabs, `;params` and parts of the authority.
"""

import string
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from authserver.core.net.addresses import InvalidHostName, check_host_name, parse_port
from authserver.core.said import said

MAX_LENGTH = 2048
DEFAULT_PORTS = {"http": 80, "https": 443}

_SCHEME = frozenset(string.ascii_lowercase + string.digits + "+-.")
_HEX = frozenset(string.hexdigits)
_UNRESERVED = string.ascii_letters + string.digits + "-._~"
# RFC 3986 allows "*" too: it is refused, because to some server it would be a wildcard.
_PATH = frozenset(_UNRESERVED + "!$&'()+,;=" + ":@/%")
_QUERY = _PATH | {"?"}
_HIDDEN_IN_PATH = frozenset("/\\%")


class InvalidUri(ValueError):  # noqa: N818  the plain words in it are the message
    """The URI is refused; the message says why, for the person who registers it."""


@dataclass(frozen=True, slots=True)
class Uri:
    """An absolute URI in its parts, nothing decoded. `host` is empty where there is none.

    An IPv6 host stands without its brackets. `port` and `query` are None where not written.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    query: str | None
    raw: str

    @property
    def authority(self) -> str:
        """Return the host, in brackets if IPv6, with the port where one is written."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Return `scheme://host[:port]`, as a content security policy writes it."""
        return f"{self.scheme}://{self.authority}"


def parse_uri(text: str) -> Uri:
    """Return the parts of an absolute URI. Raises InvalidUri with the reason in plain words."""
    _check_text(text)
    scheme, rest = _split_scheme(text)
    before_query, mark, query = rest.partition("?")
    if mark:
        _check_query(query)
    authority, path = _split_authority(before_query)
    if scheme in DEFAULT_PORTS and authority is None:
        raise InvalidUri(said("'%(scheme)s:' must be followed by '//' and a host", scheme=scheme))
    if authority is None and not path.startswith("/"):
        raise InvalidUri("the scheme must be followed by a path that begins with '/'")
    host, port = ("", None) if authority is None else _split_port(authority)
    if authority is not None:
        _check_host(host)
    if port is not None and port == DEFAULT_PORTS.get(scheme):
        raise InvalidUri(said("the port %(port)s is the default: leave it out", port=port))
    _check_path(path)
    return Uri(scheme, host.strip("[]"), port, path, query if mark else None, text)


def _check_text(text: str) -> None:
    """Refuse what no part of a URI may hold, before anything is taken apart."""
    if not text or len(text) > MAX_LENGTH:
        raise InvalidUri("it is empty or longer than 2048 characters")
    if not text.isascii():
        raise InvalidUri("it has a character outside ASCII; write the host with 'xn--' labels")
    if any(character <= " " or character == "\x7f" for character in text):
        raise InvalidUri("it has a space or a control character")
    for character, name in (
        ("\\", said("a backslash")),
        ("#", said("a fragment ('#')")),
        ("*", said("a wildcard")),
    ):
        if character in text:
            raise InvalidUri(said("it has %(name)s", name=name))


def _split_scheme(text: str) -> tuple[str, str]:
    scheme, colon, rest = text.partition(":")
    if not colon or not scheme:
        raise InvalidUri("it does not begin with a scheme such as 'https:'")
    if not _SCHEME.issuperset(scheme) or scheme[0] not in string.ascii_lowercase:
        raise InvalidUri("the scheme may hold only a-z, 0-9, '+', '-' and '.', in lower case")
    return scheme, rest


def _split_authority(rest: str) -> tuple[str | None, str]:
    """Return the authority, None where none is written, and the path."""
    if rest[:2] != "//":
        return None, rest
    authority, slash, path = rest[2:].partition("/")
    if not authority:
        raise InvalidUri("the host is missing")
    if "@" in authority:
        raise InvalidUri("it has a user name or password before the host ('@')")
    return authority, slash + path


def _split_port(authority: str) -> tuple[str, int | None]:
    host, colon, digits = authority.rpartition(":")
    if not colon or "]" in digits:
        return authority, None
    port = parse_port(digits)
    if port is None:
        raise InvalidUri("the port is not a number from 1 to 65535 without leading zeros")
    return host, port


def _check_host(host: str) -> None:
    """Accept a DNS name, an IPv4 address written in full, or an IPv6 address in brackets."""
    if host[:1] == "[":
        _check_ipv6(host)
        return
    if set(host) <= set(string.digits + "."):
        try:
            IPv4Address(host)
        except ValueError as error:
            raise InvalidUri("the host is a number, but not an IPv4 address in full") from error
        return
    try:
        check_host_name(host)
    except InvalidHostName as error:
        raise InvalidUri(str(error)) from error


def _check_ipv6(host: str) -> None:
    inner = host[1:-1]
    try:
        address = IPv6Address(inner)
    except ValueError as error:
        raise InvalidUri("the host in brackets is not an IPv6 address") from error
    if host[-1] != "]" or "%" in inner or str(address) != inner or address.ipv4_mapped is not None:
        raise InvalidUri("the IPv6 address is not in its shortest form, or hides another address")


def _check_path(path: str) -> None:
    if not _PATH.issuperset(path):
        raise InvalidUri("the path has a character that must be percent-encoded")
    for segment in path.split("/"):
        decoded = _decode(segment)
        if not _HIDDEN_IN_PATH.isdisjoint(decoded):
            raise InvalidUri("the path has an encoded '/', '\\' or '%'")
        # "..;" too: servers that strip path parameters read it as "..".
        if decoded.partition(";")[0] in {".", ".."}:
            raise InvalidUri("the path has a '.' or '..' segment")


def _check_query(query: str) -> None:
    if not query:
        raise InvalidUri("it ends with an empty query ('?')")
    if not _QUERY.issuperset(query):
        raise InvalidUri("the query has a character that must be percent-encoded")
    _decode(query)


def _decode(text: str) -> str:
    """Undo percent-encoding once, refusing broken and control-character sequences."""
    head, *encoded = text.split("%")
    parts = [head]
    for piece in encoded:
        if len(piece) < len("2F") or not _HEX.issuperset(piece[:2]):
            raise InvalidUri("a '%' is not followed by two hexadecimal digits")
        character = chr(int(piece[:2], 16))
        if character < " " or character == "\x7f":
            raise InvalidUri("it has an encoded control character")
        parts += character, piece[2:]
    return "".join(parts)
