"""One thing that happened, and who did it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from authserver.audit.catalogue import EventType

__all__ = ["Actor", "Event", "EventType", "Written"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Actor:
    """Who acts, and from where. `principal` is a user's, a client's or a tenant's id.

    `address` and `user_agent` are personal: the trail holds them only encrypted. `via` names the
    API key that was shown instead of a sign-in.
    """

    kind: str
    principal: str
    correlation_id: str
    address: str = ""
    user_agent: str = ""
    via: str = ""


class Event(NamedTuple):
    """One thing that happened. `private` values are encrypted under the subject's key."""

    type: EventType
    tenant_id: str
    actor: Actor
    subject: str | None = None
    resource: str | None = None
    facts: Mapping[str, object] = _NOTHING
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None
    private: Mapping[str, str] = _NOTHING


class Written(NamedTuple):
    """An event as it was just written into the open transaction. `subject_ref` is opaque."""

    id: str
    time: datetime
    event: Event
    subject_ref: str | None
