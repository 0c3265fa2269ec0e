"""Whether what an anchor kept contradicts what the database has, pure."""

from authserver.audit.anchors.values import Denial, Why
from authserver.audit.checkpoints import note
from authserver.audit.checkpoints.note import NoteError


def number_of(kept: str) -> int:
    """Return the number of a note. Raises NoteError for what is no checkpoint."""
    return note.stated(note.read(kept).text).stand.number


def denial(kept: str, newest: int, ours: str | None) -> Denial | None:
    """Compare an anchor's note with the newest number, and with our note of the same number.

    What signed it is not compared: witnesses add lines, keys change. Raises NoteError for what is
    no checkpoint.
    """
    read, number = note.read(kept), number_of(kept)
    if number > newest:
        return Denial(number, Why.ROLLED_BACK, kept)
    if ours is None or _text(ours) != read.text:
        return Denial(number, Why.FORKED, kept)
    return None


def _text(ours: str) -> str | None:
    try:
        return note.read(ours).text
    except NoteError:
        return None
