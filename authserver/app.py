"""The only place where things are wired: settings in, a WSGI application out.

Edge -> Resolve -> machine lane -> AtOnce -> Flask: services.py builds the parts, this joins them.
"""

import gc
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from authserver import schema
from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.database import engine as db
from authserver.core.edge import Edge
from authserver.core.net.addresses import parse_networks
from authserver.core.resources import folder
from authserver.login.consent import ConsentPage
from authserver.login.frame import Frame
from authserver.login.logout import SessionPages
from authserver.login.mfa.code import CodePage
from authserver.login.mfa.codes import CodesPage
from authserver.login.mfa.half import SecondHalf
from authserver.login.mfa.half import Tools as HalfTools
from authserver.login.mfa.setup import SetupPage
from authserver.login.password import PasswordPage
from authserver.login.routes import MfaPages, pages
from authserver.login.step import Steps
from authserver.oauth.access_tokens import AccessTokens
from authserver.oauth.authorize.at_once import AtOnce
from authserver.oauth.authorize.endpoint import AuthorizeEndpoint
from authserver.oauth.authorize.flow import AuthorizationFlow, Known
from authserver.oauth.authorize.repeats import Repeats
from authserver.oauth.client_auth import ClientAuthentication
from authserver.oauth.discovery import DiscoveryEndpoint
from authserver.oauth.introspect import IntrospectionEndpoint
from authserver.oauth.jwks import JwksEndpoint
from authserver.oauth.lane.cors import Cors
from authserver.oauth.lane.machine import MachineLane
from authserver.oauth.lane.request import Endpoint
from authserver.oauth.revoke import RevocationEndpoint
from authserver.oauth.routes import machine_endpoints, people
from authserver.oauth.token.endpoint import TokenEndpoint
from authserver.oauth.token.grants.base import GrantTools
from authserver.oauth.userinfo import UserinfoEndpoint
from authserver.services import Services, build
from authserver.sessions.cookies import CookiePolicy
from authserver.settings import Settings, from_environment
from authserver.tenants.resolve import Resolve

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
    services.mail.start()
    _spare_the_collector()
    return app


def _spare_the_collector() -> None:
    """Keep what lives as long as the process out of garbage collections, and have fewer of them.

    A request's values are freed by their counts; the collector finds next to nothing in them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 20)


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
    flow, cookies = _authorization_flow(services), CookiePolicy.of(settings.issuer)
    _join_pages(app, services, flow=flow, cookies=cookies)
    layers = _layers(AtOnce(app.wsgi_app, flow, cookies), services)
    app.wsgi_app = layers  # type: ignore[method-assign, assignment]  # how Flask takes middleware
    return app


def _layers(people: "WSGIApplication", services: Services) -> "WSGIApplication":
    settings = services.settings
    cors = Cors(services.caches.origins)
    machine = MachineLane(_machine_endpoints(services), people, cors=cors)
    resolve = Resolve(machine, settings.issuer, services.caches.tenants.get)
    trusted = parse_networks(settings.trusted_proxies)
    return Edge(resolve, trusted=trusted, https=not settings.is_loopback)


def _machine_endpoints(services: Services) -> Mapping[str, Endpoint]:
    database, clock, trail = services.database, services.clock, services.trail
    caches = services.caches
    authentication = ClientAuthentication(caches.clients, database, trail=trail, clock=clock)
    tokens = AccessTokens(caches.keys, database, clock)
    return machine_endpoints(
        token=TokenEndpoint(
            authentication,
            _grant_tools(services),
            mint=services.mint,
            limiter=services.limiter,
            clock=clock,
        ),
        introspect=IntrospectionEndpoint(authentication, tokens, database=database, clock=clock),
        revoke=RevocationEndpoint(
            authentication, tokens, database=database, trail=trail, clock=clock
        ),
        userinfo=UserinfoEndpoint(tokens),
        jwks=JwksEndpoint(caches.keys, clock),
        discovery=DiscoveryEndpoint(caches.keys),
    )


def _grant_tools(services: Services) -> GrantTools:
    settings = services.settings
    return GrantTools(
        database=services.database,
        trail=services.trail,
        keyring=services.keyring,
        wake=services.mail.wake,
        refresh_idle=settings.refresh_idle,
        refresh_absolute=settings.refresh_absolute,
        refresh_grace=settings.refresh_grace,
    )


def _authorization_flow(services: Services) -> AuthorizationFlow:
    settings, caches = services.settings, services.caches
    return AuthorizationFlow(
        services.database,
        Known(
            caches.clients,
            caches.tenants,
            Repeats(settings.challenge_repeats),
            services.factors,
        ),
        sessions=services.sessions,
        trail=services.trail,
        clock=services.clock,
        lives=(settings.authorization_time, settings.code_life),
    )


def _join_pages(
    app: Flask, services: Services, *, flow: AuthorizationFlow, cookies: CookiePolicy
) -> None:
    database, trail, clock = services.database, services.trail, services.clock
    sessions, names = services.sessions, services.caches.names
    secret_key = services.keyring.derive("flow cookie")
    frame = Frame(services.settings, cookies, secret_key=secret_key)
    frame.join(app)
    steps = Steps(flow, cookies)
    authorize = people(AuthorizeEndpoint(flow, cookies))
    app.register_blueprint(authorize)
    # Relying parties post authorization requests from their own pages (OIDC Core 3.1.2.1).
    frame.csrf.exempt(authorize)
    app.register_blueprint(
        pages(
            PasswordPage(
                steps,
                services.sign_in,
                sessions=sessions,
                factors=services.factors,
                database=database,
            ),
            ConsentPage(steps, database, trail=trail, clock=clock, names=names),
            SessionPages(sessions, database, cookies=cookies, names=names),
            mfa=_mfa_pages(steps, services),
            limit=frame.limit,
        )
    )


def _mfa_pages(steps: Steps, services: Services) -> MfaPages:
    tools = HalfTools(
        services.database,
        services.factors,
        sessions=services.sessions,
        clock=services.clock,
        names=services.caches.names,
        wake=services.mail.wake,
    )
    half = SecondHalf(steps, tools)
    return MfaPages(CodePage(half), SetupPage(half), CodesPage(half))
