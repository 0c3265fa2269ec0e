"""How many wrong user codes may come from where (RFC 8628 section 5.1).

Counted before anything is compared, in rows that every process shares and that no new try begins
anew. A right code takes back its own count and no other: whoever has a device of their own would
get new guesses with each of its codes.
"""

import ipaddress
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint
from authserver.core.problems import TooManyRequests
from authserver.oauth.device import statements

WINDOW = timedelta(minutes=15)
# By version: one household or server; and one street or hosting company, which has more of all.
_OWN_PREFIX = {4: 32, 6: 64}
_NEIGHBOURS_PREFIX, _NEIGHBOURS = {4: 24, 6: 48}, 10
_EVERYBODY = 200


class TooManyUserCodes(TooManyRequests):
    """Too many wrong codes came from there; right ones are not looked at either."""

    code = "too_many_user_codes"


class Source(NamedTuple):
    """Whose failures are counted together, and how many there may be."""

    name: str
    most: int


class Guesses:
    """Counts entries."""

    def __init__(self, most: int) -> None:
        """Take how many wrong codes one address has."""
        self._most = most

    def sources(self, address: str) -> tuple[Source, ...]:
        """Return what an entry from an address counts for, in the order of its locks."""
        own, neighbours = _networks(address)
        return (
            Source(own, self._most),
            Source(neighbours, self._most * _NEIGHBOURS),
            Source("everybody", self._most * _EVERYBODY),
        )

    def count(self, transaction: Transaction, address: str, now: datetime) -> bool:
        """Count an entry; True if it was the last one. Raises TooManyUserCodes."""
        last = False
        for source in self.sources(address):
            wanted = {"source_hash": _name(source)}
            values = {**wanted, "ends_at": now + WINDOW, "now": now}
            transaction.change(statements.COUNT_USER_CODE, values)
            row = transaction.row(statements.USER_CODE_COUNTER, wanted)
            if row is None:
                raise LookupError("the counter was just written")
            if row["failures"] > source.most:
                raise _too_many(row["ends_at"] - now)
            last = last or row["failures"] == source.most
        return last

    def forgive(self, transaction: Transaction, address: str) -> None:
        """Take the count of one entry back: its code was right."""
        for source in self.sources(address):
            transaction.change(statements.FORGIVE_USER_CODE, {"source_hash": _name(source)})


def _too_many(left: timedelta) -> TooManyUserCodes:
    return TooManyUserCodes(
        "There were too many wrong codes.",
        detail="user codes from one network",
        headers={"Retry-After": str(max(1, ceil(left.total_seconds())))},
    )


def _name(source: Source) -> bytes:
    return fingerprint(source.name, "user code source")


def _networks(address: str) -> Iterator[str]:
    ip = ipaddress.ip_address(address)
    for prefix in (_OWN_PREFIX, _NEIGHBOURS_PREFIX):
        length = prefix[ip.version]
        yield str(ipaddress.ip_network((address, length), strict=False))
