"""What a sign-in becomes, once everything is proved: sessions, and what its flow knows of it.

People sign in with their home account. Where the issuer is not for that but for a guest account of
theirs, only the guest has a session there. Part of the job that proved the last thing missing.
"""

from dataclasses import dataclass, replace

from flask import session

from authserver.accounts import devices, directory
from authserver.accounts.devices import Met
from authserver.accounts.directory import UserSnapshot
from authserver.accounts.notices import new_browser
from authserver.audit.events import ActorKind
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.core.problems import Refused
from authserver.delivery.outbox import enqueue
from authserver.federation.offered import Offers
from authserver.login.entry import OFFERED, Entry
from authserver.oauth.authorize import pending
from authserver.sessions.cookies import SHOWN_ACCOUNT
from authserver.sessions.guests import GuestSessions
from authserver.sessions.service import LiveSession, SessionService, SessionStart


@dataclass(frozen=True)
class Entered:
    """The session to show, and the new tokens of the browser it is in; of trust, if there is.

    `linked` says that what a provider had proved here opens the account from now on.
    """

    live: LiveSession
    session_token: str
    device_token: str
    trust_token: str | None = None
    linked: bool = False


class Arrival:
    """Starts the sessions of a sign-in."""

    def __init__(
        self,
        sessions: SessionService,
        guests: GuestSessions,
        offers: Offers,
        *,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        """Take what starts sessions, of people and of guests; what links; what writes mails."""
        self._sessions = sessions
        self._guests = guests
        self._offers = offers
        self._keyring = keyring
        self._clock = clock

    def enter(
        self,
        transaction: Transaction,
        entry: Entry,
        signed_in: SessionStart,
        *,
        meant: str | None = None,
    ) -> Entered:
        """Start what the sign-in opens. From now on the account knows the browser.

        `meant` is the account that the form named, if it did: else the one that was chosen before,
        or none, and the person's accounts are all the same to this sign-in. Raises Refused.
        """
        meant = meant or (entry.chosen.id if entry.chosen else None)
        if _is_for_guests_only(entry, signed_in.user):
            guest_id = _guest_here(transaction, entry, signed_in.user, meant=meant)
            live, token = self._guests.enter(transaction, signed_in, guest_id)
        else:
            live, token = self._sessions.start(transaction, signed_in)
            live = self._opened(transaction, entry, live, token=token)
        waiting = entry.situation.pending if entry.situation else None
        if waiting:
            pending.remember_person(transaction, waiting, signed_in.user.id, chosen=meant)
        met = self._meet(transaction, entry, signed_in)
        linked = entry.offered and self._offers.take(
            transaction, entry.hop, signed_in.user, by=signed_in.actor
        )
        return Entered(live, token, met.token, linked=linked)

    def _meet(self, transaction: Transaction, entry: Entry, signed_in: SessionStart) -> Met:
        """Let the account know the browser; the person is told of one that is new to it."""
        user, now = signed_in.user, self._clock.now()
        met = devices.remember(
            transaction,
            user,
            token=entry.browser.device_token,
            device=signed_in.device,
            keyring=self._keyring,
            now=now,
        )
        if met.is_news:
            message = new_browser(user, signed_in.actor, issuer=entry.issuer.url, now=now)
            enqueue(transaction, message, keyring=self._keyring, now=now)
        return met

    def _opened(
        self, transaction: Transaction, entry: Entry, home: LiveSession, *, token: str
    ) -> LiveSession:
        """Return the session of the guest account that was asked once more, if one was.

        Where that was closed meanwhile it is the one at home: the browser has its new name by now,
        and a refusal would leave it without any.
        """
        again = entry.again
        if again is None or again.user.home_user_id != home.user.id:
            return home
        actor = replace(entry.browser.actor, kind=ActorKind.USER, principal=home.user.id)
        try:
            return self._guests.open(
                transaction,
                home,
                again.user.id,
                actor=actor,
                device=entry.device,
                browser_token=token,
            )
        except Refused:
            return home

    def show(self, entry: Entry, entered: Entered) -> None:
        """Let the account's pages be for the account that was asked once more."""
        live = entered.live
        if entered.linked:
            session.pop(OFFERED, None)
        if entry.again and entry.again.user.home_user_id:
            session[SHOWN_ACCOUNT] = [live.id, self._clock.now().isoformat()]


def _is_for_guests_only(entry: Entry, user: UserSnapshot) -> bool:
    """Tell whether the issuer belongs to a tenant, and the entry is not for the person's own."""
    served = entry.audience.tenants
    own_issuer = entry.issuer.tenant_id is not None
    return own_issuer and served is not None and user.tenant_id not in served


def _guest_here(
    transaction: Transaction, entry: Entry, user: UserSnapshot, *, meant: str | None
) -> str:
    served = entry.audience.tenants or ()
    found = [
        guest.user.id
        for guest in directory.guests_of(transaction, user.id)
        if guest.user.tenant_id in served
    ]
    if not found:
        raise Refused("Please sign in again.", detail="no guest account that is served here")
    return meant if meant in found else found[0]
