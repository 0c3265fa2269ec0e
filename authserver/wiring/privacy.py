"""What people can ask about what is stored of them, put together."""

from authserver.admin.api.privacy.consents import Consents
from authserver.admin.rest.operation import Operation
from authserver.admin.rest.paging import Cursors
from authserver.audit.subjects import Subjects
from authserver.privacy.consents.service import ConsentRecords
from authserver.wiring.services import Services


def make_consent_records(services: Services) -> ConsentRecords:
    """Return the record of what people allowed."""
    subjects = Subjects(services.database, services.keyring, services.clock)
    return ConsentRecords(subjects, services.clock)


def privacy_operations(services: Services, cursors: Cursors) -> tuple[Operation, ...]:
    """Return what can be asked of what is stored about people."""
    return (*Consents(make_consent_records(services), cursors).operations(),)
