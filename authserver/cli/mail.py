"""`authserver mail`: what waits to be sent, and what was given up."""

from collections.abc import Mapping, Sequence

import click

from authserver.audit.events import Event, EventType
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict
from authserver.delivery.queue import STATES, Entry
from authserver.settings import Settings
from authserver.wiring.services import Services

_MOST = 1000


@click.group("mail", epilog="\b\nExample:\n  authserver mail list --state failed")
def command() -> None:
    """See what waits to be sent or was given up, and have it tried again."""


@make_command("list", group=command, example="authserver mail list --state failed --json")
@click.option("--state", type=click.Choice(STATES), help="Only these. Default: what was not sent.")
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=50,
    show_default=True,
    help="At most so many, the newest.",
)
def list_mail(settings: Settings, *, state: str | None, limit: int) -> Report:
    """List messages: what each is, how often it was tried and why that failed.

    Never to whom, nor what it says.
    """
    services = opened(settings)
    counts = services.outbox.counts()
    entries = services.outbox.entries((state,) if state else _NOT_SENT, limit)
    lines = [_line(entry) for entry in entries]
    total = ", ".join(f"{counts[name]} {name}" for name in STATES)
    document = {"counts": counts, "messages": [_document(entry) for entry in entries]}
    return Report(document, "\n".join([total, *lines]))


@make_command("retry", group=command, example="authserver mail retry --failed")
@click.argument("message_ids", metavar="[MESSAGE_ID]...", nargs=-1)
@click.option("--failed", "every", is_flag=True, help="Everything that was given up.")
def retry(settings: Settings, *, message_ids: tuple[str, ...], every: bool) -> Report:
    """Try messages again at once, as if they were new.

    What was sent is never sent again.
    """
    if bool(message_ids) == every:
        raise click.UsageError("Give ids of messages, or --failed.")
    services = opened(settings)
    retried = retry_noted(services, None if every else message_ids)
    refused = [one for one in message_ids if one not in retried]
    if refused:
        raise Conflict(f"Not there, sent, or being sent now: {', '.join(refused)}")
    text = "\n".join([f"{len(retried)} due now", *(f"  {one}" for one in retried)])
    return Report({"retried": retried}, text)


def retry_noted(services: Services, message_ids: Sequence[str] | None) -> list[str]:
    """Make messages due now, and note it in the trail of each tenant; return their ids."""

    def note(transaction: Transaction, tenant_id: str, ids: Sequence[str]) -> None:
        by, facts = operator(tenant_id), {"messages": list(ids)}
        event = Event(EventType.MAIL_RETRIED, tenant_id, by, facts=facts)
        services.trail.record(transaction, event)

    return services.outbox.retry(message_ids, note)


_NOT_SENT = tuple(state for state in STATES if state != "sent")


def _document(entry: Entry) -> Mapping[str, object]:
    return {
        "id": entry.id,
        "template": entry.template,
        "state": entry.state,
        "attempts": entry.attempts,
        "last_error": entry.last_error,
        "created_at": entry.created_at.isoformat(),
        "due_at": entry.due_at.isoformat() if entry.state == "waiting" else None,
    }


def _line(entry: Entry) -> str:
    tried = f"{entry.attempts}x" if entry.attempts else ""
    return (
        f"  {entry.id}  {entry.created_at:%Y-%m-%d %H:%M}  {entry.template:<24} {entry.state:<8}"
        f" {tried:<4} {entry.last_error or ''}"
    ).rstrip()
