"""Making the account of an address that a mailed link proved.

A link never signs anybody in: what a sign-in asks, it asks afterwards, too (TOP-07). A named
platform service: a token names its tenant.
"""

from dataclasses import dataclass, replace

from sqlalchemy import select, update

from authserver.accounts.passwords.hasher import PooledHasher
from authserver.accounts.service import NewAccount, find_by_email
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint
from authserver.core.net.email import parse_email
from authserver.core.problems import Conflict
from authserver.links.newcomers import (
    Agreed,
    House,
    Newcomer,
    check_newcomer,
    house,
    nothing_agreed,
    tenant_now,
)
from authserver.links.recovery import Tools
from authserver.links.service import LinkClosed
from authserver.registration.models import RegistrationRequest
from authserver.registration.policy import Present, Terms, is_good, may_register
from authserver.registration.service import PURPOSE, locked, openness_of
from authserver.roles.service import RoleService


@dataclass(frozen=True)
class Proved:
    """An address that was proved, and where it may have an account."""

    request_id: str
    house: House
    email: str
    roles: tuple[str, ...]


class Completion:
    """Makes the accounts."""

    def __init__(self, tools: Tools, roles: RoleService, hasher: PooledHasher) -> None:
        """Take what it works with."""
        self._tools = tools
        self._roles = roles
        self._hasher = hasher

    def look(self, token: str, issuer: str) -> Proved:
        """Return which address the link proves. Changes nothing. Raises LinkClosed."""
        with self._tools.database.read() as view:
            return self._good(view, token, issuer)

    def complete(
        self,
        token: str,
        newcomer: Newcomer,
        *,
        issuer: str,
        actor: Actor,
        agreed: Agreed = nothing_agreed,
    ) -> None:
        """Make the account, and in its transaction note what the person `agreed` to.

        Raises LinkClosed, UnfitNewcomer, or Unavailable when too many hash.
        """
        proved = self.look(token, issuer)
        chosen = check_newcomer(newcomer, proved.house, proved.email)
        made = self._hasher.hash(chosen.password)
        account = NewAccount(proved.house.id, proved.email, chosen.name, made, verified=True)

        def job(transaction: Transaction) -> None:
            person = self._make(transaction, token, account, issuer=issuer, actor=actor)
            agreed(transaction, account.tenant_id, person)

        self._tools.database.write(job)

    def _make(
        self,
        transaction: Transaction,
        token: str,
        account: NewAccount,
        *,
        issuer: str,
        actor: Actor,
    ) -> Actor:
        """Look at everything again, claim the link, and make the account, or nothing."""
        locked(transaction, account.tenant_id)
        proved = self._good(transaction, token, issuer)
        # Before the link is used up: it is good again once there is room.
        self._tools.accounts.entrance.admit(
            transaction, account.tenant_id, parse_email(account.email)
        )
        self._claim(transaction, proved)
        # Nobody has an account yet whose key could hide from where this was done.
        nobody = replace(actor, principal=account.tenant_id, address="", user_agent="")
        try:
            made = self._tools.accounts.create(transaction, account, actor=nobody)
        except Conflict as taken:  # an invitation was accepted just now: the link is void anyway
            raise LinkClosed(detail="taken at the same moment") from taken
        self._roles.set_roles(
            transaction, account.tenant_id, made.id, roles=proved.roles, actor=nobody
        )
        noted = update(RegistrationRequest).where(RegistrationRequest.id == proved.request_id)
        transaction.tenant(account.tenant_id).execute(
            noted.values(user_id=made.id).execution_options(synchronize_session=False)
        )
        person = replace(actor, kind=ActorKind.USER, principal=made.id)
        event = Event(
            EventType.USER_REGISTERED,
            account.tenant_id,
            person,
            subject=made.id,
            facts={"roles": list(proved.roles)},
        )
        self._tools.trail.record(transaction, event)
        return person

    def _good(self, transaction: Transaction, token: str, issuer: str) -> Proved:
        hashed = fingerprint(token, PURPOSE)
        wanted = (
            select(RegistrationRequest)
            .where(RegistrationRequest.token_hash == hashed)
            .execution_options(populate_existing=True)
        )
        row = transaction.platform().scalar(wanted)
        if row is None:
            raise LinkClosed(detail="unknown")
        tenant = tenant_now(transaction, row.tenant_id)
        openness = openness_of(tenant)
        present = Present(
            issuer=issuer,
            now=self._tools.clock.now(),
            allowed=openness.allowed and may_register(parse_email(row.email), openness.domains),
            taken=find_by_email(transaction, row.tenant_id, row.email) is not None,
        )
        if not is_good(Terms(row.issuer, row.expires_at, row.used_at is not None), present):
            raise LinkClosed(detail="used, expired, closed, taken or of another issuer")
        return Proved(row.id, house(tenant), row.email, tuple(openness.roles))

    def _claim(self, transaction: Transaction, proved: Proved) -> None:
        now = self._tools.clock.now()
        claimed = (
            update(RegistrationRequest)
            .where(
                RegistrationRequest.id == proved.request_id,
                RegistrationRequest.used_at.is_(None),
                RegistrationRequest.expires_at > now,
            )
            .values(used_at=now)
            .returning(RegistrationRequest.id)
            .execution_options(synchronize_session=False)
        )
        if transaction.tenant(proved.house.id).execute(claimed).first() is None:
            raise LinkClosed(detail="used at the same moment")
