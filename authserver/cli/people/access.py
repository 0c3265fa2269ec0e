"""`authserver users end-sessions` and `send-reset`: help that needs to know no secret."""

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.people.people import EMAIL, TENANT, find
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.models import Tenant


@make_command(
    "end-sessions",
    example="authserver users end-sessions --tenant globex --email ada@globex.example",
)
@TENANT
@EMAIL
def end_sessions(settings: Settings, *, slug: str, email: str) -> Report:
    """End a person's sessions and tokens at once; nothing else changes.

    The account is not disabled and its password stays. The person gets a mail that says so.
    """
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> str:
        user, by = find(transaction, tenant, email), operator(tenant.id)
        services.endings.of_person(transaction, tenant.id, user.id, actor=by)
        return user.email

    address = change(services, slug, job)
    document = {"tenant": slug, "email": address, "sessions_ended": True}
    return Report(document, f"{address} in {slug} is signed out everywhere.")


@make_command(
    "send-reset",
    example="authserver users send-reset --tenant globex --email ada@globex.example",
)
@TENANT
@EMAIL
def send_reset(settings: Settings, *, slug: str, email: str) -> Report:
    """Mail a person a link for a new password; nobody else sees it.

    The present password works until the link is used.
    """
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> str:
        user, by = find(transaction, tenant, email), operator(tenant.id)
        services.mailed.recovery.send(transaction, user, actor=by)
        return user.email

    address = change(services, slug, job)
    document = {"tenant": slug, "email": address}
    return Report(document, f"A mail with a link for a new password is on its way to {address}.")
