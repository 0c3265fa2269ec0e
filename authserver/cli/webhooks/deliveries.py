"""`authserver webhooks deliveries|replay`."""

from typing import Any

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.webhooks.shown import TENANT, delivery
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug
from authserver.webhooks.deliveries import STATES, wanted
from authserver.webhooks.models import WebhookDelivery

_MOST = 1000


@make_command(
    "deliveries",
    example="authserver webhooks deliveries whe_01h... --tenant acme --state failed",
)
@click.argument("webhook_id")
@TENANT
@click.option("--state", type=click.Choice(STATES), help="Only these.")
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=50,
    show_default=True,
    help="At most so many, the newest.",
)
def list_deliveries(
    settings: Settings, *, webhook_id: str, slug: str, state: str | None, limit: int
) -> Report:
    """List what was sent to a webhook, and what waits; how often it was tried, and the answer."""
    services = opened(settings)
    now = services.clock.now()
    with services.database.read() as view:
        tenant_id = get_by_slug(view, slug).id
        row = services.webhooks.service.get(view, tenant_id, webhook_id)
        query = wanted(row.id, state, now).order_by(WebhookDelivery.id.desc()).limit(limit)
        found = [delivery(one, now) for one in view.tenant(tenant_id).scalars(query)]
    text = "\n".join(map(_line, found)) or "Nothing was sent."
    return Report({"tenant": slug, "webhook_id": webhook_id, "deliveries": found}, text)


@make_command("replay", example="authserver webhooks replay whe_01h... --tenant acme --failed")
@click.argument("webhook_id")
@click.argument("delivery_ids", metavar="[DELIVERY_ID]...", nargs=-1)
@TENANT
@click.option("--failed", "every", is_flag=True, help="Everything that was given up.")
def replay(
    settings: Settings, *, webhook_id: str, delivery_ids: tuple[str, ...], slug: str, every: bool
) -> Report:
    """Send events again at once, as if for the first time: these, or all that were given up."""
    if bool(delivery_ids) == every:
        raise click.UsageError("Give ids of deliveries, or --failed.")
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> list[str]:
        services.webhooks.service.get(transaction, tenant.id, webhook_id)
        return services.webhooks.deliveries.replay(
            transaction,
            tenant.id,
            webhook_id,
            ids=None if every else delivery_ids,
            actor=operator(tenant.id),
        )

    done = change(services, slug, job)
    refused = [one for one in delivery_ids if one not in done]
    if refused:
        raise Conflict(f"Not there, or being sent now: {', '.join(refused)}")
    text = "\n".join([f"{len(done)} due now", *(f"  {one}" for one in done)])
    return Report({"tenant": slug, "webhook_id": webhook_id, "replayed": done}, text)


def _line(one: dict[str, Any]) -> str:
    said = one["error"] or one["status"] or ""
    return (
        f"{one['id']}  {one['event_type']}  {one['state']:<8} {one['attempts']}x  {said}".rstrip()
    )
