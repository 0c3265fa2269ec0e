"""What `authserver demo` needs the services for."""

from contextlib import closing

from sqlalchemy import make_url

from authserver.cli.init import initialise
from authserver.cli.opened import opened
from authserver.core.database.engine import make_engine
from authserver.core.database.wall.access import holds
from authserver.core.problems import Refused
from authserver.demo import figures
from authserver.demo.app import DemoApp
from authserver.demo.config import FILE, DemoConfig, find
from authserver.demo.data import Tools, load
from authserver.demo.scale import Loaded, Say, Scale, load_at_scale
from authserver.settings import Settings
from authserver.wiring.services import Services


def load_demo(settings: Settings) -> DemoConfig:
    """Set up, load the demo data and write the file by which the applications find the server."""
    initialise(settings)
    services = opened(settings)
    path = settings.data_dir / FILE
    written = find(path)
    config = load(_tools(services), settings.issuer, written)
    _load_figures(services, config)
    if config != written:
        config.write(path)
    services.database.close()
    return config


def load_scale(settings: Settings, people: int, say: Say) -> Loaded:
    """Set up and load a large installation, which is copied as the tables' owner."""
    if make_url(settings.sqlalchemy_url).get_backend_name() != "postgresql":
        raise Refused("A large installation is for PostgreSQL: set AUTHSERVER_DATABASE_URL.")
    initialise(settings)
    services, engine = opened(settings), make_engine(settings.owner_url)
    with closing(services.database), engine.begin() as owner:
        if holds(owner):
            raise Refused(
                "Rows are copied as the tables' owner: set AUTHSERVER_DATABASE_OWNER_URL."
            )
        loaded = load_at_scale(_tools(services), owner, Scale(people), say=say)
    engine.dispose()
    return loaded


def _tools(services: Services) -> Tools:
    return Tools(
        services.database,
        services.hasher,
        tenants=services.tenants,
        accounts=services.accounts,
        roles=services.roles,
        clients=services.clients,
        app=DemoApp(services.trail, services.keyring, services.clock),
    )


def _load_figures(services: Services, config: DemoConfig) -> None:
    ids = (config.partner.client_id, config.portal.client_id)
    found = {one: client for one in ids if (client := services.caches.clients.get(one))}
    figures.load(
        services.database,
        services.meter,
        writer=services.usage.writer,
        clients={client_id: client.tenant.id for client_id, client in found.items()},
        now=services.clock.now(),
    )
