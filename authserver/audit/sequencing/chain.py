"""The chain of a tenant's events, and how far its tree has grown, pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from authserver.audit.tree import HASH, Frontier

FIRST_CHAIN = bytes(HASH)


@dataclass(frozen=True)
class Grown:
    """A tenant's tree: how many events have numbers, the chain until the last, the frontier."""

    chain: bytes = FIRST_CHAIN
    frontier: Frontier = field(default_factory=Frontier)

    @property
    def size(self) -> int:
        """Return how many events have numbers."""
        return self.frontier.size

    def chains(self, leaves: Iterable[bytes]) -> Iterator[bytes]:
        """Give the chain until each of the leaves that follow."""
        chain = self.chain
        for seq, leaf in enumerate(leaves, self.size + 1):
            chain = chained(chain, seq, leaf)
            yield chain

    def chained(self, leaves: Iterable[bytes]) -> bytes:
        """Return the chain until the last of the leaves that follow."""
        chain = self.chain
        for chain in self.chains(leaves):  # noqa: B007  the last one is wanted
            pass
        return chain


def chained(chain: bytes, seq: int, leaf: bytes) -> bytes:
    """Return the hash of all until an event, with it."""
    return sha256(b"\x02" + chain + seq.to_bytes(8, "big") + leaf).digest()
