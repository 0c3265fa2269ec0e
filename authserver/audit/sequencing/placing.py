"""Giving numbers: one batch, in one transaction behind the fence.

For each tenant 1, 2, 3 … without a gap, in the order of the ids that have none at that moment. What
commits later than an event with a higher id gets a higher number: no number is ever changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from authserver.audit.sequencing import statements
from authserver.audit.sequencing.chain import Grown
from authserver.audit.tree import Frontier, Node
from authserver.core.database.engine import Transaction

BATCH = 5_000


class TrailChangedError(Exception):
    """Somebody else gave numbers behind the fence: nothing of the batch is written."""


def place(transaction: Transaction, most: int = BATCH) -> int:
    """Give numbers to at most so many events; return how many got one. Raises TrailChangedError."""
    return place_these(transaction, transaction.rows(statements.UNPLACED, {"most": most}))


def place_these(transaction: Transaction, rows: Iterable[Mapping[str, Any]]) -> int:
    """Do so for these, which are the first of their tenants that have no number."""
    by_tenant: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_tenant[row["tenant_id"]].append(row)
    trees, places = [], list[dict[str, Any]]()
    for tenant_id, events in by_tenant.items():
        before = tree_of(transaction, tenant_id)
        leaves = [row["leaf"] for row in events]
        chains = list(before.chains(leaves))
        frontier, kept = before.frontier.grown(leaves)
        trees.append(_row(tenant_id, Grown(chains[-1], frontier)))
        for seq, (event, chain) in enumerate(zip(events, chains, strict=True), before.size + 1):
            places.append({"id": event["id"], "seq": seq, "chain": chain})
        for node in kept:
            transaction.insert_at_commit(statements.KEEP_NODE, _node(tenant_id, node))
    if statements.PLACE.run(transaction, places) != len(places):
        raise TrailChangedError("an event has a number that nobody gave it")
    if statements.GROW.run(transaction, trees) != len(trees):
        raise TrailChangedError("a tree is not as it was left")
    return len(places)


def tree_of(transaction: Transaction, tenant_id: str) -> Grown:
    """Return a tenant's tree as it is now."""
    row = transaction.row(statements.TREE, {"tenant_id": tenant_id})
    if row is None:
        return Grown()
    return Grown(row["chain"], Frontier.parse(row["size"], row["frontier"]))


def _row(tenant_id: str, grown: Grown) -> dict[str, Any]:
    frontier = grown.frontier
    return {
        "tenant_id": tenant_id,
        "size": grown.size,
        "chain": grown.chain,
        "root": frontier.root(),
        "frontier": frontier.pack(),
    }


def _node(tenant_id: str, node: Node) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "level": node.level,
        "number": node.index,
        "hash": node.hash,
    }
