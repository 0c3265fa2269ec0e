"""`authserver users unlock`, `end-sessions` and `send-reset`: help that needs no secret."""

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.people.people import EMAIL, TENANT, find
from authserver.core.database.engine import Transaction
from authserver.people.acts import By, Whom
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.wiring.people.operations import make_acts


@make_command(
    "unlock", example="authserver users unlock --tenant globex --email ada@globex.example"
)
@TENANT
@EMAIL
def unlock(settings: Settings, *, slug: str, email: str) -> Report:
    """Lift the lock that wrong passwords led to. What was counted stays: the next one is longer."""
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> str:
        user, by = find(transaction, tenant, email), operator(tenant.id)
        make_acts(services).unlock(transaction, Whom(tenant.id, user.id), by=By(by))
        return user.email

    address = change(services, slug, job)
    document = {"tenant": slug, "email": address, "unlocked": True}
    return Report(document, f"{address} in {slug} may try again.")


@make_command(
    "end-sessions",
    example="authserver users end-sessions --tenant globex --email ada@globex.example",
)
@TENANT
@EMAIL
@click.option("--session", "session_id", help="Only this one; `users show` lists them.")
def end_sessions(settings: Settings, *, slug: str, email: str, session_id: str | None) -> Report:
    """End a person's sessions and tokens at once; nothing else changes.

    The account is not disabled and its password stays. The person gets a mail that says so, unless
    it is one session alone.
    """
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> str:
        user, by = find(transaction, tenant, email), By(operator(tenant.id))
        acts, whom = make_acts(services), Whom(tenant.id, user.id)
        if session_id is None:
            acts.sign_out(transaction, whom, by=by)
        else:
            acts.end_session(transaction, whom, session_id, by=by)
        return user.email

    address = change(services, slug, job)
    document = {"tenant": slug, "email": address, "sessions_ended": True}
    said = f"session {session_id} is over" if session_id else "is signed out everywhere"
    return Report(document, f"{address} in {slug}: {said}.")


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
