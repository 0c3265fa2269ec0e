"""The text that is signed: a C2SP tlog-checkpoint, which is a signed note.

`<origin>`, the size of the log, its root, then two lines of our own: the time, and how many heads
under which root. A blank line; one line for each signature. Unknown signatures are passed over, so
that keys can change and witnesses can add theirs.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from authserver.audit.checkpoints.values import Stand

MAX_BYTES = 64 * 1024
MAX_SIGNATURES = 64
_ID = 4  # bytes
_DASH = "—"
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_LINES = 5
_NAME = re.compile(r"[^\s+]+")


class NoteError(ValueError):
    """The text is not a checkpoint."""


@dataclass(frozen=True)
class Signature:
    """One line: whose, and what; the first four bytes say by which key of that name."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return it as it stands in a note."""
        return f"{_DASH} {self.name} {b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A signed text, read but not verified."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class Statement:
    """What the text of a checkpoint says."""

    origin: str
    stand: Stand
    root: bytes

    def text(self) -> str:
        """Return what is signed; it ends with a newline."""
        stand = self.stand
        return (
            f"{self.origin}\n{stand.number}\n{b64encode(self.root).decode()}\n"
            f"time {stand.at.strftime(_TIME)}\n"
            f"heads {stand.heads} {b64encode(stand.heads_root).decode()}\n"
        )


def key_id(name: str, kind: bytes, public_key: bytes) -> bytes:
    """Return a key's id in notes: four bytes of a hash."""
    return sha256(name.encode() + b"\n" + kind + public_key).digest()[:_ID]


def is_name(text: str) -> bool:
    """Tell whether a text may name a key: no spaces and no plus."""
    return bool(_NAME.fullmatch(text)) and text.isprintable()


def written(text: str, signatures: Iterable[Signature]) -> str:
    """Return the signed note."""
    return text + "\n" + "".join(one.line() for one in signatures)


def read(note: str) -> Note:
    """Read a signed note. Raises NoteError."""
    if len(note.encode()) > MAX_BYTES or any(one < " " and one != "\n" for one in note):
        raise NoteError("a note is short, and without control characters")
    text, found, lines = note.rpartition("\n\n")
    if not found or not lines.endswith("\n"):
        raise NoteError("a note is a text, a blank line and lines of signatures")
    signatures = tuple(_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MAX_SIGNATURES:
        raise NoteError("too many signatures")
    return Note(text + "\n", signatures)


def stated(text: str) -> Statement:
    """Read the text of a checkpoint. Raises NoteError."""
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[-1]:
        raise NoteError("a checkpoint has five lines")
    origin, size, root, time, heads = lines[:-1]
    words = heads.split(" ")
    if words[0] != "heads" or len(words) != len(("heads", "count", "root")):
        raise NoteError("the fifth line says how many heads there are, and their root")
    stand = Stand(_number(size), _time(time), _number(words[1]), _hash(words[2]))
    found = Statement(origin, stand, _hash(root))
    if found.text() != text:
        raise NoteError("a checkpoint is written in one way only")
    return found


def _signature(line: str) -> Signature:
    try:
        dash, name, encoded = line.split(" ")
        value = b64decode(encoded, validate=True)
    except ValueError as error:
        raise NoteError("a line of a signature has a dash, a name and base64") from error
    if dash != _DASH or not is_name(name) or len(value) <= _ID:
        raise NoteError("a line of a signature has a dash, a name and base64")
    return Signature(name, value[:_ID], value[_ID:])


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise NoteError("a number has digits, and no zero before them")
    return int(text)


def _hash(text: str) -> bytes:
    try:
        value = b64decode(text, validate=True)
    except ValueError as error:
        raise NoteError("a hash is base64") from error
    if len(value) != sha256().digest_size:
        raise NoteError("a hash has 32 bytes")
    return value


def _time(line: str) -> datetime:
    try:
        return datetime.strptime(line, f"time {_TIME}").replace(tzinfo=UTC)
    except ValueError as error:
        raise NoteError("the fourth line says the time, in UTC") from error
