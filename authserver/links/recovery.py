"""A forgotten password: a mail is asked for, and its link lets the person choose a new one.

Whoever asks gets one answer after the same reads, whether or not there is an account (ATK-095). A
link never signs anybody in: what a sign-in asks, it asks afterwards, too (TOP-07).
"""

from dataclasses import dataclass, replace

from authserver.accounts import directory
from authserver.accounts.directory import Audience, UserSnapshot
from authserver.accounts.notices import password_changed
from authserver.accounts.passwords.hasher import PooledHasher
from authserver.accounts.service import AccountService, check_password
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Conflict
from authserver.delivery.outbox import Message, enqueue
from authserver.links import notices
from authserver.links.policy import Asked, Outcome, Purpose, answer
from authserver.links.service import Account, Links, account_now
from authserver.links.shares import share_of
from authserver.tenants.service import instance_of

# Ids of accounts look different: the statements for an unknown address find nothing.
_NOBODY = "-"


@dataclass(frozen=True)
class Tools:
    """What everything that a link does works with."""

    database: Database
    links: Links
    accounts: AccountService
    trail: Trail
    keyring: Keyring
    clock: Clock

    def post(self, transaction: Transaction, message: Message) -> None:
        """Put a mail into the outbox."""
        enqueue(transaction, message, keyring=self.keyring, now=self.clock.now())


@dataclass(frozen=True)
class RecoveryRequest:
    """What was typed, and where: `issuer` is the URL of the page's issuer, `organization` a slug.

    An audience without an owner is that of the whole platform. `device_token` is by what the
    browser shows that it signed in before.
    """

    audience: Audience
    email: str
    issuer: str
    actor: Actor
    organization: str | None = None
    device_token: str | None = None


class Recovery:
    """Sends the mails, and sets the passwords."""

    def __init__(self, tools: Tools, hasher: PooledHasher, *, mails_an_hour: int) -> None:
        """Take what it works with, and how many mails a share has in an hour."""
        self._tools = tools
        self._hasher = hasher
        self._most_mails = mails_an_hour

    def request(self, request: RecoveryRequest) -> None:
        """Send a link to the stored address of the account that is meant, if there is one."""
        self._tools.database.write(lambda transaction: self._answer(transaction, request))

    def send(self, transaction: Transaction, user: UserSnapshot, *, actor: Actor) -> None:
        """Send the mail to somebody for whom an operator asks. The operator sees no link.

        It counts among the person's mails, and is sent however many there were. Raises Conflict
        for a guest account, which has no password, and for one that nobody may sign in with.
        """
        account = account_now(transaction, user.tenant_id, user.id)
        if account is None or not account.usable:
            raise Conflict("The account is closed, or a guest account: it gets no link.")
        issuer = self._tools.links.issuer_of(transaction, user.tenant_id)
        purpose = Purpose.RESET_PASSWORD
        link = self._tools.links.issue(transaction, account, purpose, issuer=issuer)
        self._tools.post(transaction, notices.new_password_by_operator(account, link))
        facts = {"outcome": Outcome.MAILED.value}
        event = EventType.RECOVERY_REQUESTED
        record = Event(event, user.tenant_id, actor, subject=user.id, facts=facts)
        self._tools.trail.record(transaction, record)

    def look(self, token: str, issuer: str) -> Account:
        """Return whose password the link is for. Raises LinkClosed."""
        with self._tools.database.read() as view:
            return self._tools.links.look(view, token, Purpose.RESET_PASSWORD, issuer=issuer)

    def reset(self, token: str, password: str, *, issuer: str, actor: Actor) -> None:
        """Set the password: everything that was signed in with the account before ends.

        Raises LinkClosed, WeakPassword, or Unavailable when too many hash.
        """
        account = self.look(token, issuer)
        check_password(password, account.rules, account.about)
        made = self._hasher.hash(password)
        self._tools.database.write(
            lambda transaction: self._set(transaction, token, made, issuer=issuer, actor=actor)
        )

    def _answer(self, transaction: Transaction, request: RecoveryRequest) -> None:
        """Decide and note it. An unknown address runs the same reads as a known one."""
        now = self._tools.clock.now()
        found = directory.find(
            transaction, request.audience, organization=request.organization, email=request.email
        )
        owner = request.audience.owner or instance_of(transaction)
        tenant_id, user_id = (found.user.tenant_id, found.user.id) if found else (owner, _NOBODY)
        account = account_now(transaction, tenant_id, user_id)
        device, mails = share_of(
            transaction, tenant_id, user_id, token=request.device_token, now=now
        )
        asked = Asked(account.suspended, account.disabled, mails) if account else None
        outcome = answer(asked, most_mails=self._most_mails)
        if account is not None and outcome is Outcome.MAILED:
            link = self._tools.links.issue(
                transaction,
                account,
                Purpose.RESET_PASSWORD,
                issuer=request.issuer,
                device=device,
            )
            self._tools.post(
                transaction, notices.new_password(account, link, actor=request.actor, now=now)
            )
        self._record(transaction, request, account, tenant_id=tenant_id, outcome=outcome)

    def _record(
        self,
        transaction: Transaction,
        request: RecoveryRequest,
        account: Account | None,
        *,
        tenant_id: str,
        outcome: Outcome,
    ) -> None:
        """Record the request; of one that means nobody, nothing that is personal."""
        by = replace(request.actor, principal=tenant_id)
        if account is None:
            by = replace(by, address="", user_agent="")
        event = Event(
            EventType.RECOVERY_REQUESTED,
            tenant_id,
            by,
            subject=account.user.id if account else None,
            facts={"outcome": outcome.value},
        )
        self._tools.trail.record(transaction, event)

    def _set(
        self, transaction: Transaction, token: str, made: str, *, issuer: str, actor: Actor
    ) -> None:
        """Claim the link and do all that it stands for, or nothing."""
        tools = self._tools
        account = tools.links.claim(transaction, token, Purpose.RESET_PASSWORD, issuer=issuer)
        user = account.user
        person = replace(actor, kind=ActorKind.USER, principal=user.id)
        # Who reads the mailbox has proved the address: what was done to the account before goes.
        tools.accounts.prove_address(transaction, user.tenant_id, user_id=user.id, actor=person)
        tools.accounts.set_password(
            transaction, user.tenant_id, user_id=user.id, password_hash=made, actor=person
        )
        tools.links.close(transaction, user, Purpose)
        event = Event(EventType.RECOVERY_COMPLETED, user.tenant_id, person, subject=user.id)
        tools.trail.record(transaction, event)
        tools.post(transaction, password_changed(user, person, now=tools.clock.now()))
