"""Checkpoints as they were signed, and proofs: of a tenant's own head, and from one to another."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from authserver.audit import tree
from authserver.audit.checkpoints import statements
from authserver.audit.checkpoints.values import Checkpoint, Head, HeadProof
from authserver.audit.sequencing.chain import Grown
from authserver.audit.sequencing.kept import MissingError, StoredSubtrees
from authserver.audit.tree import Frontier
from authserver.core.database.engine import Transaction


class NoCheckpointError(LookupError):
    """There is no such checkpoint, or the tenant has no head in it."""


class CheckpointReader:
    """Reads checkpoints, with what witnesses signed of them.

    A named platform service: a head is proved among those of all tenants.
    """

    def newest(self, transaction: Transaction) -> Checkpoint:
        """Return the newest checkpoint. Raises NoCheckpointError before the first."""
        found = newest_of(transaction)
        if found is None:
            raise NoCheckpointError("there is no checkpoint yet")
        return _cosigned(transaction, found)

    def one(self, transaction: Transaction, number: int) -> Checkpoint:
        """Return a checkpoint. Raises NoCheckpointError."""
        row = transaction.row(statements.CHECKPOINT, {"number": number})
        if row is None:
            raise NoCheckpointError(f"there is no checkpoint {number}")
        return _cosigned(transaction, checkpoint_of(row))

    def head(self, transaction: Transaction, tenant_id: str, number: int) -> HeadProof:
        """Return a tenant's head in a checkpoint, proved.

        Raises NoCheckpointError, MissingError.
        """
        checkpoint = self.one(transaction, number)
        heads = [head for head, _ in heads_at(transaction, number)]
        places = [place for place, head in enumerate(heads) if head.tenant_id == tenant_id]
        if not places:
            raise NoCheckpointError(f"the tenant has no events in checkpoint {number}")
        leaves = [head.leaf() for head in heads]
        if tree.root_of(leaves) != checkpoint.heads_root:
            raise MissingError(f"the heads of checkpoint {number} are not those that were signed")
        (index,) = places
        return HeadProof(
            checkpoint,
            heads[index],
            index,
            tuple(tree.inclusion(tree.subtrees_of(leaves), index, len(leaves))),
            tuple(tree.inclusion(_log(transaction), number - 1, number)),
        )

    def in_log(self, transaction: Transaction, number: int) -> list[bytes]:
        """Return the proof that a checkpoint is the last of its log. Raises MissingError."""
        return tree.inclusion(_log(transaction), number - 1, number)

    def consistency(self, transaction: Transaction, old: int, new: int) -> list[bytes]:
        """Return the proof that one checkpoint's log is the beginning of another's.

        Raises ValueError where the second is older, MissingError where the log has a hole.
        """
        return tree.consistency(_log(transaction), old, new)


def newest_of(transaction: Transaction) -> Checkpoint | None:
    """Return the newest checkpoint, None before the first."""
    row = transaction.row(statements.NEWEST, {})
    return None if row is None else checkpoint_of(row)


def _cosigned(transaction: Transaction, one: Checkpoint) -> Checkpoint:
    """Return a checkpoint with the lines of its witnesses in its note."""
    lines = transaction.rows(statements.COSIGNATURES, {"number": one.number})
    return replace(one, note=one.note + "".join(row["line"] for row in lines)) if lines else one


def heads_at(transaction: Transaction, number: int) -> list[tuple[Head, Grown]]:
    """Return every tenant's head in a checkpoint, in order of their ids, and what it grows from."""
    found = [_head(row) for row in transaction.rows(statements.HEADS, {"number": number})]
    return sorted(found, key=lambda one: one[0].tenant_id)


def heads_now(transaction: Transaction) -> list[tuple[Head, Grown]]:
    """Return the same as the trees are now."""
    found = [_head(row) for row in transaction.rows(statements.TREES, {})]
    return sorted(found, key=lambda one: one[0].tenant_id)


def _head(row: Mapping[str, Any]) -> tuple[Head, Grown]:
    head = Head(row["tenant_id"], row["size"], row["root"], row["chain"])
    return head, Grown(row["chain"], Frontier.parse(row["size"], row["frontier"]))


def checkpoint_of(row: Mapping[str, Any]) -> Checkpoint:
    """Return a checkpoint of its row."""
    return Checkpoint(**{**row, "frontier": Frontier.parse(row["number"], row["frontier"])})


def _log(transaction: Transaction) -> StoredSubtrees:
    def kept(level: int, first: int, last: int) -> Mapping[int, bytes]:
        if level:
            asked = {"level": level, "first": first, "last": last}
            rows = transaction.rows(statements.NODES, asked)
            return {row["number"]: row["hash"] for row in rows}
        rows = transaction.rows(statements.LEAVES, {"first": first + 1, "last": last + 1})
        return {row["number"] - 1: row["leaf"] for row in rows}

    return StoredSubtrees(kept)
