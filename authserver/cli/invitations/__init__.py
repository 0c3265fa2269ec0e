"""`authserver invitations`: people who are asked into a tenant by mail."""

from collections.abc import Callable

import click

from authserver.accounts.service import find_by_email
from authserver.audit.events import Actor, ActorKind
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import NotFound
from authserver.invitations.policy import State
from authserver.invitations.service import Entry, Invite
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug
from authserver.wiring.services import Services

_TENANT = click.option("--tenant", "slug", required=True, help="The tenant's slug.")
_INVITATION = click.argument("invitation_id", metavar="INVITATION_ID")
_EVERY = "all"
Change = Callable[[Transaction, Tenant], Entry]


@click.group(
    "invitations",
    epilog="\b\nExample:\n  authserver invitations create --tenant globex"
    " --email ada@globex.example --role admin",
)
def command() -> None:
    """Ask people into a tenant by mail, with roles. No command ever shows the link."""


@make_command(
    "create",
    group=command,
    example=(
        "authserver invitations create --tenant globex --email ada@globex.example --role admin"
    ),
)
@_TENANT
@click.option("--email", required=True, help="The address that is asked.")
@click.option("--role", "roles", multiple=True, help="A role; may be given again.")
@click.option(
    "--inviter",
    help="The address of the person who invites, with no more roles than their own. Default: you.",
)
def create(
    settings: Settings, *, slug: str, email: str, roles: tuple[str, ...], inviter: str | None
) -> Report:
    """Mail an invitation. It is good once, for this address alone, and for 7 days or less.

    The account gets its roles when it is accepted, if whoever invited may give them then, too.
    """

    def job(services: Services) -> Change:
        def invite(transaction: Transaction, tenant: Tenant) -> Entry:
            by = _inviter(transaction, tenant, inviter) if inviter else None
            actor = Actor(ActorKind.USER, by, new_id("req")) if by else operator(tenant.id)
            asked = Invite(tenant.id, email, roles, by)
            return services.mailed.invitations.create(transaction, asked, actor=actor)

        return invite

    entry = _change(settings, slug, job)
    text = f"Invited {entry.email} into {slug} ({entry.id}): {_listed(entry)}."
    return Report(_document(entry, slug), text)


@make_command(
    "list",
    group=command,
    example="authserver invitations list --tenant globex --state open --json",
)
@_TENANT
@click.option(
    "--state",
    type=click.Choice([_EVERY, *(state.value for state in State)]),
    default=State.OPEN.value,
    show_default=True,
    help="Only these.",
)
def list_invitations(settings: Settings, *, slug: str, state: str) -> Report:
    """List a tenant's invitations, the newest first."""
    services = opened(settings)
    with services.database.read() as view:
        found = services.mailed.invitations.entries(view, get_by_slug(view, slug).id)
    shown = [entry for entry in found if state in {_EVERY, entry.state.value}]
    lines = [f"{len(shown)} invitations of {slug} ({state})", *map(_line, shown)]
    return Report({"invitations": [_document(entry, slug) for entry in shown]}, "\n".join(lines))


@make_command(
    "revoke",
    group=command,
    example="authserver invitations revoke --tenant globex inv_01jd8x5q1wf6c8m0v3r2k9t7hz",
)
@_TENANT
@_INVITATION
def revoke(settings: Settings, *, slug: str, invitation_id: str) -> Report:
    """Take an invitation back: its link opens nothing any more."""

    def job(services: Services) -> Change:
        return lambda transaction, tenant: services.mailed.invitations.revoke(
            transaction, tenant.id, invitation_id, actor=operator(tenant.id)
        )

    entry = _change(settings, slug, job)
    text = f"The invitation of {entry.email} into {slug} is revoked."
    return Report(_document(entry, slug), text)


@make_command(
    "resend",
    group=command,
    example="authserver invitations resend --tenant globex inv_01jd8x5q1wf6c8m0v3r2k9t7hz",
)
@_TENANT
@_INVITATION
def resend(settings: Settings, *, slug: str, invitation_id: str) -> Report:
    """Mail a new link, good for the whole time again. The one of before ends."""

    def job(services: Services) -> Change:
        return lambda transaction, tenant: services.mailed.invitations.resend(
            transaction, tenant.id, invitation_id, actor=operator(tenant.id)
        )

    entry = _change(settings, slug, job)
    text = f"A new mail to {entry.email} is on its way, good until {entry.expires_at:%Y-%m-%d}."
    return Report(_document(entry, slug), text)


def _change(settings: Settings, slug: str, job: Callable[[Services], Change]) -> Entry:
    services = opened(settings)
    return change(services, slug, job(services))


def _inviter(transaction: Transaction, tenant: Tenant, email: str) -> str:
    user = find_by_email(transaction, tenant.id, email)
    if user is None:
        raise NotFound(f"There is no account {email} in {tenant.slug}.")
    return user.id


def _document(entry: Entry, slug: str) -> dict[str, object]:
    return {
        "id": entry.id,
        "tenant": slug,
        "email": entry.email,
        "roles": list(entry.roles),
        "inviter": entry.inviter_id,
        "state": entry.state.value,
        "created_at": entry.created_at.isoformat(),
        "sent_at": entry.sent_at.isoformat(),
        "expires_at": entry.expires_at.isoformat(),
    }


def _line(entry: Entry) -> str:
    return (
        f"  {entry.id}  {entry.sent_at:%Y-%m-%d %H:%M}  {entry.state.value:<8}  {entry.email}"
        f"  {_listed(entry)}"
    )


def _listed(entry: Entry) -> str:
    return ", ".join(entry.roles) or "no roles"
