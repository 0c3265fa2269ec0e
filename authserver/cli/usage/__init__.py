"""`authserver usage`: tokens, refusals and sign-ins, and what is left of quotas."""

from collections.abc import Iterable

import click

from authserver.cli.command import Report
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.service import get_by_slug
from authserver.usage import policy, quotas
from authserver.usage.policy import Period, verdicts
from authserver.usage.service import Figures, Share
from authserver.wiring.services import Services

_PERIOD = click.option(
    "--period",
    type=click.Choice([period.value for period in Period]),
    default=Period.DAY.value,
    show_default=True,
    help="Up to now, the present hour or day with it.",
)


@click.group("usage", epilog="\b\nExample:\n  authserver usage show --tenant acme --period 30d")
def command() -> None:
    """Look at what was used. Figures are at most a minute late."""


@make_command("show", group=command, example="authserver usage show --tenant acme --period 30d")
@click.option("--tenant", "slug", help="Of one tenant, by its slug; without it, of all.")
@click.option("--client", "client_id", help="Of one client of the tenant.")
@_PERIOD
def show(settings: Settings, *, slug: str | None, client_id: str | None, period: str) -> Report:
    """Show tokens, refusals by reason, and sign-ins."""
    if client_id is not None and slug is None:
        raise click.UsageError("Say of which tenant the client is: --tenant.")
    services, asked = opened(settings), Period(period)
    figures = services.usage.figures
    with services.database.read() as view:
        if slug is None:
            return _report(figures.of_platform(view, asked), "All tenants", {})
        tenant_id = get_by_slug(view, slug).id
        if client_id is None:
            return _report(figures.of_tenant(view, tenant_id, asked), slug, {"tenant": slug})
        client = services.clients.get(view, tenant_id, client_id)
        found = figures.of_client(view, tenant_id, client_id=client.id, period=asked)
        said = {"tenant": slug, "client_id": client.id}
        left = _quotas(services, view, tenant_id, client_id=client.id)
    report = _report(found, client.name, {**said, "quotas": left})
    lines = [f"  {one['used']} of {one['limit']} this {one['per']}" for one in left]
    return Report(report.document, "\n".join([report.text, *lines]))


def _quotas(
    services: Services, view: Transaction, tenant_id: str, *, client_id: str
) -> list[dict[str, object]]:
    client, now = services.clients.get(view, tenant_id, client_id), services.clock.now()
    quota = policy.quota_of(client.quota_day, client.quota_month)
    if quota is None:
        return []
    used = quotas.spent(view, tenant_id, client_id, now=now)
    return [
        {"per": one.name, "limit": one.limit, "used": one.limit - one.remaining}
        for one in verdicts(quota, used, now, allowed=True)
    ]


def _report(figures: Figures, name: str, said: dict[str, object]) -> Report:
    totals = figures.totals
    reasons = {reason.value: number for reason, number in policy.refusals(totals).items()}
    summed = {
        "tokens": totals.get(policy.TOKENS, 0),
        "refused": policy.refused(totals),
        "sign_ins": totals.get(policy.SIGN_INS, 0),
        "sign_in_failures": totals.get(policy.SIGN_IN_FAILURES, 0),
    }
    document = {
        **said,
        "period": figures.period.value,
        "since": figures.since.isoformat(),
        **summed,
        "refusals": reasons,
        "shares": [_share(one) for one in figures.shares],
    }
    lines = [f"{name}, {figures.period.value}:"]
    lines += [f"  {number:>10}  {what.replace('_', ' ')}" for what, number in summed.items()]
    lines += [f"  {number:>10}  refused: {reason}" for reason, number in reasons.items()]
    return Report(document, "\n".join([*lines, *_most(figures.shares)]))


def _share(one: Share) -> dict[str, object]:
    return {"id": one.id, "tokens": one.tokens, "refused": one.refused}


def _most(shares: Iterable[Share]) -> list[str]:
    return [f"  {one.id}  {one.tokens} tokens, {one.refused} refused" for one in shares]
