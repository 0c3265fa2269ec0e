"""What is stored about people: its record of consents, copies and erasures, put together."""

from authserver import ciphertexts
from authserver.audit.checkpoints.reading import CheckpointReader
from authserver.audit.sequencing.proofs import TenantProofs
from authserver.audit.subjects import Subjects
from authserver.jobs.service import Jobs
from authserver.privacy.consents.service import ConsentRecords
from authserver.privacy.erasure.holds import LegalHolds
from authserver.privacy.erasure.job import ErasePerson
from authserver.privacy.erasure.receipts import Receipts
from authserver.privacy.erasure.service import Erasures, Tools
from authserver.privacy.exports.happened import Happened
from authserver.privacy.exports.job import ExportPerson
from authserver.privacy.exports.sections import Reader
from authserver.privacy.exports.service import Exports
from authserver.privacy.exports.writing import Writing
from authserver.trail_exports.withdrawing import Withdrawal
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


def make_erasures(services: Services) -> Erasures:
    """Return what is done about erasures before they begin."""
    return Erasures(_tools(services))


def make_holds(services: Services) -> LegalHolds:
    """Return what sets and lifts legal holds."""
    return LegalHolds(services.trail, services.clock)


def make_erasure_job(services: Services) -> ErasePerson:
    """Return what erases people in the background."""
    tools = _tools(services)
    return ErasePerson(Erasures(tools), tools, Withdrawal(tools.jobs, tools.trail))


def make_receipts(services: Services) -> Receipts:
    """Return what makes the receipts of erasures."""
    return Receipts(make_writing(services), CheckpointReader(), TenantProofs())


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


def _tools(services: Services) -> Tools:
    return Tools(
        Jobs(services.keyring, services.clock),
        services.roles,
        services.trail,
        services.keyring,
        services.clock,
        make_writing(services).home,
    )


def _subjects(services: Services) -> Subjects:
    return Subjects(services.database, services.keyring, services.clock)
