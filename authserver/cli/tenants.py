"""`authserver tenants`: organisations."""

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.models import Tenant, TenantType
from authserver.tenants.resolve import tenant_issuer


@click.group(
    "tenants",
    epilog="\b\nExample:\n  authserver tenants create globex --name Globex --type customer",
)
def command() -> None:
    """Create organisations and set their rules."""


@make_command(
    "create",
    group=command,
    example="authserver tenants create globex --name Globex --type customer",
)
@click.argument("slug")
@click.option("--name", required=True, help="The name that people see.")
@click.option(
    "--type",
    "tenant_type",
    type=click.Choice([kind.value for kind in TenantType]),
    required=True,
    help="Whose people it holds.",
)
@click.option("--own-issuer", is_flag=True, help="Give it an issuer and keys of its own.")
def create(
    settings: Settings, *, slug: str, name: str, tenant_type: str, own_issuer: bool
) -> Report:
    """Create a tenant. SLUG is its name in URLs and tokens, for ever."""
    services = opened(settings)

    def job(transaction: Transaction) -> Tenant:
        tenant = services.tenants.create(
            transaction,
            slug,
            name=name,
            type=TenantType(tenant_type),
            actor=operator(""),
            own_issuer=own_issuer,
        )
        if own_issuer:
            services.keys.ensure(transaction, tenant.id, operator(tenant.id))
        return tenant

    tenant = services.database.write(job)
    services.watch.changed()
    issuer = tenant_issuer(settings.issuer, slug) if own_issuer else settings.issuer
    document = {"id": tenant.id, "slug": slug, "name": tenant.name, "type": tenant_type}
    text = f"Created the tenant {slug} ({tenant.id}); its people sign in at {issuer}"
    return Report({**document, "issuer": issuer}, text)


@make_command("set", group=command, example="authserver tenants set globex --mfa required")
@click.argument("slug")
@click.option(
    "--mfa",
    type=click.Choice(["optional", "required"]),
    help="Whether people must have a second factor. `required` ends all their sessions and tokens.",
)
def set_rules(settings: Settings, *, slug: str, mfa: str | None) -> Report:
    """Set rules of a tenant; what is not named stays as it is."""
    if mfa is None:
        raise click.UsageError("There is nothing to set: name a rule, e.g. --mfa required.")
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> None:
        required, actor = mfa == "required", operator(tenant.id)
        services.tenants.set_mfa(transaction, tenant.slug, required=required, actor=actor)

    change(services, slug, job)
    document = {"tenant": slug, "mfa": mfa}
    return Report(document, f"A second factor is {mfa} for the people of {slug}.")
