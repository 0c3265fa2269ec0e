"""`authserver identities`: by which providers somebody signs in, and the providers' tokens."""

import click

from authserver.accounts.directory import UserSnapshot
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.cli.people import people
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict, NotFound
from authserver.federation.identities import LastWayIn, Linked
from authserver.federation.people import finding
from authserver.settings import Settings
from authserver.tenants.service import get_by_slug

_ID = click.argument("identity_id", metavar="ID")


@click.group(
    "identities",
    epilog="\b\nExample:\n  authserver identities list --tenant globex --email ada@globex.example",
)
def command() -> None:
    """See and end what links people's accounts to providers."""


@make_command(
    "list",
    group=command,
    example="authserver identities list --tenant globex --email ada@globex.example",
)
@people.TENANT
@people.EMAIL
def list_identities(settings: Settings, *, slug: str, email: str) -> Report:
    """List by which providers a person signs in."""
    services = opened(settings)
    with services.database.read() as view:
        user = people.find(view, get_by_slug(view, slug), email)
        found = services.upstream.identities.of_person(view, user)
    lines = [f"  {one.id}  {one.connection_label:<20} {one.label}" for one in found]
    text = "\n".join([f"{email} in {slug}: {len(found)} linked sign-ins", *lines])
    document = {"tenant": slug, "email": email, "identities": [_document(one) for one in found]}
    return Report(document, text)


@make_command(
    "refresh-token", group=command, example="authserver identities refresh-token fid_01jd0000"
)
@_ID
def refresh_token(settings: Settings, *, identity_id: str) -> Report:
    """Get a new token from the provider, to see that it still gives one.

    It is stored, and never shown: the answer says until when it is good, and for what.
    """
    services = opened(settings)
    with services.database.read() as view:
        user = _owner(view, identity_id)
    token = services.upstream.tokens.of(user, identity_id, by=operator(user.tenant_id), anew=True)
    until = token.expires_at.isoformat() if token.expires_at else None
    document = {"id": identity_id, "expires_at": until, "scope": token.scope}
    return Report(document, f"There is a new token, good until {until or 'it is taken back'}.")


@make_command("unlink", group=command, example="authserver identities unlink fid_01jd0000")
@_ID
def unlink(settings: Settings, *, identity_id: str) -> Report:
    """Take a link away for a person: all sessions and tokens of theirs end, and they get a mail.

    The last way to sign in stays: let them set a password first (`authserver users send-reset`).
    """
    services = opened(settings)

    def job(transaction: Transaction) -> UserSnapshot:
        user = _owner(transaction, identity_id)
        services.upstream.identities.unlink(
            transaction, user, identity_id, by=operator(user.tenant_id)
        )
        return user

    try:
        user = services.database.write(job)
    except LastWayIn as last:
        raise Conflict(
            "It is the person's only way to sign in: send them a link to set a password first,"
            " by `authserver users send-reset`."
        ) from last
    text = f"{user.email} signs in by it no more, and was signed out everywhere."
    return Report({"id": identity_id, "email": user.email, "unlinked": True}, text)


def _owner(transaction: Transaction, identity_id: str) -> UserSnapshot:
    user = finding.account_of(transaction, identity_id)
    if user is None:
        raise NotFound(f"There is no linked sign-in {identity_id}.")
    return user


def _document(one: Linked) -> dict[str, object]:
    used = one.last_used_at
    return {
        "id": one.id,
        "connection": one.connection_id,
        "kind": one.kind.value,
        "provider": one.connection_label,
        "label": one.label,
        "linked_at": one.created_at.isoformat(),
        "last_used_at": used.isoformat() if used else None,
    }
