"""Proving an address: a link goes to it, and who follows the link reads its mail.

The first proof wipes what the account was given before: password, second factors, trust, known
devices, sessions, tokens and open links. Somebody else may have made or used the account, waiting
for its owner (TOP-01, pre-hijacking); the owner chooses a password at once, by a further link.
"""

from dataclasses import dataclass, replace

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict, Problem
from authserver.links import notices
from authserver.links.policy import Purpose
from authserver.links.recovery import Tools
from authserver.links.service import Account, Issued, account_now
from authserver.links.shares import share_of


class TooManyProofs(Problem):
    """The account asked for too many links in an hour."""

    status = 429
    code = "too_many_proofs"
    title = "Too many links to prove the address"


@dataclass(frozen=True)
class Wish:
    """Who wants to prove the account's address, and where: `issuer` is the URL of the page's.

    `device_token` is by what the browser shows that it signed in before.
    """

    tenant_id: str
    user_id: str
    issuer: str
    actor: Actor
    device_token: str | None = None


class Verification:
    """Sends the mails, and takes the proofs."""

    def __init__(self, tools: Tools, *, mails_an_hour: int) -> None:
        """Take what it works with, and how many mails a share has in an hour."""
        self._tools = tools
        self._most_mails = mails_an_hour

    def request(self, wish: Wish) -> None:
        """Send a link because the person asked. Raises Conflict like `send`, TooManyProofs."""
        self._tools.database.write(lambda transaction: self._ask(transaction, wish))

    def send(self, transaction: Transaction, user: UserSnapshot, *, actor: Actor) -> None:
        """Send a link to the account's address, because an operator wants it.

        Raises Conflict where there is nothing to prove, or nobody who may sign in.
        """
        account = _unproved(transaction, user.tenant_id, user.id)
        issuer = self._tools.links.issuer_of(transaction, user.tenant_id)
        self._post(transaction, account, issuer=issuer, actor=actor)

    def look(self, token: str, issuer: str) -> Account:
        """Return whose address the link proves. Raises LinkClosed."""
        with self._tools.database.read() as view:
            return self._tools.links.look(view, token, Purpose.VERIFY_EMAIL, issuer=issuer)

    def confirm(self, token: str, *, issuer: str, actor: Actor) -> Issued:
        """Take the proof and return a link for the password that is chosen next.

        Raises LinkClosed.
        """
        return self._tools.database.write(
            lambda transaction: self._prove(transaction, token, issuer=issuer, actor=actor)
        )

    def _ask(self, transaction: Transaction, wish: Wish) -> None:
        account = _unproved(transaction, wish.tenant_id, wish.user_id)
        device, mails = share_of(
            transaction,
            wish.tenant_id,
            wish.user_id,
            token=wish.device_token,
            now=self._tools.clock.now(),
            purpose=Purpose.VERIFY_EMAIL,
        )
        if mails.lately >= self._most_mails:
            raise TooManyProofs("Links were asked for too often in the last hour.")
        self._post(transaction, account, issuer=wish.issuer, actor=wish.actor, device=device)

    def _post(
        self,
        transaction: Transaction,
        account: Account,
        *,
        issuer: str,
        actor: Actor,
        device: str | None = None,
    ) -> None:
        purpose, user = Purpose.VERIFY_EMAIL, account.user
        link = self._tools.links.issue(transaction, account, purpose, issuer=issuer, device=device)
        self._tools.post(transaction, notices.verify_email(account, link))
        event = Event(EventType.VERIFICATION_SENT, user.tenant_id, actor, subject=user.id)
        self._tools.trail.record(transaction, event)

    def _prove(self, transaction: Transaction, token: str, *, issuer: str, actor: Actor) -> Issued:
        links = self._tools.links
        account = links.claim(transaction, token, Purpose.VERIFY_EMAIL, issuer=issuer)
        user = account.user
        person = replace(actor, kind=ActorKind.USER, principal=user.id)
        links.close(transaction, user, Purpose)
        proved = self._tools.accounts.prove_address(
            transaction, user.tenant_id, user_id=user.id, actor=person
        )
        now_at = replace(user, security_epoch=proved.security_epoch)
        return links.issue(
            transaction, replace(account, user=now_at), Purpose.RESET_PASSWORD, issuer=issuer
        )


def _unproved(transaction: Transaction, tenant_id: str, user_id: str) -> Account:
    """Return the account as it is now. Raises Conflict where there is nothing to prove."""
    account = account_now(transaction, tenant_id, user_id)
    if account is None or account.disabled or account.guest:
        raise Conflict("The account is disabled, or a guest account: it gets no link.")
    if account.verified:
        raise Conflict("The address is verified already.")
    return account
