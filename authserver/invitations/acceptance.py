"""An invitation is looked at, and accepted once: by a new account, or by a guest account.

The address is that of the invitation and proved by its link; the roles are asked for anew. Nobody
is signed in by it: what a sign-in asks, it asks afterwards, too (TOP-07). A named platform
service: a token names its tenant.
"""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select, update

from authserver.accounts.guests import NewGuest, create_guest
from authserver.accounts.models import User
from authserver.accounts.passwords.hasher import PooledHasher
from authserver.accounts.service import NewAccount, find_by_email
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint
from authserver.core.net.email import parse_email
from authserver.core.problems import Conflict, Refused
from authserver.invitations import policy
from authserver.invitations.inviters import giver
from authserver.invitations.models import Invitation
from authserver.invitations.offers import Offer, offer_of
from authserver.invitations.policy import Home, Present, Refusal
from authserver.invitations.service import PURPOSE, inviter_of, terms_of
from authserver.links.newcomers import (
    Agreed,
    Newcomer,
    check_newcomer,
    house,
    nothing_agreed,
    tenant_now,
)
from authserver.links.recovery import Tools
from authserver.links.service import LinkClosed
from authserver.roles import lookup
from authserver.roles.service import RoleService
from authserver.tenants.models import Tenant


class Acceptance:
    """Takes invitations."""

    def __init__(self, tools: Tools, roles: RoleService, hasher: PooledHasher) -> None:
        """Take what it works with."""
        self._tools = tools
        self._roles = roles
        self._hasher = hasher

    def look(self, token: str, issuer: str) -> Offer:
        """Return what the link offers. Changes nothing: scanners follow links. Raises LinkClosed.

        So does an invitation whose inviter may not invite any more.
        """
        with self._tools.database.read() as view:
            found = self._find(view, token, issuer)
        if isinstance(found, Refusal):
            raise LinkClosed(detail=found.value)
        return found

    def accept(
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
        offer = self.look(token, issuer)
        chosen = check_newcomer(newcomer, offer.house, offer.email)
        made = self._hasher.hash(chosen.password)
        account = NewAccount(offer.house.id, offer.email, chosen.name, made, verified=True)
        self._join(token, account, issuer=issuer, actor=actor, agreed=agreed)

    def may_come_as_guest(self, offer: Offer, home_id: str) -> bool:
        """Tell whether an account of another tenant is that of the person who is invited."""
        with self._tools.database.read() as view:
            home = _home_now(view, home_id)
        return _fits(home, offer)

    def accept_as_guest(
        self,
        token: str,
        home_id: str,
        *,
        issuer: str,
        actor: Actor,
        agreed: Agreed = nothing_agreed,
    ) -> None:
        """Make a guest account, through which the person's account of another tenant comes in.

        Whoever calls has made sure that the person signed in with that account just now. Raises
        LinkClosed, or Refused where it is not the account of the address that was invited.
        """
        offer = self.look(token, issuer)
        with self._tools.database.read() as view:
            home = _home_now(view, home_id)
        if home is None:
            raise Refused("The invitation is for another address.", detail=f"not {home_id}")
        account = NewGuest(offer.house.id, home.tenant_id, home_id)
        self._join(token, account, issuer=issuer, actor=actor, agreed=agreed)

    def _join(
        self,
        token: str,
        account: NewAccount | NewGuest,
        *,
        issuer: str,
        actor: Actor,
        agreed: Agreed,
    ) -> None:
        def job(transaction: Transaction) -> None:
            person = self._take(transaction, token, account, issuer=issuer, actor=actor)
            agreed(transaction, account.tenant_id, person)

        self._tools.database.write(job)

    def _take(
        self,
        transaction: Transaction,
        token: str,
        account: NewAccount | NewGuest,
        *,
        issuer: str,
        actor: Actor,
    ) -> Actor:
        """Look at everything again, claim the invitation, and do all that it stands for."""
        offer = self._open(transaction, token, issuer, actor=actor)
        home_id = account.home_user_id
        if home_id and not _fits(_home_now(transaction, home_id, lock=True), offer):
            raise Refused("The invitation is for another address.", detail=f"not {home_id}")
        # Before the invitation is used up; it has its own place among those who are counted.
        entrance, address = self._tools.accounts.entrance, parse_email(offer.email)
        entrance.admit(transaction, offer.house.id, address, more=0)
        self._claim(transaction, offer)
        # Nobody has an account yet whose key could hide from where this was done.
        nobody = replace(actor, principal=offer.house.id, address="", user_agent="")
        try:
            made = self._make(transaction, account, actor=nobody)
        except Conflict as taken:  # somebody else made one just now: nothing is left to accept
            raise LinkClosed(detail=Refusal.TAKEN.value) from taken
        person = replace(actor, kind=ActorKind.USER, principal=made.id)
        self._roles.set_roles(
            transaction,
            offer.house.id,
            made.id,
            roles=offer.roles,
            actor=giver(offer.grantor, nobody),
            grantor=offer.grantor,
        )
        self._note_account(transaction, offer, made.id)
        facts = {"roles": list(offer.roles), "guest": home_id is not None}
        event = EventType.INVITATION_ACCEPTED
        self._record(transaction, event, offer, actor=person, subject=made.id, facts=facts)
        return person

    def _make(
        self, transaction: Transaction, account: NewAccount | NewGuest, *, actor: Actor
    ) -> User:
        if isinstance(account, NewGuest):
            return create_guest(self._tools.accounts, transaction, account, actor=actor)
        return self._tools.accounts.create(transaction, account, actor=actor)

    def _open(self, transaction: Transaction, token: str, issuer: str, *, actor: Actor) -> Offer:
        """Return the offer, its tenant's row locked; an open one that is refused is recorded."""
        row = _row(transaction, token)
        if row is None:
            raise LinkClosed(detail="unknown")
        # Roles are changed under the same lock: what is read next is the newest.
        locked = select(Tenant).where(Tenant.id == row.tenant_id).with_for_update()
        transaction.tenant(row.tenant_id).scalar(locked)
        found = self._find(transaction, token, issuer)
        if isinstance(found, Offer):
            return found
        if found in {Refusal.INVITER_MAY_NOT, Refusal.ROLE_GONE, Refusal.TAKEN}:
            event = Event(
                EventType.INVITATION_REFUSED,
                row.tenant_id,
                replace(actor, principal=row.tenant_id, address="", user_agent=""),
                resource=f"invitation:{row.id}",
                facts={"reason": found.value},
            )
            self._tools.trail.record(transaction, event)
        raise LinkClosed(detail=found.value)

    def _find(self, transaction: Transaction, token: str, issuer: str) -> Offer | Refusal:
        row = _row(transaction, token)
        if row is None:
            return Refusal.NOT_OPEN
        here = house(tenant_now(transaction, row.tenant_id))
        inviter = inviter_of(transaction, row, roles=self._roles)
        present = Present(
            issuer=issuer,
            now=self._tools.clock.now(),
            suspended=here.suspended,
            tenant_type=here.type,
            taken=find_by_email(transaction, row.tenant_id, row.email) is not None,
            # One that was made after the invitation is another role of the same name (ATK-112).
            roles=lookup.known(transaction, row.tenant_id, row.roles, made_before=row.created_at),
            inviter=inviter.inviter if inviter else None,
        )
        reason = policy.refusal(terms_of(row), present)
        return reason or offer_of(row, here, inviter)

    def _claim(self, transaction: Transaction, offer: Offer) -> None:
        now = self._tools.clock.now()
        claimed = (
            update(Invitation)
            .where(
                Invitation.id == offer.invitation_id,
                Invitation.accepted_at.is_(None),
                Invitation.revoked_at.is_(None),
                Invitation.expires_at > now,
            )
            .values(accepted_at=now)
            .returning(Invitation.id)
            .execution_options(synchronize_session=False)
        )
        if transaction.tenant(offer.house.id).execute(claimed).first() is None:
            raise LinkClosed(detail="accepted at the same moment")

    def _note_account(self, transaction: Transaction, offer: Offer, user_id: str) -> None:
        noted = update(Invitation).where(Invitation.id == offer.invitation_id)
        transaction.tenant(offer.house.id).execute(
            noted.values(user_id=user_id).execution_options(synchronize_session=False)
        )

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        offer: Offer,
        *,
        actor: Actor,
        subject: str,
        facts: Mapping[str, object],
    ) -> None:
        resource = f"invitation:{offer.invitation_id}"
        record = Event(
            event, offer.house.id, actor, subject=subject, resource=resource, facts=facts
        )
        self._tools.trail.record(transaction, record)


def _row(transaction: Transaction, token: str) -> Invitation | None:
    wanted = (
        select(Invitation)
        .where(Invitation.token_hash == fingerprint(token, PURPOSE))
        .execution_options(populate_existing=True)
    )
    return transaction.platform().scalar(wanted)


def _home_now(transaction: Transaction, user_id: str, *, lock: bool = False) -> Home | None:
    wanted = (
        select(User, Tenant.suspended_at)
        .join(Tenant, Tenant.id == User.tenant_id)
        .where(User.id == user_id)
        .execution_options(populate_existing=True)
    )
    if lock:
        wanted = wanted.with_for_update(of=User)
    row = transaction.platform().execute(wanted).first()
    if row is None:
        return None
    user, suspended_at = row
    return Home(
        tenant_id=user.tenant_id,
        address=user.email_canonical,
        verified=user.email_verified,
        guest=user.home_user_id is not None,
        closed=user.disabled_at is not None or suspended_at is not None,
    )


def _fits(home: Home | None, offer: Offer) -> bool:
    return home is not None and policy.may_be_home(
        home, tenant_id=offer.house.id, address=offer.address
    )
