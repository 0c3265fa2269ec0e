"""What `authserver tenants set` says about the tenant's clients."""

from collections.abc import Callable
from typing import Any

import click

from authserver.cli.command import Report
from authserver.cli.tenants.counting import Count
from authserver.tenants.models import Tenant
from authserver.tenants.policy import ClientRegistration

_WORDS = {one.value.replace("_", "-"): one for one in ClientRegistration}
_ON, _OFF, _DEFAULT = "on", "off", "default"
_LIVES = {
    "access-token-seconds": "How long an access token of any of its clients lives at most, in"
    " seconds, from the next one on.",
    "refresh-token-minutes": "How long refresh tokens of its clients live at most, in minutes from"
    " the sign-in; those that are older end.",
}
_COLUMNS = tuple(name.replace("-", "_") for name in _LIVES)


def client_options(body: Callable[..., Report]) -> Callable[..., Report]:
    """Give a command the options."""
    body = click.option(
        "--client-secret-jwt",
        type=click.Choice([_ON, _OFF]),
        help="Whether clients may sign with their secret, which is kept readable for that."
        " `off` stops those that do.",
    )(body)
    body = click.option(
        "--dpop-nonces",
        type=click.Choice([_ON, _OFF]),
        help="Whether clients' proofs of a key (DPoP) need a nonce of the server.",
    )(body)
    for name, help_ in _LIVES.items():
        unit = name.rpartition("-")[2]
        body = click.option(
            f"--{name}",
            type=Count(unit, _DEFAULT),
            metavar=f"{unit.upper()}|{_DEFAULT}",
            help=help_,
        )(body)
    return click.option(
        "--client-registration",
        type=click.Choice([*_WORDS]),
        help="Whether clients register themselves with an initial access token (`authserver"
        " registrations`), and whether confidential ones then have to use PKCE.",
    )(body)


def client_policy(more: dict[str, Any]) -> dict[str, Any]:
    """Take the options out of what was asked, as a policy has them."""
    registration, secret_jwt = more.pop("client_registration"), more.pop("client_secret_jwt")
    nonces = more.pop("dpop_nonces")
    lives = {name: more.pop(name) for name in _COLUMNS}
    return {
        "client_registration": _WORDS[registration] if registration else None,
        "client_secret_jwt": secret_jwt == _ON if secret_jwt else None,
        "dpop_nonces": nonces == _ON if nonces else None,
        **lives,
    }


def client_document(tenant: Tenant) -> dict[str, str | int]:
    """Return what a tenant has."""
    return {
        "client_registration": tenant.client_registration.replace("_", "-"),
        "client_secret_jwt": _ON if tenant.client_secret_jwt else _OFF,
        "dpop_nonces": _ON if tenant.dpop_nonces else _OFF,
        **{name: getattr(tenant, name) or _DEFAULT for name in _COLUMNS},
    }
