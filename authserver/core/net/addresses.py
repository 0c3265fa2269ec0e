"""Addresses and host names: one strict reading of each, used by every check that names a place.

Three traps are shut here and nowhere else. An IPv4 address may arrive dressed as IPv6
(`::ffff:10.0.0.1`), which no IPv4 network contains. The system resolver reads `127.1`, `0x7f.1`
and `2130706433` as 127.0.0.1. `ipaddress` counts NAT64 and 6to4 forms of inner addresses as global.
"""

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import idna

from authserver.core.said import reason, said

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_MAX_ADDRESS_TEXT = 45
_MAX_NETWORK_TEXT = 49
_MAX_HOST_NAME = 253
_MAX_LABEL = 63
_MAX_PORT = 65_535
_MAPPED_BITS = 96
_DIGITS = frozenset(string.digits)
_LABEL_CHARACTERS = frozenset(string.ascii_lowercase + string.digits + "-")
_HERE = IPv4Address("127.0.0.1")
_NOWHERE = IPv4Address(0)

_ALL_IPV6_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's platform endpoint, public in form only
        "169.254.0.0/16",  # link-local, and the metadata services of the clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "2001::/23",  # Teredo, ORCHID, benchmarking and the other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)


class InvalidAddress(ValueError):  # noqa: N818  the plain words in it are the message
    """The text is not an IP address or network that everybody reads the same way."""


class InvalidHostName(ValueError):  # noqa: N818  the same
    """The text is not a DNS host name in its one canonical spelling."""


def unwrap(address: Address) -> Address:
    """Return the IPv4 address inside an IPv4-mapped IPv6 address, or the address itself."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def parse_address(text: str) -> Address:
    """Return the address that `text` spells; zone ids, leading zeros and short forms are refused.

    Raises InvalidAddress. An IPv4-mapped address comes back as IPv4.
    """
    if len(text) > _MAX_ADDRESS_TEXT or not text.isascii() or "%" in text:
        raise InvalidAddress("not an IP address")
    try:
        return unwrap(ip_address(text))
    except ValueError as error:
        raise InvalidAddress("not an IP address") from error


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks in CIDR notation; a bare address is a network of one.

    Raises InvalidAddress for host bits, net masks, zone ids and anything else.
    """
    return tuple(_parse_network(text) for text in texts)


def _parse_network(text: str) -> Network:
    base, slash, prefix = text.partition("/")
    written = prefix.isascii() and prefix.isdigit() and str(int(prefix[:4])) == prefix
    if len(text) > _MAX_NETWORK_TEXT or "%" in base or (slash and not written):
        raise InvalidAddress(said("%(text)r is not a network in CIDR notation", text=text[:64]))
    try:
        network = ip_network(text, strict=True)
    except ValueError as error:
        raise InvalidAddress(
            said(
                "%(text)r is not a network in CIDR notation: %(why)s", text=text, why=reason(error)
            )
        ) from error
    inner = unwrap(network.network_address)
    if isinstance(network, IPv6Network) and isinstance(inner, IPv4Address):
        # At least 96 bits long: a shorter prefix would have left host bits behind.
        return IPv4Network((inner, network.prefixlen - _MAPPED_BITS))
    return network


def contains(networks: Iterable[Network], address: Address) -> bool:
    """Tell whether any of the networks holds the address, mapped forms unwrapped."""
    plain = unwrap(address)
    return any(plain.version == network.version and plain in network for network in networks)


def is_public(address: Address) -> bool:
    """Tell whether the address is global unicast and hides no other address (TOP-14).

    The address is judged as it stands: a mapped, translated or tunnelled form is never public.
    """
    if isinstance(address, IPv6Address) and address not in _ALL_IPV6_UNICAST:
        return False
    return address.is_global and not contains(_NOT_PUBLIC, address)


def check_host_name(text: str) -> None:
    """Raise InvalidHostName, in plain words, unless `text` is a lower-case ASCII DNS name.

    No trailing dot, no empty label, no last label that a resolver would read as a number.
    """
    if not text or len(text) > _MAX_HOST_NAME:
        raise InvalidHostName("the host name is empty or longer than 253 characters")
    labels = text.split(".")
    for label in labels:
        _check_label(label)
    if _looks_numeric(labels[-1]):
        raise InvalidHostName("the host is a number, but not an IPv4 address written in full")


def _check_label(label: str) -> None:
    if not label:
        raise InvalidHostName("the host name has an empty label or ends with a dot")
    if not _LABEL_CHARACTERS.issuperset(label):
        raise InvalidHostName("the host name has a character other than a-z, 0-9, '-' and '.'")
    if len(label) > _MAX_LABEL or label[0] == "-" or label[-1] == "-":
        raise InvalidHostName("a label of the host name is too long or begins or ends with '-'")
    if label[:4] == "xn--":
        try:
            idna.ulabel(label)
        except (idna.IDNAError, UnicodeError) as error:
            raise InvalidHostName("the host name has an invalid 'xn--' label") from error


def _looks_numeric(label: str) -> bool:
    """Follow the URL standard: digits alone or a hexadecimal number end a host as IPv4."""
    return _DIGITS.issuperset(label) or (
        label[:2] == "0x" and frozenset(string.hexdigits).issuperset(label[2:])
    )


@dataclass(frozen=True)
class Proxies:
    """Whom we believe about clients, and the headers they say it in; "" is none of them."""

    networks: tuple[Network, ...] = ()
    address_header: str = "X-Forwarded-For"
    certificate_header: str = ""


@dataclass(frozen=True, slots=True)
class ClientAddress:
    """Where a request comes from, and whether a trusted proxy said something unreadable."""

    address: Address
    malformed: bool = False


def client_address(
    peer: str, forwarded_for: Sequence[str], trusted: Sequence[Network]
) -> ClientAddress:
    """Return the right-most hop that no trusted proxy accounts for (TOP-15).

    `peer` is the other end of the socket, `forwarded_for` the X-Forwarded-For lines in order.
    A hop that cannot be read gives the peer's address and `malformed`: record it, skip no check.
    """
    try:
        direct = _peer_address(peer)
    except InvalidAddress:
        return ClientAddress(_NOWHERE, malformed=True)
    nearest = direct
    hops = [hop for line in forwarded_for if line.strip() for hop in line.split(",")]
    for hop in reversed(hops):
        if not contains(trusted, nearest):
            break
        try:
            nearest = _hop_address(hop.strip(" \t"))
        except InvalidAddress:
            return ClientAddress(direct, malformed=True)
    return ClientAddress(nearest)


def is_trusted(peer: str, trusted: Sequence[Network]) -> bool:
    """Tell whether the other end of a connection is a trusted proxy."""
    try:
        return contains(trusted, _peer_address(peer))
    except InvalidAddress:
        return False


def _peer_address(peer: str) -> Address:
    """Read the server's own word: a unix socket is this machine, a zone is the kernel's."""
    if not peer or peer.startswith("unix:"):
        return _HERE
    return _hop_address(peer.partition("%")[0])


def _hop_address(hop: str) -> Address:
    """Read an address with an optional port, IPv6 with a port only in brackets (RFC 7239 6)."""
    if hop.startswith("["):
        host, bracket, rest = hop[1:].partition("]")
        if not bracket or ":" not in host or (rest and rest[0] != ":"):
            raise InvalidAddress("not an address with a port")
        return _with_port(host, rest[1:] if rest else None)
    if hop.count(":") == 1:
        host, _, port = hop.partition(":")
        return _with_port(host, port)
    return parse_address(hop)


def _with_port(host: str, port: str | None) -> Address:
    if port is not None and parse_port(port) is None:
        raise InvalidAddress("not a port")
    return parse_address(host)


def parse_port(text: str) -> int | None:
    """Return the port that `text` spells in decimal without leading zeros, 1 to 65535, or None."""
    if not 1 <= len(text) <= len(str(_MAX_PORT)) or not _DIGITS.issuperset(text) or text[0] == "0":
        return None
    port = int(text)
    return port if port <= _MAX_PORT else None
