"""Proving an address: a link goes to it, and who follows the link reads its mail.

The first proof wipes what the account was given before: password, passkeys, known devices,
sessions, tokens and open links. Somebody else may have made or used the account, waiting for its
owner (TOP-01, pre-hijacking); the owner chooses a password at once, by a link for a new one.
"""

from dataclasses import replace

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict
from authserver.links import notices
from authserver.links.policy import Purpose
from authserver.links.recovery import Tools
from authserver.links.service import Account, Issued, account_now, wipe_unproved


class Verification:
    """Sends the mails, and takes the proofs."""

    def __init__(self, tools: Tools) -> None:
        """Take what it works with."""
        self._tools = tools

    def send(self, transaction: Transaction, user: UserSnapshot, *, actor: Actor) -> None:
        """Send a link to the account's address.

        Raises Conflict where there is nothing to prove, or nobody who may sign in.
        """
        account = account_now(transaction, user.tenant_id, user.id)
        if account is None or account.disabled or account.guest:
            raise Conflict("The account is disabled, or a guest account: it gets no link.")
        if account.verified:
            raise Conflict("The address is verified already.")
        issuer = self._tools.links.issuer_of(transaction, user.tenant_id)
        link = self._tools.links.issue(transaction, account, Purpose.VERIFY_EMAIL, issuer=issuer)
        self._tools.post(transaction, notices.verify_email(account, link))
        event = Event(EventType.VERIFICATION_SENT, user.tenant_id, actor, subject=user.id)
        self._tools.trail.record(transaction, event)

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

    def _prove(self, transaction: Transaction, token: str, *, issuer: str, actor: Actor) -> Issued:
        links = self._tools.links
        account = links.claim(transaction, token, Purpose.VERIFY_EMAIL, issuer=issuer)
        user = account.user
        person = replace(actor, kind="user", principal=user.id)
        links.close(transaction, user, Purpose)
        wipe_unproved(transaction, account)
        proved = self._tools.accounts.prove_address(
            transaction, user.tenant_id, user_id=user.id, actor=person
        )
        now_at = replace(user, security_epoch=proved.security_epoch)
        return links.issue(
            transaction, replace(account, user=now_at), Purpose.RESET_PASSWORD, issuer=issuer
        )
