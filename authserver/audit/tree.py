"""Merkle trees of RFC 6962 section 2.1, pure: growth, roots, proofs and what proves them.

A leaf comes in as its hash and is not hashed again. A subtree is named by its level and its index:
it holds the leaves from `index << level`, `1 << level` of them. Those of every eighth level are
kept when they are full, so that a proof over ten million leaves reads a few hundred hashes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH = 32  # bytes
KEPT_LEVELS = 8
NO_LEAVES = sha256(b"").digest()

# Returns the hash of a full subtree, by its level and its index.
Subtrees = Callable[[int, int], bytes]


def inner(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node with two children."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Node:
    """A full subtree that is kept."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True)
class Frontier:
    """What a tree needs in order to grow: its full subtrees, the largest and oldest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no tree has: as many hashes as the size has ones."""
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError(f"no tree of {self.size} leaves has {len(self.hashes)} full subtrees")

    @classmethod
    def parse(cls, size: int, packed: bytes) -> "Frontier":
        """Read what `pack` wrote. Raises ValueError."""
        if len(packed) % HASH:
            raise ValueError("hashes have 32 bytes each")
        return cls(size, tuple(packed[at : at + HASH] for at in range(0, len(packed), HASH)))

    def pack(self) -> bytes:
        """Return the hashes, one after the other."""
        return b"".join(self.hashes)

    def root(self) -> bytes:
        """Return the root of the tree."""
        return joined(self.hashes)

    def grown(self, leaves: Iterable[bytes]) -> "tuple[Frontier, list[Node]]":
        """Return the frontier with more leaves, and the nodes to keep that became full."""
        size, hashes, kept = self.size, list(self.hashes), []
        for leaf in leaves:
            hashes.append(leaf)
            size += 1
            level, rest = 0, size
            while not rest & 1:
                right = hashes.pop()
                hashes[-1] = inner(hashes[-1], right)
                level, rest = level + 1, rest >> 1
                if level % KEPT_LEVELS == 0:
                    kept.append(Node(level, rest - 1, hashes[-1]))
        return Frontier(size, tuple(hashes)), kept


def joined(subtrees: Sequence[bytes]) -> bytes:
    """Return the root over full subtrees that follow each other, each smaller than the last."""
    if not subtrees:
        return NO_LEAVES
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = inner(left, root)
    return root


def frontier(subtrees: Subtrees, size: int) -> Frontier:
    """Return the frontier that a tree had at a size."""
    return Frontier(size, tuple(_full(subtrees, 0, size)))


def inclusion(subtrees: Subtrees, index: int, size: int) -> list[bytes]:
    """Return the proof that a leaf is in the tree of a size (RFC 9162 section 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    start, end, path = 0, size, list[bytes]()
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            path.append(_range(subtrees, middle, end))
            end = middle
        else:
            path.append(_range(subtrees, start, middle))
            start = middle
    return path[::-1]


def consistency(subtrees: Subtrees, old: int, new: int) -> list[bytes]:
    """Return the proof that a tree grew from one size to another (RFC 9162 section 2.1.4.1).

    It is empty where nothing has to be proved: from nothing, and to the same size.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree does not grow from {old} to {new}")
    if old in {0, new}:
        return []
    start, end, path = 0, new, list[bytes]()
    whole = True
    while old != end:
        middle = start + _largest_power_below(end - start)
        if old <= middle:
            path.append(_range(subtrees, middle, end))
            end = middle
        else:
            path.append(_range(subtrees, start, middle))
            start, whole = middle, False
    return ([] if whole else [_range(subtrees, start, end)]) + path[::-1]


def subtrees_of(leaves: Sequence[bytes]) -> Subtrees:
    """Return the subtrees of a tree whose leaves are all at hand."""
    levels = [list(leaves)]
    while len(below := levels[-1]) > 1:
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([inner(left, right) for left, right in pairs])
    return lambda level, index: levels[level][index]


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of a tree whose leaves are all at hand."""
    return Frontier().grown(leaves)[0].root()


def proves_inclusion(
    proof: Sequence[bytes], leaf: bytes, index: int, *, size: int, root: bytes
) -> bool:
    """Tell whether a leaf is in the tree with this root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = inner(one, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = inner(found, one)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


@dataclass(frozen=True)
class Size:
    """A tree as somebody saw it."""

    size: int
    root: bytes


def proves_consistency(proof: Sequence[bytes], old: Size, new: Size) -> bool:
    """Tell whether one tree is the beginning of another (RFC 9162 section 2.1.4.2)."""
    if old.size == new.size:
        return not proof and old.root == new.root
    if old.size == 0:
        return not proof and old.root == NO_LEAVES
    if not 0 < old.size < new.size:
        return False
    whole = old.size.bit_count() == 1
    path = [old.root, *proof] if whole else [*proof]
    return bool(path) and _grows(path, old, new)


def _grows(path: Sequence[bytes], old: Size, new: Size) -> bool:
    place, last = old.size - 1, new.size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = inner(one, first), inner(one, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = inner(second, one)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old.root and second == new.root


def _largest_power_below(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def _range(subtrees: Subtrees, start: int, end: int) -> bytes:
    return joined(_full(subtrees, start, end))


def _full(subtrees: Subtrees, start: int, end: int) -> list[bytes]:
    """Return the hashes of the full subtrees that a range consists of, the largest first."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append(subtrees(level, start >> level))
        start += 1 << level
    return found
