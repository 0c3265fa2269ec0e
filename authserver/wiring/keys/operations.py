"""What the administration API offers of keys, deliveries and health: part of the wiring."""

from collections.abc import Callable, Sequence

from authserver.admin.api.keys.api_keys import ApiKeysResource
from authserver.admin.api.keys.signing import SigningKeysResource
from authserver.admin.api.running.anchors import AnchorsResource
from authserver.admin.api.running.deliveries import Deliveries
from authserver.admin.api.running.health import HealthResource
from authserver.admin.rest.operation import Operation
from authserver.admin.rest.paging import Cursors
from authserver.admin.running.health import Health
from authserver.admin.running.trail import TrailHealth
from authserver.oauth.logout.overview import LogoutOverview
from authserver.wiring.services import Services


def key_operations(services: Services, cursors: Cursors) -> Sequence[Operation]:
    """Return the operations on API keys and signing keys."""
    clock = services.clock
    programs = ApiKeysResource(
        services.api_keys.service, services.keyring, clock=clock, cursors=cursors
    )
    signing = SigningKeysResource(services.keys, clock, platform_url=services.settings.issuer)
    return (*programs.operations(), *signing.operations())


def running_operations(services: Services, cursors: Cursors) -> Sequence[Operation]:
    """Return the operations on what is to be delivered, and on the installation's health."""
    deliveries = Deliveries(
        services.outbox,
        LogoutOverview(services.database, services.clock),
        trail=services.trail,
        clock=services.clock,
        cursors=cursors,
    )
    proving = services.proving
    trail = TrailHealth(
        services.streams.standings,
        proving.anchors,
        services.clock,
        checkpoints=proving.checkpoints,
    )
    health = Health(
        services.database,
        services.keys,
        services.clock,
        rotation=services.settings.key_rotation,
        ping=_ping(services.settings.redis_url),
        trail=trail.look,
    )
    return (
        *deliveries.operations(),
        *HealthResource(health).operations(),
        *AnchorsResource(proving.anchors).operations(),
    )


def _ping(redis_url: str) -> Callable[[], bool] | None:
    """Return what asks Redis, None where none is configured."""
    if not redis_url:
        return None
    import redis  # noqa: PLC0415  an extra: only where it is configured

    client = redis.Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1)

    def ping() -> bool:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False

    return ping
