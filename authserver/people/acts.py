"""What is done for people and to them: one method for each act, the rules of policy.py first.

Each is part of the caller's transaction. Without a grantor, the operator acts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from authserver.accounts import profiles
from authserver.accounts.attempts import lockout
from authserver.accounts.details.policy import FIELDS
from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.guests import NewGuest, create_guest
from authserver.accounts.profiles import Profile, Profiles
from authserver.accounts.service import AccountService, NewAccount, get
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.database.engine import Transaction
from authserver.core.net.email import InvalidEmail, parse_email
from authserver.core.problems import NotFound, Refused
from authserver.federation.identities import Identities
from authserver.links.recovery import Recovery
from authserver.links.verification import Verification
from authserver.mfa.claims import Gone
from authserver.mfa.service import SecondFactors
from authserver.people.policy import check_may_act_on, may_vouch
from authserver.roles import lookup
from authserver.roles.policy import Grantor, check_grantor
from authserver.roles.service import RoleService
from authserver.sessions.endings import Endings
from authserver.sessions.models import UserSession
from authserver.sessions.service import SessionService
from authserver.tenants import domains

_CHOSEN = ("name", "locale", "zoneinfo")


@dataclass(frozen=True)
class By:
    """Who acts, and with which rights; the operator has no grantor."""

    actor: Actor
    grantor: Grantor | None = None


class Whom(NamedTuple):
    """The person that an act is for."""

    tenant_id: str
    user_id: str


@dataclass(frozen=True)
class NewPerson:
    """Somebody who gets an account. `mail`: a link is mailed that proves the address."""

    email: str
    name: str
    locale: str | None = None
    roles: Sequence[str] = ()
    verified: bool = False
    mail: bool = True


@dataclass(frozen=True)
class Tools:
    """The services that acts are made of."""

    accounts: AccountService
    roles: RoleService
    profiles: Profiles
    factors: SecondFactors
    sessions: SessionService
    endings: Endings
    identities: Identities
    recovery: Recovery
    verification: Verification
    trail: Trail


class Acts:
    """What administrators do. Every act says NotFound of a person of another tenant."""

    def __init__(self, tools: Tools) -> None:
        """Take the services."""
        self._tools = tools

    def create(self, transaction: Transaction, tenant_id: str, new: NewPerson, *, by: By) -> str:
        """Make an account without a password; return its id.

        Raises UnfitAccount, UnknownRole, Refused for roles above one's own or an address that the
        tenant cannot answer for, or Conflict for one that is taken.
        """
        roles = self._givable(transaction, tenant_id, new.roles, by=by)
        if new.verified and not may_vouch(by.grantor, *_domain(transaction, tenant_id, new.email)):
            raise Refused(
                "Only addresses of the tenant's own domains count as proved: mail a link.",
                field="verified",
            )
        account = NewAccount(
            tenant_id, new.email, new.name, verified=new.verified, locale=new.locale
        )
        user = self._tools.accounts.create(transaction, account, actor=by.actor)
        self._give(transaction, Whom(tenant_id, user.id), roles=roles, by=by)
        if new.mail:
            self._invite_to_sign_in(transaction, snapshot(user), new, by=by)
        return user.id

    def create_guest(
        self, transaction: Transaction, guest: NewGuest, *, roles: Sequence[str], by: By
    ) -> str:
        """Make a guest account for a person of another tenant; return its id.

        Raises NotFound, UnfitAccount, UnknownRole, Refused, Conflict.
        """
        given = self._givable(transaction, guest.tenant_id, roles, by=by)
        user = create_guest(self._tools.accounts, transaction, guest, actor=by.actor)
        self._give(transaction, Whom(guest.tenant_id, user.id), roles=given, by=by)
        return user.id

    def change(
        self,
        transaction: Transaction,
        whom: Whom,
        told: Mapping[str, str],
        *,
        phone_verified: bool | None,
        by: By,
    ) -> bool:
        """Change what a profile says; what is not told stays, "" takes a text away.

        Return whether anything is another thing now. Raises UnfitProfile, Refused.
        """
        self._check_over(transaction, whom, by=by)
        kept = profiles.of(get(transaction, *whom))
        wanted = replace(_patched(kept, told), phone_verified=phone_verified)
        return self._tools.profiles.change(
            transaction, whom.tenant_id, user_id=whom.user_id, profile=wanted, actor=by.actor
        )

    def set_roles(
        self,
        transaction: Transaction,
        whom: Whom,
        roles: Sequence[str],
        *,
        by: By,
    ) -> list[str]:
        """Make these the person's roles. Raises UnknownRole, Refused, NotFound."""
        return self._tools.roles.set_roles(
            transaction, *whom, roles=roles, actor=by.actor, grantor=by.grantor
        )

    def set_enabled(self, transaction: Transaction, whom: Whom, *, enabled: bool, by: By) -> None:
        """Disable an account, which ends everything of it at once, or enable it again.

        Raises Refused for one's own, one above, or the last administrator's.
        """
        self._check_over(transaction, whom, by=by)
        if not enabled:
            self._tools.roles.check_may_leave(transaction, *whom)
        self._tools.accounts.set_enabled(
            transaction, whom.tenant_id, user_id=whom.user_id, enabled=enabled, actor=by.actor
        )

    def unlock(self, transaction: Transaction, whom: Whom, *, by: By) -> None:
        """Lift the lock of untrusted devices; what was counted stays: the next one is longer."""
        get(transaction, *whom)
        lockout.lift(transaction, *whom)
        facts = {"by": by.actor.kind}
        event = Event(
            EventType.ACCOUNT_UNLOCKED, whom.tenant_id, by.actor, subject=whom.user_id, facts=facts
        )
        self._tools.trail.record(transaction, event)

    def reset_factors(self, transaction: Transaction, whom: Whom, *, reason: str, by: By) -> Gone:
        """Take every second factor away, as they are lost. Raises UnfitReason, Refused."""
        self._check_over(transaction, whom, by=by)
        return self._tools.factors.reset(transaction, *whom, by=by.actor, reason=reason)

    def require_password_change(self, transaction: Transaction, whom: Whom, *, by: By) -> None:
        """Let the next sign-in take a new password. Raises Conflict without one, Refused."""
        self._check_over(transaction, whom, by=by)
        self._tools.accounts.require_password_change(
            transaction, whom.tenant_id, user_id=whom.user_id, actor=by.actor
        )

    def send_reset(self, transaction: Transaction, whom: Whom, *, by: By) -> None:
        """Mail a link for a new password, which nobody else sees. Raises Conflict."""
        user = snapshot(get(transaction, *whom))
        self._tools.recovery.send(transaction, user, actor=by.actor)

    def verify_email(self, transaction: Transaction, whom: Whom, *, by: By) -> None:
        """Mail a link that proves the address. Raises Conflict where it is proved."""
        user = snapshot(get(transaction, *whom))
        self._tools.verification.send(transaction, user, actor=by.actor)

    def sign_out(self, transaction: Transaction, whom: Whom, *, by: By) -> None:
        """End every session and token of a person; they get a mail."""
        self._tools.endings.of_person(transaction, *whom, actor=by.actor)

    def end_session(self, transaction: Transaction, whom: Whom, session_id: str, *, by: By) -> bool:
        """End one session of a person; False if it had ended. Raises NotFound."""
        row = transaction.tenant(whom.tenant_id).get(UserSession, session_id)
        if row is None or row.user_id != whom.user_id:
            raise NotFound("There is no such session.", detail=f"{session_id} of {whom.user_id}")
        return self._tools.sessions.end(
            transaction, whom.tenant_id, session_id=session_id, actor=by.actor
        )

    def unlink(self, transaction: Transaction, whom: Whom, identity_id: str, *, by: By) -> None:
        """Take a linked sign-in away; everything ends. Raises NotFound, LastWayIn, Refused."""
        self._check_over(transaction, whom, by=by)
        user = snapshot(get(transaction, *whom))
        self._tools.identities.unlink(transaction, user, identity_id, by=by.actor)

    def _check_over(self, transaction: Transaction, whom: Whom, *, by: By) -> None:
        get(transaction, *whom)
        may = self._tools.roles.permissions_of(transaction, *whom)
        check_may_act_on(by.grantor, whom.user_id, may)

    def _givable(
        self, transaction: Transaction, tenant_id: str, roles: Sequence[str], *, by: By
    ) -> list[str]:
        """Return the roles as they are spelled, if they may be given: asked before all writing."""
        wanted = self._tools.roles.check_names(transaction, tenant_id, roles=roles)
        if by.grantor is not None:
            check_grantor(by.grantor, "", lookup.known(transaction, tenant_id, wanted))
        return sorted(wanted)

    def _give(
        self,
        transaction: Transaction,
        whom: Whom,
        *,
        roles: Sequence[str],
        by: By,
    ) -> None:
        if roles:
            self.set_roles(transaction, whom, roles, by=by)

    def _invite_to_sign_in(
        self, transaction: Transaction, user: UserSnapshot, new: NewPerson, *, by: By
    ) -> None:
        if new.verified:
            self._tools.recovery.send(transaction, user, actor=by.actor)
        else:
            self._tools.verification.send(transaction, user, actor=by.actor)


def _patched(kept: Profile, told: Mapping[str, str]) -> Profile:
    texts = {name: told.get(name, kept.flat[name]) for name in _CHOSEN}
    details = {field.name: told.get(field.name, kept.details[field.name]) for field in FIELDS}
    return profiles.checked(**texts, details=details)


def _domain(transaction: Transaction, tenant_id: str, email: str) -> tuple[str, frozenset[str]]:
    """Return the domain of an address, and those that the tenant proved to be its own."""
    try:
        domain = parse_email(email).domain
    except InvalidEmail:
        domain = ""
    return domain, domains.proved(transaction, tenant_id)
