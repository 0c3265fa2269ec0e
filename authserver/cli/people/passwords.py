"""`authserver users set-password` and `require-password-change`."""

from datetime import datetime

import click

from authserver.accounts.notices import password_changed
from authserver.audit.whence import written
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.people.people import EMAIL, TENANT, find, hashed
from authserver.core.database.engine import Transaction
from authserver.delivery.outbox import enqueue
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug


@make_command(
    "require-password-change",
    example="authserver users require-password-change --tenant globex --email ada@globex.example",
)
@TENANT
@EMAIL
def require_password_change(settings: Settings, *, slug: str, email: str) -> Report:
    """Have a person choose a new password at the next sign-in; sessions and tokens end now."""
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> str:
        user = find(transaction, tenant, email)
        by = operator(tenant.id)
        services.accounts.require_password_change(transaction, tenant.id, user_id=user.id, actor=by)
        return user.email

    address = change(services, slug, job)
    document = {"tenant": slug, "email": address, "password_change_required": True}
    return Report(document, f"{address} chooses a new password at the next sign-in.")


@make_command(
    "set-password",
    example="authserver users set-password --tenant globex --email ada@globex.example --temporary",
)
@TENANT
@EMAIL
@click.option(
    "--temporary",
    is_flag=True,
    help="It has to be changed at the next sign-in, and opens nothing after"
    " AUTHSERVER_TEMPORARY_PASSWORD_LIFE (7 days).",
)
def set_password(settings: Settings, *, slug: str, email: str, temporary: bool) -> Report:
    """Set a password, read from standard input; locks, sessions and tokens end.

    The person gets a mail that says so.
    """
    services = opened(settings)
    with services.database.read() as view:
        found = find(view, get_by_slug(view, slug), email)
    made = hashed(services, slug, email=found.email, name=found.name)

    def job(transaction: Transaction, tenant: Tenant) -> tuple[str, datetime | None]:
        user, by = find(transaction, tenant, email), operator(tenant.id)
        changed = services.accounts.set_password(
            transaction,
            tenant.id,
            user_id=user.id,
            password_hash=made,
            actor=by,
            temporary_for=settings.temporary_password_life if temporary else None,
        )
        now = services.clock.now()
        message = password_changed(user, by, now=now)
        enqueue(transaction, message, keyring=services.keyring, now=now)
        return user.email, changed.password_expires_at

    address, end = change(services, slug, job)
    document = {
        "tenant": slug,
        "email": address,
        "temporary": temporary,
        "expires_at": end.isoformat() if end else None,
    }
    until = f", until the next sign-in, at the latest until {written(end)}" if end else ""
    return Report(document, f"{address} in {slug} has a new password{until}.")
