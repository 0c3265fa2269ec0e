"""What `authserver tenants set` says about sign-ins at other providers."""

from collections.abc import Callable
from typing import Any

import click

from authserver.cli.command import Report
from authserver.tenants.models import Tenant
from authserver.tenants.policy import EVERY_CONNECTION

_NONE = "none"


def upstream_options(body: Callable[..., Report]) -> Callable[..., Report]:
    """Give a command the options."""
    every = (
        click.option(
            "--links-by-email/--no-links-by-email",
            default=None,
            help="Whether an account is linked by the address that a provider has authority over;"
            " docs/federation.md says when that is.",
        ),
        click.option(
            "--platform-connections",
            metavar="NAMES|all|none",
            help="Which of the platform's connections its people may use, with commas between."
            " Ends sign-ins by another.",
        ),
        click.option(
            "--ends-federated-sessions/--no-ends-federated-sessions",
            default=None,
            help="Whether people are signed out when the connection they came by is switched off.",
        ),
    )
    for option in reversed(every):
        body = option(body)
    return body


def upstream_policy(more: dict[str, Any]) -> dict[str, Any]:
    """Take the options out of what was asked, as a policy has them."""
    text = more.pop("platform_connections")
    return {
        "links_by_email": more.pop("links_by_email"),
        "platform_connections": None if text is None else _names(text),
        "ends_federated_sessions": more.pop("ends_federated_sessions"),
    }


def upstream_document(tenant: Tenant) -> dict[str, object]:
    """Return what a tenant has, for programs."""
    allowed = tenant.platform_connections
    return {
        "links_by_email": tenant.links_by_email,
        "platform_connections": EVERY_CONNECTION if allowed is None else allowed,
        "ends_federated_sessions": tenant.ends_federated_sessions,
    }


def upstream_words(tenant: Tenant) -> str:
    """Return what a tenant has of its own, for people; nothing if that is nothing."""
    said = []
    if tenant.links_by_email:
        said.append("links by email on")
    if tenant.platform_connections is not None:
        said.append(f"platform connections {' '.join(tenant.platform_connections) or _NONE}")
    if tenant.ends_federated_sessions:
        said.append("ends federated sessions on")
    return ", ".join(said)


def _names(text: str) -> list[str] | str:
    if text in {EVERY_CONNECTION, _NONE}:
        return EVERY_CONNECTION if text == EVERY_CONNECTION else []
    return sorted({name.strip() for name in text.split(",") if name.strip()})
