"""A witness: knows logs, and cosigns what grew from what it saw."""

import threading
from dataclasses import dataclass, replace

from authserver.audit.checkpoints.note import NoteError
from authserver.audit.witnesses import asking
from authserver.audit.witnesses.asking import Asked, Seen
from authserver.audit.witnesses.folder import WitnessFolder
from authserver.audit.witnesses.policy import Known, Said, decide
from authserver.core import log
from authserver.core.clock import Clock

_TEXT = "text/plain; charset=utf-8"
_log = log.get(__name__)


@dataclass(frozen=True)
class Answer:
    """A status, and a body of a type."""

    status: int
    body: str
    media_type: str = _TEXT


class Witness:
    """Answers requests, one after the other: what it saw last is read and changed as one."""

    def __init__(self, folder: WitnessFolder, clock: Clock) -> None:
        """Take the folder, which this process has alone, and the time. Raises FolderError."""
        self._folder = folder
        self._cosigner = folder.cosigner()
        self._clock = clock
        self._logs = {one.origin: one for one in folder.logs()}
        self._lock = threading.Lock()

    @property
    def key(self) -> str:
        """Return the public key as others are told."""
        return self._cosigner.key.text()

    def answer(self, body: bytes) -> Answer:
        """Answer a request to cosign. Raises OSError where the folder cannot be written."""
        try:
            asked = asking.read(body)
            new = asking.seen(asked.whole)
        except NoteError as error:
            return Answer(Said.OLD_IS_LARGER, f"{error}\n")
        with self._lock:
            known = self._logs.get(new.origin)
            if known is None:
                return Answer(Said.UNKNOWN, "the log is not known\n")
            said = decide(known, asked, new)
            if said is not Said.SIGNS:
                return self._refusal(known, asked, new, said=said)
            if new.size > known.size:
                grown = replace(known, size=new.size, root=new.root)
                self._folder.keep(grown)
                self._logs[new.origin] = grown
        line = self._cosigner.sign(new.note.text, int(self._clock.now().timestamp()))
        _log.info("witness_signed", log=new.origin, size=new.size, root=new.root.hex())
        return Answer(Said.SIGNS, line.line())

    def _refusal(self, known: Known, asked: Asked, new: Seen, *, said: Said) -> Answer:
        if said in {Said.CONFLICT, Said.NOT_PROVED} and asked.old == known.size:
            # It is signed by the log and denies what the log signed before: evidence.
            _log.error("witness_saw_a_fork", log=new.origin, size=known.size, note=asked.whole)
        if said is Said.CONFLICT:
            return Answer(said, f"{known.size}\n", asking.SIZE_TYPE)
        return Answer(said, f"{said.name.lower()}\n")
