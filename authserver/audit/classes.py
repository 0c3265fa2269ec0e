"""The class of each event, by which a tenant says for how long it is kept.

USE is what happens all day; SECURITY is what somebody looks for after an attack; the rest, which
says who changed what, is ADMINISTRATION.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from authserver.audit.catalogue import EventType


class EventClass(StrEnum):
    """The value begins the name of the tenant's column."""

    USE = "activity"
    SECURITY = "security"
    ADMINISTRATION = "administration"


# What stands before the dot of a type.
_NOUNS: Mapping[EventClass, frozenset[str]] = MappingProxyType(
    {
        EventClass.USE: frozenset(
            (
                "session", "code", "tokens", "machine_token", "token", "device", "account",
                "upstream_sign_in", "assertion", "verification",
            )
        ),
        EventClass.SECURITY: frozenset(
            (
                "factor", "backup_code", "trust", "recovery", "proof", "challenge", "refresh",
                "password", "identity", "registration",
            )
        ),
    }
)  # fmt: skip
# Those whose noun would put them elsewhere.
_TYPES: Mapping[EventType, EventClass] = MappingProxyType(
    {
        EventType.SIGN_IN_SUCCEEDED: EventClass.USE,
        EventType.SIGN_IN_FAILED: EventClass.SECURITY,
        EventType.ACCOUNT_LOCKED: EventClass.SECURITY,
        EventType.ACCOUNT_UNLOCKED: EventClass.SECURITY,
        EventType.CODE_REPLAYED: EventClass.SECURITY,
        EventType.CODE_REFUSED: EventClass.SECURITY,
        EventType.DEVICE_CODES_REFUSED: EventClass.SECURITY,
        EventType.UPSTREAM_REFUSED: EventClass.SECURITY,
        EventType.ASSERTION_REFUSED: EventClass.SECURITY,
        EventType.USER_PASSWORD_CHANGED: EventClass.SECURITY,
        EventType.USER_PASSWORD_REFUSED: EventClass.SECURITY,
        EventType.CLIENT_AUTHENTICATION_FAILED: EventClass.SECURITY,
        EventType.CLIENT_ADDRESS_REFUSED: EventClass.SECURITY,
    }
)


def class_of(kind: EventType) -> EventClass:
    """Return the class of an event."""
    if kind in _TYPES:
        return _TYPES[kind]
    noun = kind.value.partition(".")[0]
    found = (one for one, nouns in _NOUNS.items() if noun in nouns)
    return next(found, EventClass.ADMINISTRATION)


def types_of(one: EventClass) -> frozenset[str]:
    """Return the types of a class."""
    return frozenset(kind.value for kind in EventType if class_of(kind) is one)
