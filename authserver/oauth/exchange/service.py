"""Who may exchange whose tokens: allowed and forbidden by operators."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.clients.models import Client
from authserver.clients.policy import UnfitRegistration, check_audiences
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import NotFound
from authserver.core.said import said
from authserver.oauth.exchange.models import ExchangeRule
from authserver.oauth.exchange.policy import TOKEN_EXCHANGE, Way
from authserver.tenants.models import Tenant
from authserver.tenants.service import bump_snapshots


@dataclass(frozen=True)
class Allowed:
    """What a client may do with the tokens of another."""

    client_id: str
    subject_client_id: str
    audiences: tuple[str, ...]
    ways: tuple[str, ...]


class ExchangeRules:
    """Changes of rules. Afterwards the caller tells the caches: `watch.changed()`."""

    def __init__(self, trail: Trail, clock: Clock, *, allow_http_loopback: bool = False) -> None:
        """Take where changes are recorded; http on loopback is for development."""
        self._trail = trail
        self._clock = clock
        self._allow_http_loopback = allow_http_loopback

    def allow(
        self, transaction: Transaction, tenant_id: str, wanted: Allowed, *, actor: Actor
    ) -> Allowed:
        """Let a client exchange another's tokens; a rule that was there is replaced.

        Raises NotFound, or UnfitRegistration: public clients have no rules, and a client reaches
        into another tenant only where its own is internal.
        """
        client = _held(transaction, tenant_id, wanted.client_id)
        if client.auth_method == "none":
            raise UnfitRegistration("A public client exchanges no tokens: it proves nothing.")
        subject = self._subject(transaction, client, wanted.subject_client_id)
        values = {
            "audiences": check_audiences(
                wanted.audiences, allow_http_loopback=self._allow_http_loopback
            ),
            "ways": _ways(wanted.ways),
        }
        before = self._remove(transaction, client, subject.id)
        transaction.tenant(tenant_id).add(
            ExchangeRule(
                id=new_id("exr"),
                client_id=client.id,
                subject_tenant_id=subject.tenant_id,
                subject_client_id=subject.id,
                created_at=self._clock.now(),
                **values,
            )
        )
        self._changed(transaction, client, subject.id, before=before, after=values, actor=actor)
        return Allowed(client.id, subject.id, tuple(values["audiences"]), tuple(values["ways"]))

    def forbid(
        self,
        transaction: Transaction,
        tenant_id: str,
        client_id: str,
        *,
        subject_client_id: str,
        actor: Actor,
    ) -> None:
        """Take a rule away. What was exchanged before ends with its own short life.

        Raises NotFound.
        """
        client = _held(transaction, tenant_id, client_id)
        before = self._remove(transaction, client, subject_client_id)
        if before is None:
            raise NotFound("There is no such rule.")
        self._changed(
            transaction, client, subject_client_id, before=before, after=None, actor=actor
        )

    def all_of(self, transaction: Transaction, tenant_id: str) -> list[Allowed]:
        """Return the rules of a tenant's clients."""
        wanted = select(ExchangeRule).order_by(ExchangeRule.client_id, ExchangeRule.id)
        return [
            Allowed(row.client_id, row.subject_client_id, tuple(row.audiences), tuple(row.ways))
            for row in transaction.tenant(tenant_id).scalars(wanted)
        ]

    def _subject(self, transaction: Transaction, client: Client, subject_id: str) -> Client:
        own = transaction.tenant(client.tenant_id)
        tenant = own.get(Tenant, client.tenant_id)
        reach = transaction.platform() if tenant and tenant.type == "internal" else own
        subject = reach.get(Client, subject_id)
        if subject is None:
            raise NotFound("There is no such client whose tokens could be exchanged.")
        return subject

    def _remove(
        self, transaction: Transaction, client: Client, subject_client_id: str
    ) -> dict[str, list[str]] | None:
        gone = (
            delete(ExchangeRule)
            .where(
                ExchangeRule.client_id == client.id,
                ExchangeRule.subject_client_id == subject_client_id,
            )
            .returning(ExchangeRule.audiences, ExchangeRule.ways)
        )
        row = transaction.tenant(client.tenant_id).execute(gone).first()
        return {"audiences": row.audiences, "ways": row.ways} if row else None

    def _changed(
        self,
        transaction: Transaction,
        client: Client,
        subject_client_id: str,
        *,
        before: dict[str, list[str]] | None,
        after: dict[str, list[str]] | None,
        actor: Actor,
    ) -> None:
        """Let the client have the grant type while it has rules."""
        session = transaction.tenant(client.tenant_id)
        session.flush()
        left = session.scalar(
            select(ExchangeRule.id).where(ExchangeRule.client_id == client.id).limit(1)
        )
        others = [grant for grant in client.grant_types if grant != TOKEN_EXCHANGE]
        client.grant_types = [*others, TOKEN_EXCHANGE] if left else others
        client.version += 1
        session.flush()
        bump_snapshots(transaction)
        event = Event(
            EventType.EXCHANGE_RULES_CHANGED,
            client.tenant_id,
            actor,
            resource=f"client:{client.id}",
            facts={"tokens_of": subject_client_id},
            before=before,
            after=after,
        )
        self._trail.record(transaction, event)


def _held(transaction: Transaction, tenant_id: str, client_id: str) -> Client:
    client = transaction.tenant(tenant_id).get(Client, client_id, with_for_update=True)
    if client is None:
        raise NotFound("There is no such client.")
    return client


def _ways(asked: Iterable[str]) -> list[str]:
    known: Sequence[str] = [way.value for way in Way]
    ways = [way for way in known if way in set(asked)]
    if not ways or not set(asked) <= set(known):
        raise UnfitRegistration(
            said("A token is exchanged by %(known)s.", known=" or ".join(known))
        )
    return ways
