"""The accounts of a browser that a request may be answered for: signed in, or guests of those."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from authserver.accounts import directory
from authserver.audit.events import Actor
from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.database.engine import Database
from authserver.core.net.browsers import describe
from authserver.oauth.authorize.accounts.choice import Account, Choice, Picked, Wishes, pick
from authserver.oauth.authorize.accounts.remembered import Remembered
from authserver.oauth.authorize.request import AuthorizationRequest
from authserver.sessions.guests import GuestSessions
from authserver.sessions.service import LiveSession, SessionService
from authserver.tenants.snapshot import TenantSnapshot
from authserver.tokens.people.subjects import SubjectIdentifiers


@dataclass(frozen=True)
class Question:
    """Which account is meant? `remembered` is read only where there are several."""

    issuer: str
    client: RegisteredClient
    request: AuthorizationRequest
    choice: Choice
    session_token: str | None
    remembered: Callable[[], Remembered]


class PresentAccounts:
    """Finds, picks and opens accounts."""

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        *,
        guests: GuestSessions,
        tenants: Snapshots[str, TenantSnapshot],
        subjects: SubjectIdentifiers,
    ) -> None:
        """Take what knows sessions, tenants by slug, and what clients call people."""
        self._database = database
        self._sessions = sessions
        self._guests = guests
        self._tenants = tenants
        self._subjects = subjects

    def of(self, question: Question) -> list[Account]:
        """Return the accounts that the client serves, in the organisation if one is asked for.

        The newest sign-in first, guests after the account that they can be opened from.
        """
        if question.session_token is None:
            return []
        found: dict[str, Account] = {}
        live = self._sessions.present(question.session_token, question.issuer)
        here = {session.user.id for session in live}
        for session in live:
            if session.user.home_user_id not in here:
                found[session.user.id] = Account(session.user, session)
            if session.has_guests:
                found |= self._guests_of(session, live)
        fits = self._fits(question)
        return [account for account in found.values() if fits(account)]

    def pick(self, question: Question) -> Picked:
        """Return the account that is meant."""
        accounts = self.of(question)
        if not accounts:
            return Picked()
        asked = question.request
        wishes = Wishes(
            choice=question.choice,
            must_ask="select_account" in asked.prompt,
            hint=asked.login_hint,
            remembered=lambda ids: question.remembered().among(question.client.id, ids),
            named=asked.meant is not None,
        )
        return pick(accounts, wishes)

    def open(self, question: Question, account: Account, actor: Actor) -> None:
        """Start the session of a guest account. Raises Refused."""
        home, token = account.home, question.session_token
        if home is None or token is None:
            raise ValueError("a guest account is opened from its home account")
        device = describe(actor.user_agent)
        self._database.write(
            lambda transaction: self._guests.open(
                transaction, home, account.id, actor=actor, device=device, browser_token=token
            )
        )

    def _guests_of(self, home: LiveSession, live: Sequence[LiveSession]) -> dict[str, Account]:
        with self._database.read() as view:
            guests = directory.guests_of(view, home.user.id)
        own = {session.user.id: session for session in live}
        return {
            guest.user.id: Account(guest.user, own.get(guest.user.id), home, guest.mfa_required)
            for guest in guests
        }

    def _fits(self, question: Question) -> Callable[[Account], bool]:
        organization, client = question.request.organization, question.client
        meant = question.request.meant
        wanted = self._tenants.get(organization) if organization else None
        wanted_id = wanted.id if wanted else None

        def fits(account: Account) -> bool:
            tenant_id = account.user.tenant_id
            if not client.serves_tenant(tenant_id):
                return False
            if organization is not None and tenant_id != wanted_id:
                return False
            return meant is None or self._subjects.of(client, account.id) in meant

        return fits
