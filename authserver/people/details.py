"""One person as administrators see them: account, factors, sessions. Never a secret or its hash."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from authserver.accounts import profiles
from authserver.accounts.attempts import lockout
from authserver.accounts.attempts.lockout import Failures
from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.models import User
from authserver.accounts.profiles import Profile
from authserver.accounts.service import get
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.mfa import authenticators, backup_codes
from authserver.mfa.authenticators import App
from authserver.mfa.left import is_mandatory
from authserver.passkeys import credentials
from authserver.passkeys.credentials import Listed
from authserver.roles.service import RoleService
from authserver.sessions import statements
from authserver.sessions.models import UserSession
from authserver.sessions.traces import Trace, Traces
from authserver.tenants.policy import SessionLives


@dataclass(frozen=True)
class Standing:
    """An account, its roles and what it says of its person."""

    user: User
    profile: Profile
    roles: tuple[str, ...]
    failures: Failures

    @property
    def snapshot(self) -> UserSnapshot:
        """Return the account as other services take it."""
        return snapshot(self.user)


@dataclass(frozen=True)
class Factors:
    """What somebody can prove besides a password. Backup codes are counted, never shown."""

    apps: tuple[App, ...]
    passkeys: tuple[Listed, ...]
    codes_left: int
    mandatory: bool


@dataclass(frozen=True)
class SignedIn:
    """Where somebody is signed in."""

    id: str
    issuer: str
    trace: Trace
    methods: tuple[str, ...]
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class Details:
    """Reads what there is of one person."""

    def __init__(
        self, roles: RoleService, keyring: Keyring, clock: Clock, *, lives: SessionLives
    ) -> None:
        """Take what knows roles, what opens traces, and how long sessions live."""
        self._roles = roles
        self._traces = Traces(keyring)
        self._clock = clock
        self._idle = lives.idle

    def of(self, transaction: Transaction, tenant_id: str, user_id: str) -> Standing:
        """Return an account. Raises NotFound."""
        user = get(transaction, tenant_id, user_id)
        return Standing(
            user,
            profiles.of(user),
            tuple(self._roles.roles_of(transaction, tenant_id, user_id)),
            lockout.since_the_last_sign_in(transaction, tenant_id, user_id),
        )

    def factors(self, transaction: Transaction, user: UserSnapshot) -> Factors:
        """Return what somebody has."""
        return Factors(
            tuple(authenticators.listed(transaction, user)),
            tuple(credentials.all_of(transaction, user.tenant_id, user.id)),
            backup_codes.left(transaction, user),
            is_mandatory(transaction, user),
        )

    def sessions(self, transaction: Transaction, tenant_id: str, user_id: str) -> list[SignedIn]:
        """Return where somebody is signed in, at every issuer; the latest use first."""
        now = self._clock.now()
        asked = {
            "tenant_id": tenant_id,
            "user_id": user_id,
            "now": now,
            "seen_after": now - self._idle,
        }
        return [self._session(row) for row in transaction.rows(statements.LIVE_OF_PERSON, asked)]

    def _session(self, row: Mapping[str, object]) -> SignedIn:
        found = UserSession(**row)
        return SignedIn(
            found.id,
            found.issuer,
            self._traces.read(found),
            tuple(found.amr),
            found.created_at,
            found.last_seen_at,
            found.expires_at,
        )
