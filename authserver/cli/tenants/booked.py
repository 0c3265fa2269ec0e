"""`authserver tenants limits|limit|flag`: how much a tenant may have, and what it has booked."""

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.limits.policy import MOST_OF_ANYTHING
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug
from authserver.wiring.services import Services
from authserver.wiring.tenancy.parts import Tenancy

_NONE = "none"
_STATES = {"on": True, "off": False, _NONE: None}


@make_command("limits", example="authserver tenants limits globex")
@click.argument("slug")
def limits(settings: Settings, *, slug: str) -> Report:
    """Show the limits of a tenant with what is used of them, and its flags."""
    return _report(opened(settings), slug)


@make_command("limit", example="authserver tenants limit globex users 50")
@click.argument("slug")
@click.argument("name")
@click.argument("most", metavar="NUMBER|none")
def limit(settings: Settings, *, slug: str, name: str, most: str) -> Report:
    """Limit how much of something a tenant may have.

    NAME is `users`, for accounts that are not disabled together with open invitations, or a name of
    your own, of which programs take and give back by the API. What is there above it stays.
    """
    if most != _NONE and not (most.isascii() and most.isdecimal()):
        raise click.UsageError(f"'{most}' is neither a number nor '{_NONE}'.")
    if most != _NONE and int(most) > MOST_OF_ANYTHING:
        raise click.UsageError(f"A limit is at most {MOST_OF_ANYTHING}.")
    services = opened(settings)
    limits_of = Tenancy.of(services).limits

    def job(transaction: Transaction, tenant: Tenant) -> None:
        actor = operator(tenant.id)
        if most == _NONE:
            limits_of.remove(transaction, tenant.id, name, actor=actor)
        else:
            limits_of.set_limit(transaction, tenant.id, name, most=int(most), actor=actor)

    change(services, slug, job)
    return _report(services, slug)


@make_command("flag", example="authserver tenants flag globex billing on")
@click.argument("slug")
@click.argument("name")
@click.argument("state", type=click.Choice([*_STATES]))
def flag(settings: Settings, *, slug: str, name: str, state: str) -> Report:
    """Say whether a tenant has booked something; `none` forgets the flag."""
    services = opened(settings)
    change(
        services,
        slug,
        lambda transaction, tenant: Tenancy.of(services).flags.change(
            transaction, tenant.id, {name: _STATES[state]}, actor=operator(tenant.id)
        ),
    )
    return _report(services, slug)


def _report(services: Services, slug: str) -> Report:
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        found = Tenancy.of(services).limits.all_of(view, tenant.id)
        flags = tenant.flags or {}
    rows = [{"name": one.name, "most": one.most, "used": one.used} for one in found]
    lines = [f"{slug} has {len(rows)} limits and {len(flags)} flags"]
    lines += [f"  {one.name}: {one.used} of {one.most}" for one in found]
    lines += [f"  {name}: {'on' if on else 'off'}" for name, on in flags.items()]
    return Report({"tenant": slug, "limits": rows, "flags": flags}, "\n".join(lines))
