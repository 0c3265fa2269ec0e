"""`authserver tenants export|import`: a tenant moves to another installation."""

import os
from collections.abc import Mapping
from pathlib import Path

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.copies.contents import left_out
from authserver.moving.sealing import UnfitCopy
from authserver.settings import Settings
from authserver.tenants.service import get_by_slug
from authserver.wiring.tenancy.parts import Tenancy

_OWNER_ALONE = 0o600
_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_PASSPHRASE = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file whose first line is the passphrase. Without it you are asked.",
)


@make_command("export", example="authserver tenants export globex globex.copy")
@click.argument("slug")
@_FILE
@_PASSPHRASE
def export(settings: Settings, *, slug: str, file: Path, passphrase_file: Path | None) -> Report:
    """Write a copy of a tenant into a new file, encrypted under a passphrase.

    People, roles, clients with their secrets, connections, factors and settings are in it.
    Passwords, passkeys, sessions, keys and the trail are not: they belong to this installation, and
    people choose a new password by the link of "forgotten password". Suspend the tenant first if
    nothing shall change any more.
    """
    services, passphrase = opened(settings), _asked(passphrase_file, twice=True)
    with services.database.read() as view:
        actor = operator(get_by_slug(view, slug).id)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
    except FileExistsError as error:
        raise UnfitCopy(f"{file} is there already: name a new file.") from error
    try:
        with os.fdopen(descriptor, "wb") as out:
            counts = Tenancy.of(services).writer.write(slug, out, passphrase, actor=actor)
    except BaseException:
        file.unlink()
        raise
    lines = [f"Wrote {slug} to {file}", *_counted(counts), "Not in it:"]
    lines += [f"  {name}: {why}" for name, why in left_out().items()]
    document = {"tenant": slug, "file": str(file), "rows": counts, "not_in_it": left_out()}
    return Report(document, "\n".join(lines))


@make_command("import", example="authserver tenants import globex.copy")
@_FILE
@click.option("--slug", help="Another slug, where that of the copy is taken.")
@_PASSPHRASE
def import_copy(
    settings: Settings, *, file: Path, slug: str | None, passphrase_file: Path | None
) -> Report:
    """Make a tenant of a copy: all of it, or nothing. Both releases have to be the same.

    Domains are proved again (the record may stay), and people set new passwords and passkeys.
    """
    if not file.is_file():
        raise UnfitCopy(f"There is no file {file}.")
    services, passphrase = opened(settings), _asked(passphrase_file, twice=False)
    done = Tenancy.of(services).reader.read(
        lambda: file.open("rb"), passphrase, slug=slug, actor=operator
    )
    services.watch.changed()
    lines = [f"Made the tenant {done.slug} ({done.tenant_id})", *_counted(done.counts)]
    document = {"id": done.tenant_id, "slug": done.slug, "rows": dict(done.counts)}
    return Report(document, "\n".join(lines))


COPIES = (export, import_copy)


def _asked(file: Path | None, *, twice: bool) -> str:
    if file is not None:
        return file.read_text().partition("\n")[0].rstrip("\r")
    return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True))


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [f"  {name}: {count}" for name, count in counts.items()]
