"""Networks, and a DNS resolver by its address: a name would need a resolver to be found."""

from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_DOMAIN = 53
_WORDS = "must be an IP address, with a port if it is not 53"


def parse_name_server(text: str) -> tuple[str, int]:
    """Return address and port of `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:5353`.

    Raises ValueError.
    """
    try:
        parts = urlsplit(f"//{text}")
        address, port = ip_address(parts.hostname or ""), parts.port
    except ValueError as error:
        raise ValueError(_WORDS) from error
    host = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
    if port == 0 or text not in {host, f"{host}:{port}"}:
        raise ValueError(_WORDS)
    return str(address), port or _DOMAIN


def name_server(text: str) -> str:
    """Return the text of a setting, empty for the machine's own resolver. Raises ValueError."""
    if text:
        parse_name_server(text)
    return text


def networks(text: str) -> tuple[str, ...]:
    """Return networks in CIDR notation, with commas between. Raises ValueError."""
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    for part in parts:
        ip_network(part)
    return parts
