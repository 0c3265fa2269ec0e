"""Keys rotate by the calendar: a successor is published in time, by whichever process looks first.

Nothing else has to happen at the right moment (decision 0008). A named platform service.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, and_, select

from authserver.audit.events import Actor, ActorKind
from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Unavailable
from authserver.tenants.service import bump_snapshots, instance_of
from authserver.tokens.keys import KeyService
from authserver.tokens.models import SigningKey

_EVERY = 3600.0  # seconds

_log = log.get(__name__)


class KeyCalendar:
    """Rotates what has signed for long enough."""

    def __init__(
        self,
        database: Database,
        keys: KeyService,
        clock: Clock,
        *,
        times: tuple[timedelta, timedelta],
        changed: Callable[[], None],
    ) -> None:
        """Take how long a key signs, and how long its successor is published before that ends.

        `changed` lets this process see the new keys at once.
        """
        self._database = database
        self._keys = keys
        self._clock = clock
        signs, publish = times
        self._age = max(signs - publish, timedelta(0))
        self._changed = changed
        self._due_at = time.monotonic()

    def tick(self) -> None:
        """Rotate once an hour what is due, for who calls often."""
        if time.monotonic() < self._due_at:
            return
        self._due_at = time.monotonic() + _EVERY
        try:
            made = self.rotate_due()
        except Unavailable as down:
            _log.warning("key_rotation_waits", reason=down.detail)
            return
        if made:
            _log.info("keys_rotated", keys=made)

    def rotate_due(self) -> list[str]:
        """Publish the successors that are due, of every issuer; return their key ids."""
        with self._database.read() as view:
            wanted = select(SigningKey.issuer_tenant_id).where(self._is_due()).distinct()
            issuers = list(view.platform().scalars(wanted))
        made: list[str] = []
        for issuer in issuers:
            made += self._database.write(partial(self._rotate, issuer))
        if made:
            self._changed()
        return made

    def _rotate(self, issuer: str | None, transaction: Transaction) -> list[str]:
        # Who comes second waits for the row, and finds that its key has an end by then.
        due = select(SigningKey.alg).where(SigningKey.issuer_tenant_id == issuer, self._is_due())
        algorithms = set(transaction.platform().scalars(due.with_for_update()))
        if not algorithms:
            return []
        by = Actor(ActorKind.SERVER, issuer or instance_of(transaction), new_id("req"))
        made = self._keys.rotate(transaction, issuer, by, algorithms=algorithms)
        bump_snapshots(transaction)
        return made

    def _is_due(self) -> ColumnElement[bool]:
        began_before: datetime = self._clock.now() - self._age
        return and_(SigningKey.signs_until.is_(None), SigningKey.signs_from <= began_before)
