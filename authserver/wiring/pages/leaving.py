"""The pages and the endpoint of signing out: part of app.py's wiring."""

from dataclasses import dataclass

from authserver.login.logout.page import SessionPages
from authserver.oauth.logout.endpoint import LogoutEndpoint
from authserver.oauth.logout.request import LogoutRequests
from authserver.oauth.logout.signing_out import SigningOut
from authserver.sessions.cookies import CookiePolicy
from authserver.wiring.services import Services


@dataclass(frozen=True)
class Leaving:
    """Where clients send browsers to sign out, and what people see of it."""

    endpoint: LogoutEndpoint
    pages: SessionPages

    @classmethod
    def of(cls, services: Services, cookies: CookiePolicy) -> "Leaving":
        """Return them for a server."""
        caches, sessions = services.caches, services.sessions
        ending = SigningOut(
            sessions,
            services.database,
            caches.clients,
            subjects=services.subjects,
        )
        requests = LogoutRequests(caches.clients, caches.keys)
        pages = SessionPages(
            sessions,
            ending,
            requests,
            clients=caches.clients,
            cookies=cookies,
            names=caches.names,
        )
        return cls(LogoutEndpoint(requests, ending, cookies), pages)
