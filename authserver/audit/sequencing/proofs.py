"""Proofs over a tenant's own tree, read from what the sequencer keeps."""

from collections.abc import Mapping

from authserver.audit import tree
from authserver.audit.sequencing import statements
from authserver.audit.sequencing.kept import StoredSubtrees
from authserver.audit.tree import Frontier
from authserver.core.database.engine import Transaction


class TenantProofs:
    """Proofs that anybody checks with tree.py alone. Numbers of events begin with 1."""

    def inclusion(  # noqa: PLR0917  in the order of RFC 9162
        self, transaction: Transaction, tenant_id: str, seq: int, size: int
    ) -> list[bytes]:
        """Return the proof that the event with a number is in the tree of a size.

        Raises ValueError where it cannot be, MissingError where the trail has a hole.
        """
        return tree.inclusion(_subtrees(transaction, tenant_id), seq - 1, size)

    def consistency(  # noqa: PLR0917  the same
        self, transaction: Transaction, tenant_id: str, old_size: int, new_size: int
    ) -> list[bytes]:
        """Return the proof that the tree grew from one size to another. Raises as above."""
        return tree.consistency(_subtrees(transaction, tenant_id), old_size, new_size)

    def frontier(self, transaction: Transaction, tenant_id: str, size: int) -> Frontier:
        """Return the full subtrees of the tree at a size. Raises MissingError."""
        return tree.frontier(_subtrees(transaction, tenant_id), size)


def leaves(transaction: Transaction, tenant_id: str, *, first: int, last: int) -> dict[int, bytes]:
    """Return the leaves of a tenant's events from one number to another, with both."""
    asked = {"tenant_id": tenant_id, "first": first, "last": last}
    return {row["seq"]: row["leaf"] for row in transaction.rows(statements.LEAVES, asked)}


def _subtrees(transaction: Transaction, tenant_id: str) -> StoredSubtrees:
    def kept(level: int, first: int, last: int) -> Mapping[int, bytes]:
        if not level:
            found = leaves(transaction, tenant_id, first=first + 1, last=last + 1)
            return {seq - 1: leaf for seq, leaf in found.items()}
        asked = {"tenant_id": tenant_id, "level": level, "first": first, "last": last}
        rows = transaction.rows(statements.NODES, asked)
        return {row["number"]: row["hash"] for row in rows}

    return StoredSubtrees(kept)
