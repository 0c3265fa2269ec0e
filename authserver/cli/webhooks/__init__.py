"""`authserver webhooks`: servers that are told of events, and what became of each delivery."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.webhooks.deliveries import list_deliveries, replay
from authserver.cli.webhooks.shown import TENANT, document, line
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug
from authserver.webhooks.models import WebhookEndpoint
from authserver.webhooks.policy import LONGEST_OVERLAP, TELLABLE, USUAL_OVERLAP
from authserver.webhooks.service import NewWebhook

_HOUR = timedelta(hours=1)
_EVENTS = click.option(
    "--event",
    "events",
    multiple=True,
    metavar="TYPE|NOUN.*|*",
    help="What it is told, as `webhooks events` lists it. May be given again.",
)
_ABOUT = click.option("--description", help="What it is for.")
_ID = click.argument("webhook_id")
_Done = Callable[..., WebhookEndpoint]


@click.group(
    "webhooks",
    epilog=(
        "\b\nExample:\n  authserver webhooks create https://shop.example/hooks --tenant acme"
        ' --event "user.*"'
    ),
)
def command() -> None:
    """Have servers of a tenant told of events, signed and in order (docs/webhooks.md)."""


@make_command(
    "create",
    group=command,
    example='authserver webhooks create https://shop.example/hooks --tenant acme --event "user.*"',
)
@click.argument("url")
@TENANT
@_EVENTS
@_ABOUT
def create(
    settings: Settings, *, url: str, slug: str, events: tuple[str, ...], description: str | None
) -> Report:
    """Have the server at URL told of events. The secret is shown once, and never again."""
    services = opened(settings)
    new = NewWebhook(url, events, description or "")

    def job(transaction: Transaction, tenant: Tenant) -> dict[str, Any]:
        row, secret = services.webhooks.service.create(
            transaction, tenant.id, new, actor=operator(tenant.id)
        )
        return {**document(row), "secret": secret}

    made = change(services, slug, job)
    text = f"{made['id']} is told of {' '.join(made['events'])}.\nIts secret: {made['secret']}"
    return Report({"tenant": slug, **made}, text)


@make_command("list", group=command, example="authserver webhooks list --tenant acme --json")
@TENANT
def list_all(settings: Settings, *, slug: str) -> Report:
    """List a tenant's webhooks, oldest first."""
    services = opened(settings)
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        found = [document(row) for row in services.webhooks.service.all_of(view, tenant.id)]
    lines = [line(one) for one in found] or [f"{slug} has no webhooks."]
    return Report({"tenant": slug, "webhooks": found}, "\n".join(lines))


@make_command("events", group=command, example="authserver webhooks events")
def events_there_are(settings: Settings) -> Report:  # noqa: ARG001  every command takes them
    """List the types of events that webhooks can be told of."""
    return Report({"events": list(TELLABLE)}, "\n".join(TELLABLE))


@make_command(
    "set",
    group=command,
    example="authserver webhooks set whe_01h... --tenant acme --event user.created",
)
@_ID
@TENANT
@click.option("--url", help="Where it leads from now on; what waits already goes there, too.")
@_EVENTS
@_ABOUT
def set_values(settings: Settings, *, webhook_id: str, slug: str, **asked: Any) -> Report:  # noqa: ANN401  the options above
    """Change a webhook; events that are given replace those before."""
    changes = {
        name: list(value) if name == "events" else value
        for name, value in asked.items()
        if value not in (None, ())
    }
    if not changes:
        raise click.UsageError("Give at least one setting.")
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> dict[str, Any]:
        row = services.webhooks.service.change(
            transaction, tenant.id, webhook_id, changes=changes, actor=operator(tenant.id)
        )
        return document(row)

    done = change(services, slug, job)
    return Report({"tenant": slug, **done}, line(done))


@make_command(
    "delete", group=command, example="authserver webhooks delete whe_01h... --tenant acme"
)
@_ID
@TENANT
def delete(settings: Settings, *, webhook_id: str, slug: str) -> Report:
    """Take a webhook away, with what waits for it."""
    services = opened(settings)
    change(
        services,
        slug,
        lambda transaction, tenant: services.webhooks.service.delete(
            transaction, tenant.id, webhook_id, actor=operator(tenant.id)
        ),
    )
    return Report({"tenant": slug, "id": webhook_id}, f"{webhook_id} is gone.")


@make_command(
    "rotate-secret",
    group=command,
    example="authserver webhooks rotate-secret whe_01h... --tenant acme --overlap-hours 48",
)
@_ID
@TENANT
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, LONGEST_OVERLAP // _HOUR),
    default=USUAL_OVERLAP // _HOUR,
    show_default=True,
    help="For how long the present secret signs, too; 0 ends it at once.",
)
def rotate_secret(settings: Settings, *, webhook_id: str, slug: str, overlap_hours: int) -> Report:
    """Give a webhook a new secret, which is shown once. Two sign at most."""
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> dict[str, Any]:
        row, secret = services.webhooks.service.rotate(
            transaction,
            tenant.id,
            webhook_id,
            overlap=overlap_hours * _HOUR,
            actor=operator(tenant.id),
        )
        return {**document(row), "secret": secret}

    made = change(services, slug, job)
    return Report({"tenant": slug, **made}, f"The new secret: {made['secret']}")


def _act(name: str, said: str, does: Callable[[Any], _Done], *, about: str) -> None:
    """Make a command that does one thing to a webhook."""

    def run(settings: Settings, *, webhook_id: str, slug: str) -> Report:
        services = opened(settings)
        act = does(services.webhooks.service)
        done = change(
            services,
            slug,
            lambda transaction, tenant: document(
                act(transaction, tenant.id, webhook_id, actor=operator(tenant.id))
            ),
        )
        return Report({"tenant": slug, **done}, f"{webhook_id} {said}.")

    run.__doc__ = about
    example = f"authserver webhooks {name} whe_01h... --tenant acme"
    make_command(name, group=command, example=example)(_ID(TENANT(run)))


_act("test", "gets a test", lambda of: of.test, about="Send an event that says nothing.")
_act("pause", "is paused", lambda of: of.pause, about="Send nothing for now: what happens waits.")
_act("resume", "is active", lambda of: of.resume, about="Send what waits, and what happens next.")
command.add_command(list_deliveries)
command.add_command(replay)
