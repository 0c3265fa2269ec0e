"""Initial access tokens: made and taken back by operators, used by whoever registers."""

from sqlalchemy import select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.clients import statements
from authserver.clients.registering.models import InitialAccessToken
from authserver.clients.registering.policy import Admission, NewInitialToken, NotAdmitted
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.core.problems import NotFound
from authserver.tenants.models import Tenant

PURPOSE = "initial_access_token"
_RECORDED = ("name", "kinds", "scopes", "clients_left", "vouches", "statement_issuer")


class InitialTokens:
    """Keeps the initial access tokens of tenants."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        """Take where changes are recorded, and the time."""
        self._trail = trail
        self._clock = clock

    def create(
        self, transaction: Transaction, new: NewInitialToken, *, actor: Actor
    ) -> tuple[InitialAccessToken, str]:
        """Make a token; return its row and itself, which nobody reads afterwards.

        Raises NotFound for a tenant that does not exist, UnfitRegistration, UnfitName.
        """
        session, now = transaction.tenant(new.tenant_id), self._clock.now()
        if session.get(Tenant, new.tenant_id) is None:
            raise NotFound("There is no such tenant.")
        token = f"iat_{new_secret()}"
        row = InitialAccessToken(
            id=new_id("ini"),
            token_hash=fingerprint(token, PURPOSE),
            created_at=now,
            expires_at=now + new.life,
            **new.values(),
        )
        session.add(row)
        session.flush()
        after = {name: getattr(row, name) for name in _RECORDED}
        after["expires_at"] = row.expires_at.isoformat()
        self._record(transaction, EventType.INITIAL_TOKEN_CREATED, row, actor=actor, after=after)
        return row, token

    def revoke(
        self, transaction: Transaction, tenant_id: str, token_id: str, *, actor: Actor
    ) -> InitialAccessToken:
        """Let nobody register with a token any more. Idempotent. Raises NotFound."""
        session = transaction.tenant(tenant_id)
        row = session.get(InitialAccessToken, token_id, with_for_update=True)
        if row is None:
            raise NotFound("There is no such initial access token.")
        if row.revoked_at is None:
            row.revoked_at = self._clock.now()
            session.flush()
            self._record(transaction, EventType.INITIAL_TOKEN_REVOKED, row, actor=actor)
        return row

    def all_of(self, transaction: Transaction, tenant_id: str) -> list[InitialAccessToken]:
        """Return the tokens of a tenant, oldest first."""
        query = select(InitialAccessToken).order_by(InitialAccessToken.id)
        return [*transaction.tenant(tenant_id).scalars(query)]

    def find(self, view: Transaction, token: str) -> Admission:
        """Return what a token admits to. Raises NotAdmitted; whether it still does is not asked."""
        wanted = {"token_hash": fingerprint(token, PURPOSE)}
        row = view.row(statements.FIND_INITIAL_TOKEN, wanted)
        if row is None:
            raise NotAdmitted(detail="unknown initial access token")
        return Admission.of(row)

    def use(self, transaction: Transaction, admission: Admission) -> None:
        """Count one more client. Raises NotAdmitted when another one was the last."""
        values = {"token_id": admission.token_id, "now": self._clock.now()}
        if not transaction.change(statements.USE_INITIAL_TOKEN, values):
            raise NotAdmitted(detail="the token was used up or ended meanwhile")

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        row: InitialAccessToken,
        *,
        actor: Actor,
        after: dict[str, object] | None = None,
    ) -> None:
        record = Event(event, row.tenant_id, actor, resource=row.id, after=after)
        self._trail.record(transaction, record)
