"""`authserver tenants`: organisations, and what they ask of their people."""

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.cli.tenants.booked import flag, limit, limits
from authserver.cli.tenants.copies import COPIES
from authserver.cli.tenants.looks import logo
from authserver.cli.tenants.setting import PRESETS, set_policy
from authserver.cli.tenants.state import archive, issuer, restore, resume, suspend
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.models import Tenant, TenantType
from authserver.tenants.policy import PasswordPreset, TenantPolicy
from authserver.tenants.resolve import tenant_issuer


@click.group(
    "tenants",
    epilog="\b\nExample:\n  authserver tenants create globex --name Globex --type customer",
)
def command() -> None:
    """Create organisations, change their settings, end their sessions."""


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
@click.option(
    "--password-preset",
    type=PRESETS,
    default=PasswordPreset.CLASSIC.value,
    show_default=True,
    help="What passwords need: 8 characters with upper, lower and digit, or 15 of any kind.",
)
def create(settings: Settings, *, slug: str, name: str, tenant_type: str, **how: object) -> Report:
    """Create a tenant. SLUG is its name in URLs and tokens, for ever."""
    services, own_issuer = opened(settings), bool(how["own_issuer"])
    policy = TenantPolicy(PasswordPreset(str(how["password_preset"])))

    def job(transaction: Transaction) -> Tenant:
        tenant = services.tenants.create(
            transaction,
            slug,
            name=name,
            type=TenantType(tenant_type),
            actor=operator(""),
            own_issuer=own_issuer,
        )
        services.tenants.set_policy(transaction, slug, policy, actor=operator(tenant.id))
        if own_issuer:
            services.keys.ensure(transaction, tenant.id, operator(tenant.id))
        return tenant

    tenant = services.database.write(job)
    services.watch.changed()
    issuer = tenant_issuer(settings.issuer, slug, None) if own_issuer else settings.issuer
    document = {"id": tenant.id, "slug": slug, "name": tenant.name, "type": tenant_type}
    document["password_preset"] = tenant.password_preset
    text = f"Created the tenant {slug} ({tenant.id}); its people sign in at {issuer}"
    return Report({**document, "issuer": issuer}, text)


_STATES = (suspend, resume, archive, restore, issuer)
for _one in (set_policy, logo, limits, limit, flag, *_STATES, *COPIES):
    command.add_command(_one)


@make_command(
    "end-sessions",
    group=command,
    example="authserver tenants end-sessions globex",
)
@click.argument("slug")
def end_sessions(settings: Settings, *, slug: str) -> Report:
    """End the sessions and tokens of everybody in a tenant at once; nothing else changes.

    People sign in again, and its services get new tokens by themselves. Nobody gets a mail.
    """
    services = opened(settings)
    tenant = services.database.write(
        lambda transaction: services.tenants.end_sessions(transaction, slug, operator(""))
    )
    services.watch.changed()
    document = {"id": tenant.id, "slug": slug, "sessions_ended": True}
    return Report(document, f"Everybody in {slug} is signed out.")
