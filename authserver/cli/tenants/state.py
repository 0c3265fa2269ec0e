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
_Act = Callable[[Services, Transaction, Tenant], Tenant]


@make_command("suspend", example="authserver tenants suspend globex")
@_SLUG
def suspend(settings: Settings, *, slug: str) -> Report:
    """Stop everything of a tenant at once: sessions and tokens end, nobody signs in."""
    return _do(settings, slug, _suspend, words="is suspended")


@make_command("resume", example="authserver tenants resume globex")
@_SLUG
def resume(settings: Settings, *, slug: str) -> Report:
    """Let a suspended tenant work again; what ended stays ended."""
    return _do(settings, slug, _resume, words="works again")


@make_command("archive", example="authserver tenants archive globex")
@_SLUG
def archive(settings: Settings, *, slug: str) -> Report:
    """Put a tenant away: it is suspended, and not resumed before it is restored."""
    return _do(settings, slug, _put_away, words="is archived")


@make_command("restore", example="authserver tenants restore globex")
@_SLUG
def restore(settings: Settings, *, slug: str) -> Report:
    """Take an archived tenant out again: it is still suspended."""
    return _do(settings, slug, _take_out, words="is restored, and suspended")


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


def _suspend(services: Services, transaction: Transaction, tenant: Tenant) -> Tenant:
    return services.tenants.suspend(transaction, tenant.slug, operator(tenant.id))


def _resume(services: Services, transaction: Transaction, tenant: Tenant) -> Tenant:
    return services.tenants.resume(transaction, tenant.slug, operator(tenant.id))


def _put_away(services: Services, transaction: Transaction, tenant: Tenant) -> Tenant:
    return Tenancy.of(services).archive.put_away(transaction, tenant.id, operator(tenant.id))


def _take_out(services: Services, transaction: Transaction, tenant: Tenant) -> Tenant:
    return Tenancy.of(services).archive.take_out(transaction, tenant.id, operator(tenant.id))


def _do(settings: Settings, slug: str, act: _Act, *, words: str) -> Report:
    services = opened(settings)
    tenant = change(services, slug, lambda transaction, one: act(services, transaction, one))
    document = {
        "id": tenant.id,
        "slug": slug,
        "suspended": tenant.suspended_at is not None,
        "archived": tenant.archived_at is not None,
    }
    return Report(document, f"{slug} {words}.")
