"""What a witness is asked (C2SP tlog-witness): old size, proof, checkpoint. Pure."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from authserver.audit.checkpoints import note
from authserver.audit.checkpoints.note import Note, NoteError

PATH = "add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
MOST_HASHES = 63
MOST_BYTES = note.MAX_BYTES + 64 * 1024
_HASH = 32


@dataclass(frozen=True)
class Asked:
    """A checkpoint, and the proof that it grew from a size. `whole` is the note as it came."""

    old: int
    proof: tuple[bytes, ...]
    whole: str

    def body(self) -> bytes:
        """Return it as it is sent."""
        hashes = "".join(f"{b64encode(one).decode()}\n" for one in self.proof)
        return f"old {self.old}\n{hashes}\n{self.whole}".encode()


@dataclass(frozen=True)
class Seen:
    """The head of any log: a checkpoint's first three lines, whatever follows them."""

    origin: str
    size: int
    root: bytes
    note: Note


def read(body: bytes) -> Asked:
    """Read what is asked. Raises NoteError."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise NoteError("the request is not UTF-8") from error
    head, blank, whole = text.partition("\n\n")
    first, *hashes = head.split("\n")
    if not blank or not first.startswith("old ") or len(hashes) > MOST_HASHES:
        raise NoteError("the request is an old size, hashes, a blank line and a checkpoint")
    old = number(first.removeprefix("old "))
    return Asked(old, tuple(map(_hash, hashes)), whole)


def seen(whole: str) -> Seen:
    """Read the checkpoint of any log (C2SP tlog-checkpoint). Raises NoteError."""
    found = note.read(whole)
    lines = found.text.split("\n")
    if len(lines) <= len(("origin", "size", "root")) or not lines[0]:
        raise NoteError("a checkpoint has an origin, a size and a root")
    return Seen(lines[0], number(lines[1]), _hash(lines[2]), found)


def number(text: str) -> int:
    """Read a number without zeros before it. Raises NoteError."""
    if not text.isascii() or not text.isdigit() or (text[0] == "0" and text != "0"):
        raise NoteError("a size has digits, and no zero before them")
    value = int(text) if len(text) < len(str(1 << 63)) else 1 << 63
    if value >= 1 << 63:
        raise NoteError("a size is below 2 to the 63")
    return value


def lines(signatures: Sequence[note.Signature]) -> str:
    """Return signatures as lines."""
    return "".join(one.line() for one in signatures)


def _hash(text: str) -> bytes:
    try:
        value = b64decode(text, validate=True)
    except ValueError as error:
        raise NoteError("a hash is base64") from error
    if len(value) != _HASH:
        raise NoteError("a hash has 32 bytes")
    return value
