"""What `authserver tenants set` says about how long things are kept: events, and erased people."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import click

from authserver.cli.command import Report
from authserver.cli.tenants.counting import Count
from authserver.tenants.limits.keeping import (
    ERASURE_DAYS,
    LEAST_EVENT_DAYS,
    MOST_ERASURE_DAYS,
    MOST_EVENT_DAYS,
)
from authserver.tenants.models import Tenant

_FOREVER = "forever"
_WHICH = MappingProxyType(
    {
        "activity_event_days": "sign-ins, sessions and tokens",
        "security_event_days": "refusals, locks, factors and passwords",
        "administration_event_days": "everything else",
    }
)


def keeping_options(body: Callable[..., Report]) -> Callable[..., Report]:
    """Give a command the options."""
    for name, least in reversed([*LEAST_EVENT_DAYS.items()]):
        body = click.option(
            f"--{name.replace('_', '-')}",
            type=Count("days", _FOREVER),
            metavar=f"DAYS|{_FOREVER}",
            help=f"For how long events keep what they said, of {_WHICH[name]}: {least} to"
            f" {MOST_EVENT_DAYS} days. Their places and hashes stay.",
        )(body)
    return click.option(
        "--erasure-days",
        type=click.IntRange(0, MOST_ERASURE_DAYS),
        metavar="DAYS",
        help=f"How long an erasure waits, and can be called off: 0 to {MOST_ERASURE_DAYS} days;"
        f" {ERASURE_DAYS} at first.",
    )(body)


def keeping_policy(more: dict[str, Any]) -> dict[str, Any]:
    """Take the options out of what was asked, as a policy has them."""
    return {name: more.pop(name) for name in ("erasure_days", *LEAST_EVENT_DAYS)}


def keeping_document(tenant: Tenant) -> dict[str, object]:
    """Return what a tenant has."""
    kept = {name: getattr(tenant, name) or _FOREVER for name in LEAST_EVENT_DAYS}
    return {"erasure_days": tenant.erasure_days, **kept}


def keeping_words(tenant: Tenant) -> str:
    """Return what a tenant has of its own, for people; nothing if that is nothing."""
    own = {name: days for name in LEAST_EVENT_DAYS if (days := getattr(tenant, name))}
    if tenant.erasure_days != ERASURE_DAYS:
        own = {"erasure_days": tenant.erasure_days, **own}
    return ", ".join(f"{name.replace('_', ' ')} {days}" for name, days in own.items())
