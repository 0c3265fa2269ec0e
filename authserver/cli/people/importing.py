"""`authserver users import`: many people at once, from a file."""

import time
from functools import partial
from pathlib import Path

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.cli.people.people import TENANT
from authserver.core.ids import new_id
from authserver.jobs.models import JobRefusal
from authserver.jobs.service import refusals_of
from authserver.jobs.values import OPEN, Begun, JobView
from authserver.people.importing import reading
from authserver.people.importing.reading import Format, UnreadableRows
from authserver.people.importing.service import NewImport, find
from authserver.settings import Settings
from authserver.tenants.service import get_by_slug
from authserver.wiring.people.jobs import make_imports, make_job_worker
from authserver.wiring.services import Services

_PART = 200_000  # characters
_LOOK_EVERY = 0.5  # seconds
_MOST_SHOWN = 20


@make_command("import", example="authserver users import people.csv --tenant globex")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@TENANT
@click.option(
    "--format",
    "form",
    type=click.Choice([*Format]),
    help="csv: a header, then rows; jsonl: an object a line. Default: what the name ends with.",
)
@click.option("--dry-run", is_flag=True, help="Make no account; say which rows would be refused.")
@click.option("--background", is_flag=True, help="Leave the work to the server.")
def import_users(
    settings: Settings, *, file: Path, slug: str, form: str | None, **how: bool
) -> Report:
    """Make accounts of the rows of a file, at most 100,000.

    Columns are email, name, and if you like locale, zoneinfo, roles, verified, password_hash and
    what a profile has. Rows that cannot be are refused by number, field and reason; the others are
    taken. What ends this command does not end the import: the server goes on behind what is done.
    """
    services, written = opened(settings), _format(file, form)
    text = _read(file)
    columns = reading.header_of(text.split("\n", 1)[0]) if written is Format.CSV else ()
    with services.database.read() as view:
        tenant_id = get_by_slug(view, slug).id
    begun = Begun("operator", tenant_id, tenant_id, new_id("req"))
    new = NewImport(written, begun, columns, dry_run=how["dry_run"])
    job = _handed_over(services, tenant_id, new, text=text)
    if not how["background"]:
        job = _done(services, job)
    return _report(services, job, slug)


def _handed_over(services: Services, tenant_id: str, new: NewImport, *, text: str) -> JobView:
    imports, write = make_imports(services), services.database.write
    job = write(lambda transaction: imports.begin(transaction, tenant_id, new))
    try:
        for number, part in enumerate(reading.parts_of(text, new.form, _PART), 1):
            job = write(partial(imports.add, job=job, number=number, text=part))
    except UnreadableRows:
        by = operator(tenant_id)
        write(lambda transaction: imports.cancel(transaction, tenant_id, job.id, actor=by))
        raise
    by = operator(tenant_id)
    return write(lambda transaction: imports.start(transaction, tenant_id, job.id, actor=by))


def _done(services: Services, job: JobView) -> JobView:
    """Do it here, or look on while the server does, and say how far it is."""
    worker, said = make_job_worker(services), 0
    worker.start()
    try:
        while job.state in OPEN:
            time.sleep(_LOOK_EVERY)
            with services.database.read() as view:
                job = find(view, job.tenant_id, job.id)
            if job.done != said:
                said = job.done
                click.echo(f"{job.percent:3} %  {said} of {job.total} rows", err=True)
    finally:
        worker.stop()
    return job


def _report(services: Services, job: JobView, slug: str) -> Report:
    with services.database.read() as view:
        ordered = refusals_of(job.id).order_by(JobRefusal.id)
        refused = [
            {"row": one.number, "field": one.field, "code": one.code}
            for one in view.tenant(job.tenant_id).scalars(ordered)
        ]
    document = {
        "id": job.id,
        "tenant": slug,
        "state": job.state.value,
        "dry_run": job.settings["dry_run"],
        "rows": job.total,
        "done": job.done,
        "refused": refused,
    }
    lines = [f"  row {one['row']}: {one['field'] or 'row'} {one['code']}" for one in refused]
    more = [f"  and {len(lines) - _MOST_SHOWN} more: --json"] if len(lines) > _MOST_SHOWN else []
    head = f"Import {job.id} into {slug} is {job.state.value}: {job.done} of {job.total} rows"
    text = "\n".join([f"{head}, {len(refused)} refused.", *lines[:_MOST_SHOWN], *more])
    return Report(document, text)


def _format(file: Path, form: str | None) -> Format:
    if form is not None:
        return Format(form)
    return Format.CSV if file.suffix.lower() == ".csv" else Format.JSONL


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableRows("The file is not UTF-8.") from error
