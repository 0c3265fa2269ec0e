"""Comparing what anchors kept with the database, before anything is signed (AUD-08)."""

from collections.abc import Iterator, Mapping

from authserver.audit.anchors.contradictions import Contradictions
from authserver.audit.anchors.policy import denial, number_of
from authserver.audit.anchors.standing import Standings
from authserver.audit.anchors.values import Anchor, Denial, Denied, Refused
from authserver.audit.checkpoints.reading import CheckpointReader, NoCheckpointError, newest_of
from authserver.core import log
from authserver.core.database.engine import Database

_log = log.get(__name__)


class Comparison:
    """Asks every anchor for what it has."""

    def __init__(
        self,
        database: Database,
        anchors: Mapping[str, Anchor],
        *,
        contradictions: Contradictions,
        standings: Standings,
    ) -> None:
        """Take the anchors by name, and where is noted what they say."""
        self._database = database
        self._anchors = anchors
        self._contradictions = contradictions
        self._standings = standings
        self._reader = CheckpointReader()

    def steps(self) -> Iterator[str]:
        """Note every anchor that denies the database; give each one's name after some seconds.

        One that does not answer denies nothing: it is said in the log and in health, and asked
        again when the next checkpoint goes there.
        """
        for name, anchor in self._anchors.items():
            self._compare(name, anchor)
            yield name

    def noted(self, name: str, said: Denial) -> bool:
        """Note what an anchor denies; tell whether it stands in the way."""
        return self._database.write(
            lambda transaction: self._contradictions.found(transaction, name, said)
        )

    def _compare(self, name: str, anchor: Anchor) -> None:
        try:
            said = self._denial(anchor)
        except Denied as denied:
            self.noted(name, denied.denial)
        except Refused as refused:
            _log.error("trail_anchor_silent", anchor=name, error=str(refused))
            self._standings.refused(name, str(refused))
        else:
            if said is not None:
                self.noted(name, said)

    def _denial(self, anchor: Anchor) -> Denial | None:
        kept = anchor.kept()
        if kept is None:
            return None
        with self._database.read() as view:
            newest = newest_of(view)
            try:
                ours = self._reader.one(view, number_of(kept)).note
            except NoCheckpointError:
                ours = None
        return denial(kept, newest.number if newest else 0, ours)
