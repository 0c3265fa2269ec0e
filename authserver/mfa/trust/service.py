"""Trust in a browser is given with a code, used with a password, and ended by its owner.

The browser shows a token in a cookie of its own, which names it to the accounts that trust it. A
platform service in one point: the token changes whenever it was used, for all of them, so that one
that somebody planted or copied is worth nothing afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, EventType
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.core.net.browsers import Device
from authserver.core.problems import Refused
from authserver.mfa.left import factors_left
from authserver.mfa.models import TrustedBrowser
from authserver.mfa.notices import Reports
from authserver.mfa.trust.policy import TrustRule
from authserver.tenants.models import Tenant

_PURPOSE = "trust"


@dataclass(frozen=True)
class Trusted:
    """A browser that the person trusts; `present` is the one that asks."""

    id: str
    device: Device
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime
    present: bool


class Trust:
    """Gives, uses, lists and ends trust. Part of somebody else's job: it commits nothing."""

    def __init__(self, reports: Reports, *, keyring: Keyring, clock: Clock) -> None:
        """Take what changes are recorded with, the keys, and the time."""
        self._reports = reports
        self._keyring = keyring
        self._clock = clock

    def offered(self, transaction: Transaction, user: UserSnapshot) -> int | None:
        """Return for how many days the person may trust a browser, None for not at all."""
        rule = _rule(transaction, user)
        return rule.days if rule.oldest(self._clock.now()) else None

    def holds(self, transaction: Transaction, user: UserSnapshot, token: str | None) -> bool:
        """Tell whether the browser with this token is trusted now."""
        return token is not None and self._found(transaction, user, token) is not None

    def give(
        self,
        transaction: Transaction,
        user: UserSnapshot,
        *,
        token: str | None,
        device: Device,
        by: Actor,
    ) -> str | None:
        """Trust a browser from now on; return its new token, None where that is not offered.

        `token` is the one that it has, if any; `device` is what the person will know it by. The
        caller has both factors proved.
        """
        now, rule = self._clock.now(), _rule(transaction, user)
        if rule.days is None or rule.oldest(now) is None:
            return None
        fresh, session = new_secret(), transaction.tenant(user.tenant_id)
        session.execute(delete(TrustedBrowser).where(_void(user, rule, now)))
        if token:
            _move(transaction, token, fresh)
            session.execute(delete(TrustedBrowser).where(_named(user, fresh)))
        trust_id = new_id("tru")
        row = TrustedBrowser(
            id=trust_id,
            user_id=user.id,
            token_hash=_hash(fresh),
            device=self._sealed(trust_id, device),
            user_epoch=user.security_epoch,
            tenant_epoch=rule.epoch,
            created_at=now,
            expires_at=now + timedelta(days=rule.days),
        )
        session.add(row)
        session.flush()
        facts = {"days": rule.days}
        self._record(
            transaction, EventType.TRUST_GIVEN, user, by=by, trust_id=trust_id, facts=facts
        )
        return fresh

    def needed(self, transaction: Transaction, user: UserSnapshot, token: str) -> str | None:
        """Return the id of the trust that stands in for a factor. Changes nothing.

        None for who has no factor and needs no trust. Raises Refused where it ended since the
        password was checked.
        """
        trust_id = self._found(transaction, user, token)
        if trust_id is None and factors_left(transaction, user):
            raise Refused("Please sign in again.", detail="the trust ended meanwhile")
        return trust_id

    def use(
        self, transaction: Transaction, user: UserSnapshot, token: str, *, trust_id: str, by: Actor
    ) -> str:
        """Note that trust stood in for a factor; return the browser's new token.

        The last thing of a sign-in: nothing may refuse afterwards, or the browser would not learn
        its new token, and no account would trust it any more.
        """
        fresh = new_secret()
        _move(transaction, token, fresh)
        mine = update(TrustedBrowser).where(TrustedBrowser.id == trust_id)
        transaction.tenant(user.tenant_id).execute(mine.values(last_used_at=self._clock.now()))
        self._record(transaction, EventType.TRUST_USED, user, by=by, trust_id=trust_id)
        return fresh

    def of(self, transaction: Transaction, user: UserSnapshot, token: str | None) -> list[Trusted]:
        """Return the browsers that the person trusts, the newest first. `token` is the asker's."""
        live = self._live(transaction, user)
        if live is None:
            return []
        wanted = (
            select(TrustedBrowser)
            .where(live)
            .order_by(TrustedBrowser.created_at.desc(), TrustedBrowser.id.desc())
        )
        mine = _hash(token or "")
        return [
            Trusted(
                id=row.id,
                device=self._device(row),
                created_at=row.created_at,
                last_used_at=row.last_used_at,
                expires_at=row.expires_at,
                present=row.token_hash == mine,
            )
            for row in transaction.tenant(user.tenant_id).scalars(wanted)
        ]

    def end(
        self, transaction: Transaction, user: UserSnapshot, trust_id: str, *, by: Actor
    ) -> bool:
        """Trust a browser no more; False if the person does not."""
        mine = (
            delete(TrustedBrowser)
            .where(TrustedBrowser.id == trust_id, TrustedBrowser.user_id == user.id)
            .returning(TrustedBrowser.id)
        )
        if transaction.tenant(user.tenant_id).execute(mine).first() is None:
            return False
        self._record(transaction, EventType.TRUST_ENDED, user, by=by, trust_id=trust_id)
        return True

    def _live(self, transaction: Transaction, user: UserSnapshot) -> ColumnElement[bool] | None:
        now, rule = self._clock.now(), _rule(transaction, user)
        if rule.oldest(now) is None:
            return None
        return (TrustedBrowser.user_id == user.id) & ~_is_over(user, rule, now)

    def _found(self, transaction: Transaction, user: UserSnapshot, token: str) -> str | None:
        live = self._live(transaction, user)
        if live is None:
            return None
        wanted = select(TrustedBrowser.id).where(live, TrustedBrowser.token_hash == _hash(token))
        return transaction.tenant(user.tenant_id).scalar(wanted)

    def _sealed(self, trust_id: str, device: Device) -> bytes | None:
        return self._keyring.encrypt_text(device.words(), _place(trust_id))

    def _device(self, row: TrustedBrowser) -> Device:
        return Device.of_words(self._keyring.decrypt_text(row.device, _place(row.id)))

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        user: UserSnapshot,
        *,
        by: Actor,
        trust_id: str,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        self._reports.record(
            transaction, event, user, by=by, resource=f"trust:{trust_id}", facts=facts
        )


def forget_all(transaction: Transaction, user: UserSnapshot) -> None:
    """End every trust of a person."""
    mine = delete(TrustedBrowser).where(TrustedBrowser.user_id == user.id)
    transaction.tenant(user.tenant_id).execute(mine)


def _rule(transaction: Transaction, user: UserSnapshot) -> TrustRule:
    wanted = select(
        Tenant.trusted_device_days,
        Tenant.trusted_devices_since,
        Tenant.mfa_required,
        Tenant.security_epoch,
    )
    return TrustRule(*transaction.tenant(user.tenant_id).execute(wanted).one())


def _is_over(user: UserSnapshot, rule: TrustRule, now: datetime) -> ColumnElement[bool]:
    return (
        (TrustedBrowser.user_epoch != user.security_epoch)
        | (TrustedBrowser.tenant_epoch != rule.epoch)
        | (TrustedBrowser.expires_at <= now)
        | (TrustedBrowser.created_at < (rule.oldest(now) or now))
    )


def _void(user: UserSnapshot, rule: TrustRule, now: datetime) -> ColumnElement[bool]:
    return (TrustedBrowser.user_id == user.id) & _is_over(user, rule, now)


def _named(user: UserSnapshot, token: str) -> ColumnElement[bool]:
    return (TrustedBrowser.user_id == user.id) & (TrustedBrowser.token_hash == _hash(token))


def _move(transaction: Transaction, old: str, new: str) -> None:
    """Give the browser's rows, of every account, its new token."""
    moved = update(TrustedBrowser).where(TrustedBrowser.token_hash == _hash(old))
    transaction.platform().execute(
        moved.values(token_hash=_hash(new)).execution_options(synchronize_session=False)
    )


def _place(trust_id: str) -> Place:
    return Place("trusted_browsers", "device", trust_id)


def _hash(token: str) -> bytes:
    return fingerprint(token, _PURPOSE)
