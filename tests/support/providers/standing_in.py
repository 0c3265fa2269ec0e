"""How the simulated providers take the place of the public ones. See the package's docstring."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from authserver.core.clock import Clock, SystemClock
from authserver.core.net.fetch import FetchRules
from authserver.federation.connectors import making
from authserver.federation.connectors.line import make_fetcher
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Kind
from tests.support.providers.server import Provider

RULES = FetchRules(allow_loopback_http=True)


@contextmanager
def stand_in(
    *connectors: Connectors,
    google: Provider | None = None,
    github: Provider | None = None,
    azure_ad: Provider | None = None,
) -> Iterator[None]:
    """Let simulated providers be the public ones, in this process.

    `connectors` are `services.connectors` of servers whose issuer is https: they may speak http
    with this machine meanwhile.
    """
    given = {Kind.GOOGLE: google, Kind.GITHUB: github, Kind.AZURE_AD: azure_ad}
    bases = {kind: provider.url for kind, provider in given.items() if provider}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "PUBLIC", {**making.PUBLIC, **bases})
        for one in connectors:
            clock = one._clock  # noqa: SLF001  what a server in tests and its providers agree on
            patch.setattr(one, "_fetcher", make_fetcher(clock, RULES))
        yield


def make_connectors(clock: Clock | None = None) -> Connectors:
    """Return connectors as a server on this machine has them, without the server."""
    clock = clock or SystemClock()
    return Connectors(clock, make_fetcher(clock, RULES))
