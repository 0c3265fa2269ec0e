"""API keys: part of the wiring."""

from collections.abc import Callable
from dataclasses import dataclass

from authserver.api_keys import offers
from authserver.api_keys.ending import Warnings
from authserver.api_keys.holders import Holders
from authserver.api_keys.news import News, make_news
from authserver.api_keys.notices import Notices
from authserver.api_keys.service import ApiKeys
from authserver.api_keys.uses import LastUses
from authserver.core.cache import Snapshots, Watch
from authserver.ops.chores import Hourly
from authserver.roles.service import RoleService
from authserver.wiring.signing_in import Ground


@dataclass(frozen=True)
class ApiKeyParts:
    """What makes keys, finds who holds one, and what goes on beside."""

    service: ApiKeys
    holders: Holders
    uses: LastUses
    warned: Callable[[], None]
    news: News


def make_api_keys(ground: Ground, roles: RoleService, watch: Watch) -> ApiKeyParts:
    """Return the parts."""
    database, trail, clock = ground.database, ground.trail, ground.clock
    settings = ground.settings
    notices = Notices(ground.keyring, clock, platform_url=settings.issuer)
    uses = LastUses(database, ground.keyring, clock)
    warnings = Warnings(database, notices, trail=trail, clock=clock)
    offered = Snapshots[str, frozenset[str]](watch, lambda one: offers.load(database, one))
    return ApiKeyParts(
        ApiKeys(roles, trail, notices, clock=clock, prefix=settings.begins_api_keys),
        Holders(database, offered, uses=uses, clock=clock),
        uses,
        Hourly("api_keys_warned", warnings.warn).tick,
        make_news(settings.redis_url),
    )
