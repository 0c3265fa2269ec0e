"""Writing a bundle: it ends where the newest checkpoint ends, so that all of it can be proved.

What it says does not change any more, so it is read in short transactions, one after the other: a
file of ten million events holds none of them open, and can be gone on with from any number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from authserver.audit.bundles import lines
from authserver.audit.checkpoints.keys import TrailKeys
from authserver.audit.checkpoints.reading import CheckpointReader, NoCheckpointError
from authserver.audit.checkpoints.values import HeadProof
from authserver.audit.models import EMPTY, AuditEvent
from authserver.audit.sequencing.proofs import TenantProofs
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Refused

AT_ONCE = 1_000


@dataclass(frozen=True)
class Plan:
    """Which events of whom, and the checkpoints that prove them, the newest last."""

    tenant_id: str
    first: int
    last: int
    checkpoints: tuple[int, ...]

    @property
    def events(self) -> int:
        """Return how many events it has."""
        return self.last - self.first + 1


class BundleWriter:
    """Writes bundles."""

    def __init__(
        self, keys: TrailKeys, checkpoints: CheckpointReader, proofs: TenantProofs
    ) -> None:
        """Take what has the keys, and what reads checkpoints and proofs."""
        self._keys = keys
        self._checkpoints = checkpoints
        self._proofs = proofs

    def plan(
        self,
        transaction: Transaction,
        tenant_id: str,
        *,
        since: int | None = None,
        also: Sequence[int] = (),
    ) -> Plan:
        """Return what a bundle has: all events until now, or those after a checkpoint.

        `also` are numbers of checkpoints to be in it, for comparison with what was kept elsewhere;
        those that do not exist are passed over. Raises Refused where no checkpoint has the tenant,
        or it is not in that one.
        """
        try:
            newest = self._checkpoints.newest(transaction).number
            last = self._checkpoints.head(transaction, tenant_id, newest).head.size
            first = 1
            if since is not None:
                first += self._checkpoints.head(transaction, tenant_id, since).head.size
        except NoCheckpointError as error:
            raise Refused("No such checkpoint covers the trail yet: try in a minute.") from error
        chosen = {newest, *([since] if since else []), *(one for one in also if 0 < one < newest)}
        return Plan(tenant_id, first, last, tuple(sorted(chosen)))

    def beginning(self, transaction: Transaction, plan: Plan) -> Iterator[bytes]:
        """Give the lines before the events. Raises MissingError where the trail has a hole."""
        origin = self._keys.origin(transaction)
        yield lines.bundle(plan.tenant_id, origin, plan.first, last=plan.last)
        yield from lines.keys(self._keys.published(transaction))
        for number in plan.checkpoints:
            one = self._checkpoints.one(transaction, number)
            yield lines.checkpoint(one, self._checkpoints.in_log(transaction, number))
        yield from (lines.head(head) for head in self._heads(transaction, plan))
        for old, new in pairwise(plan.checkpoints):
            proof = self._checkpoints.consistency(transaction, old, new)
            yield lines.consistency(old, new, proof)
        if plan.first > 1:
            yield self._start(transaction, plan)

    def _heads(self, transaction: Transaction, plan: Plan) -> Iterator[HeadProof]:
        for number in plan.checkpoints:
            try:
                head = self._checkpoints.head(transaction, plan.tenant_id, number)
            except NoCheckpointError:
                continue  # the tenant had no events then
            if head.head.size >= plan.first - 1:
                yield head

    def _start(self, transaction: Transaction, plan: Plan) -> bytes:
        before = plan.first - 1
        query = select(AuditEvent.chain).where(AuditEvent.seq == before)
        chain = transaction.tenant(plan.tenant_id).scalar(query) or b""
        return lines.start(chain, self._proofs.frontier(transaction, plan.tenant_id, before))

    def events(self, transaction: Transaction, plan: Plan, *, first: int, most: int) -> list[bytes]:
        """Return the lines of the next events from a number on; none behind the last."""
        until = min(plan.last, first + most - 1)
        query = (
            select(AuditEvent.seq, AuditEvent.body, AuditEvent.chain, AuditEvent.leaf)
            .where(AuditEvent.seq >= first, AuditEvent.seq <= until)
            .order_by(AuditEvent.seq)
        )
        rows = transaction.tenant(plan.tenant_id).execute(query).all()
        return [_line(row) for row in rows]

    def lines(self, database: Database, plan: Plan) -> Iterator[bytes]:
        """Give a whole bundle."""
        with database.read() as view:
            yield from [*self.beginning(view, plan)]
        tombstones = 0
        for first in range(plan.first, plan.last + 1, AT_ONCE):
            with database.read() as view:
                found = self.events(view, plan, first=first, most=AT_ONCE)
            tombstones += sum(map(lines.is_tombstone, found))
            yield from found
        yield lines.end(plan.events - tombstones, tombstones)


def _line(row: Any) -> bytes:  # noqa: ANN401  a row of the query
    chain = row.chain or b""  # whoever took it is told by who verifies
    if row.body == EMPTY:
        return lines.tombstone(row.seq, row.leaf, chain)
    return lines.event(row.seq, row.body, chain)
