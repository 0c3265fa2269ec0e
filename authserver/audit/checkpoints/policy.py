"""What may be signed, and with which time: nothing but what the newest checkpoint grew to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from authserver.audit.checkpoints.values import Checkpoint, Head, Stand
from authserver.audit.sequencing.chain import Grown
from authserver.audit.tree import root_of

_MOMENT = timedelta(microseconds=1)


class InconsistentError(Exception):
    """Signing would say what an earlier signature denies. Nothing is signed any more."""


@dataclass(frozen=True)
class Growth:
    """A tenant's tree at the checkpoint before, the leaves since, and its head now."""

    before: Grown
    leaves: Sequence[bytes]
    now: Head


def check_memory(last: Checkpoint | None, newest: Checkpoint | None) -> None:
    """Refuse to sign again under a number that this process knows to have been signed."""
    if last is None:
        return
    if newest is None or newest.number < last.number:
        raise InconsistentError(f"checkpoint {last.number} was signed, and is gone")
    if newest.number == last.number and newest.root != last.root:
        raise InconsistentError(f"checkpoint {last.number} was signed, and is another one")


def check_newest(newest: Checkpoint, stated: Stand, root: bytes) -> None:
    """Refuse a stored checkpoint that is not what was signed, or from which the log cannot grow."""
    if stated != newest.stand or root != newest.root:
        raise InconsistentError(f"checkpoint {newest.number} is not stored as it was signed")
    if newest.frontier.size != newest.number or newest.frontier.root() != newest.root:
        raise InconsistentError(f"the log does not end with checkpoint {newest.number}")


def check_heads(newest: Checkpoint, before: Sequence[Head], now: Mapping[str, Head]) -> None:
    """Refuse heads that are not those signed before, or that went back. In order of tenants."""
    root = root_of(head.leaf() for head in before)
    if len(before) != newest.heads or root != newest.heads_root:
        raise InconsistentError(f"the heads are not those of checkpoint {newest.number}")
    for head in before:
        later = now.get(head.tenant_id)
        if later is None or later.size < head.size:
            raise InconsistentError(f"the trail of {head.tenant_id} lost events")
        if later.size == head.size and later != head:
            raise InconsistentError(f"the trail of {head.tenant_id} is another one")


def check_growth(growth: Growth) -> None:
    """Refuse a head that is not the one before with the leaves that came since."""
    frontier, _ = growth.before.frontier.grown(growth.leaves)
    chain = growth.before.chained(growth.leaves)
    head = growth.now
    if (frontier.size, frontier.root(), chain) != (head.size, head.root, head.chain):
        raise InconsistentError(f"the trail of {head.tenant_id} did not grow from what was signed")


def time_after(
    newest: Checkpoint | None, now: datetime, *, keys_from: datetime
) -> tuple[datetime, int]:
    """Return the time of the next checkpoint, and by how many whole seconds the clock is behind.

    Checkpoints never go back in time, nor before their keys: while the clock is behind, each is a
    microsecond later than the last.
    """
    at = max(now, keys_from, newest.at + _MOMENT if newest else now)
    return at, (at - now) // timedelta(seconds=1)
