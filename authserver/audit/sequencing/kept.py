"""Full subtrees of a tree that is stored: leaves, and nodes of every eighth level.

A proof asks for subtrees of any level. What it needs of a level that is kept is read at once, up to
256 hashes, and remembered for as long as the proof takes.
"""

from collections.abc import Callable, Mapping

from authserver.audit.tree import KEPT_LEVELS, inner

# Returns the hashes of a kept level from one number to another, with both, by their numbers.
Kept = Callable[[int, int, int], Mapping[int, bytes]]


class MissingError(LookupError):
    """A hash that must be there is not: the trail was changed, or a number was never given."""


class StoredSubtrees:
    """Gives the hash of a full subtree, from what is kept below it."""

    def __init__(self, kept: Kept) -> None:
        """Take what reads kept hashes; level 0 are the leaves."""
        self._kept = kept
        self._read: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """Return the hash of a full subtree. Raises MissingError."""
        below = level - level % KEPT_LEVELS
        count = 1 << (level - below)
        block, start = divmod(index * count, 1 << KEPT_LEVELS)
        hashes = self._of(below, block, start + count)[start : start + count]
        while len(hashes) > 1:
            hashes = [inner(a, b) for a, b in zip(hashes[::2], hashes[1::2], strict=True)]
        return hashes[0]

    def _of(self, level: int, block: int, needed: int) -> list[bytes]:
        """Return the hashes of a block of 256 of a level: the last block may have fewer."""
        known = self._read.get((level, block))
        if known is None:
            first = block << KEPT_LEVELS
            found = self._kept(level, first, first + (1 << KEPT_LEVELS) - 1)
            known = []
            while (number := first + len(known)) in found:
                known.append(found[number])
            self._read[level, block] = known
        if len(known) < needed:
            raise MissingError(f"level {level} has no hash {(block << KEPT_LEVELS) + len(known)}")
        return known
