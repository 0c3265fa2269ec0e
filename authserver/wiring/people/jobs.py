"""What does long work in the background: each kind of job with its handler."""

from authserver.copies.jobs import ExportTenant, ImportTenant
from authserver.jobs.service import BELL, Jobs
from authserver.jobs.values import Whole
from authserver.jobs.worker import JobWorker
from authserver.people.importing.job import ImportPeople
from authserver.people.importing.service import Imports
from authserver.wiring.privacy import make_erasure_job, make_export_job
from authserver.wiring.services import Services
from authserver.wiring.tenancy.parts import Tenancy
from authserver.wiring.trail import exporting


def make_imports(services: Services) -> Imports:
    """Return what begins and calls off imports of people."""
    return Imports(Jobs(services.keyring, services.clock), services.trail)


def make_job_worker(services: Services) -> JobWorker:
    """Return what does the work; a kind that is not here waits for a process that knows it."""
    jobs = Jobs(services.keyring, services.clock)
    people = ImportPeople(
        jobs, accounts=services.accounts, roles=services.roles, trail=services.trail
    )
    copies = make_export_job(services)
    erasures = make_erasure_job(services)
    handlers = (people, copies, erasures, exporting.make_export_job(services))
    worker = JobWorker(services.database, services.clock, handlers, whole=_moves(services))
    services.database.bells[BELL] = worker.wake
    return worker


def _moves(services: Services) -> tuple[Whole, ...]:
    """Return what makes copies of tenants, and tenants of copies."""
    parts = Tenancy.of(services)
    return (
        ExportTenant(services.database, parts.writer, parts.copies),
        ImportTenant(
            services.database,
            parts.reader,
            parts.arrivals,
            roles=services.roles,
            changed=services.watch.changed,
        ),
    )
