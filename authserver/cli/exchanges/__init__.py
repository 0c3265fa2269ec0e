"""`authserver exchanges`: which clients may exchange whose tokens."""

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.core.database.engine import Transaction
from authserver.oauth.exchange.policy import Way
from authserver.oauth.exchange.service import Allowed
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug

_TENANT = click.option(
    "--tenant", "slug", required=True, help="The slug of the tenant that the client belongs to."
)
_TOKENS_OF = click.option(
    "--tokens-of", "subject", required=True, help="The client whose tokens: its client_id."
)


@click.group(
    "exchanges",
    epilog=(
        "\b\nExample:\n  authserver exchanges allow cli_01h... --tenant acme --tokens-of cli_01j..."
        " --audience https://billing.example/ --way delegation"
    ),
)
def command() -> None:
    """Let services exchange tokens for narrower ones (RFC 8693)."""


@make_command(
    "allow",
    group=command,
    example=(
        "authserver exchanges allow cli_01h... --tenant acme --tokens-of cli_01j..."
        " --audience https://billing.example/ --way delegation"
    ),
)
@click.argument("client_id")
@_TENANT
@_TOKENS_OF
@click.option(
    "--audience",
    "audiences",
    multiple=True,
    help="https URI or URN of an API that the new token may be for, beside the old one's; again.",
)
@click.option(
    "--way",
    "ways",
    type=click.Choice([way.value for way in Way]),
    multiple=True,
    required=True,
    help="As the person, or for the person in its own name (`act`); may be given twice.",
)
def allow(
    settings: Settings,
    *,
    client_id: str,
    slug: str,
    subject: str,
    audiences: tuple[str, ...],
    ways: tuple[str, ...],
) -> Report:
    """Let a client exchange another's tokens; what was allowed for this pair before is replaced.

    Both belong to the tenant; a client of an internal tenant may exchange tokens of any.
    """
    services = opened(settings)
    wanted = Allowed(client_id, subject, audiences, ways)

    def job(transaction: Transaction, tenant: Tenant) -> Allowed:
        return services.exchanges.allow(transaction, tenant.id, wanted, actor=operator(tenant.id))

    return Report({"tenant": slug, **_document(done := change(services, slug, job))}, _line(done))


@make_command(
    "forbid",
    group=command,
    example="authserver exchanges forbid cli_01h... --tenant acme --tokens-of cli_01j...",
)
@click.argument("client_id")
@_TENANT
@_TOKENS_OF
def forbid(settings: Settings, *, client_id: str, slug: str, subject: str) -> Report:
    """Forbid it again. Tokens that were exchanged before end by themselves, within minutes."""
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> None:
        services.exchanges.forbid(
            transaction,
            tenant.id,
            client_id,
            subject_client_id=subject,
            actor=operator(tenant.id),
        )

    change(services, slug, job)
    document = {"tenant": slug, "client_id": client_id, "tokens_of": subject}
    return Report(document, f"{client_id} no longer exchanges tokens of {subject}.")


@make_command("list", group=command, example="authserver exchanges list --tenant acme")
@_TENANT
def list_rules(settings: Settings, *, slug: str) -> Report:
    """List what the clients of a tenant may exchange."""
    services = opened(settings)
    with services.database.read() as view:
        found = services.exchanges.all_of(view, get_by_slug(view, slug).id)
    text = "\n".join([f"{slug}: {len(found)} rules", *(f"  {_line(one)}" for one in found)])
    return Report({"tenant": slug, "exchanges": [_document(one) for one in found]}, text)


def _document(rule: Allowed) -> dict[str, object]:
    return {
        "client_id": rule.client_id,
        "tokens_of": rule.subject_client_id,
        "audiences": list(rule.audiences),
        "ways": list(rule.ways),
    }


def _line(rule: Allowed) -> str:
    targets = ", ".join(rule.audiences) or "the same audience"
    return (
        f"{rule.client_id} exchanges tokens of {rule.subject_client_id}"
        f" for {targets} by {' or '.join(rule.ways)}."
    )
