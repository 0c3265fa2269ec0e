"""`authserver audit export`: a tenant's trail into a file that proves itself."""

import gzip
import os
from pathlib import Path

import click

from authserver.audit.bundles.writing import Plan
from authserver.audit.events import Event, EventType
from authserver.audit.sequencing.kept import MissingError
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.core.problems import Refused
from authserver.settings import Settings
from authserver.tenants.service import get_by_slug
from authserver.wiring.services import Services

_OWNER_ALONE = 0o600


@make_command("export", example="authserver audit export globex globex.bundle")
@click.argument("slug")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--from", "since", type=int, help="Only what came after this checkpoint.")
@click.option(
    "--with",
    "also",
    type=int,
    multiple=True,
    help="A checkpoint to be in it, for comparison with one that was kept elsewhere; repeatable.",
)
def export(
    settings: Settings, *, slug: str, file: Path, since: int | None, also: tuple[int, ...]
) -> Report:
    """Write a tenant's trail into a new file, up to the newest checkpoint.

    docs/trail-format.md says what is in it. Personal values stay encrypted. Verify it anywhere with
    `authserver audit verify --bundle FILE`, or with trail_verifier.py of the SDK alone.
    """
    services = opened(settings)
    with services.database.read() as view:
        tenant_id = get_by_slug(view, slug).id
        plan = services.proving.bundles.plan(view, tenant_id, since=since, also=also)
    _write(services, plan, file)
    facts = {"first": plan.first, "last": plan.last, "checkpoint": plan.checkpoints[-1]}
    event = Event(
        EventType.TRAIL_EXPORTED, tenant_id, operator(tenant_id), resource=tenant_id, facts=facts
    )
    services.database.write(lambda transaction: services.trail.record(transaction, event))
    document = {"tenant": slug, "file": str(file), "events": plan.events, **facts}
    text = f"Wrote {plan.events} events up to checkpoint {plan.checkpoints[-1]} to {file}"
    return Report(document, text)


def _write(services: Services, plan: Plan, file: Path) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
    except OSError as error:
        raise Refused(f"{file} cannot be made: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
            for line in services.proving.bundles.lines(services.database, plan):
                out.write(line)
    except MissingError as error:
        file.unlink()
        raise Refused(f"The trail was changed, and cannot be proved: {error}.") from error
    except BaseException:
        file.unlink()
        raise
