"""One thing that happened, and who did it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from authserver.audit.catalogue import EventType

__all__ = ["Actor", "ActorKind", "Event", "EventType", "Written"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class ActorKind(StrEnum):
    """What acts. The value stands in the trail; a row's may be one that is not made any more."""

    USER = "user"
    CLIENT = "client"
    OPERATOR = "operator"
    SERVER = "server"
    SYSTEM = "system"  # the server's sequencer, for the trail itself
    CONNECTION = "connection"  # a sign-in provider, for what it brings
    INITIAL_ACCESS_TOKEN = "initial_access_token"  # noqa: S105  a kind, not a secret
    ANONYMOUS = "anonymous"  # who did not sign in, or not yet


@dataclass(frozen=True)
class Actor:
    """Who acts, and from where. `kind` is an ActorKind, `principal` a user's, client's or tenant's.

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
