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
from authserver.login.account.arrive import Arrival
from authserver.login.account.page import ChooserPage
from authserver.login.account.page import Tools as ChooserTools
from authserver.login.change.password import ChangePasswordPage
from authserver.login.consent import ConsentPage
from authserver.login.email.confirm import ConfirmPage
from authserver.login.email.keep import KeepPage
from authserver.login.entry import Entries
from authserver.login.frame import Frame
from authserver.login.logo.image import LogoImage
from authserver.login.logout import SessionPages
from authserver.login.mfa.code import CodePage
from authserver.login.mfa.codes import CodesPage
from authserver.login.mfa.half import SecondHalf
from authserver.login.mfa.half import Tools as HalfTools
from authserver.login.mfa.passkey import PasskeyFactorPage
from authserver.login.mfa.passkey_setup import PasskeySetupPage
from authserver.login.mfa.setup import SetupPage
from authserver.login.passkey.page import PasskeyPage
from authserver.login.password import PasswordPage
from authserver.login.recover.ask import AskPage
from authserver.login.recover.done import DonePage
from authserver.login.recover.mailed import MailedSteps
from authserver.login.recover.new import NewPasswordPage
from authserver.login.recover.routes import RecoveryPages
from authserver.login.recover.unlock import UnlockPage
from authserver.login.routes import MfaPages, pages
from authserver.login.step import Steps
from authserver.login.verify import VerifyPage
from authserver.oauth.authorize.at_once import AtOnce
from authserver.oauth.authorize.endpoint import AuthorizeEndpoint, recalled
from authserver.oauth.authorize.flow import AuthorizationFlow
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
from authserver.wiring.mailing import mail_folder
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
    if settings.worker == "embedded":
        services.mail.start()
        # A server process ends without atexit, but with this: the mail at hand is finished.
        Finalize(None, services.mail.stop, exitpriority=10)
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
    flow, cookies = protocol.authorization_flow(services), CookiePolicy.of(settings.issuer)
    _join_pages(app, services, flow=flow, cookies=cookies)
    layers = _layers(AtOnce(app.wsgi_app, flow, cookies, recall=recalled(app)), services)
    app.wsgi_app = layers  # type: ignore[method-assign, assignment]  # how Flask takes middleware
    return app


def _layers(people: "WSGIApplication", services: Services) -> "WSGIApplication":
    settings = services.settings
    cors, endpoints = Cors(services.caches.origins), protocol.endpoints(services)
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
    app: Flask, services: Services, *, flow: AuthorizationFlow, cookies: CookiePolicy
) -> None:
    settings = services.settings
    database, sessions, names = services.database, services.sessions, services.caches.names
    frame = Frame(settings, cookies, secret_keys=services.keyring.derive("flow cookie"))
    frame.join(app)
    steps = Steps(flow, cookies)
    entries = Entries(
        steps,
        sessions,
        lambda: installation_id(database),
        offered=provider_pages.offered(services),
    )
    half = SecondHalf(entries, _half_tools(services), cookies)
    providers = provider_pages.ProviderPages.of(services, half)
    authorize = people(AuthorizeEndpoint(flow, cookies))
    app.register_blueprint(authorize)
    # Relying parties post authorization requests from their own pages (OIDC Core 3.1.2.1).
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
            ConsentPage(steps, database, trail=services.trail, clock=services.clock, names=names),
            SessionPages(sessions, database, cookies=cookies, names=names),
            choose=ChooserPage(steps, _chooser_tools(services)),
            recovery=_recovery_pages(services, entries, cookies),
            mfa=_mfa_pages(half, services),
            limit=frame.limit,
        )
    )
    app.register_blueprint(joining.pages(services, entries, cookies, limit=frame.limit))
    app.register_blueprint(providers.pages(services, cookies, limit=frame.limit))
    app.register_blueprint(picture_pages(services))
    app.register_blueprint(LogoImage(services.logos).routes())
    app.register_blueprint(
        account_pages(services, cookies, journeys=providers.journeys, limit=frame.limit)
    )


def _recovery_pages(services: Services, entries: Entries, cookies: CookiePolicy) -> RecoveryPages:
    mailed, steps = services.mailed, MailedSteps(entries, cookies, services.caches.tenants.get)
    return RecoveryPages(
        ask=AskPage(steps, mailed.recovery),
        new=NewPasswordPage(steps, mailed.recovery),
        done=DonePage(steps),
        unlock=UnlockPage(steps, mailed.unlocking),
        verify=VerifyPage(steps, mailed.verification),
        confirm_email=ConfirmPage(steps, mailed.email, cookies),
        keep_email=KeepPage(steps, mailed.email),
    )


def _mfa_pages(half: SecondHalf, services: Services) -> MfaPages:
    return MfaPages(
        CodePage(half),
        SetupPage(half),
        CodesPage(half),
        passkey=PasskeyFactorPage(half, services.passkeys.sign_in),
        passkey_setup=PasskeySetupPage(half, services.passkeys.sign_in),
        alone=PasskeyPage(half, services.passkeys.sign_in),
        change_password=ChangePasswordPage(half, services.password_renewal),
    )


def _half_tools(services: Services) -> HalfTools:
    return HalfTools(
        services.database,
        services.factors,
        services.passkeys.sign_in,
        arrival=Arrival(
            services.sessions,
            services.guests,
            services.upstream.offers,
            keyring=services.keyring,
            clock=services.clock,
        ),
        clock=services.clock,
        names=services.caches.names,
        wake=services.mail.wake,
    )


def _chooser_tools(services: Services) -> ChooserTools:
    return ChooserTools(
        services.database,
        services.sessions,
        trail=services.trail,
        clock=services.clock,
        names=services.caches.names,
    )
