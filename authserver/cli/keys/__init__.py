"""`authserver keys`: the signing keys of the platform or of a tenant's issuer; the master keys."""

from collections.abc import Mapping
from typing import Any

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.keys import master
from authserver.cli.opened import opened
from authserver.clients.policy import SIGNING_ALGORITHMS
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.settings import Settings
from authserver.tenants.resolve import tenant_issuer
from authserver.tenants.service import bump_snapshots, get_by_slug, instance_of
from authserver.wiring.services import Services

_TENANT = click.option("--tenant", "slug", help="Slug of a tenant with an issuer of its own.")


@click.group("keys", epilog="\b\nExample:\n  authserver keys list")
def command() -> None:
    """See and rotate signing keys, and bring values under a new master key."""


command.add_command(master.reencrypt)


@make_command("list", group=command, example="authserver keys list --json")
@_TENANT
def list_keys(settings: Settings, *, slug: str | None) -> Report:
    """List the keys of an issuer and what each does now, and how much is under which master key.

    Master keys are those of the installation: without --tenant they are listed, too.
    """
    services = opened(settings)
    report = _report(services, slug)
    return report if slug else master.beside(report, services)


@make_command("rotate", group=command, example="authserver keys rotate --alg ES256")
@_TENANT
@click.option(
    "--alg",
    "algorithms",
    multiple=True,
    type=click.Choice(SIGNING_ALGORITHMS),
    help="Rotate only this algorithm, or add it; may be given again.",
)
@click.option("--at-once", is_flag=True, help="Sign with the new key now: for a compromised key.")
def rotate(
    settings: Settings, *, slug: str | None, algorithms: tuple[str, ...], at_once: bool
) -> Report:
    """Publish a successor of each key; it signs when it has been public for long enough."""
    services = opened(settings)

    def job(transaction: Transaction) -> None:
        tenant_id = _tenant_id(transaction, slug)
        services.keys.rotate(
            transaction,
            tenant_id,
            operator(tenant_id or instance_of(transaction)),
            algorithms=algorithms or None,
            at_once=at_once,
        )
        bump_snapshots(transaction)

    services.database.write(job)
    services.watch.changed()
    return _report(services, slug)


def _report(services: Services, slug: str | None) -> Report:
    with services.database.read() as view:
        tenant_id = _tenant_id(view, slug)
        host = get_by_slug(view, slug).issuer_host if slug else None
    now = services.clock.now()
    rows = [
        {
            "kid": one.key.kid,
            "alg": one.key.alg,
            "state": one.state(now),
            "signs_from": one.signs_from.isoformat(),
            "signs_until": one.signs_until and one.signs_until.isoformat(),
            "published_until": one.published_until and one.published_until.isoformat(),
        }
        for one in services.keys.load(services.database, tenant_id).keys
    ]
    platform = services.settings.issuer
    issuer = tenant_issuer(platform, slug, host) if slug else platform
    lines = [f"  {row['alg']:<6} {row['state']:<9} {row['kid']}{_next_change(row)}" for row in rows]
    return Report({"issuer": issuer, "keys": rows}, "\n".join([f"Keys of {issuer}", *lines]))


def _next_change(row: Mapping[str, Any]) -> str:
    """Say when a key's state changes next, if that is known."""
    changes = {
        "next": ("signs from", row["signs_from"]),
        "active": ("signs until", row["signs_until"]),
        "retiring": ("published until", row["published_until"]),
    }
    words, moment = changes.get(row["state"], ("", None))
    return f"  {words} {moment[:16].replace('T', ' ')}" if moment else ""


def _tenant_id(transaction: Transaction, slug: str | None) -> str | None:
    """Return whose keys are meant, None for the platform's. Raises NotFound."""
    if slug is None:
        return None
    tenant = get_by_slug(transaction, slug)
    if not tenant.own_issuer:
        raise NotFound(f"The tenant '{slug}' has no issuer of its own.")
    return tenant.id
