"""The only place where things are wired: settings in, a WSGI application out.

Edge -> Resolve -> machine lane -> AtOnce -> Flask: wiring/ builds the parts, this joins them.
Below the machine lane administration turns off, an application of its own (wiring/apart/).
"""

import gc
import os
from functools import partial
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from authserver import schema
from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.database import engine as db
from authserver.core.edge import Edge
from authserver.core.net.addresses import Proxies, parse_networks
from authserver.core.net.bodies import Bodies
from authserver.core.resources import folder
from authserver.oauth.authorize.at_once import AtOnce
from authserver.oauth.authorize.endpoint import recalled
from authserver.oauth.device.service import Devices
from authserver.oauth.lane.cors import Cors
from authserver.oauth.lane.documents import Documents
from authserver.oauth.lane.machine import MachineLane
from authserver.sessions.cookies import CookiePolicy
from authserver.settings import Settings, from_environment
from authserver.tenants.resolve import Hosts, Issuer, Resolve
from authserver.wiring import protocol
from authserver.wiring.apart.entrances import BELOW, lead_there
from authserver.wiring.apart.later import Later
from authserver.wiring.devices import make_devices
from authserver.wiring.pages.joined import join_pages
from authserver.wiring.pages.static import compress_static_files
from authserver.wiring.people.jobs import make_job_worker
from authserver.wiring.services import Services, build

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_COLLECT_AFTER = 10_000  # allocations that were not freed

__all__ = ["Services", "build", "create_app", "serve_app"]


def serve_app() -> Flask:
    """Return the application of a server process, configured by the environment."""
    settings = from_environment(os.environ)
    log.configure(settings.log_level)
    app = create_app(settings)
    services: Services = app.extensions["authserver"]
    telling = (services.webhooks.worker, services.streams.worker)
    proving = (services.proving.sequencer, services.proving.anchors.worker)
    beside = (*telling, *proving, make_job_worker(services))
    working = (services.mail, services.logout, *beside)
    embedded = working if settings.worker == "embedded" else ()
    # What a process counted nobody else can write.
    for worker in (services.usage.writer, services.api_keys.uses, *embedded):
        worker.start()
        # A server process ends without atexit, but with this: what is at hand is finished.
        Finalize(None, worker.stop, exitpriority=10)
    _spare_the_collector()
    return app


def _spare_the_collector() -> None:
    """Keep what lives as long as the process out of garbage collections, and have fewer of them.

    A request's values are freed by their counts; the collector finds next to nothing in them. Nor
    in what is there now: looking takes longer than making the application.
    """
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 20)
    gc.enable()


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    """Return the application; calling it goes through every layer."""
    app = Flask("authserver", template_folder=folder("templates"), static_folder=folder("static"))
    app.config.update(
        SQLALCHEMY_DATABASE_URI=db.bare(settings.sqlalchemy_url),
        SQLALCHEMY_ENGINE_OPTIONS=db.engine_options(settings.sqlalchemy_url),
    )
    store = SQLAlchemy(metadata=schema.metadata)
    store.init_app(app)
    with app.app_context():
        db.prepare(store.engine)
        services = build(settings, clock, store.engine)
    app.extensions["authserver"] = services
    devices = make_devices(services, services.keyring.derive("user code"))
    flow = protocol.authorization_flow(services, devices)
    cookies = CookiePolicy.of(settings.issuer)
    join_pages(app, services, flow=flow, cookies=cookies, devices=devices)
    compress_static_files(app)
    lead_there(app)
    at_once = AtOnce(app.wsgi_app, flow, cookies, recall=recalled(app))
    later = Later(at_once, BELOW, partial(_administration, app, services))
    app.extensions["authserver administration"] = later
    layers = _layers(later, services, devices)
    app.wsgi_app = layers  # type: ignore[method-assign, assignment]  # how Flask takes middleware
    return app


def _administration(people: Flask, services: Services) -> "WSGIApplication":
    from authserver.wiring.apart.application import Apart  # noqa: PLC0415  with all that it is made of

    return Apart(people, services)


def _layers(
    people: "WSGIApplication",
    services: Services,
    devices: Devices,
) -> "WSGIApplication":
    settings = services.settings
    cors, endpoints = Cors(services.caches.origins), protocol.endpoints(services, devices)
    machine, platform = MachineLane(endpoints, people, cors=cors), Issuer(settings.issuer)
    proxies = Proxies(
        parse_networks(settings.trusted_proxies),
        settings.forwarded_header,
        settings.client_certificate_header,
    )
    hosts = Hosts(settings.issuer, lambda: services.caches.hosts.get(None) or {})
    resolve = Resolve(machine, platform, services.caches.tenants.get, hosts=hosts)
    # As many as may wait for a hash: `authserver serve` has more threads than that.
    bodies = Bodies(settings.hashing_running + settings.hashing_waiting)
    return Edge(
        resolve,
        proxies=proxies,
        https=not settings.is_loopback,
        bodies=bodies,
        ready=Documents(endpoints, platform, hosts=hosts).find,
    )
