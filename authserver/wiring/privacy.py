"""What is stored about people: its record of consents and its copies, put together."""

from authserver import ciphertexts
from authserver.audit.subjects import Subjects
from authserver.jobs.service import Jobs
from authserver.privacy.consents.service import ConsentRecords
from authserver.privacy.exports.happened import Happened
from authserver.privacy.exports.job import ExportPerson
from authserver.privacy.exports.sections import Reader
from authserver.privacy.exports.service import Exports
from authserver.privacy.exports.writing import Writing
from authserver.wiring.services import Services


def make_consent_records(services: Services) -> ConsentRecords:
    """Return the record of what people allowed."""
    return ConsentRecords(_subjects(services), services.clock)


def make_exports(services: Services) -> Exports:
    """Return what gives people copies of what is stored of them."""
    return Exports(
        Jobs(services.keyring, services.clock),
        make_writing(services),
        trail=services.trail,
        keyring=services.keyring,
        clock=services.clock,
    )


def make_export_job(services: Services) -> ExportPerson:
    """Return what makes the copies in the background."""
    return ExportPerson(
        make_writing(services),
        trail=services.trail,
        keyring=services.keyring,
        clock=services.clock,
    )


def make_writing(services: Services) -> Writing:
    """Return what writes a copy."""
    encrypted = [str(one) for one in ciphertexts.COLUMNS]
    return Writing(
        Reader(services.keyring, make_consent_records(services), encrypted),
        Happened(_subjects(services)),
        services.keys,
        clock=services.clock,
        platform=services.settings.issuer,
    )


def _subjects(services: Services) -> Subjects:
    return Subjects(services.database, services.keyring, services.clock)
