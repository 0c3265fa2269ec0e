"""What kinds of clients, their states, and what they do are called."""

from collections import Counter
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from authserver.admin.api.clients.shown import ClientPage, ClientShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.values import Badge, Tone
from authserver.admin.rest.paging import MOST

PEOPLE = ("web", "spa", "native", "device")
MACHINES = ("service", "partner")
METHODS = {
    "client_secret_basic": "client_secret_basic",
    "client_secret_post": "client_secret_post",
    "private_key_jwt": "private_key_jwt",
    "tls_client_auth": "tls_client_auth",
    "self_signed_tls_client_auth": "self_signed_tls_client_auth",
}


def kinds() -> dict[str, str]:
    """Return the kinds of clients."""
    return {
        "web": _("Web application"),
        "spa": _("Single-page application"),
        "native": _("Mobile or desktop application"),
        "device": _("Device without a keyboard"),
        "service": _("Service"),
        "partner": _("Partner"),
    }


def kinds_told() -> dict[str, str]:
    """Return what each kind is for."""
    return {
        "web": _("People sign in. The application has a server that can keep a secret."),
        "spa": _("People sign in. The application runs in the browser alone and keeps no secret."),
        "native": _("People sign in. The application is installed on a phone or a computer."),
        "device": _("People sign in on another device: televisions, command lines."),
        "service": _("No people. A program of your own gets tokens for itself."),
        "partner": _("No people. A program of another company, with limits of its own."),
    }


def orders() -> dict[str, str]:
    """Return what the list is sorted by, in words."""
    return {
        "name": _("By name"),
        "-name": _("By name, from the end"),
        "created": _("Newest first"),
        "-created": _("Oldest first"),
    }


def clients_of(console: Console, tenant_id: str, **wanted: str) -> tuple[dict[str, str], bool]:
    """Return the names of a tenant's clients by their ids, and whether these are all of them.

    Where two are called the same, their ids tell them apart.
    """
    if not console.may("list_clients"):
        return {}, False
    given = {"limit": MOST, **wanted}
    page = console.ask("list_clients", {"tenant_id": tenant_id}, given=given).content
    if not isinstance(page, ClientPage):
        raise TypeError("list_clients shows a page")
    names = Counter(one.name for one in page.items)
    called = {
        one.id: one.name if names[one.name] == 1 else f"{one.name} ({one.id})" for one in page.items
    }
    return called, page.next_cursor is None


def state(one: ClientShown) -> Badge:
    """Return whether a client works."""
    if one.disabled_at:
        return Badge(_("Switched off"), Tone.BAD)
    return Badge(_("Active"), Tone.GOOD)


def badges(one: ClientShown) -> tuple[Badge, ...]:
    """Return what there is to know of a client at once."""
    unchecked = one.self_registered and not one.vouched_for
    marks = (Badge(_("Registered itself"), Tone.WARN),) if unchecked else ()
    return (state(one), *marks)


def path_of(tenant_id: str, client_id: str) -> dict[str, str]:
    """Return the ids of a client's path."""
    return {"tenant_id": tenant_id, "client_id": client_id}


def url(screen: str, tenant_id: str, client_id: str, **more: Any) -> str:  # noqa: ANN401  Flask's values
    """Return the URL of a screen about a client."""
    return url_for(f"console.{screen}", tenant_id=tenant_id, client_id=client_id, **more)
