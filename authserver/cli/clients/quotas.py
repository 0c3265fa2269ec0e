"""`authserver clients quotas`: how many tokens a client may get in a day and in a month."""

import click

from authserver.cli.clients.options import NONE
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.models import Tenant


@make_command(
    "quotas", example="authserver clients quotas cli_01h... --tenant acme --day 1000 --month none"
)
@click.argument("client_id")
@click.option("--tenant", "slug", required=True, help="The slug of the tenant it belongs to.")
@click.option("--day", metavar="TOKENS|none", help="In a day, UTC.")
@click.option("--month", metavar="TOKENS|none", help="In a month, UTC.")
def quotas(
    settings: Settings, *, client_id: str, slug: str, day: str | None, month: str | None
) -> Report:
    """Change how many tokens a client may get; what is not given stays as it is."""
    given = {"quota_day": day, "quota_month": month}
    wanted = {name: _number(text) for name, text in given.items() if text is not None}
    if not wanted:
        raise click.UsageError("Give at least one of --day and --month.")
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> tuple[int | None, int | None]:
        client, _ = services.amendments.amend(
            transaction, tenant.id, client_id, changes=wanted, actor=operator(tenant.id)
        )
        return client.quota_day, client.quota_month

    of_day, of_month = change(services, slug, job)
    document = {"client_id": client_id, "tenant": slug, "day": of_day, "month": of_month}
    text = f"{client_id} may get {_said(of_day)} a day and {_said(of_month)} a month."
    return Report(document, text)


def _number(text: str) -> int | None:
    if text == NONE:
        return None
    if not text.isascii() or not text.isdigit():
        raise click.BadParameter(f"{text!r} is neither a number nor '{NONE}'.")
    return int(text)


def _said(number: int | None) -> str:
    return "any number of tokens" if number is None else f"{number} tokens"
