"""The pages around providers: part of the wiring, beside app.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from flask import Blueprint

from authserver.federation.journeys import Journeys
from authserver.federation.offered import Offered
from authserver.login.federation.callback import CallbackPage
from authserver.login.federation.connect import Connecting
from authserver.login.federation.departure import Departure
from authserver.login.federation.link import LinkPage
from authserver.login.federation.routes import FederationPages, Limit, blueprint
from authserver.login.federation.start import StartPage
from authserver.login.federation.ways import Ways
from authserver.login.mfa.half import SecondHalf
from authserver.mfa.partial import Hop
from authserver.sessions.cookies import CookiePolicy
from authserver.wiring.services import Services


def offered(services: Services) -> Callable[[Hop], Offered | None]:
    """Return what finds the identity that waits at a hop."""

    def find(hop: Hop) -> Offered | None:
        with services.database.read() as view:
            return services.upstream.offers.waiting(view, hop, now=services.clock.now())

    return find


@dataclass(frozen=True)
class ProviderPages:
    """What leads to providers, and back."""

    half: SecondHalf
    journeys: Journeys
    ways: Ways
    departure: Departure

    @classmethod
    def of(cls, services: Services, half: SecondHalf) -> Self:
        """Build it. Every page that leads to a provider shares one."""
        journeys = Journeys(
            services.database, services.connectors, keyring=services.keyring, clock=services.clock
        )
        ways = Ways(services.database, services.caches.watch, answers=journeys.answers)
        return cls(half, journeys, ways, Departure(journeys))

    def pages(self, services: Services, cookies: CookiePolicy, *, limit: Limit) -> Blueprint:
        """Return the blueprint of the pages."""
        connecting = Connecting(
            services.database,
            services.sessions,
            self.journeys,
            identities=services.upstream.identities,
        )
        callback = CallbackPage(
            self.half,
            self.journeys,
            services.upstream.sign_in,
            ways=self.ways,
            connecting=connecting,
            cookies=cookies,
        )
        start = StartPage(
            self.half.entries, self.ways, departure=self.departure, journeys=self.journeys
        )
        pages = FederationPages(start, callback, LinkPage(self.half, services.upstream.offers))
        return blueprint(pages, limit=limit)
