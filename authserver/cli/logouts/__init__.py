"""`authserver logouts`: which clients are told that sessions ended, and what was given up."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import click

from authserver.audit.events import Event, EventType
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict
from authserver.oauth.logout.overview import OPEN, STATES, Entry, LogoutOverview
from authserver.settings import Settings
from authserver.wiring.services import Services

_MOST = 1000


@click.group("logouts", epilog="\b\nExample:\n  authserver logouts list --state failed")
def command() -> None:
    """See which clients are still to be told of sessions that ended, and have it tried again."""


@make_command("list", group=command, example="authserver logouts list --state failed --json")
@click.option("--state", type=click.Choice(STATES), help="Only these. Default: what is not done.")
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=50,
    show_default=True,
    help="At most so many, the newest.",
)
def list_logouts(settings: Settings, *, state: str | None, limit: int) -> Report:
    """List notices: of which session, to which client, how often it was tried and why that failed.

    A notice waits as `live` from a client's first tokens of a session on, if the client registered
    a `backchannel_logout_uri`; it is due when the session is over.
    """
    overview = _overview(opened(settings))
    counts = overview.counts()
    entries = overview.entries((state,) if state else OPEN, limit)
    total = ", ".join(f"{counts[name]} {name}" for name in STATES)
    document = {"counts": counts, "notices": [_document(entry) for entry in entries]}
    return Report(document, "\n".join([total, *(_line(entry) for entry in entries)]))


@make_command("retry", group=command, example="authserver logouts retry --failed")
@click.argument("notice_ids", metavar="[NOTICE_ID]...", nargs=-1)
@click.option("--failed", "every", is_flag=True, help="Everything that was given up.")
def retry(settings: Settings, *, notice_ids: tuple[str, ...], every: bool) -> Report:
    """Tell clients again at once, as if for the first time.

    Who was told is never told again.
    """
    if bool(notice_ids) == every:
        raise click.UsageError("Give ids of notices, or --failed.")
    services = opened(settings)
    retried = retry_noted(services, None if every else notice_ids)
    refused = [one for one in notice_ids if one not in retried]
    if refused:
        raise Conflict(f"Not there, not over, sent, or being sent now: {', '.join(refused)}")
    text = "\n".join([f"{len(retried)} due now", *(f"  {one}" for one in retried)])
    return Report({"retried": retried}, text)


def retry_noted(services: Services, notice_ids: Sequence[str] | None) -> list[str]:
    """Make notices due now, and note it in the trail of each tenant; return their ids."""

    def note(transaction: Transaction, tenant_id: str, ids: Sequence[str]) -> None:
        by, facts = operator(tenant_id), {"notices": list(ids)}
        event = Event(EventType.LOGOUT_RETRIED, tenant_id, by, facts=facts)
        services.trail.record(transaction, event)

    return _overview(services).retry(notice_ids, note)


def _overview(services: Services) -> LogoutOverview:
    return LogoutOverview(services.database, services.clock)


def _document(entry: Entry) -> Mapping[str, object]:
    return {**asdict(entry), "due_at": entry.due_at and entry.due_at.isoformat()}


def _line(entry: Entry) -> str:
    tried = f"{entry.attempts}x" if entry.attempts else ""
    return (
        f"  {entry.id}  {entry.client_id}  {entry.session_id}  {entry.state:<8} {tried:<4}"
        f" {entry.last_error or ''}"
    ).rstrip()
