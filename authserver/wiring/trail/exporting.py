"""Exports of the trail, put together."""

from authserver.audit.reading import TrailReader
from authserver.audit.subjects import Subjects
from authserver.jobs.service import Jobs
from authserver.trail_exports.job import ExportTrail
from authserver.trail_exports.service import Kept, TrailExports
from authserver.trail_exports.sources import Sources
from authserver.wiring.services import Services


def make_trail_reader(services: Services) -> TrailReader:
    """Return what reads the trail."""
    return TrailReader(Subjects(services.database, services.keyring, services.clock))


def make_sources(services: Services) -> Sources:
    """Return what writes files of the trail."""
    return Sources(make_trail_reader(services), services.proving.bundles)


def make_export_job(services: Services) -> ExportTrail:
    """Return what makes them in the background."""
    return ExportTrail(make_sources(services), _kept(services))


def make_exports(services: Services) -> TrailExports:
    """Return what has them made, and gives them out."""
    jobs = Jobs(services.keyring, services.clock)
    return TrailExports(jobs, make_sources(services), trail=services.trail, kept=_kept(services))


def _kept(services: Services) -> Kept:
    return Kept(services.keyring, services.clock)
