"""How much of what others publish is fetched at once: each fetch waits on a thread of the server.

Light to import: who starts a server asks how many threads it takes.
"""

from authserver.core.net.fetch import FetchLimits
from authserver.federation.connectors.line import IN_FLIGHT_OF_ALL as PROVIDERS
from authserver.settings import Settings

# Request objects. A tenant's are those of all its clients.
REQUEST_OBJECTS = FetchLimits(in_flight=2, per_minute=60, in_flight_of_all=4, negative_seconds=10)
# Keys, sectors and logos. Who names a client, or has a token, causes these requests.
METADATA = FetchLimits(in_flight=4, per_minute=10, in_flight_of_all=8, negative_seconds=5)
LOGOS = FetchLimits(in_flight=2, per_minute=10, in_flight_of_all=4, negative_seconds=5)

_MORE_THREADS = 8
_AT_ONCE = PROVIDERS + sum(each.in_flight_of_all for each in (REQUEST_OBJECTS, METADATA, LOGOS))


def threads(settings: Settings) -> int:
    """Return how many threads a server process has.

    Who waits for a password hash, for a body, or for what somebody else publishes holds one: there
    are always more than may wait.
    """
    return settings.hashing_running + settings.hashing_waiting + _AT_ONCE + _MORE_THREADS
