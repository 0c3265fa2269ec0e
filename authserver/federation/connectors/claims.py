"""From what a provider says to what is taken from it: nothing is longer, or stranger, than it may.

An account's name follows the rules of names, languages and time zones are those that accounts have,
and an address is read strictly or not at all: a wish of the provider's, never an error of ours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from authserver.accounts.policy import UnfitAccount, check_name
from authserver.accounts.profiles import zones
from authserver.core.net.email import EmailAddress, InvalidEmail, parse_email
from authserver.federation.values import Target
from authserver.settings import LANGUAGES

Claims = Mapping[str, object]

_MAX_NAME = 120
_MAX_LABEL = 320
_MAX_GROUPS = 500
_MAX_GROUP = 255
_MAX_METHODS = 16
_MAX_METHOD = 64


@dataclass(frozen=True)
class Profile:
    """What is known of a person besides who they are."""

    email: EmailAddress | None
    email_verified: bool
    name: str
    locale: str | None
    zoneinfo: str | None
    groups: tuple[str, ...]


def sources(mapping: Mapping[str, str], targets: Iterable[Target]) -> dict[Target, str]:
    """Return which claim is read for what. Only `targets` can be read of another one.

    `email_verified` speaks of `email`: where the address is read elsewhere, it is verified only by
    a claim that was chosen, too.
    """
    chosen = {target: mapping[target] for target in targets if target in mapping}
    if Target.EMAIL in chosen:
        chosen.setdefault(Target.EMAIL_VERIFIED, "")
    return {**{target: target.value for target in Target}, **chosen}


def profile(claims: Claims, more: Claims, read: Mapping[Target, str]) -> Profile:
    """Return what an ID token says, and UserInfo (`more`) where it does not.

    Whether an address is verified counts only from where the address itself is: two answers may
    speak of two addresses.
    """
    merged = {**more, **claims}
    said = {target: merged.get(claim) for target, claim in read.items()}
    address_from = claims if read[Target.EMAIL] in claims else more
    address = email(said.get(Target.EMAIL))
    return Profile(
        email=address,
        email_verified=address is not None
        and is_true(address_from.get(read[Target.EMAIL_VERIFIED])),
        name=name(said.get(Target.NAME)),
        locale=locale(said.get(Target.LOCALE)),
        zoneinfo=zone(said.get(Target.ZONEINFO)),
        groups=groups(said.get(Target.GROUPS)),
    )


def email(value: object) -> EmailAddress | None:
    """Return an address that everybody reads the same way, None for any other."""
    try:
        return parse_email(value) if isinstance(value, str) else None
    except InvalidEmail:
        return None


def is_true(value: object) -> bool:
    """Tell whether a claim says yes: some providers write it as text, or as a number."""
    return value is True or value in ("true", "1") or (type(value) is int and value == 1)


def name(value: object) -> str:
    """Return a name that an account can have, else none."""
    try:
        return check_name(value.strip()[:_MAX_NAME]) if isinstance(value, str) else ""
    except UnfitAccount:
        return ""


def label(*values: object) -> str:
    """Return the first of them that people can be shown."""
    texts = (value for value in values if isinstance(value, str))
    return next((text[:_MAX_LABEL] for text in texts if text.strip() and text.isprintable()), "?")


def locale(value: object) -> str | None:
    """Return a language that pages have: that of `de-AT` is German."""
    language = value.replace("_", "-").partition("-")[0].lower() if isinstance(value, str) else ""
    return language if language in LANGUAGES else None


def zone(value: object) -> str | None:
    """Return a time zone that accounts can have."""
    return zones().get(value.lower()) if isinstance(value, str) else None


def groups(value: object) -> tuple[str, ...]:
    """Return the groups, each once; a provider with one group may write it without a list."""
    return _texts(value, _MAX_GROUPS, _MAX_GROUP)


def methods(value: object) -> tuple[str, ...]:
    """Return how somebody proved it (RFC 8176), each once."""
    return _texts(value, _MAX_METHODS, _MAX_METHOD)


def _texts(value: object, most: int, longest: int) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    fitting = (
        item
        for item in items
        if isinstance(item, str) and 0 < len(item) <= longest and item.isprintable()
    )
    return tuple(dict.fromkeys(fitting))[:most]
