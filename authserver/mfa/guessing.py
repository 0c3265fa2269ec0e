"""Guesses at a second factor: counted first, compared afterwards.

Everything happens inside the job that decides, after the person's row was locked. A guess that is
not allowed is answered like a wrong one, and nothing is compared.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from math import ceil

from sqlalchemy import select

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.standing import Account
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.delivery.outbox import enqueue
from authserver.mfa import partial as partials
from authserver.mfa.models import GuessCounter
from authserver.mfa.notices import factor_locked, factor_refused, passkey_locked
from authserver.mfa.partial import Partial
from authserver.mfa.policy import (
    Guesses,
    GuessRules,
    Method,
    after_guess,
    after_right_code,
    is_closed,
    is_telling,
    may_guess,
)
from authserver.passkeys import credentials
from authserver.passkeys.models import PasskeyOwner
from authserver.tenants.numbers import Tightened

Counter = GuessCounter | PasskeyOwner
RulesOf = Callable[[Tightened | None], GuessRules]


class Guessing:
    """Counts guesses and compares those that are allowed."""

    def __init__(self, rules_of: RulesOf, trail: Trail, keyring: Keyring) -> None:
        """Take the numbers of a tenant by its own, and what events and mails are written with."""
        self._rules_of = rules_of
        self._trail = trail
        self._keyring = keyring

    def attempt(
        self,
        transaction: Transaction,
        whose: Partial | Account,
        method: Method,
        *,
        compare: Callable[[], bool],
        by: Actor,
        now: datetime,
    ) -> bool:
        """Tell whether the code was right. Without a partial sign-in only the account counts."""
        partial = whose if isinstance(whose, Partial) else None
        user, rules = whose.user, self._rules_of(whose.tightened)
        row = _row(transaction, user, method, now=now)
        before = _guesses(row, partial)
        if not may_guess(before, rules, now):
            self._refused(transaction, user, method, reason="exhausted", by=by)
            return False
        after = after_guess(before, rules, now)
        self._write(transaction, row, partial, guesses=after, now=now)
        if compare():
            self._write(transaction, row, partial, guesses=after_right_code(before), now=now)
            return True
        self._refused(transaction, user, method, reason="wrong_code", by=by)
        if is_closed(after, rules, now):
            self._locked(transaction, whose, method, guesses=after, by=by, now=now)
        elif partial and partial.has_factor and is_telling(after, rules):
            # Whoever sets up a first factor mistypes the codes of their own app.
            message = factor_refused(user, by, times=after.in_this_flow, now=now)
            enqueue(transaction, message, keyring=self._keyring, now=now)
        return False

    def _write(
        self,
        transaction: Transaction,
        row: Counter,
        partial: Partial | None,
        *,
        guesses: Guesses,
        now: datetime,
    ) -> None:
        # Whole seconds, rounded up: a guess never leaves the hour before it is over.
        row.recent = [ceil(moment.timestamp()) for moment in guesses.recent]
        row.in_a_row, row.locked_until = guesses.in_a_row, guesses.locked_until
        row.updated_at = now
        transaction.flush()
        if partial is not None:
            partials.change(transaction, partial, guesses=guesses.in_this_flow)

    def _refused(
        self,
        transaction: Transaction,
        user: UserSnapshot,
        method: Method,
        *,
        reason: str,
        by: Actor,
    ) -> None:
        facts = {"method": method.value, "reason": reason}
        event = Event(EventType.FACTOR_REFUSED, user.tenant_id, by, subject=user.id, facts=facts)
        self._trail.record(transaction, event)

    def _locked(
        self,
        transaction: Transaction,
        whose: Partial | Account,
        method: Method,
        *,
        guesses: Guesses,
        by: Actor,
        now: datetime,
    ) -> None:
        user, rules = whose.user, self._rules_of(whose.tightened)
        until = guesses.locked_until or now
        closed = guesses.in_a_row >= rules.in_a_row
        facts = {"until": until.isoformat(timespec="seconds"), "reset_required": closed}
        event = Event(EventType.FACTOR_LOCKED, user.tenant_id, by, subject=user.id, facts=facts)
        self._trail.record(transaction, event)
        tell = passkey_locked if method is Method.PASSKEY else factor_locked
        message = tell(user, by, until=until, closed=closed, now=now)
        enqueue(transaction, message, keyring=self._keyring, now=now)


def _row(transaction: Transaction, user: UserSnapshot, method: Method, *, now: datetime) -> Counter:
    """Return the row that counts. Codes and passkeys do not lock one another (TOP-06)."""
    if method is Method.PASSKEY:
        return credentials.owner(transaction, user, now=now)
    session = transaction.tenant(user.tenant_id)
    row = session.scalar(select(GuessCounter).where(GuessCounter.user_id == user.id))
    if row is None:
        row = GuessCounter(user_id=user.id, recent=[], in_a_row=0, updated_at=now)
        session.add(row)
    return row


def _guesses(row: Counter, partial: Partial | None) -> Guesses:
    return Guesses(
        in_this_flow=partial.guesses if partial else 0,
        recent=tuple(datetime.fromtimestamp(moment, UTC) for moment in row.recent),
        in_a_row=row.in_a_row,
        locked_until=row.locked_until,
    )
