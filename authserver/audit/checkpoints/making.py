"""Making a checkpoint: what the trail is now, checked against what was signed, and signed.

The signer reads the newest checkpoint anew each time, verifies its own signature on it, and grows
from it the tenants' trees and the log with what was written since. What does not come out as it is
stored is not signed, now or later: that checkpoints are missing is itself a sign (AUD-03, AUD-05).
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from authserver.audit.checkpoints import note, statements
from authserver.audit.checkpoints.keys import TrailKeys
from authserver.audit.checkpoints.policy import (
    Growth,
    InconsistentError,
    check_growth,
    check_heads,
    check_memory,
    check_newest,
    time_after,
)
from authserver.audit.checkpoints.reading import heads_at, heads_now, newest_of
from authserver.audit.checkpoints.values import Checkpoint, Head, Stand
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.sequencing.chain import Grown
from authserver.audit.sequencing.proofs import leaves
from authserver.audit.service import Trail
from authserver.audit.tree import Frontier, Node, root_of
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id

_Heads = Sequence[tuple[Head, Grown]]


class CheckpointMaker:
    """Signs checkpoints, in a transaction of who leads."""

    def __init__(
        self,
        keys: TrailKeys,
        trail: Trail,
        clock: Clock,
        *,
        check: Callable[[Transaction], None] = lambda _: None,
    ) -> None:
        """Take what signs, what tells that a clock went back, and the time.

        `check` raises InconsistentError where an anchor knows another history.
        """
        self._keys = keys
        self._trail = trail
        self._clock = clock
        self._check_anchors = check
        self._last: Checkpoint | None = None

    def remember(self, made: Checkpoint) -> None:
        """Know what was signed, when it is durable: a database that forgets it is not signed."""
        self._last = made

    def make(self, transaction: Transaction) -> Checkpoint:
        """Sign the trail as it is now. Raises InconsistentError."""
        newest, now = newest_of(transaction), heads_now(transaction)
        check_memory(self._last, newest)
        self._check_anchors(transaction)
        signers = self._keys.signers(transaction)
        before: _Heads = heads_at(transaction, newest.number) if newest else []
        if newest:
            self._check(transaction, newest, before=before, now=now)
        keys_from = max(key.signs_from for key in self._keys.published(transaction))
        made, kept = self._next(newest, [head for head, _ in now], keys_from=keys_from)
        text = note.Statement(signers[0].verifier.name, made.stand, made.root).text()
        signed = note.written(text, [signer.sign(text) for signer in signers])
        _store(transaction, made, kept, note=signed)
        known = {head.tenant_id: head for head, _ in before}
        for head, grown in now:
            if known.get(head.tenant_id) != head:
                _store_head(transaction, made.number, head, grown=grown)
        if made.clock_behind and not (newest and newest.clock_behind):
            self._tell(transaction, made)
        return made

    def _check(
        self, transaction: Transaction, newest: Checkpoint, *, before: _Heads, now: _Heads
    ) -> None:
        self._check_signature(transaction, newest)
        heads = {head.tenant_id: head for head, _ in now}
        check_heads(newest, [head for head, _ in before], heads)
        grew = {head.tenant_id: grown for head, grown in before}
        for head in heads.values():
            since = grew.get(head.tenant_id, Grown())
            if head.size > since.size:
                found = leaves(transaction, head.tenant_id, first=since.size + 1, last=head.size)
                check_growth(Growth(since, [found[seq] for seq in sorted(found)], head))

    def _check_signature(self, transaction: Transaction, newest: Checkpoint) -> None:
        try:
            signed = note.read(newest.note)
            stated = note.stated(signed.text)
        except note.NoteError as error:
            raise InconsistentError(f"checkpoint {newest.number} is no checkpoint") from error
        keys = self._keys.published(transaction)
        if not any(key.verifier.signed(signed) for key in keys if key.signs_at(newest.at)):
            raise InconsistentError(f"checkpoint {newest.number} was not signed by our keys")
        check_newest(newest, stated.stand, stated.root)

    def _next(
        self, newest: Checkpoint | None, heads: Sequence[Head], *, keys_from: datetime
    ) -> tuple[Checkpoint, list[Node]]:
        at, behind = time_after(newest, self._clock.now(), keys_from=keys_from)
        root = root_of(head.leaf() for head in heads)
        stand = Stand((newest.number if newest else 0) + 1, at, len(heads), root)
        before = newest.frontier if newest else Frontier()
        log, kept = before.grown([stand.leaf()])
        made = Checkpoint(
            stand.number,
            at,
            len(heads),
            root,
            log.root(),
            note="",
            events=sum(head.size for head in heads),
            clock_behind=behind,
            frontier=log,
        )
        return made, kept

    def _tell(self, transaction: Transaction, made: Checkpoint) -> None:
        owner = self._keys.owner(transaction)
        event = Event(
            EventType.TRAIL_CLOCK_BEHIND,
            owner,
            Actor(ActorKind.SYSTEM, owner, new_id("cor")),
            resource=f"checkpoint:{made.number}",
            facts={"seconds": made.clock_behind},
        )
        self._trail.record(transaction, event)


def _store(transaction: Transaction, made: Checkpoint, kept: Sequence[Node], *, note: str) -> None:
    row = {
        "number": made.number,
        "at": made.at,
        "clock_behind": made.clock_behind,
        "events": made.events,
        "heads": made.heads,
        "heads_root": made.heads_root,
        "leaf": made.stand.leaf(),
        "root": made.root,
        "frontier": made.frontier.pack(),
        "note": note,
    }
    transaction.insert_at_commit(statements.ADD_CHECKPOINT, row)
    for node in kept:
        values = {"level": node.level, "number": node.index, "hash": node.hash}
        transaction.insert_at_commit(statements.ADD_NODE, values)


def _store_head(transaction: Transaction, number: int, head: Head, *, grown: Grown) -> None:
    row = {
        "tenant_id": head.tenant_id,
        "checkpoint": number,
        "size": head.size,
        "root": head.root,
        "chain": head.chain,
        "frontier": grown.frontier.pack(),
    }
    transaction.insert_at_commit(statements.ADD_HEAD, row)
