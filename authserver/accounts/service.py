"""Accounts come to be, are disabled and enabled, and get passwords."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from authserver.accounts import devices
from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.models import User
from authserver.accounts.passwords.policy import About, Rules, weaknesses
from authserver.accounts.passwords.strength import STRONGEST, Strength, strength
from authserver.accounts.policy import UnfitAccount, check_locale, check_name
from authserver.accounts.standing import held
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.net.email import EmailAddress, InvalidEmail, parse_email
from authserver.core.problems import Conflict, NotFound
from authserver.core.values.said import reason, said
from authserver.tenants.limits.entrance import Entrance

# Takes away what signs in beside the password, or stands on it; returns it for the trail.
Wipe = Callable[[Transaction, UserSnapshot], Mapping[str, object]]


class WeakPassword(UnfitAccount):
    """The password does not meet the rules; `strength` says which, in words for pages, too."""

    code = "weak_password"
    title = "The password is too weak"

    def __init__(self, strength: Strength) -> None:
        """Say everything that is missing at once."""
        said = " ".join(map(str, strength.reasons))
        super().__init__(f"{said} Strength: {strength.score} of {STRONGEST}.")
        self.strength = strength


@dataclass(frozen=True)
class NewAccount:
    """What an account is made from. `password_hash` comes from `PooledHasher.hash`."""

    tenant_id: str
    email: str
    name: str
    password_hash: str | None = None
    verified: bool = False
    locale: str | None = None
    home_user_id: str | None = None
    zoneinfo: str | None = None
    details: Mapping[str, Any] | None = None


class AccountService:
    """Changes of accounts. An actor without a principal stands for the tenant's operator."""

    def __init__(self, trail: Trail, clock: Clock, wipe: Wipe, *, entrance: Entrance) -> None:
        """Take where changes are recorded, the time, what the first proof wipes, who may come."""
        self._trail = trail
        self._clock = clock
        self._wipe = wipe
        self.entrance = entrance

    def create(self, transaction: Transaction, account: NewAccount, *, actor: Actor) -> User:
        """Create an account. Raises UnfitAccount, Conflict, and what the entrance refuses with."""
        email, now = _address(account.email), self._clock.now()
        self.entrance.admit(transaction, account.tenant_id, email)
        user = User(
            id=new_id("usr"),
            tenant_id=account.tenant_id,
            email=email.as_typed,
            email_canonical=email.canonical,
            email_verified=account.verified,
            name=check_name(account.name),
            locale=check_locale(account.locale),
            zoneinfo=account.zoneinfo,
            details=dict(account.details) if account.details else None,
            password_hash=account.password_hash,
            password_changed_at=now if account.password_hash else None,
            security_epoch=1,
            home_user_id=account.home_user_id,
            created_at=now,
            updated_at=now,
        )
        _insert(transaction, user)
        after = {"verified": account.verified, "password": account.password_hash is not None}
        after |= {"guest": True} if account.home_user_id else {}
        self._record(transaction, EventType.USER_CREATED, user, actor=actor, after=after)
        return user

    def set_enabled(
        self, transaction: Transaction, tenant_id: str, *, user_id: str, enabled: bool, actor: Actor
    ) -> User:
        """Disable an account, which ends its sessions and tokens at once, or enable it again.

        Idempotent. Raises NotFound, or LimitReached where there is no room for one more.
        """
        user = held(transaction, tenant_id, user_id)
        if enabled == (user.disabled_at is None):
            return user
        if enabled:
            self.entrance.check_room(transaction, tenant_id)
        user.updated_at = self._clock.now()
        user.disabled_at = None if enabled else user.updated_at
        user.security_epoch += not enabled
        event = EventType.USER_ENABLED if enabled else EventType.USER_DISABLED
        self._record(transaction, event, user, actor=actor)
        return user

    def set_password(
        self,
        transaction: Transaction,
        tenant_id: str,
        *,
        user_id: str,
        password_hash: str,
        actor: Actor,
        temporary_for: timedelta | None = None,
    ) -> User:
        """Store a new password's hash: locks, known devices, sessions and tokens end.

        A temporary one has to be changed at the next sign-in, and opens nothing when its time is
        over. Raises NotFound, or Conflict for a guest account, which has none.
        """
        user = held(transaction, tenant_id, user_id)
        if user.home_user_id is not None:
            raise Conflict("A guest account has no password: it signs in where it is at home.")
        user.password_hash = password_hash
        user.password_changed_at = user.updated_at = now = self._clock.now()
        user.password_reset_required = False
        user.password_change_required = temporary_for is not None
        user.password_expires_at = now + temporary_for if temporary_for else None
        user.security_epoch += 1
        devices.forget_all(transaction, tenant_id, user_id)
        more = {"after": {"temporary": True}} if temporary_for else {}
        self._record(transaction, EventType.USER_PASSWORD_CHANGED, user, actor=actor, **more)
        return user

    def end_everything(self, transaction: Transaction, tenant_id: str, *, user_id: str) -> User:
        """End every session and token; whoever calls records why. Raises NotFound."""
        user = held(transaction, tenant_id, user_id)
        user.security_epoch += 1
        transaction.tenant(tenant_id).flush()
        return user

    def require_password_change(
        self, transaction: Transaction, tenant_id: str, *, user_id: str, actor: Actor
    ) -> User:
        """Let the next sign-in take a new password; sessions and tokens end at once.

        Raises NotFound, or Conflict for an account without a password of its own.
        """
        user = held(transaction, tenant_id, user_id)
        if user.password_hash is None:
            raise Conflict("The account has no password that could be changed.")
        user.password_change_required, user.updated_at = True, self._clock.now()
        user.security_epoch += 1
        self._record(transaction, EventType.PASSWORD_CHANGE_REQUIRED, user, actor=actor)
        return user

    def change_email(
        self,
        transaction: Transaction,
        tenant_id: str,
        *,
        user_id: str,
        email: EmailAddress,
        actor: Actor,
    ) -> User:
        """Give the account an address that was just proved; sessions and tokens end.

        The first proof of any address counts as in `prove_address`. Raises NotFound, or Conflict.
        """
        self.entrance.check_address(transaction, tenant_id, email)
        user = held(transaction, tenant_id, user_id)
        private = {"email_before": user.email, "email_after": email.as_typed}
        _rename(transaction, user, email)
        user.security_epoch += 1
        user.updated_at = self._clock.now()
        self._record(transaction, EventType.USER_EMAIL_CHANGED, user, actor=actor, private=private)
        return self.prove_address(transaction, tenant_id, user_id=user_id, actor=actor)

    def prove_address(
        self, transaction: Transaction, tenant_id: str, *, user_id: str, actor: Actor
    ) -> User:
        """Note that the person reads the mail of the account's address.

        The first time, what the account had before goes: password, second factors, trust, known
        devices, sessions and tokens may be of somebody who waited for the owner (TOP-01). Nothing
        else makes an address of an account a proved one. Idempotent. Raises NotFound.
        """
        user = held(transaction, tenant_id, user_id)
        if user.email_verified:
            return user
        user.email_verified = True
        user.password_hash = user.password_changed_at = user.password_expires_at = None
        user.updated_at = self._clock.now()
        user.security_epoch += 1
        devices.forget_all(transaction, tenant_id, user_id)
        facts = self._wipe(transaction, snapshot(user))
        self._record(transaction, EventType.USER_EMAIL_VERIFIED, user, actor=actor, facts=facts)
        return user

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        user: User,
        *,
        actor: Actor,
        **more: Any,  # noqa: ANN401  what the event has fields for
    ) -> None:
        transaction.tenant(user.tenant_id).flush()
        by = replace(actor, principal=actor.principal or user.tenant_id)
        self._trail.record(transaction, Event(event, user.tenant_id, by, subject=user.id, **more))


def get(transaction: Transaction, tenant_id: str, user_id: str) -> User:
    """Return the row of an account of this tenant. Raises NotFound."""
    wanted = select(User).where(User.id == user_id, User.erased_at.is_(None))
    user = transaction.tenant(tenant_id).scalar(wanted)
    if user is None:
        raise NotFound("There is no such account.", detail=f"{user_id} in {tenant_id}")
    return user


def find_by_email(transaction: Transaction, tenant_id: str, email: str) -> UserSnapshot | None:
    """Return the tenant's account with this address, however it is spelled, or None."""
    try:
        canonical = parse_email(email).canonical
    except InvalidEmail:
        return None
    wanted = select(User).where(User.email_canonical == canonical)
    user = transaction.tenant(tenant_id).scalar(wanted)
    return snapshot(user) if user else None


def check_password(password: str, rules: Rules, about: About) -> None:
    """Raise WeakPassword for a password that the rules do not allow."""
    if weaknesses(password, rules, about):
        raise WeakPassword(strength(password, rules, about))


def _address(email: str) -> EmailAddress:
    try:
        return parse_email(email)
    except InvalidEmail as error:
        raise UnfitAccount(
            said("The email address is not usable: %(why)s.", why=reason(error)), field="email"
        ) from error


def _rename(transaction: Transaction, user: User, email: EmailAddress) -> None:
    """Write the address; what somebody else took in the meantime shows as in `_insert`."""
    session = transaction.tenant(user.tenant_id)
    try:
        with session.begin_nested():
            user.email, user.email_canonical = email.as_typed, email.canonical
            session.flush()
    except IntegrityError as error:
        raise Conflict(
            "There is an account with this email address already.", field="email"
        ) from error


def _insert(transaction: Transaction, user: User) -> None:
    """Add the row; what somebody else added in the meantime shows in the unique constraint."""
    session = transaction.tenant(user.tenant_id)
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError as error:
        if find_by_email(transaction, user.tenant_id, user.email) is None:
            if user.home_user_id is None:
                raise
            raise Conflict("The person has a guest account there already.") from error
        raise Conflict(
            "There is an account with this email address already.", field="email"
        ) from error
