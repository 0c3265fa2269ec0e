"""The sequencer at work: gives numbers within a second, and signs checkpoints.

It works beside the server, in every process that has workers; one of them leads.
"""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from authserver.audit.checkpoints.making import CheckpointMaker
from authserver.audit.checkpoints.policy import InconsistentError
from authserver.audit.checkpoints.values import Checkpoint
from authserver.audit.sequencing import statements
from authserver.audit.sequencing.leadership import PATIENCE, Leadership
from authserver.audit.sequencing.placing import BATCH, TrailChangedError, place
from authserver.audit.service import Trail
from authserver.core import log
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Unavailable
from authserver.delivery.beside import Beside

_LOOK_EVERY = 0.7  # seconds; other processes' events have no other bell
_GATHER = 0.2  # seconds between two rounds: what arrives meanwhile shares a commit
_BEAT_EVERY = PATIENCE / 3
_NEAR_BATCH = 1_000  # events
_AFTER_TROUBLE = 5.0  # seconds
CHECKPOINT_EVERY = 60.0  # seconds
CHECKPOINT_EVENTS = 1_000
# However many events there are: a checkpoint looks at every tenant.
_CHECKPOINT_PAUSE = 5.0  # seconds

T = TypeVar("T")

_log = log.get(__name__)


class NotLeadingError(Exception):
    """Another process leads now: what was to be written is not."""


class Sequencer(Beside):
    """Leads, where nobody else does, and then places what is new and signs what is due."""

    name = "sequencer"
    patience = 15.0

    def __init__(
        self,
        database: Database,
        trail: Trail,
        maker: CheckpointMaker,
        *,
        compare: Callable[[], Iterable[object]] = tuple,
        watch: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the database, the trail whose events ring the bell, and what signs.

        `compare` asks anchors for what they have, one at each step, before a new leader signs.
        """
        super().__init__()
        self._compare = compare
        # Rung when a checkpoint is durable: there is one to send to anchors.
        self.signed: Callable[[], None] = _nobody_waits
        self._database = database
        self._maker = maker
        self._watch = watch
        self._leadership = Leadership(database, watch=watch)
        self._idle_until = self._beat_at = self._signed_at = watch()
        self._since = 0  # events with a number and without a checkpoint
        # Where there is one writer at a time, everybody else waits for a batch.
        self._batch = _NEAR_BATCH if database.engine.dialect.name == "sqlite" else BATCH
        trail.wake = self.wake

    def run(self) -> None:
        """Work until `end` is called; then another process may lead at once."""
        while not self._stopping:
            self._bell.clear()
            self._safely(self.work)
            if not self._stopping:
                self._bell.wait(_LOOK_EVERY)
                time.sleep(_GATHER)
        self._safely(self.work)
        self._safely(self._leadership.resign)

    def _safely(self, do: Callable[[], object]) -> None:
        # Whatever goes wrong, the next event finds a sequencer; here, or in another process.
        try:
            do()
        except Unavailable as down:
            _log.warning("sequencer_waits", reason=down.detail)
        except NotLeadingError:
            _log.warning("sequencer_replaced")
        except (TrailChangedError, InconsistentError) as error:
            _log.error("trail_is_inconsistent", reason=str(error))
        except Exception:  # noqa: BLE001  the thread is all there is
            _log.exception("sequencer_failed")
        else:
            return
        self._leadership.forget()
        self._idle_until = self._watch() + _AFTER_TROUBLE

    def work(self) -> None:
        """Do what is due, where this process leads. Raises NotLeadingError and what is wrong."""
        if self._leadership.epoch is None and not self._stands():
            return
        self._place_all()
        if self._is_due():
            made = self._sign()
            root = made.root.hex()
            _log.info("trail_checkpoint", number=made.number, events=made.events, root=root)
        if self._watch() - self._beat_at >= _BEAT_EVERY:
            self._behind_the_fence(lambda _: None)

    @property
    def leads(self) -> bool:
        """Tell whether this process leads, as far as it knows."""
        return self._leadership.epoch is not None

    def once(self) -> tuple[int, Checkpoint]:
        """Take the lead from whoever has it, place all there is, sign, and let others lead again.

        Returns how many events got numbers, and the checkpoint.
        """
        self._leadership.stand(at_once=True)
        try:
            placed = self._place_all()
            self._ask_anchors()
            made = self._sign()
        finally:
            self._leadership.resign()
        return placed, made

    def _stands(self) -> bool:
        if self._watch() < self._idle_until:
            return False
        self._idle_until = self._watch() + _LOOK_EVERY
        if not self._leadership.stand():
            return False
        _log.info("sequencer_leads", epoch=self._leadership.epoch)
        self._ask_anchors()
        self._signed_at = self._watch() - CHECKPOINT_EVERY
        return True

    def _ask_anchors(self) -> None:
        for _ in self._compare():
            self._behind_the_fence(lambda _: None)  # one that does not answer takes seconds

    def _place_all(self) -> int:
        total = 0
        while self._is_something_new():
            placed = self._behind_the_fence(partial(place, most=self._batch))
            total += placed
            self._since += placed
            if placed < self._batch:
                break
        return total

    def _is_something_new(self) -> bool:
        with self._database.read() as view:
            return view.row(statements.UNPLACED, {"most": 1}) is not None

    def _is_due(self) -> bool:
        since = self._watch() - self._signed_at
        many = self._since >= CHECKPOINT_EVENTS and since >= _CHECKPOINT_PAUSE
        return many or since >= CHECKPOINT_EVERY

    def _sign(self) -> Checkpoint:
        made = self._behind_the_fence(self._maker.make)
        self._maker.remember(made)
        self._since, self._signed_at = 0, self._watch()
        self.signed()
        return made

    def _behind_the_fence(self, do: Callable[[Transaction], T]) -> T:
        """Do something in a transaction of the leader. Raises NotLeadingError."""

        def job(transaction: Transaction) -> tuple[bool, T | None]:
            # Nothing is written yet where another leads: others' work in this commit stands.
            leads = self._leadership.holds(transaction)
            return leads, do(transaction) if leads else None

        leads, done = self._database.write(job)
        self._beat_at = self._watch()
        if not leads:
            raise NotLeadingError
        return done  # type: ignore[return-value]  # of who leads


def _nobody_waits() -> None:
    """Do nothing: there are no anchors."""
