"""What stands in the DNS: TXT records, asked for with a time and a size. Errors are no answer.

The answer comes from the machine's resolver, or the one the settings name, which has to be one to
believe: the proof of a domain is worth what its answer is.
"""

from functools import cached_property
from typing import Protocol

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from authserver.settings.addresses import parse_name_server

SECONDS = 5.0  # for a question, with its repetitions
_ONE_TRY = 2.0
MAX_RECORDS = 64
MAX_BYTES = 16 * 1024


class DnsFailed(Exception):  # noqa: N818  an outcome
    """Nobody knows what stands there now. The text is in plain words."""


class Resolver(Protocol):
    """Asks for records. May take seconds: never in a job."""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of the TXT records at a name, none where there are none.

        An alias (CNAME) is none: what it leads to may become somebody else's. Raises DnsFailed.
        """


class DnsResolver:
    """Asks a resolver by DNS: the one that is named, or those of the machine."""

    def __init__(self, server: str = "", *, seconds: float = SECONDS) -> None:
        """Take the server as the settings have it; empty is what the machine uses."""
        self._server = server
        self._seconds = seconds

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of the TXT records at a name."""
        try:
            asked = dns.name.from_text(name, origin=dns.name.root)
            answer = self._stub.resolve(
                asked,
                dns.rdatatype.TXT,
                search=False,
                raise_on_no_answer=False,
                lifetime=self._seconds,
            )
        except dns.resolver.NXDOMAIN:
            return ()
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise DnsFailed(f"the DNS gave no answer: {type(error).__name__}") from error
        if answer.rrset is None or answer.canonical_name != asked:
            return ()
        return _texts([b"".join(record.strings) for record in answer.rrset])

    @cached_property
    def _stub(self) -> dns.resolver.Resolver:
        stub = dns.resolver.Resolver(configure=not self._server)
        if self._server:
            address, port = parse_name_server(self._server)
            stub.nameservers, stub.port = [address], port
        stub.timeout = _ONE_TRY
        stub.cache = None
        return stub


def _texts(found: list[bytes]) -> tuple[str, ...]:
    """Return what is ASCII: nothing that is looked for is anything else."""
    if len(found) > MAX_RECORDS or sum(map(len, found)) > MAX_BYTES:
        raise DnsFailed("the DNS answered with more than a domain's records have")
    return tuple(text.decode() for text in found if text.isascii())
