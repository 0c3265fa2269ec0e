"""One logout token on its way to one client (OpenID Connect Back-Channel Logout section 2.5)."""

from dataclasses import replace
from urllib.parse import urlencode

from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.clock import Clock
from authserver.core.net.fetch import (
    FetchBusy,
    Fetcher,
    FetchFailed,
    FetchLimits,
    FetchRefused,
    FetchRequest,
    FetchRules,
)
from authserver.oauth.logout.queue import Claim
from authserver.tenants.resolve import Issuer
from authserver.tokens.authorization import Ending
from authserver.tokens.issuer import Mint
from authserver.tokens.responses import NoClientKey

OF_EACH = 4  # tokens on their way to one client at once
AT_ONCE = 16  # to all of them
_SECONDS = 5.0
_LIMITS = FetchLimits(
    in_flight=OF_EACH, per_minute=6000, in_flight_of_all=2 * AT_ONCE, negative_seconds=0
)


class Undelivered(Exception):  # noqa: N818  an outcome
    """The client did not take it; the reason may describe the network."""


class NotWanted(Exception):  # noqa: N818  an outcome
    """The client does not take logout tokens any more."""


class TooMany(Exception):  # noqa: N818  an outcome
    """Too many are on their way already."""


def make_fetcher(clock: Clock, rules: FetchRules) -> Fetcher:
    """Return what asks clients, within the installation's rules."""
    return Fetcher(clock, rules=replace(rules, total_seconds=_SECONDS), limits=_LIMITS)


class LogoutSender:
    """Makes logout tokens, each for one attempt, and posts them."""

    def __init__(
        self,
        clients: Snapshots[str, RegisteredClient],
        mint: Mint,
        fetcher: Fetcher,
        *,
        clock: Clock,
    ) -> None:
        """Take what knows clients, makes tokens and asks URLs that somebody else chose."""
        self._clients = clients
        self._mint = mint
        self._fetcher = fetcher
        self._clock = clock

    def send(self, claim: Claim) -> None:
        """Tell the client. Raises Undelivered, NotWanted or TooMany."""
        client = self._clients.get(claim.client_id)
        uri = client.options.backchannel_logout_uri if client else None
        if client is None or uri is None:
            raise NotWanted
        issuer = Issuer(claim.issuer, client.tenant if client.at_tenant_issuer else None)
        ending = Ending(issuer, client, claim.user_id, claim.session_id)
        try:
            token = self._mint.logout_token(ending, self._clock.now())
        except NoClientKey as error:
            raise Undelivered(error.detail) from error
        request = FetchRequest(form=urlencode({"logout_token": token}), no_answer=True)
        try:
            self._fetcher.fetch(uri, key=client.id, request=request)
        except FetchBusy as error:
            raise TooMany from error
        except (FetchRefused, FetchFailed) as error:
            raise Undelivered(error.reason) from error
