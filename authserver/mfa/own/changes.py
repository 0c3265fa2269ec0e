"""What every change of one's own factors has in common, whatever kind of factor it is.

A factor that is added or goes ends all trust. The first one, and one that goes, end everything else
that is signed in, and all tokens: what was had without the one, or with the other, is not to live
on (ASVS 7.4.3, decision 0018). The session that did it goes on, by `keep`. Part of somebody else's
job: nothing here commits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.standing import hold_open, move_on
from authserver.audit.events import Actor, EventType
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.delivery.outbox import Message
from authserver.mfa import backup_codes
from authserver.mfa.left import factors_left, is_mandatory
from authserver.mfa.notices import Reports
from authserver.mfa.own import sheets
from authserver.mfa.own.values import Keep, LastFactor, Present
from authserver.mfa.policy import may_remove
from authserver.mfa.trust.service import forget_all


class Farewell(Protocol):
    """Makes the mail that says which factor is gone."""

    def __call__(self, user: UserSnapshot, name: str, by: Actor, /, *, now: datetime) -> Message:
        """Return the mail."""


@dataclass(frozen=True)
class Kind:
    """What differs from one kind of factor to the other when one goes.

    `noun` names it in the trail; `remove` returns the name of the one that is gone.
    """

    noun: str
    ids: Callable[[Transaction, UserSnapshot], Sequence[str]]
    remove: Callable[[Transaction, UserSnapshot, str], str | None]
    removed: EventType
    farewell: Farewell


@dataclass(frozen=True)
class Gain:
    """What a new factor brought: whether it is the first, and whether there are codes to keep."""

    first: bool
    codes: bool


@dataclass(frozen=True)
class Loss:
    """The name of a factor that is gone, and how many are left."""

    name: str
    left: int


class Changes:
    """Does what follows from a new factor, and takes one away."""

    def __init__(self, reports: Reports, *, keyring: Keyring, clock: Clock) -> None:
        """Take what it works with."""
        self._reports = reports
        self._keyring = keyring
        self._clock = clock

    def added(
        self,
        transaction: Transaction,
        who: Present,
        methods: tuple[str, ...],
        *,
        ends_others: bool,
        keep: Keep,
    ) -> Gain:
        """Do what follows from a factor that counts since this very transaction.

        `who.user` is held, `methods` is what the session has proved by it in addition, in the
        words of RFC 8176; `ends_others` is the person's wish, and no matter with the first.
        """
        user = who.user
        first = factors_left(transaction, user) == 1
        forget_all(transaction, user)
        if first or ends_others:
            keep(transaction, move_on(transaction, user), methods)
        if backup_codes.left(transaction, user):
            return Gain(first, codes=False)
        self.make_codes(transaction, who)
        return Gain(first, codes=True)

    def may_remove(self, transaction: Transaction, user: UserSnapshot, factor_id: str) -> bool:
        """Tell whether a factor may go, or is the last where one is demanded."""
        left = factors_left(transaction, user, without=factor_id)
        return may_remove(left=left, mandatory=is_mandatory(transaction, user))

    def remove(
        self, transaction: Transaction, who: Present, factor_id: str, *, kind: Kind, keep: Keep
    ) -> Loss:
        """Take a factor away. Without any backup codes are good for nothing: they go with the last.

        Raises NotFound, LastFactor, Refused.
        """
        user = hold_open(transaction, who.user)
        if factor_id not in kind.ids(transaction, user):
            raise NotFound("There is no such second factor.", detail=factor_id)
        if not self.may_remove(transaction, user, factor_id):
            raise LastFactor("Your organization requires a second factor: add another one first.")
        name, now = kind.remove(transaction, user, factor_id) or "", self._clock.now()
        left = factors_left(transaction, user)
        if not left:
            backup_codes.forget(transaction, user)
            sheets.close(transaction, user)
        forget_all(transaction, user)
        keep(transaction, move_on(transaction, user))
        resource = f"{kind.noun}:{factor_id}"
        self._reports.record(transaction, kind.removed, user, by=who.by, resource=resource)
        self._reports.send(transaction, kind.farewell(user, name, who.by, now=now))
        return Loss(name, left)

    def make_codes(self, transaction: Transaction, who: Present) -> None:
        """Make backup codes that count at once, and lay them out: nobody has to finish a page."""
        now = self._clock.now()
        codes = backup_codes.renew(
            transaction, who.user, self._reports, keyring=self._keyring, by=who.by, now=now
        )
        backup_codes.keep(transaction, who.user, now)
        sheets.put(transaction, who, codes, now=now)
