"""How a person is named at the command line, and a password is read."""

import sys

import click

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.passwords.policy import About, rules_of
from authserver.accounts.service import check_password, find_by_email
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug
from authserver.wiring.services import Services

TENANT = click.option("--tenant", "slug", required=True, help="The tenant's slug.")
EMAIL = click.option("--email", required=True, help="The person's email address.")


def hashed(services: Services, slug: str, *, email: str, name: str) -> str:
    """Read, check and hash the password: slow, so outside of any transaction."""
    password = typed()
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        rules = rules_of(tenant.password_preset, mfa_mandatory=tenant.mfa_required)
        about = About(email, name, slug, tenant.name)
    check_password(password, rules, about)
    return services.hasher.hash(password)


def typed() -> str:
    """Return what stands on standard input, without the end of its line."""
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")


def find(transaction: Transaction, tenant: Tenant, email: str) -> UserSnapshot:
    """Return the tenant's account with an address. Raises NotFound."""
    user = find_by_email(transaction, tenant.id, email)
    if user is None:
        raise NotFound(f"There is no account {email} in {tenant.slug}.")
    return user
