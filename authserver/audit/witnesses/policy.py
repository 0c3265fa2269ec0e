"""Whether a witness signs: only what is signed by the log and grew from what it saw last. Pure.

In the order and with the statuses of C2SP tlog-witness.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from authserver.audit import tree
from authserver.audit.checkpoints.signing import Verifier
from authserver.audit.tree import Size
from authserver.audit.witnesses.asking import Asked, Seen


class Said(IntEnum):
    """What a witness answers."""

    SIGNS = 200
    OLD_IS_LARGER = 400
    NOT_SIGNED = 403
    UNKNOWN = 404
    CONFLICT = 409
    NOT_PROVED = 422


@dataclass(frozen=True)
class Known:
    """A log that a witness knows: who signs it, and the head that it cosigned last."""

    origin: str
    keys: tuple[Verifier, ...]
    size: int = 0
    root: bytes = b""


def decide(known: Known, asked: Asked, new: Seen) -> Said:
    """Tell whether a known log's checkpoint is signed, or why not."""
    if not any(key.signed(new.note) for key in known.keys):
        return Said.NOT_SIGNED
    if asked.old > new.size:
        return Said.OLD_IS_LARGER
    if asked.old != known.size:
        return Said.CONFLICT
    if known.size == new.size:
        return _same(known, new, asked.proof)
    if known.size == 0:
        return Said.NOT_PROVED if asked.proof else Said.SIGNS
    sizes = Size(known.size, known.root), Size(new.size, new.root)
    return Said.SIGNS if tree.proves_consistency(asked.proof, *sizes) else Said.NOT_PROVED


def _same(known: Known, new: Seen, proof: Sequence[bytes]) -> Said:
    if known.size and new.root != known.root:
        return Said.CONFLICT
    empty = known.size or new.root == tree.root_of([])
    return Said.SIGNS if empty and not proof else Said.NOT_PROVED
