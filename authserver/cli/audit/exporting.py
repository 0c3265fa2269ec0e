"""`authserver audit export`: a tenant's trail into a file."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from authserver.audit.events import Event, EventType
from authserver.audit.sequencing.kept import MissingError
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.core.database.engine import Database
from authserver.core.problems import Problem, Refused
from authserver.settings import Settings
from authserver.tenants.service import get_by_slug
from authserver.trail_exports import packing
from authserver.trail_exports.sources import wanted_of
from authserver.trail_exports.values import Ask, Format
from authserver.trail_exports.writing import So, Source, written
from authserver.wiring.trail.exporting import make_sources

_OWNER_ALONE = 0o600


@make_command("export", example="authserver audit export globex globex.bundle")
@click.argument("slug")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice([one.value for one in Format]),
    default=Format.BUNDLE.value,
    show_default=True,
    help="A bundle proves itself; csv and jsonl are for other programs.",
)
@click.option("--from", "since", type=int, help="A bundle of what came after this checkpoint.")
@click.option(
    "--with",
    "also",
    type=int,
    multiple=True,
    help="A checkpoint to be in a bundle, to compare with one kept elsewhere; repeatable.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME=VALUE",
    help="Of csv and jsonl, by type, noun, actor, subject, resource, correlation_id, since, until;"
    " repeatable.",
)
@click.option("--personal", is_flag=True, help="With addresses and browsers in clear.")
def export(  # noqa: PLR0913  the options
    settings: Settings,
    *,
    slug: str,
    file: Path,
    form: str,
    since: int | None,
    also: tuple[int, ...],
    only: tuple[str, ...],
    personal: bool,
) -> Report:
    """Write a tenant's trail into a new file.

    A bundle goes up to the newest checkpoint, and personal values stay encrypted in it;
    docs/trail-format.md says what is in it. Verify it anywhere with `authserver audit verify
    --bundle FILE`, or with trail_verifier.py of the SDK alone.
    """
    services = opened(settings)
    ask = Ask(Format(form), wanted_of(_pairs(only)), personal, since, also)
    with services.database.read() as view:
        tenant_id = get_by_slug(view, slug).id
        source, asked = make_sources(services).asked(view, tenant_id, ask)
    so = _write(services.database, source, file, compressed=ask.format is Format.BUNDLE)
    facts = {"format": form, "personal": personal, "events": so.events + so.tombstones, **asked}
    event = Event(
        EventType.TRAIL_EXPORTED, tenant_id, operator(tenant_id), resource=tenant_id, facts=facts
    )
    services.database.write(lambda transaction: services.trail.record(transaction, event))
    document = {"tenant": slug, "file": str(file), **facts}
    return Report(document, f"Wrote {facts['events']} events to {file}")


def _pairs(only: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in only]
    if not all(middle for _, middle, _ in pairs):
        raise Problem("Write --only NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def _write(database: Database, source: Source, file: Path, *, compressed: bool) -> So:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
    except OSError as error:
        raise Refused(f"{file} cannot be made: {error.strerror}.") from error
    so = So()

    def texts() -> Iterator[bytes]:
        nonlocal so
        for piece in written(database, source):
            so = piece.now
            yield piece.text

    pieces: Iterable[bytes] = packing.member(texts()) if compressed else texts()
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.writelines(pieces)
    except MissingError as error:
        file.unlink()
        raise Refused(f"The trail was changed, and cannot be proved: {error}.") from error
    except BaseException:
        file.unlink()
        raise
    return so
