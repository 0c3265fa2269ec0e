"""Another address for an account: proved by a link to it, told to the one before.

Nothing changes until the link is used. Whoever asks gets one answer, whether or not somebody else
has that address: only the mails differ, and they go to mailboxes, never to who asks. The mail to
the present address carries a link of its own, for a person who did not ask.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from authserver.accounts import directory
from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.policy import UnfitAccount
from authserver.accounts.service import find_by_email
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.net.email import EmailAddress, InvalidEmail, parse_email
from authserver.core.problems import Conflict, Problem
from authserver.core.values.said import reason, said
from authserver.links import notices
from authserver.links.policy import Purpose
from authserver.links.recovery import Tools
from authserver.links.service import Account, Issued, LinkClosed, OpenChange, account_now

_HOUR = timedelta(hours=1)
_OURS = (Purpose.CHANGE_EMAIL, Purpose.KEEP_EMAIL)

# Runs inside the transaction, with the person as they are after the change.
Keep = Callable[[Transaction, UserSnapshot], None]


class SameAddress(UnfitAccount):
    """The account has this address already."""

    code = "same_address"
    title = "This is the present address"


class TooManyChanges(Problem):
    """The account asked for too many links in an hour."""

    status = 429
    code = "too_many_changes"
    title = "Too many changes of the address"


@dataclass(frozen=True)
class NewAddress:
    """Who wants which address, and where: `issuer` is the URL of the page's issuer."""

    tenant_id: str
    user_id: str
    email: str
    issuer: str
    actor: Actor


class EmailChange:
    """Asks for a proof of the new address, takes it, and calls changes off."""

    def __init__(self, tools: Tools, *, mails_an_hour: int) -> None:
        """Take what it works with, and how many links an account gets in an hour."""
        self._tools = tools
        self._most_mails = mails_an_hour

    def waiting(self, tenant_id: str, user_id: str) -> OpenChange | None:
        """Return the change that waits for its link to be used."""
        with self._tools.database.read() as view:
            return self._tools.links.open_change(view, tenant_id, user_id)

    def request(self, wanted: NewAddress) -> None:
        """Send a link to the new address, and word of it to the present one.

        Raises UnfitAccount, SameAddress, TooManyChanges, AddressNotAllowed, or Conflict for a
        guest account.
        """
        try:
            email = parse_email(wanted.email)
        except InvalidEmail as error:
            raise UnfitAccount(
                said("The email address is not usable: %(why)s.", why=reason(error))
            ) from error
        self._tools.database.write(lambda transaction: self._ask(transaction, wanted, email))

    def cancel(self, tenant_id: str, user_id: str, *, actor: Actor) -> bool:
        """Call the change off; False if none was open."""
        return self._tools.database.write(
            lambda transaction: self._cancel(transaction, tenant_id, user_id, actor=actor)
        )

    def look(self, token: str, purpose: Purpose, *, issuer: str) -> Account:
        """Return whose link it is, and the address it promises. Raises LinkClosed."""
        with self._tools.database.read() as view:
            return self._tools.links.look(view, token, purpose, issuer=issuer)

    def confirm(self, token: str, *, issuer: str, actor: Actor, keep: Keep) -> Issued | None:
        """Change the address. Sessions and tokens end, but for what `keep` takes over.

        Where no address of the account was ever proved, everything of before goes, and what comes
        back is a link for the password that is chosen next. Raises LinkClosed.
        """
        return self._tools.database.write(
            lambda transaction: self._confirm(
                transaction, token, issuer=issuer, actor=actor, keep=keep
            )
        )

    def refuse(self, token: str, *, issuer: str, actor: Actor) -> Issued | None:
        """Call the change off for somebody who did not ask for it. Raises LinkClosed.

        Who did ask knows the password: sessions and tokens end, and a proved mailbox gets a link
        for a new password. One that nobody has proved gets nothing of the account.
        """
        return self._tools.database.write(
            lambda transaction: self._refuse(transaction, token, issuer=issuer, actor=actor)
        )

    def _ask(self, transaction: Transaction, wanted: NewAddress, email: EmailAddress) -> None:
        tools, now = self._tools, self._tools.clock.now()
        account = account_now(transaction, wanted.tenant_id, wanted.user_id)
        if account is None or not account.usable:
            raise Conflict("The address is changed where the account is at home.")
        if account.user.email == email.as_typed:
            raise SameAddress("This is the address of the account already.")
        tools.accounts.entrance.check_address(transaction, wanted.tenant_id, email)
        self._check_rate(transaction, account, since=now - _HOUR)
        found = find_by_email(transaction, wanted.tenant_id, email.as_typed)
        owner = found if found and found.id != account.user.id else None
        links = {
            purpose: tools.links.issue(
                transaction, account, purpose, issuer=wanted.issuer, new_email=email.as_typed
            )
            for purpose in _OURS
        }
        # The link is stored either way, or the pages would tell whose address it is.
        if owner is not None:
            mail = notices.address_wanted(owner, account)
        else:
            mail = notices.confirm_new_address(account, links[Purpose.CHANGE_EMAIL], email.as_typed)
        tools.post(transaction, mail)
        notice = notices.address_will_change(
            account, links[Purpose.KEEP_EMAIL], email.as_typed, actor=wanted.actor, now=now
        )
        tools.post(transaction, notice)
        self._record(
            transaction,
            EventType.EMAIL_CHANGE_REQUESTED,
            account.user,
            actor=wanted.actor,
            facts={"outcome": "address_taken" if owner else "mailed"},
            email=email.as_typed,
        )

    def _check_rate(self, transaction: Transaction, account: Account, *, since: datetime) -> None:
        user = account.user
        mails = self._tools.links.issued_since(
            transaction, user.tenant_id, user.id, since=since, purpose=Purpose.CHANGE_EMAIL
        )
        if mails >= self._most_mails:
            raise TooManyChanges("Links were asked for too often in the last hour.")

    def _cancel(
        self, transaction: Transaction, tenant_id: str, user_id: str, *, actor: Actor
    ) -> bool:
        account = account_now(transaction, tenant_id, user_id)
        waiting = self._tools.links.open_change(transaction, tenant_id, user_id)
        if account is None or waiting is None:
            return False
        self._tools.links.close(transaction, account.user, _OURS)
        self._called_off(transaction, account.user, by="account", actor=actor, email=waiting.email)
        return True

    def _confirm(
        self, transaction: Transaction, token: str, *, issuer: str, actor: Actor, keep: Keep
    ) -> Issued | None:
        tools, now = self._tools, self._tools.clock.now()
        account = tools.links.claim(transaction, token, Purpose.CHANGE_EMAIL, issuer=issuer)
        user = account.user
        person = replace(actor, kind=ActorKind.USER, principal=user.id)
        tools.links.close(transaction, user, Purpose)
        email = parse_email(account.new_email or "")
        try:
            row = tools.accounts.change_email(
                transaction, user.tenant_id, user_id=user.id, email=email, actor=person
            )
        except Conflict as taken:
            raise LinkClosed(detail="somebody else has the address by now") from taken
        changed = snapshot(row)
        self._tell_guests(transaction, changed, email, actor=person)
        for message in notices.address_changed(account, changed, actor=person, now=now):
            tools.post(transaction, message)
        if account.verified:
            keep(transaction, changed)
            return None
        proved = replace(account, user=changed, address=email.canonical)
        return tools.links.issue(transaction, proved, Purpose.RESET_PASSWORD, issuer=issuer)

    def _tell_guests(
        self, transaction: Transaction, home: UserSnapshot, email: EmailAddress, *, actor: Actor
    ) -> None:
        """Let the guest accounts follow, but for where somebody else has the address."""
        for guest in (one.user for one in directory.guests_of(transaction, home.id)):
            taken = find_by_email(transaction, guest.tenant_id, email.as_typed)
            if taken is None or taken.id == guest.id:
                self._tools.accounts.change_email(
                    transaction, guest.tenant_id, user_id=guest.id, email=email, actor=actor
                )

    def _refuse(
        self, transaction: Transaction, token: str, *, issuer: str, actor: Actor
    ) -> Issued | None:
        tools = self._tools
        account = tools.links.claim(transaction, token, Purpose.KEEP_EMAIL, issuer=issuer)
        user = account.user
        tools.links.close(transaction, user, Purpose)
        person = replace(actor, kind=ActorKind.USER, principal=user.id)
        self._called_off(
            transaction, user, by="present_address", actor=person, email=account.new_email or ""
        )
        row = tools.accounts.end_everything(transaction, user.tenant_id, user_id=user.id)
        if not account.verified:
            return None
        proved = replace(account, user=snapshot(row))
        return tools.links.issue(transaction, proved, Purpose.RESET_PASSWORD, issuer=issuer)

    def _called_off(
        self, transaction: Transaction, user: UserSnapshot, *, by: str, actor: Actor, email: str
    ) -> None:
        self._record(
            transaction,
            EventType.EMAIL_CHANGE_CANCELLED,
            user,
            actor=actor,
            facts={"by": by},
            email=email,
        )

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        user: UserSnapshot,
        *,
        actor: Actor,
        facts: dict[str, object],
        email: str,
    ) -> None:
        record = Event(
            event, user.tenant_id, actor, subject=user.id, facts=facts, private={"email": email}
        )
        self._tools.trail.record(transaction, record)
