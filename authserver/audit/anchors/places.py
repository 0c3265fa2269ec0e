"""Anchors that take every checkpoint: a file, a line of the log, a server that collects them."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from authserver.audit.anchors.values import Refused
from authserver.audit.checkpoints import note
from authserver.audit.checkpoints.note import NoteError
from authserver.audit.checkpoints.values import Checkpoint
from authserver.core import log
from authserver.delivery.appending import append

_TAIL = 256 * 1024  # bytes of a file that are looked through for the newest note
_log = log.get(__name__)

# Posts a body under an id, signed. Raises Refused.
Post = Callable[[str, bytes], None]


def document(one: Checkpoint) -> bytes:
    """Return a checkpoint as one line of JSON."""
    return orjson.dumps({"number": one.number, "time": one.at.isoformat(), "note": one.note})


class FileAnchor:
    """Appends each checkpoint to a file as a line of JSON: `audit verify --anchors` reads it."""

    newest_alone = False

    def __init__(self, path: Path, origin: Callable[[], str]) -> None:
        """Take where, the folder has to be there, and what tells the log's name."""
        self._path = path
        self._origin = origin

    def send(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Append them and sync. Raises Refused."""
        try:
            append(self._path, b"".join(document(one) + b"\n" for one in checkpoints))
        except OSError as error:
            raise Refused(f"{self._path}: {error.strerror}") from error

    def kept(self) -> str | None:
        """Return the last note of this log. Raises Refused.

        By whose key it is signed does not matter: a database from before a rotation does not have
        the newer key. Whoever may write to the file can stop signing, and prove nothing.
        """
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                lines = file.read().splitlines()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Refused(f"{self._path}: {error.strerror}") from error
        origin = self._origin()
        return next((text for text in map(_note, reversed(lines)) if _is_of(text, origin)), None)


class LogAnchor:
    """Writes each checkpoint into the server's log, which is collected elsewhere."""

    newest_alone = False

    def send(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Write them."""
        for one in checkpoints:
            _log.info("trail_anchor", number=one.number, note=one.note)

    def kept(self) -> str | None:
        """Return nothing: where the log went is not known here."""
        return None


class PostAnchor:
    """Posts each checkpoint to a server, signed as webhooks are (Standard Webhooks)."""

    newest_alone = False

    def __init__(self, name: str, post: Post) -> None:
        """Take the anchor's name, and what posts."""
        self._name = name
        self._post = post

    def send(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Post them one by one; one that comes again has the id that it had. Raises Refused."""
        for one in checkpoints:
            body = b'{"type":"trail.checkpoint","data":' + document(one) + b"}"
            self._post(f"{self._name}-{one.number}-{one.root.hex()[:16]}", body)

    def kept(self) -> str | None:
        """Return nothing: a collector does not answer questions."""
        return None


def _note(line: bytes) -> str:
    """Return the note of a line, nothing where a power cut left a part of one."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return ""
    text = found.get("note") if isinstance(found, dict) else None
    return text if isinstance(text, str) else ""


def _is_of(text: str, origin: str) -> bool:
    try:
        return note.stated(note.read(text).text).origin == origin
    except NoteError:
        return False
