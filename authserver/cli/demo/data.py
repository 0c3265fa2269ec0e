"""What `authserver demo` needs the services for."""

from authserver.cli.init import initialise
from authserver.cli.opened import opened
from authserver.demo import figures
from authserver.demo.app import DemoApp
from authserver.demo.config import FILE, DemoConfig, find
from authserver.demo.data import Tools, load
from authserver.settings import Settings
from authserver.wiring.services import Services


def load_demo(settings: Settings) -> DemoConfig:
    """Set up, load the demo data and write the file by which the applications find the server."""
    initialise(settings)
    services = opened(settings)
    path = settings.data_dir / FILE
    tools = Tools(
        services.database,
        services.hasher,
        tenants=services.tenants,
        accounts=services.accounts,
        roles=services.roles,
        clients=services.clients,
        app=DemoApp(services.trail, services.keyring, services.clock),
    )
    written = find(path)
    config = load(tools, settings.issuer, written)
    _load_figures(services, config)
    if config != written:
        config.write(path)
    services.database.close()
    return config


def _load_figures(services: Services, config: DemoConfig) -> None:
    ids = (config.partner.client_id, config.portal.client_id)
    found = {one: client for one in ids if (client := services.caches.clients.get(one))}
    figures.load(
        services.database,
        services.usage.meter,
        writer=services.usage.writer,
        clients={client_id: client.tenant.id for client_id, client in found.items()},
        now=services.clock.now(),
    )
