"""Asking for an account. What the mailed link then does: completion.py.

Whoever asks gets one answer after the same work, whether or not the address has an account: a row
and a mail either way (ATK-095). Only the mail differs.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.service import find_by_email
from authserver.audit.events import Actor, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.core.net.email import EmailAddress, InvalidEmail, parse_email
from authserver.core.problems import NotFound, Problem
from authserver.links.newcomers import House, house, tenant_now
from authserver.links.policy import KEPT_FOR, Mails
from authserver.links.recovery import Tools
from authserver.registration import notices
from authserver.registration.models import RegistrationRequest
from authserver.registration.policy import (
    PATH,
    Openness,
    Outcome,
    may_register,
    outcome,
)
from authserver.tenants.models import Tenant
from authserver.tenants.numbers import Numbers

PURPOSE = "registration"
_SIGN_IN = "/login/password?to=overview"
_HOUR = timedelta(hours=1)


class UnfitAddress(Problem):
    """Nobody can register with this text; says nothing of accounts."""

    code = "unfit_address"
    title = "Nobody can register with this address"


@dataclass(frozen=True)
class Ask:
    """What was typed, and where: `issuer` is the URL of the page's issuer."""

    tenant_id: str
    email: str
    issuer: str
    actor: Actor


@dataclass(frozen=True)
class Limits:
    """What says how long a link lives, and how many mails an address gets in an hour."""

    numbers: Numbers
    mails_an_hour: int


class Registration:
    """Sends the mails."""

    def __init__(self, tools: Tools, limits: Limits) -> None:
        """Take what it works with."""
        self._tools = tools
        self._limits = limits

    def domains(self, tenant_id: str) -> tuple[str, ...]:
        """Return whose addresses may register, nothing for all.

        Raises NotFound where nobody may: that is no secret, the page offers it or does not.
        """
        with self._tools.database.read() as view:
            openness = openness_of(tenant_now(view, tenant_id))
        if not openness.allowed:
            raise NotFound("Nobody can register here.", detail=f"closed in {tenant_id}")
        return openness.domains

    def request(self, ask: Ask) -> None:
        """Mail a link to the address, or to its account's owner that there is one.

        Raises NotFound where nobody may register, UnfitAddress for what cannot.
        """
        domains = self.domains(ask.tenant_id)
        try:
            email = parse_email(ask.email.strip())
        except InvalidEmail as error:
            raise UnfitAddress(f"The email address is not usable: {error}.") from error
        if not may_register(email, domains):
            raise UnfitAddress("Nobody can register with an address of this domain.")
        self._tools.database.write(lambda transaction: self._answer(transaction, ask, email))

    def _answer(self, transaction: Transaction, ask: Ask, email: EmailAddress) -> None:
        """Decide and note it. A taken address takes the same statements as a free one."""
        now = self._tools.clock.now()
        here = house(locked(transaction, ask.tenant_id))
        owner = find_by_email(transaction, ask.tenant_id, email.as_typed)
        mails = self._mailed(transaction, ask.tenant_id, email, now=now)
        result = outcome(
            taken=owner is not None, mails=mails, most_mails=self._limits.mails_an_hour
        )
        if result is not Outcome.TOO_MANY:
            self._mail(transaction, ask, email, here=here, owner=owner)
        # The same for everybody: the trail's own look at a known person would take time.
        nobody = replace(ask.actor, principal=here.id, address="", user_agent="")
        facts = {"outcome": result.value}
        event = Event(EventType.REGISTRATION_REQUESTED, here.id, nobody, facts=facts)
        self._tools.trail.record(transaction, event)

    def _mail(
        self,
        transaction: Transaction,
        ask: Ask,
        email: EmailAddress,
        *,
        here: House,
        owner: UserSnapshot | None,
    ) -> None:
        tools, now, token = self._tools, self._tools.clock.now(), new_secret()
        row = RegistrationRequest(
            id=new_id("reg"),
            email=email.as_typed,
            address=email.canonical,
            issuer=ask.issuer,
            token_hash=fingerprint(token, PURPOSE),
            created_at=now,
            expires_at=now + self._limits.numbers.of(here.tightened).link_life,
            used_at=now if owner else None,
            user_id=owner.id if owner else None,
        )
        transaction.tenant(here.id).add(row)
        link = f"{ask.issuer}{PATH}?token={token}"
        tools.post(
            transaction,
            notices.account_exists(
                here, owner, url=f"{ask.issuer}{_SIGN_IN}", actor=ask.actor, now=now
            )
            if owner
            else notices.confirm_address(here, email.as_typed, url=link, until=row.expires_at),
        )

    def _mailed(
        self, transaction: Transaction, tenant_id: str, email: EmailAddress, *, now: datetime
    ) -> Mails:
        """Return what the address got. That it is taken must not show: its mails count as links."""
        rows = RegistrationRequest
        fresh = (rows.expires_at > now) | (rows.created_at > now - KEPT_FOR)
        wanted = select(
            func.count().filter(rows.created_at > now - _HOUR).label("lately"),
            func.count().filter(fresh).label("fresh"),
        ).where(rows.address == email.canonical)
        row = transaction.tenant(tenant_id).execute(wanted).one()
        return Mails(row.lately, row.fresh)


def locked(transaction: Transaction, tenant_id: str) -> Tenant:
    """Return the tenant's row, locked: parallel requests are all counted."""
    wanted = select(Tenant).where(Tenant.id == tenant_id).with_for_update()
    tenant = transaction.tenant(tenant_id).scalar(wanted)
    if tenant is None:
        raise LookupError(tenant_id)
    return tenant


def openness_of(tenant: Tenant) -> Openness:
    """Return whether and how a tenant lets people register."""
    own, every = tenant.registration_domains or (), tenant.email_domains or ()
    return Openness(
        open=tenant.registration_open and not (own and every and set(own).isdisjoint(every)),
        suspended=tenant.suspended_at is not None,
        tenant_type=tenant.type,
        domains=tuple(one for one in own or every if not every or one in every),
        role=tenant.registration_role,
    )
