"""What `authserver tenants set` says about formats, looks and addresses; and the logo."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.core.images.making import make_logo
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.policy import DateFormat, check_domain
from authserver.wiring.tenancy.parts import Tenancy

_NONE = "none"
_NAMES = ("time_zone", "currency", "date_format", "accent")


def look_options(body: Callable[..., Report]) -> Callable[..., Report]:
    """Give a command the options."""
    every = (
        click.option("--time-zone", metavar="ZONE|none", help="For times, as Europe/Berlin."),
        click.option("--currency", metavar="CODE|none", help="Three letters of ISO 4217."),
        click.option(
            "--date-format",
            type=click.Choice([*(one.value for one in DateFormat), _NONE]),
            help="How dates are written: 2026-07-31, 31/07/2026 or 07/31/2026; `none`: as the"
            " person's language has it.",
        ),
        click.option(
            "--accent",
            metavar="#rrggbb|none",
            help="The colour of pages and mails; what stays readable is computed from it.",
        ),
        click.option(
            "--email-domains",
            help="Of which domains the addresses of new accounts may be, with commas between."
            " Empty: of any.",
        ),
    )
    for option in reversed(every):
        body = option(body)
    return body


def look_policy(more: dict[str, Any]) -> dict[str, Any]:
    """Take the options out of what was asked, as a policy has them. Raises UnfitName."""
    given = {name: more.pop(name) for name in _NAMES}
    domains = more.pop("email_domains")
    if domains is not None:
        named = [one for one in domains.split(",") if one.strip()]
        given["email_domains"] = sorted({check_domain(one) for one in named})
    return {name: "" if value == _NONE else value for name, value in given.items()}


def look_document(tenant: Tenant) -> dict[str, object]:
    """Return what a tenant has."""
    own: dict[str, object] = {name: getattr(tenant, name) or _NONE for name in _NAMES}
    return {**own, "email_domains": tenant.email_domains or []}


def look_words(tenant: Tenant) -> str:
    """Return what a tenant has of its own, for people; nothing if that is nothing."""
    said = [f"{n.replace('_', ' ')} {getattr(tenant, n)}" for n in _NAMES if getattr(tenant, n)]
    if tenant.email_domains:
        said.append(f"addresses of {' '.join(tenant.email_domains)}")
    return ", ".join(said)


@make_command("logo", example="authserver tenants logo globex globex.png")
@click.argument("slug")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option("--remove", is_flag=True, help="Take the logo away.")
def logo(settings: Settings, *, slug: str, file: Path | None, remove: bool) -> Report:
    """Give a tenant a logo: a picture in the format PNG, JPEG or WebP. Only its pixels stay."""
    if (file is None) is not remove:
        raise click.UsageError("Give either a file or --remove.")
    services = opened(settings)
    made = make_logo(file.read_bytes()) if file else None
    tenant = change(
        services,
        slug,
        lambda transaction, tenant: Tenancy.of(services).logos.change(
            transaction, tenant.id, made, actor=operator(tenant.id)
        ),
    )
    text = f"{slug} has a new logo." if made else f"{slug} has no logo any more."
    return Report({"tenant": slug, "logo_id": tenant.logo_id}, text)
