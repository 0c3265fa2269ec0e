"""What wrong passwords lead to: counted per class of devices and over all, then a lock and a mail.

Everything happens inside the job that decides the sign-in, after the account's row was locked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from authserver.accounts import devices
from authserver.accounts.directory import UserSnapshot
from authserver.accounts.models import EVERYWHERE, UNTRUSTED, FailureCounter, User
from authserver.accounts.notices import account_locked, wrong_passwords_before
from authserver.accounts.policy import MANY_FAILURES, LockoutRules, Streak, after_failure
from authserver.accounts.standing import Account
from authserver.accounts.statements import STREAKS, WRITE_STREAK
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.delivery.outbox import enqueue
from authserver.tenants.numbers import Tightened

UnlockUrl = Callable[[Transaction, UserSnapshot], str]
RulesOf = Callable[[Tightened | None], LockoutRules]


@dataclass(frozen=True)
class Counters:
    """An account's streaks, as one sign-in sees them: of its class of devices, and of all."""

    tenant_id: str
    user_id: str
    device: str
    here: Streak
    everywhere: Streak


@dataclass(frozen=True)
class Failures:
    """Wrong passwords since the last sign-in, and until when untrusted devices are locked out."""

    count: int
    locked_until: datetime | None


def since_the_last_sign_in(transaction: Transaction, tenant_id: str, user_id: str) -> Failures:
    """Return what an account's owner should know of. A sign-in clears the count over all."""
    wanted = select(
        FailureCounter.device, FailureCounter.failures, FailureCounter.locked_until
    ).where(FailureCounter.user_id == user_id, FailureCounter.device.in_((UNTRUSTED, EVERYWHERE)))
    rows = {row.device: row for row in transaction.tenant(tenant_id).execute(wanted)}
    everywhere, untrusted = rows.get(EVERYWHERE), rows.get(UNTRUSTED)
    return Failures(
        everywhere.failures if everywhere else 0, untrusted.locked_until if untrusted else None
    )


class Lockout:
    """Reads, moves and writes the counters of an account."""

    def __init__(
        self,
        rules_of: RulesOf,
        trail: Trail,
        keyring: Keyring,
        *,
        unlock_url: UnlockUrl = lambda _transaction, _user: "",
    ) -> None:
        """Take the numbers of a tenant by its own, and what events and mails are written with.

        `unlock_url` makes the link that lifts a lock of untrusted devices.
        """
        self._rules_of = rules_of
        self._trail = trail
        self._keyring = keyring
        self._unlock_url = unlock_url

    def read(
        self,
        transaction: Transaction,
        tenant_id: str,
        *,
        user_id: str,
        device_token: str | None,
        now: datetime,
    ) -> Counters:
        """Return the counters of an account for the device, if it knows it, or for all others.

        One statement, whatever is asked.
        """
        wanted = devices.asked_about(tenant_id, user_id, token=device_token, now=now)
        row = transaction.row(STREAKS, wanted)
        if row is None:
            raise LookupError("a row for every account, there or not")
        return Counters(
            tenant_id,
            user_id,
            row["device"] or UNTRUSTED,
            here=Streak(row["failures"] or 0, row["locked_until"]),
            everywhere=Streak(row["everywhere"] or 0),
        )

    def keep(self, transaction: Transaction, counters: Counters, now: datetime) -> None:
        """Write the counters as they are, as every other outcome writes them."""
        self._write(
            transaction, counters, here=counters.here, everywhere=counters.everywhere, now=now
        )

    def clear(
        self,
        transaction: Transaction,
        counters: Counters,
        user: UserSnapshot,
        *,
        by: Actor,
        now: datetime,
    ) -> None:
        """Begin anew after a right password: for this class of devices, and for the count over all.

        After many wrong ones the person is told.
        """
        if counters.here == counters.everywhere == Streak():
            return
        mine = update(FailureCounter).where(
            FailureCounter.user_id == counters.user_id,
            FailureCounter.device.in_((counters.device, EVERYWHERE)),
        )
        begun = mine.values(failures=0, locked_until=None, updated_at=now)
        transaction.tenant(counters.tenant_id).execute(begun)
        failures = counters.everywhere.failures
        if failures >= MANY_FAILURES:
            message = wrong_passwords_before(user, by, failures=failures, now=now)
            enqueue(transaction, message, keyring=self._keyring, now=now)

    def count(
        self,
        transaction: Transaction,
        counters: Counters,
        account: Account,
        *,
        by: Actor,
        now: datetime,
    ) -> None:
        """Count a failure; lock and write a mail if it was one too many."""
        user, rules = account.user, self._rules_of(account.tightened)
        here = after_failure(counters.here, rules, now)
        everywhere = Streak(counters.everywhere.failures + 1)
        self._write(transaction, counters, here=here, everywhere=everywhere, now=now)
        if everywhere.failures >= rules.reset_attempts:
            self._require_reset(transaction, counters)
        if here.locked_until is not None:
            self._tell(transaction, counters, user=user, until=here.locked_until, by=by, now=now)

    def _write(
        self,
        transaction: Transaction,
        counters: Counters,
        *,
        here: Streak,
        everywhere: Streak,
        now: datetime,
    ) -> None:
        for device, streak in ((counters.device, here), (EVERYWHERE, everywhere)):
            values = {
                "user_id": counters.user_id,
                "tenant_id": counters.tenant_id,
                "device": device,
                "failures": streak.failures,
                "locked_until": streak.locked_until,
                "now": now,
            }
            transaction.change(WRITE_STREAK, values)

    def _require_reset(self, transaction: Transaction, counters: Counters) -> None:
        due = update(User).where(User.id == counters.user_id).values(password_reset_required=True)
        transaction.tenant(counters.tenant_id).execute(due)

    def _tell(
        self,
        transaction: Transaction,
        counters: Counters,
        *,
        user: UserSnapshot,
        until: datetime,
        by: Actor,
        now: datetime,
    ) -> None:
        untrusted = counters.device == UNTRUSTED
        facts = {
            "device": UNTRUSTED if untrusted else "known",
            "until": until.isoformat(timespec="seconds"),
        }
        event = Event(EventType.ACCOUNT_LOCKED, user.tenant_id, by, subject=user.id, facts=facts)
        self._trail.record(transaction, event)
        url = self._unlock_url(transaction, user) if untrusted else ""
        message = account_locked(user, by, until=until, now=now, unlock_url=url)
        enqueue(transaction, message, keyring=self._keyring, now=now)


def lift(transaction: Transaction, tenant_id: str, user_id: str) -> None:
    """End the lock of untrusted devices. What was counted stays: the next lock is a longer one."""
    locked = update(FailureCounter).where(
        FailureCounter.user_id == user_id, FailureCounter.device == UNTRUSTED
    )
    transaction.tenant(tenant_id).execute(locked.values(locked_until=None))
