"""All pages, joined to Flask."""

from dataclasses import dataclass

from flask import Flask

from authserver.delivery.folder import MailFolder
from authserver.dev.mail import MailPages
from authserver.login.account.page import ChooserPage
from authserver.login.brand.routes import BrandFiles
from authserver.login.device.enter import EnterPage
from authserver.login.device.routes import device_pages
from authserver.login.entry import Entries
from authserver.login.frame import Frame
from authserver.login.logo.image import LogoImage
from authserver.login.mfa.half import SecondHalf
from authserver.login.password import PasswordPage
from authserver.login.receipt.page import ReceiptPage
from authserver.login.routes import pages
from authserver.login.step import Steps
from authserver.oauth.authorize.endpoint import AuthorizeEndpoint
from authserver.oauth.authorize.flow import AuthorizationFlow
from authserver.oauth.device.service import Devices
from authserver.oauth.routes import people
from authserver.sessions.cookies import CookiePolicy
from authserver.tenants.service import installation_id
from authserver.wiring.background.mailing import mail_folder
from authserver.wiring.pages import joining
from authserver.wiring.pages.account import account_pages, picture_pages
from authserver.wiring.pages.leaving import Leaving
from authserver.wiring.pages.providers import ProviderPages, offered
from authserver.wiring.pages.sign_in import (
    chooser_tools,
    consent_page,
    half_tools,
    mfa_pages,
    recovery_pages,
)
from authserver.wiring.privacy import make_receipts
from authserver.wiring.services import Services


@dataclass(frozen=True)
class _Joined:
    """What pages are joined with: Flask and what surrounds each page."""

    app: Flask
    services: Services
    cookies: CookiePolicy
    frame: Frame


def join_pages(
    app: Flask,
    services: Services,
    *,
    flow: AuthorizationFlow,
    cookies: CookiePolicy,
    devices: Devices,
) -> None:
    """Let Flask answer every page."""
    frame = make_frame(services, cookies)
    frame.join(app)
    joined = _Joined(app, services, cookies, frame)
    leaving = Leaving.of(services, cookies)
    _join_protocol(joined, flow, leaving)
    _join_signing_in(joined, Steps(flow, cookies), leaving, devices=devices)
    entered = EnterPage(flow, devices, clients=services.caches.clients, cookies=cookies)
    app.register_blueprint(device_pages(entered, limit=frame.limit))
    app.register_blueprint(picture_pages(services))
    app.register_blueprint(LogoImage(services.logos).routes())
    app.register_blueprint(BrandFiles(services.database).routes())
    app.register_blueprint(ReceiptPage(services.database, make_receipts(services)).routes())


def make_frame(services: Services, cookies: CookiePolicy) -> Frame:
    """Return what surrounds every page."""
    return Frame(services.settings, cookies, secret_keys=services.keyring.derive("flow cookie"))


def _join_protocol(joined: _Joined, flow: AuthorizationFlow, leaving: Leaving) -> None:
    settings = joined.services.settings
    authorize = people(AuthorizeEndpoint(flow, joined.cookies), leaving.endpoint)
    joined.app.register_blueprint(authorize)
    # Relying parties post their requests from their own pages (OIDC Core 3.1.2.1).
    joined.frame.csrf.exempt(authorize)
    if settings.shows_mail:
        mails = MailPages(MailFolder(mail_folder(settings)), settings.issuer)
        joined.app.register_blueprint(mails.routes())


def _join_signing_in(joined: _Joined, steps: Steps, leaving: Leaving, *, devices: Devices) -> None:
    services, cookies, limit = joined.services, joined.cookies, joined.frame.limit
    database, app = services.database, joined.app
    entries = Entries(
        steps,
        services.sessions,
        lambda: installation_id(database),
        offered=offered(services),
    )
    half = SecondHalf(entries, half_tools(services), cookies)
    providers = ProviderPages.of(services, half)
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
            limit=limit,
        )
    )
    app.register_blueprint(joining.pages(services, entries, cookies, limit=limit))
    app.register_blueprint(providers.pages(services, cookies, limit=limit))
    app.register_blueprint(
        account_pages(services, cookies, journeys=providers.journeys, limit=limit)
    )
