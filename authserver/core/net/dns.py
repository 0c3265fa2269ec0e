"""What stands in the DNS: TXT records, asked for with a time and a size. Errors are no answer.

The answer comes from the machine's resolver, or the one the settings name, which has to be one to
believe: the proof of a domain is worth what its answer is.
"""

from typing import Protocol

SECONDS = 5.0  # for a question, with its repetitions


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
        from authserver.core.net.questions import ask  # noqa: PLC0415  slow, and rarely needed

        return ask(name, self._server, self._seconds)
