"""RFC 6962 section 2.1, word by word: MTH, PATH and PROOF over lists of leaf hashes."""

from collections.abc import Sequence
from hashlib import sha256


def digest(*parts: bytes) -> bytes:
    return sha256(b"".join(parts)).digest()


def _split(count: int) -> int:
    """The largest power of two smaller than a count."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH: of nothing, the hash of nothing; the leaves are hashes already."""
    if len(leaves) < 2:
        return leaves[0] if leaves else digest()
    k = _split(len(leaves))
    return digest(b"\x01", root(leaves[:k]), root(leaves[k:]))


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*inclusion(leaves[:k], index), root(leaves[k:])]
    return [*inclusion(leaves[k:], index - k), root(leaves[:k])]


def consistency(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """PROOF(m, D[n])."""
    return _subproof(old, leaves, whole=True)


def _subproof(m: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = _split(len(leaves))
    if m <= k:
        return [*_subproof(m, leaves[:k], whole=whole), root(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], whole=False), root(leaves[:k])]


def frontier(leaves: Sequence[bytes]) -> list[bytes]:
    """The roots of the full subtrees that leaves consist of, the largest first."""
    found, start = [], 0
    for bit in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> bit & 1:
            found.append(root(leaves[start : start + (1 << bit)]))
            start += 1 << bit
    return found
