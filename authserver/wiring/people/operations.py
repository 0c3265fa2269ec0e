"""What administers people, put together: for the API, the console and commands."""

from authserver.admin.api.imports import ImportsApi
from authserver.admin.api.invitations import InvitationsApi
from authserver.admin.api.people.acting import Acting
from authserver.admin.api.people.belongings import Belongings
from authserver.admin.api.people.listing import People
from authserver.admin.api.people.tools import Tools
from authserver.admin.reach import Reach
from authserver.admin.rest.operation import Operation
from authserver.admin.rest.paging import Cursors
from authserver.people import acts
from authserver.people.acts import Acts
from authserver.people.details import Details
from authserver.wiring.people.jobs import make_imports
from authserver.wiring.services import Services
from authserver.wiring.signing_in import session_lives


def make_acts(services: Services) -> Acts:
    """Return what is done for people."""
    return Acts(
        acts.Tools(
            accounts=services.accounts,
            roles=services.roles,
            profiles=services.profiles,
            factors=services.factors,
            sessions=services.sessions,
            endings=services.endings,
            identities=services.upstream.identities,
            recovery=services.mailed.recovery,
            verification=services.mailed.verification,
            trail=services.trail,
        )
    )


def make_details(services: Services) -> Details:
    """Return what reads of people."""
    lives = session_lives(services.settings)
    return Details(services.roles, services.keyring, services.clock, lives=lives)


def people_operations(services: Services, reach: Reach, cursors: Cursors) -> tuple[Operation, ...]:
    """Return what can be asked of people."""
    tools = Tools(make_acts(services), make_details(services), cursors, services.clock)
    return (
        *People(tools, reach).operations(),
        *Acting(tools).operations(),
        *Belongings(tools, services.upstream.identities).operations(),
        *ImportsApi(make_imports(services), cursors).operations(),
        *InvitationsApi(services.mailed.invitations, cursors, services.clock).operations(),
    )
