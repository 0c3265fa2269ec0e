"""`authserver audit contact`: where a tenant's checkpoints are mailed to, once a day."""

import click

from authserver.audit.contacts.service import Contact
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.core.database.engine import Transaction
from authserver.core.problems import Refused
from authserver.settings import Settings
from authserver.tenants.models import Tenant


@make_command("contact", example="authserver audit contact globex --address sec@globex.example")
@click.argument("slug")
@click.option("--address", help="The mailbox of the tenant's security team.")
@click.option("--remove", is_flag=True, help="Mail nobody any more.")
def contact(settings: Settings, *, slug: str, address: str | None, remove: bool) -> Report:
    """Show or change where a tenant has the checkpoint of its trail mailed, once a day.

    Whoever keeps the mails can hold the server to them: best where its administrators cannot
    delete.
    """
    if address and remove:
        raise Refused("Either --address or --remove.")
    services = opened(settings)
    contacts = services.proving.contacts

    def job(transaction: Transaction, tenant: Tenant) -> Contact | None:
        if address:
            actor = operator(tenant.id)
            return contacts.name(transaction, tenant.id, address=address, actor=actor)
        if remove:
            contacts.remove(transaction, tenant.id, actor=operator(tenant.id))
        return contacts.of(transaction, tenant.id)

    found = change(services, slug, job)
    document = {
        "tenant": slug,
        "address": found.address if found else None,
        "told_at": found.told_at.isoformat() if found and found.told_at else None,
        "checkpoint": found.checkpoint if found else None,
    }
    text = f"{slug}: {found.address}" if found else f"{slug} has nobody mailed."
    return Report(document, text)
