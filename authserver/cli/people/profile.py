"""`authserver users set`: what a person's profile says, for an operator who knows it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from authserver.accounts import profiles
from authserver.accounts.details.policy import FIELDS
from authserver.accounts.profiles import Profile
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.people.people import EMAIL, TENANT, find
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.models import Tenant

_NAMES = ("name", "locale", "zoneinfo")


def _details(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each detail."""
    for field in reversed(FIELDS):
        example = f", for example {field.example}" if field.example else ""
        option = f"--{field.name.replace('_', '-')}"
        command = click.option(option, field.name, help=f"{field.title}{example}.")(command)
    return command


@make_command(
    "set",
    example=(
        "authserver users set --tenant globex --email ada@globex.example"
        " --given-name Ada --phone-number '+49 30 123456' --phone-verified"
    ),
)
@TENANT
@EMAIL
@click.option("--name", help="The name that is shown.")
@click.option("--locale", help="Language, for example de.")
@click.option("--zoneinfo", help="Time zone, for example Europe/Berlin.")
@_details
@click.option(
    "--phone-verified/--phone-not-verified",
    "phone_verified",
    default=None,
    help="Whether you made sure that the number is the person's.",
)
def set_profile(settings: Settings, *, slug: str, email: str, **asked: Any) -> Report:  # noqa: ANN401  the options
    """Change what a person's profile says; what is not named stays. An empty value takes it away.

    A phone number that changes counts as unconfirmed unless you say otherwise.
    """
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> bool:
        user = find(transaction, tenant, email)
        kept = profiles.read(transaction, tenant.id, user.id).profile
        return services.profiles.change(
            transaction,
            tenant.id,
            user_id=user.id,
            profile=_wanted(kept, asked),
            actor=operator(tenant.id),
        )

    changed = change(services, slug, job)
    document = {"tenant": slug, "email": email, "changed": changed}
    said = "has a new profile" if changed else "has this profile already"
    return Report(document, f"{email} in {slug} {said}.")


def _wanted(kept: Profile, asked: dict[str, Any]) -> Profile:
    told = {name: value for name, value in asked.items() if value is not None}
    texts = {name: told.get(name, kept.flat[name]) for name in _NAMES}
    details = {field.name: told.get(field.name, kept.details[field.name]) for field in FIELDS}
    profile = profiles.checked(**texts, details=details)
    return replace(profile, phone_verified=told.get("phone_verified"))
