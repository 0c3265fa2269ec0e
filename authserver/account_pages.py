"""How the account pages are built from the services: part of app.py's wiring."""

from flask import Blueprint

from authserver.account.access import Access
from authserver.account.applications import Applications, ApplicationsPage
from authserver.account.email import EmailPage
from authserver.account.overview import OverviewPage
from authserver.account.picture import PicturePage
from authserver.account.profile import ProfilePage
from authserver.account.routes import pages, pictures
from authserver.account.security import Devices, SecurityPage
from authserver.account.sessions import SessionsPage
from authserver.account.tenants import TenantsPage
from authserver.account.views import Pages
from authserver.login.routes import Limit
from authserver.login.scopes import describe
from authserver.services import Services
from authserver.sessions.cookies import CookiePolicy


def picture_pages(services: Services) -> Blueprint:
    """Return the pictures themselves, which are no pages of one account."""
    return pictures(PicturePage(Pages(services.caches.names), services.pictures))


def account_pages(services: Services, cookies: CookiePolicy, *, limit: Limit) -> Blueprint:
    """Return the pages under /account."""
    database, trail, clock = services.database, services.trail, services.clock
    shown = Pages(services.caches.names)
    access = Access(services.sessions, database, cookies=cookies, clock=clock)
    applications = Applications(
        database, trail=trail, clock=clock, access_token_life=services.settings.access_token_life
    )
    own = services.own_sessions
    return pages(
        access,
        overview=OverviewPage(
            shown, database, sessions=own, applications=applications, clock=clock
        ),
        profile=ProfilePage(
            shown, services.profiles, database, waiting=services.mailed.email.waiting
        ),
        email=EmailPage(access, shown, services.mailed.email),
        picture=PicturePage(shown, services.pictures),
        limit=limit,
        sessions=SessionsPage(access, shown, sessions=own, database=database),
        applications=ApplicationsPage(
            shown, applications, clients=services.caches.clients, describe=describe
        ),
        tenants=TenantsPage(access, shown, database=database, guests=services.guests),
        security=SecurityPage(
            access, shown, known=Devices(database, trail=trail, clock=clock), cookies=cookies
        ),
    )
