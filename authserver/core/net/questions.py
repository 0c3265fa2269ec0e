"""One question to a resolver, by dnspython: a program that asks nothing does not wait for it."""

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from authserver.core.net.dns import DnsFailed
from authserver.settings.addresses import parse_name_server

_ONE_TRY = 2.0
MAX_RECORDS = 64
MAX_BYTES = 16 * 1024


def ask(name: str, server: str, seconds: float) -> tuple[str, ...]:
    """Return the texts of the TXT records at a name. Raises DnsFailed."""
    try:
        asked = dns.name.from_text(name, origin=dns.name.root)
        answer = _stub(server).resolve(
            asked, dns.rdatatype.TXT, search=False, raise_on_no_answer=False, lifetime=seconds
        )
    except dns.resolver.NXDOMAIN:
        return ()
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise DnsFailed(f"the DNS gave no answer: {type(error).__name__}") from error
    if answer.rrset is None or answer.canonical_name != asked:
        return ()
    return _texts([b"".join(record.strings) for record in answer.rrset])


def _stub(server: str) -> dns.resolver.Resolver:
    stub = dns.resolver.Resolver(configure=not server)
    if server:
        address, port = parse_name_server(server)
        stub.nameservers, stub.port = [address], port
    stub.timeout = _ONE_TRY
    stub.cache = None
    return stub


def _texts(found: list[bytes]) -> tuple[str, ...]:
    """Return what is ASCII: nothing that is looked for is anything else."""
    if len(found) > MAX_RECORDS or sum(map(len, found)) > MAX_BYTES:
        raise DnsFailed("the DNS answered with more than a domain's records have")
    return tuple(text.decode() for text in found if text.isascii())
