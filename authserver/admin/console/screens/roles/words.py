"""Permissions in words: what they are about, and what they allow there."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from authserver.roles.catalogue import Permission

_ABOUT = {
    "tenants": _l("Organizations"),
    "settings": _l("Settings"),
    "users": _l("People"),
    "roles": _l("Roles"),
    "clients": _l("Applications"),
    "api_keys": _l("API keys"),
    "connections": _l("Sign-in providers"),
    "sessions": _l("Sessions"),
    "keys": _l("Signing keys"),
    "audit": _l("Audit trail"),
    "usage": _l("Usage"),
    "billing": _l("Billing"),
    "health": _l("Health"),
}
_VERBS = {
    "read": _l("see"),
    "write": _l("change"),
    "unlock": _l("unlock"),
    "assign": _l("give"),
    "end": _l("end"),
    "rotate": _l("renew"),
    "export": _l("export"),
}


def subjects() -> dict[str, str]:
    """Return what permissions are about, in the order of the catalogue."""
    found = dict.fromkeys(permission.partition(":")[0] for permission in Permission)
    return {name: str(_ABOUT.get(name, name)) for name in found}


def verbs(permissions: Iterable[Permission], subject: str) -> list[str]:
    """Return what is allowed about one of them."""
    split = (permission.value.partition(":") for permission in permissions)
    return [str(_VERBS.get(verb, verb)) for about, _, verb in split if about == subject]


def in_words(permission: Permission) -> str:
    """Return a permission as a label: what it is about, and what may be done there."""
    about, _, verb = permission.value.partition(":")
    return f"{_ABOUT.get(about, about)}: {_VERBS.get(verb, verb)}"
