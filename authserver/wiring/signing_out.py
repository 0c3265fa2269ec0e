"""What tells clients that sessions ended: part of the wiring."""

from authserver.core.ids import random_bytes
from authserver.core.net.fetch import FetchRules
from authserver.oauth.logout.queue import BELL, LogoutQueue
from authserver.oauth.logout.sender import LogoutSender, make_fetcher
from authserver.oauth.logout.worker import LogoutWorker
from authserver.tokens.issuer import Mint
from authserver.wiring.caches import Caches
from authserver.wiring.signing_in import Ground, session_lives


def make_logout(
    ground: Ground, caches: Caches, mint: Mint, *, outbound: FetchRules
) -> LogoutWorker:
    """Return what tells clients."""
    queue = LogoutQueue(
        ground.database,
        ground.trail,
        ground.clock,
        idle=session_lives(ground.settings).idle,
        spread=lambda: random_bytes(1)[0] / 255,
    )
    fetcher = make_fetcher(ground.clock, outbound)
    sender = LogoutSender(caches.clients, mint, fetcher, clock=ground.clock)
    worker = LogoutWorker(queue, sender)
    ground.database.bells[BELL] = worker.wake
    return worker
