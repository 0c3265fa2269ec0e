"""What a delivery says and how it is signed (Standard Webhooks 1.0, "Signature scheme").

A secret is `whsec_` and base64 of 32 random bytes; a signature is `v1,` and base64 of the
HMAC-SHA-256 over id, time in seconds since 1970 and body, joined by dots.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime

import orjson

from authserver.audit.reading import Told

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Return a new secret."""
    return PREFIX + b64encode(secrets.token_bytes(_BYTES)).decode()


def signed(
    message_id: str, body: bytes, *, at: datetime, keys: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Return the headers of a message, signed with each secret, the newest first."""
    seconds = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), seconds.encode(), body))
    return (
        ("webhook-id", message_id),
        ("webhook-timestamp", seconds),
        ("webhook-signature", " ".join(_signature(secret, content) for secret in keys)),
    )


def payload(tenant_id: str, event: Told) -> bytes:
    """Return what is told of an event: ids, time and facts, nothing personal in clear."""
    document = {
        "id": event.id,
        "type": event.type,
        "timestamp": event.time.isoformat(timespec="microseconds"),
        "tenant_id": tenant_id,
        "data": {
            "actor": {"kind": event.actor_kind, "id": event.actor},
            "subject": event.subject,
            "resource": event.resource,
            "correlation_id": event.correlation_id,
            "facts": event.facts,
        },
    }
    return orjson.dumps(document)


def _signature(secret: str, content: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return "v1," + b64encode(hmac.digest(key, content, "sha256")).decode()
