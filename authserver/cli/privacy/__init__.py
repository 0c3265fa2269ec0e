"""`authserver privacy`: what is stored about people, what they allowed, copies of it, its end."""

import os
from pathlib import Path

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.people.people import EMAIL, TENANT, find
from authserver.cli.privacy import erasing
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict
from authserver.privacy.exports.service import Person
from authserver.privacy.registry.service import entries
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug
from authserver.wiring.privacy import make_consent_records, make_exports

_OWNER_ONLY = 0o600


@click.group(
    epilog="\b\nExample:\n  authserver privacy export --tenant globex --email ada@globex.example"
    " --to ada.zip"
)
def command() -> None:
    """Say what is stored about people and what they allowed, make copies of it, and end it."""


erasing.add(command)


@make_command("registry", example="authserver privacy registry --json", group=command)
def registry(settings: Settings) -> Report:  # noqa: ARG001  the same for every installation
    """Say what is stored about people, why, and what erasure does to it."""
    found = entries()
    lines = [f"  {one.table}.{one.column:<20} {one.on_erasure:<11} {one.purpose}" for one in found]
    return Report({"columns": [vars(one) for one in found]}, "\n".join(lines))


@make_command(
    "consents",
    example="authserver privacy consents --tenant globex --email ada@globex.example",
    group=command,
)
@TENANT
@EMAIL
def consents(settings: Settings, *, slug: str, email: str) -> Report:
    """List what a person allowed, denied and took back."""
    services = opened(settings)
    records = make_consent_records(services)
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        user = find(view, tenant, email)
        found = records.of_person(view, tenant.id, user.id)
    rows = [
        {
            "act": one.act.value,
            "client_id": one.client_id,
            "scope": list(one.scope),
            "decided_at": one.decided_at.isoformat(),
            "text_version": one.text_hash,
            "text": one.text,
            "locale": one.locale,
            "address": one.address,
            "user_agent": one.user_agent,
        }
        for one in found
    ]
    lines = [f"  {one.decided_at:%Y-%m-%d %H:%M} {one.act:<9} {one.client_id}" for one in found]
    text = "\n".join([f"{len(found)} decisions of {email}", *lines])
    return Report({"tenant": slug, "consents": rows}, text)


@make_command(
    "export",
    example="authserver privacy export --tenant globex --email ada@globex.example --to ada.zip",
    group=command,
)
@TENANT
@EMAIL
@click.option(
    "--to",
    "path",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The archive to write; never one that is there.",
)
def export(settings: Settings, *, slug: str, email: str, path: Path) -> Report:
    """Write everything that is stored about a person into a signed archive.

    For somebody who cannot sign in: everybody else asks on the page of their account.
    """
    services = opened(settings)
    exports = make_exports(services)

    def job(transaction: Transaction, tenant: Tenant) -> tuple[str, bytes]:
        user = find(transaction, tenant, email)
        person = Person(tenant.id, user.id)
        return user.id, exports.hand_over(transaction, person, operator(tenant.id))

    file = _new(path)
    with os.fdopen(file, "wb") as into:
        try:
            user_id, archive = change(services, slug, job)
        except BaseException:
            path.unlink()
            raise
        into.write(archive)
    document = {"tenant": slug, "user_id": user_id, "file": str(path), "bytes": len(archive)}
    return Report(document, f"Wrote {len(archive)} bytes about {email} to {path}.")


def _new(path: Path) -> int:
    """Open a file that only its owner can read. Raises Conflict where there is one."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except OSError as error:
        raise Conflict(f"{path} cannot be made: {error.strerror}.") from error
