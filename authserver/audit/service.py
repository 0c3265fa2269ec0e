"""Recording: one row in the transaction of the change it tells of.

`body` is the canonical form (JSON with sorted keys, no spaces), stored as the bytes that were
hashed. `leaf` is SHA-256 over 0x00, "auditv1", the tenant and the body, each length-prefixed
(RFC 6962 section 2.1 for the 0x00). No head is touched, so writers never wait for each other.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType

import orjson

from authserver.audit import statements
from authserver.audit.events import ActorKind, Event, EventType, Written
from authserver.audit.subjects import Subject, Subjects
from authserver.core.clock import Clock
from authserver.core.crypto import pack, seal
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id

MAX_PERSONAL = 512

Told = Mapping[EventType, Callable[[str], None]]
_NOBODY: Told = MappingProxyType({})
# Adds to the transaction what an event is to cause there.
Follow = Callable[[Transaction, Written], None]


class Trail:
    """Writes events."""

    def __init__(
        self,
        subjects: Subjects,
        clock: Clock,
        told: Told = _NOBODY,
        *,
        follow: Follow = lambda _transaction, _written: None,
    ) -> None:
        """Take what gives references and keys, and the time.

        `told` is called with the tenant when an event of the type is durable: for figures. `follow`
        adds to the transaction what is to be delivered of an event.
        """
        self._subjects = subjects
        self._clock = clock
        self._told = told
        self._follow = follow
        # Rung when an event is durable: there is one to give a number to.
        self.wake: Callable[[], None] = _nobody_waits

    def record(self, transaction: Transaction, event: Event) -> Written:
        """Add the event to the open transaction."""
        event_id, now = new_id("evt"), self._clock.now()
        actor = self._subjects.of(transaction, event.tenant_id, event.actor.principal)
        subject = event.subject and self._subjects.of(transaction, event.tenant_id, event.subject)
        body = _body(event, event_id, now, actor=actor, subject=subject or None)
        transaction.insert_at_commit(
            statements.INSERT_EVENT,
            {
                "id": event_id,
                "tenant_id": event.tenant_id,
                "occurred_at": now,
                "type": event.type.value,
                "actor_ref": actor.ref,
                "subject_ref": subject.ref if subject else None,
                "resource": event.resource,
                "correlation_id": event.actor.correlation_id,
                "body": body,
                "leaf": leaf_hash(event.tenant_id, body),
            },
        )
        transaction.when_durable(self.wake)
        tell = self._told.get(event.type)
        if tell is not None:
            transaction.when_durable(partial(tell, event.tenant_id))
        written = Written(event_id, now, event, subject.ref if subject else None)
        self._follow(transaction, written)
        return written

    def forget(self, transaction: Transaction, tenant_id: str, principal: str) -> str | None:
        """Erase a principal from the trail; the hashes still verify. Return the reference.

        What the open transaction recorded of them before is unreadable, too.
        """
        return self._subjects.destroy(transaction, tenant_id, principal)

    def trails_of(self, transaction: Transaction, principal: str) -> list[str]:
        """Return the tenants whose trail knows a principal: their own, and where they acted."""
        return self._subjects.trails_of(transaction, principal)


def _nobody_waits() -> None:
    """Do nothing: no sequencer is in this process."""


def leaf_hash(tenant_id: str, body: bytes) -> bytes:
    """Return the hash under which an event enters its tenant's tree."""
    tenant = tenant_id.encode()
    lengths = len(tenant).to_bytes(8, "big"), len(body).to_bytes(8, "big")
    return hashlib.sha256(b"\x00auditv1" + lengths[0] + tenant + lengths[1] + body).digest()


def _body(
    event: Event, event_id: str, now: datetime, *, actor: Subject, subject: Subject | None
) -> bytes:
    about = subject or actor
    # Who did not sign in has no key of their own: what is known of them goes with the account that
    # they tried, so that nothing of it outlives an erasure.
    browser = about if event.actor.kind == ActorKind.ANONYMOUS else actor
    document = {
        "id": event_id,
        "tenant": event.tenant_id,
        "time": now.isoformat(timespec="microseconds"),
        "type": event.type.value,
        "actor": {
            "kind": event.actor.kind,
            "ref": actor.ref,
            **({"via": event.actor.via} if event.actor.via else {}),
        },
        "subject": subject.ref if subject else None,
        "resource": event.resource,
        "correlation_id": event.actor.correlation_id,
        "facts": dict(event.facts),
        "before": event.before,
        "after": event.after,
        "personal": {
            **_sealed(
                event_id,
                browser,
                {"address": event.actor.address, "user_agent": event.actor.user_agent},
            ),
            **_sealed(event_id, about, dict(event.private)),
        },
    }
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _sealed(event_id: str, subject: Subject, values: dict[str, str]) -> dict[str, dict[str, str]]:
    """Encrypt each personal value under the key of the one it is about."""
    return {
        name: {
            "of": subject.ref,
            "sealed": b64encode(
                seal(subject.cipher, value[:MAX_PERSONAL].encode(), pack(event_id, name))
            ).decode(),
        }
        for name, value in values.items()
        if value
    }
