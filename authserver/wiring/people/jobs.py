"""What does long work in the background: each kind of job with its handler."""

from authserver.jobs.service import Jobs
from authserver.jobs.worker import JobWorker
from authserver.people.importing.job import ImportPeople
from authserver.people.importing.service import Imports
from authserver.wiring.privacy import make_erasure_job, make_export_job
from authserver.wiring.services import Services


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
    return JobWorker(services.database, services.clock, (people, copies, erasures))
