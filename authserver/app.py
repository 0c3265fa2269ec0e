"""The only place where things are wired: settings in, a WSGI application out.

Edge -> Resolve -> machine lane -> AtOnce -> Flask: wiring/ builds the parts, this joins them.
"""

import gc
import os
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from authserver import schema
from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.database import engine as db
from authserver.core.edge import Edge
from authserver.core.net.addresses import parse_networks
from authserver.core.net.bodies import Bodies
from authserver.core.resources import folder
from authserver.delivery.folder import MailFolder
from authserver.dev.mail import MailPages
from authserver.login.account.page import ChooserPage
from authserver.login.device.enter import EnterPage
from authserver.login.device.routes import device_pages
from authserver.login.entry import Entries
from authserver.login.frame import Frame
from authserver.login.logo.image import LogoImage
from authserver.login.mfa.half import SecondHalf
from authserver.login.password import PasswordPage
from authserver.login.routes import pages
from authserver.login.step import Steps
from authserver.oauth.authorize.at_once import AtOnce
from authserver.oauth.authorize.endpoint import AuthorizeEndpoint, recalled
from authserver.oauth.authorize.flow import AuthorizationFlow
from authserver.oauth.device.service import Devices
from authserver.oauth.lane.cors import Cors
from authserver.oauth.lane.documents import Documents
from authserver.oauth.lane.machine import MachineLane
from authserver.oauth.routes import people
from authserver.sessions.cookies import CookiePolicy
from authserver.settings import Settings, from_environment
from authserver.tenants.resolve import Issuer, Resolve
from authserver.tenants.service import installation_id
from authserver.wiring import joining, protocol, provider_pages
from authserver.wiring.account_pages import account_pages, picture_pages
from authserver.wiring.devices import make_devices
from authserver.wiring.logout.leaving import Leaving
from authserver.wiring.mailing import mail_folder
from authserver.wiring.services import Services, build
from authserver.wiring.sign_in_pages import (
    chooser_tools,
    consent_page,
    half_tools,
    mfa_pages,
    recovery_pages,
)

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
    if settings.worker == "embedded":
        for worker in (services.mail, services.logout):
            worker.start()
            # A server process ends without atexit, but with this: what is at hand is finished.
            Finalize(None, worker.stop, exitpriority=10)
    _spare_the_collector()
    return app


def _spare_the_collector() -> None:
    """Keep what lives as long as the process out of garbage collections, and have fewer of them.

    A request's values are freed by their counts; the collector finds next to nothing in them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 20)
    gc.enable()


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    """Return the application; calling it goes through every layer."""
    app = Flask("authserver", template_folder=folder("templates"), static_folder=folder("static"))
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
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
    _join_pages(app, services, flow=flow, cookies=cookies, devices=devices)
    at_once = AtOnce(app.wsgi_app, flow, cookies, recall=recalled(app))
    layers = _layers(at_once, services, devices)
    app.wsgi_app = layers  # type: ignore[method-assign, assignment]  # how Flask takes middleware
    return app


def _layers(people: "WSGIApplication", services: Services, devices: Devices) -> "WSGIApplication":
    settings = services.settings
    cors, endpoints = Cors(services.caches.origins), protocol.endpoints(services, devices)
    machine, platform = MachineLane(endpoints, people, cors=cors), Issuer(settings.issuer)
    resolve = Resolve(machine, platform, services.caches.tenants.get)
    trusted = parse_networks(settings.trusted_proxies)
    # As many as may wait for a hash: `authserver serve` has more threads than that.
    bodies = Bodies(settings.hashing_running + settings.hashing_waiting)
    return Edge(
        resolve,
        trusted=trusted,
        https=not settings.is_loopback,
        bodies=bodies,
        ready=Documents(endpoints, platform).find,
    )


def _join_pages(
    app: Flask,
    services: Services,
    *,
    flow: AuthorizationFlow,
    cookies: CookiePolicy,
    devices: Devices,
) -> None:
    settings = services.settings
    database, sessions = services.database, services.sessions
    frame = Frame(settings, cookies, secret_keys=services.keyring.derive("flow cookie"))
    frame.join(app)
    steps = Steps(flow, cookies)
    entries = Entries(
        steps,
        sessions,
        lambda: installation_id(database),
        offered=provider_pages.offered(services),
    )
    half = SecondHalf(entries, half_tools(services), cookies)
    providers = provider_pages.ProviderPages.of(services, half)
    leaving = Leaving.of(services, cookies)
    authorize = people(AuthorizeEndpoint(flow, cookies), leaving.endpoint)
    app.register_blueprint(authorize)
    # Relying parties post their requests from their own pages (OIDC Core 3.1.2.1).
    frame.csrf.exempt(authorize)
    if settings.shows_mail:
        app.register_blueprint(
            MailPages(MailFolder(mail_folder(settings)), settings.issuer).routes()
        )
    app.register_blueprint(
        pages(
            PasswordPage(
                services.sign_in, half=half, ways=providers.ways, departure=providers.departure
            ),
            consent_page(services, steps, devices),
            leaving.pages,
            choose=ChooserPage(steps, chooser_tools(services)),
            recovery=recovery_pages(services, entries, cookies),
            mfa=mfa_pages(half, services),
            limit=frame.limit,
        )
    )
    app.register_blueprint(joining.pages(services, entries, cookies, limit=frame.limit))
    app.register_blueprint(providers.pages(services, cookies, limit=frame.limit))
    entered = EnterPage(flow, devices, clients=services.caches.clients, cookies=cookies)
    app.register_blueprint(device_pages(entered, limit=frame.limit))
    app.register_blueprint(picture_pages(services))
    app.register_blueprint(LogoImage(services.logos).routes())
    app.register_blueprint(
        account_pages(services, cookies, journeys=providers.journeys, limit=frame.limit)
    )
