"""Who may ask for an API: every client, named ones, or none while it is closed."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from authserver.admin.api.resource_servers import ResourceServerShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Kind, Prepare
from authserver.admin.console.parts.values import Badge, Link, Tone, Value
from authserver.admin.console.screens.clients.words import clients_of
from authserver.admin.rest.problems import UnfitFields

_WHO, _IDS = "who", "client_ids"
_EVERY, _NAMED, _NONE = "every", "named", "none"


def fields(console: Console, tenant_id: str, one: ResourceServerShown | None) -> tuple[Field, ...]:
    """Return the fields that say who may ask."""
    label, hint = _("Which clients"), _("They count where only chosen ones may ask.")
    chosen = one and one.client_ids
    clients, whole = clients_of(console, tenant_id)
    if whole:
        named = Field(_IDS, label, Kind.MANY, hint, value=chosen, choices=clients)
    else:
        more = _("One client ID a line.")
        named = Field(_IDS, label, Kind.LINES, f"{hint} {more}", value=chosen, mono=True)
    choices = {
        _EVERY: _("Every client of the organization"),
        _NAMED: _("Only chosen clients"),
        _NONE: _("Nobody: the API is closed"),
    }
    who = Field(_WHO, _("Who may ask for it"), Kind.CHOICE, value=_present(one), choices=choices)
    return (who, named)


def body(one: ResourceServerShown | None) -> Prepare:
    """Return what makes the operation's body of what was typed, or of what differs."""

    def prepare(given: dict[str, object]) -> dict[str, object]:
        made: dict[str, Any] = {name: value for name, value in given.items() if name != _WHO}
        if isinstance(scopes := made.get("scopes"), dict):
            made["scopes"] = [{"name": name, "description": text} for name, text in scopes.items()]
        if _WHO in given or _IDS in given:
            made[_IDS] = _ids(str(given.get(_WHO, _present(one))), given, one)
        return made

    return prepare


def who(one: ResourceServerShown) -> Value:
    """Return who may ask, as lists say it."""
    if one.client_ids is None:
        return str(_("Every client"))
    return len(one.client_ids) if one.client_ids else Badge(_("Closed"), Tone.WARN)


def named(one: ResourceServerShown, tenant_id: str, names: Mapping[str, str]) -> Value:
    """Return who may ask, by name, with ways to them."""
    if not one.client_ids:
        return who(one)
    return tuple(
        Link(names.get(each, each), url_for("console.client", tenant_id=tenant_id, client_id=each))
        for each in one.client_ids
    )


def _present(one: ResourceServerShown | None) -> str:
    if one is None or one.client_ids is None:
        return _EVERY
    return _NAMED if one.client_ids else _NONE


def _ids(
    who_may: str, given: Mapping[str, object], one: ResourceServerShown | None
) -> list[object] | None:
    """Return the clients that are named; None is everybody. Raises UnfitFields for none named."""
    if who_may != _NAMED:
        return None if who_may == _EVERY else []
    listed = given.get(_IDS, one.client_ids if one else None)
    chosen = [*listed] if isinstance(listed, list | tuple) else []
    if not chosen:
        missing = {"field": _IDS, "code": "too_short", "message": "Choose at least one client."}
        raise UnfitFields([missing])
    return chosen
