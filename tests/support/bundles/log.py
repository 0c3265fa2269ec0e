"""A log of several tenants' trails in memory, and the bundles that it gives."""

import gzip
import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.bundles import trees
from tests.support.bundles.keys import ORIGIN, LogKey, base64, written
from tests.support.bundles.trees import digest

BEGUN = datetime(2026, 11, 26, 12, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Line = dict[str, Any]
Signers = Sequence[Callable[[str], str]]


def number(value: int) -> bytes:
    return value.to_bytes(8, "big")


def packed(data: bytes) -> bytes:
    return number(len(data)) + data


def hashes(found: Iterable[bytes]) -> list[str]:
    return [base64(one) for one in found]


@dataclass
class Trail:
    """One tenant's events; those in `pruned` are tombstones in bundles."""

    tenant: str
    bodies: list[str] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    chains: list[bytes] = field(default_factory=lambda: [bytes(32)])
    pruned: set[int] = field(default_factory=set)

    def add(self, body: str) -> None:
        packed_tenant, packed_body = packed(self.tenant.encode()), packed(body.encode())
        leaf = digest(b"\x00auditv1", packed_tenant, packed_body)
        self.bodies.append(body)
        self.leaves.append(leaf)
        self.chains.append(digest(b"\x02", self.chains[-1], number(len(self.leaves)), leaf))

    def line(self, seq: int) -> Line:
        chain = base64(self.chains[seq])
        if seq in self.pruned:
            leaf = base64(self.leaves[seq - 1])
            return {"kind": "tombstone", "seq": seq, "leaf": leaf, "chain": chain}
        return {"kind": "event", "seq": seq, "body": self.bodies[seq - 1], "chain": chain}

    def head(self, size: int) -> bytes:
        root = trees.root(self.leaves[:size])
        tenant = packed(self.tenant.encode())
        return digest(b"\x00headv1", tenant, number(size), root, self.chains[size])


@dataclass
class Checkpoint:
    """What was signed, and how many events each tenant had."""

    note: str
    sizes: dict[str, int]


class Log:
    """The whole log. `keys` sign what comes from now on."""

    def __init__(self, *keys: LogKey, time: datetime = BEGUN) -> None:
        self.keys = [*keys] or [LogKey(BEGUN)]
        self.all_keys = [*self.keys]
        self.time = time
        self.trails: dict[str, Trail] = {}
        self.checkpoints: list[Checkpoint] = []
        self.leaves: list[bytes] = []

    def record(self, tenant: str, *bodies: str) -> None:
        trail = self.trails.setdefault(tenant, Trail(tenant))
        for body in bodies:
            trail.add(body)

    def _sorted(self, sizes: dict[str, int]) -> list[str]:
        return sorted(sizes, key=str.encode)

    def checkpoint(self, *more: Callable[[str], str]) -> Checkpoint:
        """Sign what there is; `more` give further signatures of the text."""
        self.time += timedelta(minutes=1)
        sizes = {tenant: len(trail.leaves) for tenant, trail in self.trails.items()}
        heads = [self.trails[tenant].head(sizes[tenant]) for tenant in self._sorted(sizes)]
        count, root = len(self.leaves) + 1, trees.root(heads)
        time = (self.time - _EPOCH) // timedelta(microseconds=1)
        self.leaves.append(
            digest(b"\x00checkpointv1", number(count), number(time), number(len(heads)), root)
        )
        text = (
            f"{ORIGIN}\n{count}\n{base64(trees.root(self.leaves))}\ntime {written(self.time)}\n"
            f"heads {len(heads)} {base64(root)}\n"
        )
        signers = [*(key.line for key in self.keys), *more]
        note = text + "\n" + "".join(sign(text) for sign in signers)
        self.checkpoints.append(Checkpoint(note, sizes))
        return self.checkpoints[-1]

    def saved_keys(self) -> str:
        """What /.well-known/audit-keys says."""
        return json.dumps({"keys": [key.published() for key in self.all_keys]})

    def lines(
        self,
        tenant: str,
        *,
        first: int = 1,
        last: int | None = None,
        numbers: Sequence[int] | None = None,
    ) -> list[Line]:
        """The lines of a bundle with these checkpoints: all, unless said otherwise."""
        trail = self.trails[tenant]
        last = len(trail.leaves) if last is None else last
        chosen = range(1, len(self.leaves) + 1) if numbers is None else numbers
        head = {"kind": "bundle", "version": 1, "tenant": tenant, "origin": ORIGIN}
        events = [trail.line(seq) for seq in range(first, last + 1)]
        gone = len([line for line in events if line["kind"] == "tombstone"])
        return [
            {**head, "first": first, "last": last},
            *({"kind": "key", **key.members()} for key in self.all_keys),
            *(self._checkpoint(count) for count in chosen),
            *(self._head(trail, count) for count in chosen if self._shows(tenant, count, first)),
            *(self._grown(old, new) for old, new in itertools.pairwise(chosen)),
            *([self._start(trail, first - 1)] if first > 1 else []),
            *events,
            {"kind": "end", "events": len(events) - gone, "tombstones": gone},
        ]

    def _shows(self, tenant: str, count: int, first: int) -> bool:
        return self.checkpoints[count - 1].sizes.get(tenant, 0) >= max(1, first - 1)

    def _checkpoint(self, count: int) -> Line:
        proof = hashes(trees.inclusion(self.leaves[:count], count - 1))
        note = self.checkpoints[count - 1].note
        return {"kind": "checkpoint", "number": count, "note": note, "proof": proof}

    def _head(self, trail: Trail, count: int) -> Line:
        sizes = self.checkpoints[count - 1].sizes
        tenants, size = self._sorted(sizes), sizes[trail.tenant]
        index = tenants.index(trail.tenant)
        heads = [self.trails[tenant].head(sizes[tenant]) for tenant in tenants]
        return {
            "kind": "head",
            "checkpoint": count,
            "size": size,
            "root": base64(trees.root(trail.leaves[:size])),
            "chain": base64(trail.chains[size]),
            "index": index,
            "proof": hashes(trees.inclusion(heads, index)),
        }

    def _grown(self, old: int, new: int) -> Line:
        proof = hashes(trees.consistency(self.leaves[:new], old))
        return {"kind": "consistency", "from": old, "to": new, "proof": proof}

    def _start(self, trail: Trail, size: int) -> Line:
        found = hashes(trees.frontier(trail.leaves[:size]))
        return {"kind": "start", "chain": base64(trail.chains[size]), "frontier": found}


def text(lines: Iterable[Line]) -> bytes:
    """The bundle, not packed."""
    said = (json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
    return "".join(f"{line}\n" for line in said).encode()


def zipped(lines: Iterable[Line]) -> bytes:
    return gzip.compress(text(lines), mtime=0)
