"""`authserver tenants suspend|resume|archive|restore|issuer`: whether and where a tenant works."""

from collections.abc import Callable

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.wiring.services import Services
from authserver.wiring.tenancy.parts import Tenancy

_SLUG = click.argument("slug")


@make_command("suspend", example="authserver tenants suspend globex")
@_SLUG
def suspend(settings: Settings, *, slug: str) -> Report:
    """Stop everything of a tenant at once: sessions and tokens end, nobody signs in."""
    services = opened(settings)
    return _done(
        services,
        slug,
        lambda transaction, _: services.tenants.suspend(transaction, slug, operator("")),
        words="is suspended",
    )


@make_command("resume", example="authserver tenants resume globex")
@_SLUG
def resume(settings: Settings, *, slug: str) -> Report:
    """Let a suspended tenant work again; what ended stays ended."""
    services = opened(settings)
    return _done(
        services,
        slug,
        lambda transaction, _: services.tenants.resume(transaction, slug, operator("")),
        words="works again",
    )


@make_command("archive", example="authserver tenants archive globex")
@_SLUG
def archive(settings: Settings, *, slug: str) -> Report:
    """Put a tenant away: it is suspended, and not resumed before it is restored."""
    services = opened(settings)
    away = Tenancy.of(services).archive
    return _done(
        services,
        slug,
        lambda transaction, tenant: away.put_away(transaction, tenant.id, operator(tenant.id)),
        words="is archived",
    )


@make_command("restore", example="authserver tenants restore globex")
@_SLUG
def restore(settings: Settings, *, slug: str) -> Report:
    """Take an archived tenant out again: it is still suspended."""
    services = opened(settings)
    away = Tenancy.of(services).archive
    return _done(
        services,
        slug,
        lambda transaction, tenant: away.take_out(transaction, tenant.id, operator(tenant.id)),
        words="is restored, and suspended",
    )


@make_command("issuer", example="authserver tenants issuer globex --host login.globex.example")
@_SLUG
@click.option("--host", help="A host of a proved domain; its certificate is yours to arrange.")
@click.option("--path", "as_path", is_flag=True, help="A path of the platform's: /t/SLUG.")
@click.option("--platform", is_flag=True, help="None of its own: the platform's.")
def issuer(
    settings: Settings, *, slug: str, host: str | None, as_path: bool, platform: bool
) -> Report:
    """Give a tenant an issuer of its own, with keys of its own, or move it.

    Another address is another issuer: tell the clients that were registered with the one before.
    """
    if (host is not None) + as_path + platform != 1:
        raise click.UsageError("Give one of --host, --path and --platform.")
    services = opened(settings)
    issuers = Tenancy.of(services).issuers

    def job(transaction: Transaction, tenant: Tenant) -> Tenant:
        actor = operator(tenant.id)
        if platform:
            return issuers.end(transaction, tenant.id, actor=actor)
        return issuers.move(transaction, tenant.id, host=host, actor=actor)

    url = issuers.url_of(change(services, slug, job))
    return Report({"tenant": slug, "issuer": url}, f"People of {slug} sign in at {url}")


def _done(
    services: Services, slug: str, job: Callable[[Transaction, Tenant], Tenant], *, words: str
) -> Report:
    tenant = change(services, slug, job)
    document = {
        "id": tenant.id,
        "slug": slug,
        "suspended": tenant.suspended_at is not None,
        "archived": tenant.archived_at is not None,
    }
    return Report(document, f"{slug} {words}.")
