"""`authserver audit contact`: where a tenant's checkpoints are mailed to, once a day."""

from collections.abc import Iterator

import click

from authserver.audit.contacts.values import Contact
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
@click.option("--resend", is_flag=True, help="Mail the link to the mailbox that waits again.")
@click.option("--withdraw", is_flag=True, help="Call off the mailbox that waits.")
@click.option("--remove", is_flag=True, help="Mail nobody any more.")
def contact(settings: Settings, *, slug: str, address: str | None, **acts: bool) -> Report:
    """Show or change where a tenant has the checkpoint of its trail mailed, once a day.

    Whoever keeps the mails can hold the server to them: best where its administrators cannot
    delete. A mailbox is mailed a link first, and is the contact once somebody confirms it there.
    """
    chosen = [name for name, wanted in {"address": bool(address), **acts}.items() if wanted]
    if len(chosen) > 1:
        raise Refused("One of --address, --resend, --withdraw and --remove at a time.")
    services = opened(settings)
    contacts = services.proving.contacts

    def job(transaction: Transaction, tenant: Tenant) -> Contact:
        actor = operator(tenant.id)
        if address:
            return contacts.name(transaction, tenant.id, address=address, actor=actor)
        if chosen:
            getattr(contacts, chosen[0])(transaction, tenant.id, actor=actor)
        return contacts.of(transaction, tenant.id)

    found = change(services, slug, job)
    return Report(_document(slug, found), "\n".join(_lines(slug, found)))


def _document(slug: str, found: Contact) -> dict[str, object]:
    waits = found.waiting
    return {
        "tenant": slug,
        "address": found.address,
        "told_at": found.told_at.isoformat() if found.told_at else None,
        "checkpoint": found.checkpoint,
        "waiting": {"address": waits.address, "until": waits.until.isoformat()} if waits else None,
    }


def _lines(slug: str, found: Contact) -> Iterator[str]:
    yield f"{slug}: {found.address}" if found.address else f"{slug} has nobody mailed."
    if found.waiting:
        yield f"Waits for its link to be used: {found.waiting.address}"
