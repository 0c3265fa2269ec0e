"""`authserver tenants set`: what a tenant asks of its people."""

from collections.abc import Callable
from typing import Any

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.cli.tenants.clients import LIVES, client_document, client_options, client_policy
from authserver.cli.tenants.counting import Count
from authserver.cli.tenants.keeping import (
    keeping_document,
    keeping_options,
    keeping_policy,
    keeping_words,
)
from authserver.cli.tenants.looks import (
    look_document,
    look_options,
    look_policy,
    look_words,
)
from authserver.cli.tenants.upstream import (
    upstream_document,
    upstream_options,
    upstream_policy,
    upstream_words,
)
from authserver.registration.service import openness_of
from authserver.roles.policy import check_open_role
from authserver.settings import LANGUAGES, Settings, variable
from authserver.tenants.models import Tenant
from authserver.tenants.numbers import RULES
from authserver.tenants.policy import (
    MOST_TRUSTED_DAYS,
    PasswordPreset,
    TenantPolicy,
    Tier,
    check_domain,
)

PRESETS = click.Choice([preset.value for preset in PasswordPreset])
_OPTIONAL, _REQUIRED = "optional", "required"
_ON, _OFF, _NONE, _DEFAULT = "on", "off", "none", "default"


_MINUTES = Count("minutes", _DEFAULT)


def _numbers(body: Callable[..., Report]) -> Callable[..., Report]:
    """Give a command an option for each number that a tenant may tighten."""
    for name, rule in reversed(RULES.items()):
        unit, way = rule.unit.name, rule.direction
        body = click.option(
            f"--{name.replace('_', '-')}",
            type=Count(unit, _DEFAULT),
            metavar=f"{unit.upper()}|{_DEFAULT}",
            help=f"{rule.words.capitalize()}: {way.word} than {variable(name)}, {way.end}"
            f" {rule.limit}.",
        )(body)
    return body


@make_command(
    "set",
    example="authserver tenants set globex --mfa required --password-preset nist",
)
@click.argument("slug")
@click.option(
    "--password-preset",
    type=PRESETS,
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
    type=Count("days", _OFF),
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
@click.option(
    "--locale",
    type=click.Choice([*LANGUAGES, _NONE]),
    help="The language of pages and mails for people who have not chosen one.",
)
@click.option(
    "--website",
    metavar="URL|none",
    help="The tenant's own website, https: mails say its host.",
)
@click.option(
    "--session-idle",
    type=_MINUTES,
    metavar="MINUTES|default",
    help="After how long without use a session ends: shorter than AUTHSERVER_SESSION_IDLE.",
)
@click.option(
    "--session-absolute",
    type=_MINUTES,
    metavar="MINUTES|default",
    help="How long after the sign-in a session ends: shorter than AUTHSERVER_SESSION_ABSOLUTE.",
)
@look_options
@client_options
@_numbers
@keeping_options
@upstream_options
def set_policy(settings: Settings, *, slug: str, **asked: Any) -> Report:  # noqa: ANN401  the options above
    """Change what a tenant asks of its people; what is not given stays as it is.

    Without --registration-role, whoever registers is customer_viewer in a customer's tenant, and
    has no role in another.
    """
    policy = _policy(**asked)
    if not policy.values():
        raise click.UsageError("Give at least one setting.")
    services = opened(settings)
    tenant = services.database.write(
        lambda transaction: services.federation.admission.set_policy(
            transaction, slug, policy, actor=operator("")
        )
    )
    services.watch.changed()
    return _policy_report(tenant)


def _policy_report(tenant: Tenant) -> Report:
    """Say what a tenant asks for; of the numbers of signing in, to people, those of its own."""
    tightened = tenant.tightened or {}
    own = {name: tightened[name] for name in RULES if name in tightened}
    present = {
        "password_preset": tenant.password_preset,
        "mfa": _REQUIRED if tenant.mfa_required else _OPTIONAL,
        "tier": tenant.tier,
        "trusted_devices": tenant.trusted_device_days or _OFF,
        "locale": tenant.locale or _NONE,
        "website": tenant.website or _NONE,
        "session_idle": tenant.session_idle_minutes or _DEFAULT,
        "session_absolute": tenant.session_absolute_minutes or _DEFAULT,
        **own,
        **client_document(tenant),
        "registration": _ON if tenant.registration_open else _OFF,
    }
    upstream = upstream_words(tenant)
    text = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in present.items())
    terms = openness_of(tenant)
    if terms.open:
        domains = " ".join(terms.domains) or "any domain"
        text += f" for {domains} as {' '.join(terms.roles) or 'no role'}"
    said = (upstream, look_words(tenant), keeping_words(tenant))
    text += "".join(f", {more}" for more in said if more)
    document = {
        "id": tenant.id,
        "slug": tenant.slug,
        **dict.fromkeys((*RULES, *LIVES), _DEFAULT),
        **present,
        "registration_domains": list(terms.domains),
        "registration_role": next(iter(terms.roles), None),
        **upstream_document(tenant),
        **look_document(tenant),
        **keeping_document(tenant),
    }
    return Report(document, f"The tenant {tenant.slug} has: {text}.")


def _policy(
    *,
    password_preset: str | None,
    mfa: str | None,
    tier: str | None,
    trusted_devices: int | None,
    session_idle: int | None,
    session_absolute: int | None,
    **more: Any,  # noqa: ANN401  the options above
) -> TenantPolicy:
    """Return what was asked for as a policy has it. Raises UnfitName, Refused."""
    locale, website = more.pop("locale"), more.pop("website")
    upstream, clients, looks = upstream_policy(more), client_policy(more), look_policy(more)
    numbers = {name: more.pop(name) for name in RULES}
    tightened = {name: number for name, number in numbers.items() if number is not None}
    return TenantPolicy(
        password_preset=PasswordPreset(password_preset) if password_preset else None,
        mfa_required=mfa == _REQUIRED if mfa else None,
        tier=Tier(tier) if tier else None,
        trusted_device_days=trusted_devices,
        locale="" if locale == _NONE else locale,
        website="" if website == _NONE else website,
        session_idle_minutes=session_idle,
        session_absolute_minutes=session_absolute,
        tightened=tightened or None,
        **upstream,
        **clients,
        **looks,
        **keeping_policy(more),
        **_registration(**more),
    )


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
