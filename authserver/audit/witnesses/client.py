"""The log's side: a witness as an anchor that gives something back, its cosignature."""

from collections.abc import Callable, Sequence

from authserver.audit.anchors.values import Denial, Denied, Refused, Why
from authserver.audit.checkpoints import note
from authserver.audit.checkpoints.note import NoteError, Signature
from authserver.audit.checkpoints.values import Checkpoint
from authserver.audit.witnesses import asking
from authserver.audit.witnesses.asking import Asked
from authserver.audit.witnesses.cosigning import WitnessKey
from authserver.audit.witnesses.policy import Said

# Posts a body to the witness; returns status and the beginning of the answer. Raises Refused.
Ask = Callable[[bytes], tuple[int, bytes]]
# Returns the proof from one checkpoint's log to another's.
Prove = Callable[[int, int], Sequence[bytes]]
# Keeps a cosignature of a checkpoint.
Store = Callable[[int, Sequence[Signature]], None]
_ROUNDS = 3  # it may move on between two of our questions


class WitnessAnchor:
    """Has the newest checkpoint cosigned: a witness wants no older one."""

    newest_alone = True

    def __init__(
        self,
        key: WitnessKey,
        ask: Ask,
        *,
        prove: Prove,
        store: Store,
        newest: Callable[[], Checkpoint | None],
    ) -> None:
        """Take the witness's key, what asks it, and where checkpoints are and go."""
        self._key = key
        self._ask = ask
        self._prove = prove
        self._store = store
        self._newest = newest
        self._size = 0  # what it cosigned last, as far as is known here

    def kept(self) -> str | None:
        """Have the newest checkpoint cosigned: that is how a witness is asked for what it saw.

        Raises Refused, Denied.
        """
        newest = self._newest()
        if newest is not None:
            self.send([newest])
        return None

    def send(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Have the last of them cosigned. Raises Refused, Denied."""
        one = checkpoints[-1]
        for _ in range(_ROUNDS):
            old = self._size if self._size <= one.number else 0
            proof = self._prove(old, one.number) if 0 < old < one.number else ()
            status, body = self._ask(Asked(old, tuple(proof), one.note).body())
            if status == Said.SIGNS:
                self._take(one, body)
                return
            if status == Said.NOT_PROVED:
                raise Denied(Denial(old, Why.FORKED))
            if status != Said.CONFLICT:
                raise Refused(f"the witness answered with status {status}")
            self._size = _size(body)
            if self._size > one.number:
                raise Denied(Denial(self._size, Why.ROLLED_BACK))
            if self._size == old:
                raise Denied(Denial(old, Why.FORKED))
        raise Refused("the witness says another size each time")

    def _take(self, one: Checkpoint, body: bytes) -> None:
        text = note.read(one.note).text
        try:
            answered = note.read(f"{text}\n{body.decode()}")
        except (NoteError, UnicodeDecodeError) as error:
            raise Refused("the witness answered with no cosignature") from error
        found = self._key.found_in(answered)
        if not found:
            raise Refused("the witness answered with no cosignature by its key")
        self._store(one.number, found)
        self._size = one.number


def _size(body: bytes) -> int:
    try:
        return asking.number(body.decode("ascii").strip())
    except (NoteError, UnicodeDecodeError, IndexError) as error:
        raise Refused("the witness does not say which size it saw") from error
