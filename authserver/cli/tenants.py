"""`authserver tenants`: organisations, and what they ask of their people."""

from typing import Any

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.core.database.engine import Transaction
from authserver.registration.service import openness_of
from authserver.roles.policy import check_open_role
from authserver.settings import Settings
from authserver.tenants.models import Tenant, TenantType
from authserver.tenants.policy import MOST_TRUSTED_DAYS, PasswordPreset, Tier, check_domain
from authserver.tenants.resolve import tenant_issuer
from authserver.tenants.service import TenantPolicy

_PRESETS = click.Choice([preset.value for preset in PasswordPreset])
_OPTIONAL, _REQUIRED = "optional", "required"
_ON, _OFF, _NONE = "on", "off", "none"


class Days(click.ParamType[int]):
    """A number of days, or `off`, which is 0."""

    name = "days"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the days; what is too long, the tenant's policy refuses."""
        if value == _OFF:
            return 0
        text = str(value)
        if not (text.isascii() and text.isdecimal()):
            self.fail(f"{text!r} is neither a number of days nor '{_OFF}'.", param, ctx)
        return int(text)


@click.group(
    "tenants",
    epilog="\b\nExample:\n  authserver tenants create globex --name Globex --type customer",
)
def command() -> None:
    """Create organisations, and change their settings."""


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
    type=_PRESETS,
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
    issuer = tenant_issuer(settings.issuer, slug) if own_issuer else settings.issuer
    document = {"id": tenant.id, "slug": slug, "name": tenant.name, "type": tenant_type}
    document["password_preset"] = tenant.password_preset
    text = f"Created the tenant {slug} ({tenant.id}); its people sign in at {issuer}"
    return Report({**document, "issuer": issuer}, text)


@make_command(
    "set",
    group=command,
    example="authserver tenants set globex --mfa required --password-preset nist",
)
@click.argument("slug")
@click.option(
    "--password-preset",
    type=_PRESETS,
    help="What new passwords need; those that are there stay.",
)
@click.option(
    "--mfa",
    type=click.Choice([_OPTIONAL, _REQUIRED]),
    help="Whether people must have a second factor. `required` ends all their sessions and tokens,"
    " and switches trusted devices off.",
)
@click.option(
    "--trusted-devices",
    type=Days(),
    metavar="DAYS|off",
    help=f"For how long people may trust a browser, where a password is enough then: at most"
    f" {MOST_TRUSTED_DAYS} days. `off` ends all trust at once.",
)
@click.option(
    "--tier",
    type=click.Choice([tier.value for tier in Tier]),
    help="How much a minute may bring; docs/tenants-and-roles.md has the numbers.",
)
@click.option(
    "--registration",
    type=click.Choice([_ON, _OFF]),
    help="Whether whoever proves an email address may make an account.",
)
@click.option(
    "--registration-domains",
    help="Domains of the addresses that may register, with commas between. Empty: of any.",
)
@click.option(
    "--registration-role",
    help="The role of whoever registers, or `none`. Never a privileged one.",
)
def set_policy(
    settings: Settings,
    *,
    slug: str,
    password_preset: str | None,
    mfa: str | None,
    tier: str | None,
    trusted_devices: int | None,
    **registration: str | None,
) -> Report:
    """Change what a tenant asks of its people; what is not given stays as it is.

    Without --registration-role, whoever registers is customer_viewer in a customer's tenant, and
    has no role in another.
    """
    policy = TenantPolicy(
        password_preset=PasswordPreset(password_preset) if password_preset else None,
        mfa_required=mfa == _REQUIRED if mfa else None,
        tier=Tier(tier) if tier else None,
        trusted_device_days=trusted_devices,
        **_registration(**registration),
    )
    if not policy.values():
        raise click.UsageError("Give at least one setting.")
    services = opened(settings)
    tenant = services.database.write(
        lambda transaction: services.tenants.set_policy(
            transaction, slug, policy, actor=operator("")
        )
    )
    services.watch.changed()
    return _policy_report(tenant)


def _policy_report(tenant: Tenant) -> Report:
    present = {
        "password_preset": tenant.password_preset,
        "mfa": _REQUIRED if tenant.mfa_required else _OPTIONAL,
        "tier": tenant.tier,
        "trusted_devices": tenant.trusted_device_days or _OFF,
        "registration": _ON if tenant.registration_open else _OFF,
    }
    text = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in present.items())
    terms = openness_of(tenant)
    if terms.open:
        domains = " ".join(terms.domains) or "any domain"
        text += f" for {domains} as {' '.join(terms.roles) or 'no role'}"
    document = {
        "id": tenant.id,
        "slug": tenant.slug,
        **present,
        "registration_domains": list(terms.domains),
        "registration_role": next(iter(terms.roles), None),
    }
    return Report(document, f"The tenant {tenant.slug} has: {text}.")


def _registration(
    registration: str | None,
    registration_domains: str | None,
    registration_role: str | None,
) -> dict[str, Any]:
    """Return the terms of registration as a policy has them. Raises UnfitName, Refused."""
    given: dict[str, Any] = {}
    if registration is not None:
        given["registration_open"] = registration == _ON
    if registration_domains is not None:
        named = [domain for domain in registration_domains.split(",") if domain.strip()]
        given["registration_domains"] = sorted({check_domain(domain) for domain in named})
    if registration_role is not None:
        none = registration_role.casefold() == _NONE
        given["registration_role"] = "" if none else check_open_role(registration_role)
    return given
