"""An installation behind a proxy that hands certificates on, for the tests of RFC 8705."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from authserver.app import create_app
from authserver.clients.options import Options
from tests.support.browser import Party
from tests.support.certificates import Holder, make
from tests.support.world import World

PROXY = "192.0.2.7"
DN = "CN=billing,O=Acme"
BOUND = Options(tls_client_certificate_bound_access_tokens=True)


@dataclass
class Site:
    """An installation behind a proxy, with an authority that names clients."""

    world: World
    authority: Holder
    intermediate: Holder

    def party(self, client: Any, shown: Holder | str | None, **more: str) -> Party:
        """Return a client's half, as it comes through the proxy."""
        party = Party(self.world, client)
        party.http.environ_base["REMOTE_ADDR"] = more.pop("peer", PROXY)
        if shown is not None:
            header = shown.header if isinstance(shown, Holder) else shown
            party.http.environ_base["HTTP_CLIENTCERT"] = header
        return party

    def named(self, option: str, value: str, **more: Any) -> Any:
        """Register a machine whose name an authority vouches for."""
        return self.machine("tls_client_auth", options=Options(**{option: value}), **more)

    def machine(self, method: str, **more: Any) -> Any:
        return self.world.client(self.world.tenant(), "service", auth_method=method, **more)


def make_site(world: World, folder: Path) -> Site:
    """Return an installation like the world's, with an authority that names clients."""
    root = make("CN=Root,O=Acme", authority=True)
    below = make("CN=Issuing,O=Acme", root, authority=True)
    file = folder / "clients.pem"
    file.write_text(root.pem + below.pem)
    settings = replace(
        world.services.settings,
        trusted_proxies=("192.0.2.0/24",),
        client_certificate_header="ClientCert",
        client_certificate_authorities=str(file),
        client_certificate_url="https://mtls.auth.example",
    )
    return Site(World(create_app(settings, world.clock), world.clock), root, below)
