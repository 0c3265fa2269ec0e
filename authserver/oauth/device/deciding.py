"""What the person says to a device: allowed or denied, in the browser where its code was entered.

An approval becomes an authorization code that only the device's own code opens: it is redeemed,
judged and ended like every other.
"""

from dataclasses import replace
from datetime import datetime

from authserver.audit.events import Actor, ActorKind, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.oauth.authorize import codes, pending
from authserver.oauth.authorize.accounts.situation import Situation
from authserver.oauth.authorize.answer import ClientAnswer
from authserver.oauth.device import statements
from authserver.oauth.device.service import Devices, Waiting, browser_hash, device_event
from authserver.sessions.service import LiveSession
from authserver.tokens.people.requested import NOTHING


class Decisions:
    """Writes them. Each closes the pending request, so that there is one."""

    def __init__(self, database: Database, devices: Devices, *, trail: Trail, clock: Clock) -> None:
        """Take what stores and records."""
        self._database = database
        self._devices = devices
        self._trail = trail
        self._clock = clock

    def approve(self, situation: Situation, account: LiveSession) -> ClientAnswer:
        """Let the device have its tokens: the person allowed it in the browser of the code."""
        now, waiting = self._clock.now(), self._devices.of(situation)

        def job(transaction: Transaction) -> bool:
            if situation.pending:
                pending.answer(transaction, situation.pending, now)
            if waiting is None or not self._decide(transaction, situation, approve=True, now=now):
                return False
            new = _code(situation, account, waiting=waiting, now=now)
            codes.store(transaction, new, waiting.device_code_hash)
            actor = _person(situation, account.user.id)
            facts = {"client": situation.client.id, "scope": situation.request.scope}
            event = device_event(
                EventType.DEVICE_APPROVED, account.tenant_id, waiting.id, actor=actor
            )
            self._trail.record(transaction, event._replace(facts=facts))
            return True

        approved = self._database.write(job)
        return _answer(situation, "allowed" if approved else "over")

    def deny(self, situation: Situation) -> ClientAnswer:
        """Tell the device that the person refused."""
        now = self._clock.now()

        def job(transaction: Transaction) -> None:
            if situation.pending:
                pending.answer(transaction, situation.pending, now)
            if self._decide(transaction, situation, approve=False, now=now):
                event = device_event(
                    EventType.DEVICE_DENIED,
                    situation.client.tenant.id,
                    situation.request.device or "",
                    actor=situation.browser.actor,
                )
                self._trail.record(transaction, event)

        self._database.write(job)
        return _answer(situation, "denied")

    def _decide(
        self, transaction: Transaction, situation: Situation, *, approve: bool, now: datetime
    ) -> bool:
        values = {
            "of_tenant": situation.client.tenant.id,
            "device_id": situation.request.device,
            "of_browser": browser_hash(situation.browser.flow_token),
            "now": now,
        }
        if approve:
            return transaction.change(statements.APPROVE_DEVICE, values) == 1
        return transaction.change(statements.DENY_DEVICE, values) == 1


def _person(situation: Situation, user_id: str) -> Actor:
    return replace(situation.browser.actor, kind=ActorKind.USER, principal=user_id)


def _code(
    situation: Situation, account: LiveSession, *, waiting: Waiting, now: datetime
) -> codes.NewCode:
    return codes.NewCode(
        tenant_id=account.tenant_id,
        issuer=situation.issuer.url,
        user_id=account.user.id,
        session_id=account.id,
        client_tenant_id=situation.client.tenant.id,
        client_id=situation.client.id,
        redirect_uri=situation.request.redirect_uri,
        code_challenge=None,
        nonce=None,
        scope=waiting.scope,
        resources=waiting.resources,
        claims=NOTHING,
        created_at=now,
        expires_at=waiting.expires_at,
    )


def _answer(situation: Situation, outcome: str) -> ClientAnswer:
    """Return where the browser goes: to a page of ours, since the client is elsewhere."""
    return ClientAnswer(situation.request.redirect_uri, "query", {"outcome": outcome})
