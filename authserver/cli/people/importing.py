"""`authserver users import`: many people at once, from a file."""

import time
from functools import partial
from pathlib import Path

import click

from authserver.audit.events import ActorKind
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.people.people import TENANT
from authserver.core import log
from authserver.core.ids import new_id
from authserver.core.problems import Problem
from authserver.jobs import service as jobs
from authserver.jobs.models import Job, JobRefusal
from authserver.jobs.service import refusals_of
from authserver.jobs.values import OPEN, Begun, JobView
from authserver.people.importing import reading
from authserver.people.importing.reading import Format, UnreadableRows
from authserver.people.importing.service import KIND, NewImport, find
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
    type=click.Choice([one.value for one in Format]),
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
    begun = Begun(ActorKind.OPERATOR, tenant_id, tenant_id, new_id("req"))
    new = NewImport(written, begun, columns, dry_run=how["dry_run"])
    job = _handed_over(services, tenant_id, new, text=text)
    if not how["background"]:
        job = _done(services, job)
    return _report(services, job, slug)


@make_command("imports", example="authserver users imports --tenant globex")
@TENANT
def list_imports(settings: Settings, *, slug: str) -> Report:
    """List a tenant's imports of the last 30 days, the newest first, and how far they are."""
    services = opened(settings)
    with services.database.read() as view:
        session = view.tenant(get_by_slug(view, slug).id)
        found = session.scalars(jobs.of_kind(KIND).order_by(Job.id.desc()))
        shown = [_document(jobs.view(row), slug) for row in found]
    lines = [
        f"  {one['id']}  {one['state']:<9} {one['done']} of {one['rows']} rows" for one in shown
    ]
    text = "\n".join([f"{len(shown)} imports of {slug}", *lines])
    return Report({"tenant": slug, "imports": shown}, text)


@make_command(
    "cancel-import",
    example="authserver users cancel-import --tenant globex job_01jd8x5q1wf6c8m0v3r2k9t7hz",
)
@TENANT
@click.argument("job_id", metavar="IMPORT_ID")
def cancel_import(settings: Settings, *, slug: str, job_id: str) -> Report:
    """Call an import off. The accounts that are made stay; the rest of the rows are forgotten."""
    services = opened(settings)
    imports = make_imports(services)
    job = change(
        services,
        slug,
        lambda transaction, tenant: imports.cancel(
            transaction, tenant.id, job_id, actor=operator(tenant.id)
        ),
    )
    text = f"The import is called off: {job.done} of {job.total} rows are done."
    return Report(_document(job, slug), text)


def _handed_over(services: Services, tenant_id: str, new: NewImport, *, text: str) -> JobView:
    imports, write = make_imports(services), services.database.write
    job = write(lambda transaction: imports.begin(transaction, tenant_id, new))
    try:
        for number, part in enumerate(reading.parts_of(text, new.form, _PART), 1):
            job = write(partial(imports.add, job=job, number=number, text=part))
        by = operator(tenant_id)
        return write(lambda transaction: imports.start(transaction, tenant_id, job.id, actor=by))
    except Problem:
        by = operator(tenant_id)
        write(lambda transaction: imports.cancel(transaction, tenant_id, job.id, actor=by))
        raise


def _done(services: Services, job: JobView) -> JobView:
    """Do it here, or look on while the server does, and say how far it is."""
    log.configure(services.settings.log_level)
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
    document = {**_document(job, slug), "refused": refused}
    lines = [f"  row {one['row']}: {one['field'] or 'row'} {one['code']}" for one in refused]
    more = [f"  and {len(lines) - _MOST_SHOWN} more: --json"] if len(lines) > _MOST_SHOWN else []
    head = f"Import {job.id} into {slug} is {job.state.value}: {job.done} of {job.total} rows"
    text = "\n".join([f"{head}, {len(refused)} refused.", *lines[:_MOST_SHOWN], *more])
    return Report(document, text)


def _document(job: JobView, slug: str) -> dict[str, object]:
    return {
        "id": job.id,
        "tenant": slug,
        "state": job.state.value,
        "dry_run": job.settings["dry_run"],
        "rows": job.total,
        "done": job.done,
        "refused": job.refused,
    }


def _format(file: Path, form: str | None) -> Format:
    if form is not None:
        return Format(form)
    return Format.CSV if file.suffix.lower() == ".csv" else Format.JSONL


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableRows("The file is not UTF-8.") from error
