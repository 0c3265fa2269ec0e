"""The administration API, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from authserver.admin.api.roles.assignments import Assignments
from authserver.admin.api.roles.roles import Roles
from authserver.admin.api.usage import UsageResource
from authserver.admin.api.webhooks.operations import WebhooksApi
from authserver.admin.caller import Callers
from authserver.admin.reach import Reach
from authserver.admin.rest.desk import Desk
from authserver.admin.rest.document import document
from authserver.admin.rest.idempotency import Answers
from authserver.admin.rest.lane import ApiLane, Tools
from authserver.admin.rest.operation import Operation
from authserver.admin.rest.paging import Cursors
from authserver.admin.sessions import SessionCallers
from authserver.oauth.access_tokens import AccessTokens
from authserver.sessions.cookies import CookiePolicy
from authserver.wiring.clients.operations import client_operations
from authserver.wiring.keys.operations import key_operations, running_operations
from authserver.wiring.people.operations import people_operations
from authserver.wiring.people.stored import privacy_operations
from authserver.wiring.protocol import bound_tokens
from authserver.wiring.services import Services
from authserver.wiring.tenancy.operations import tenant_operations
from authserver.wiring.trail.exporting import make_trail_reader
from authserver.wiring.trail.operations import trail_operations

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TITLE, VERSION = "authserver administration", "1"


@dataclass(frozen=True)
class Administration:
    """Everything that can be asked, and where it is performed."""

    operations: tuple[Operation, ...]
    desk: Desk
    reach: Reach


def make_administration(services: Services) -> Administration:
    """Put the operations of every resource together."""
    reach = Reach(services.trail, services.clock)
    cursors = Cursors(services.keyring.derive("api cursor"))
    trail = make_trail_reader(services)
    usage = UsageResource(
        services.usage.figures,
        services.clients,
        amendments=services.amendments,
        clock=services.clock,
    )
    return Administration(
        operations=(
            *tenant_operations(services, reach, cursors),
            *_roles(services, cursors),
            *people_operations(services, reach, cursors),
            *privacy_operations(services, cursors),
            *usage.operations(),
            *client_operations(services, cursors, trail),
            *trail_operations(services, cursors, trail),
            *key_operations(services, cursors),
            *WebhooksApi(
                services.webhooks.service,
                services.webhooks.deliveries,
                clock=services.clock,
                cursors=cursors,
            ).operations(),
            *running_operations(services, cursors),
        ),
        desk=Desk(services.database, reach, _after_change(services)),
        reach=reach,
    )


def _roles(services: Services, cursors: Cursors) -> tuple[Operation, ...]:
    roles = Roles(services.custom_roles)
    assignments = Assignments(
        services.roles, services.custom_roles, cursors=cursors, clock=services.clock
    )
    return (*roles.operations(), *assignments.operations())


def api_lane(
    services: Services, administration: Administration, next_lane: "WSGIApplication"
) -> ApiLane:
    """Return what answers the API, in front of what follows."""
    asked = administration.operations
    tokens = AccessTokens(
        services.caches.keys, services.database, services.clock, subjects=services.subjects
    )
    tools = Tools(
        Callers(
            tokens,
            services.caches.clients,
            services.api_keys.holders,
            database=services.database,
            bound=bound_tokens(services),
        ),
        _session_callers(services),
        administration.desk,
        Answers(services.keyring),
        limiter=services.limiter,
        clock=services.clock,
    )
    described = partial(document, asked, title=TITLE, version=VERSION)
    return ApiLane(next_lane, asked, tools, document=described)


def _session_callers(services: Services) -> SessionCallers:
    return SessionCallers(
        services.sessions,
        services.database,
        roles=services.roles,
        cookies=CookiePolicy.of(services.settings.issuer),
        clock=services.clock,
    )


def _after_change(services: Services) -> Callable[[], None]:
    def changed() -> None:
        services.watch.changed()
        services.api_keys.news.tell()

    return changed
