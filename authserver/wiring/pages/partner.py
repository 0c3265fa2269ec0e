"""How the partner's pages are built from the services: part of app.py's wiring."""

from flask import Blueprint

from authserver.account.access import Access
from authserver.account.views import Pages
from authserver.admin.console.asking import Asking
from authserver.admin.rest.idempotency import Answers
from authserver.partner.access import PartnerAccess
from authserver.partner.partners import Partners
from authserver.partner.routes import pages
from authserver.sessions.cookies import CookiePolicy
from authserver.wiring.administration import Administration
from authserver.wiring.pages.account import administers_anything
from authserver.wiring.services import Services


def partner_pages(
    services: Services, administration: Administration, cookies: CookiePolicy
) -> Blueprint:
    """Return the pages under /partner."""
    asking = Asking(
        administration.operations,
        administration.desk,
        answers=Answers(services.keyring),
        clock=services.clock,
    )
    database, names = services.database, services.caches.names
    known = Partners(database, services.roles)
    access = Access(services.sessions, database, cookies=cookies, clock=services.clock, names=names)
    shown = Pages(names, known.links, administers=administers_anything(services))
    return pages(PartnerAccess(access, known), shown, asking)
