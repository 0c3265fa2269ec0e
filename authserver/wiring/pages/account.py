"""How the account pages are built from the services: part of app.py's wiring."""

from collections.abc import Callable

from flask import Blueprint

from authserver.account.access import Access
from authserver.account.api_keys.own import OwnKeys
from authserver.account.api_keys.own import Parts as KeyParts
from authserver.account.api_keys.page import ApiKeysPage
from authserver.account.applications.opened import Openings
from authserver.account.applications.page import Applications, ApplicationsPage
from authserver.account.email import EmailPage
from authserver.account.factors.add import AddPage
from authserver.account.factors.codes import CodesPage
from authserver.account.factors.elsewhere import Elsewhere
from authserver.account.factors.remove import RemovePage
from authserver.account.factors.rename import RenamePage
from authserver.account.factors.routes import FactorPages
from authserver.account.factors.tools import Tools
from authserver.account.factors.trust import TrustPage
from authserver.account.overview import Factors, OverviewPage
from authserver.account.overview import Held as About
from authserver.account.passkeys.own import Passkeys
from authserver.account.passkeys.page import PasskeysPage
from authserver.account.password import PasswordPage
from authserver.account.picture import PicturePage
from authserver.account.privacy.allowed import Allowed
from authserver.account.privacy.copies import OwnCopies
from authserver.account.privacy.erasing import OwnErasure
from authserver.account.privacy.erasure import ErasurePage
from authserver.account.privacy.export import ExportPage
from authserver.account.privacy.page import PrivacyPage
from authserver.account.profile import ProfilePage
from authserver.account.routes import PrivacyPages, pages, pictures
from authserver.account.security import Devices, Held, SecurityPage
from authserver.account.sessions import Ending, SessionsPage
from authserver.account.sign_ins.own import SignIns
from authserver.account.sign_ins.page import SignInsPage
from authserver.account.tenants import TenantsPage
from authserver.account.views import Pages
from authserver.federation.journeys import Journeys
from authserver.login.mfa.codes import as_file
from authserver.login.routes import Limit
from authserver.login.scopes import describe, describe_claims
from authserver.mfa.notices import Reports
from authserver.partner.partners import Partners
from authserver.sessions.cookies import CookiePolicy
from authserver.wiring.privacy import make_consent_records, make_erasures, make_exports
from authserver.wiring.services import Services


def picture_pages(services: Services) -> Blueprint:
    """Return the pictures themselves, which are no pages of one account."""
    return pictures(PicturePage(Pages(services.caches.names), services.pictures))


def account_pages(
    services: Services, cookies: CookiePolicy, *, journeys: Journeys, limit: Limit
) -> Blueprint:
    """Return the pages under /account."""
    database, names = services.database, services.caches.names
    partners = Partners(database, services.roles)
    shown = Pages(names, partners.links, administers=administers_anything(services))
    access = Access(services.sessions, database, cookies=cookies, clock=services.clock, names=names)
    applications = _applications(services)
    elsewhere = Elsewhere(shown, database)
    tools = Tools(access, shown, database, services.own_factors, cookies)
    passkeys = Passkeys(tools, services.passkeys.own)
    sign_ins = SignIns(tools, services.upstream.identities, journeys)
    return pages(
        access,
        overview=_overview(services, shown, applications=applications, sign_ins=sign_ins),
        profile=_profile(services, shown),
        email=EmailPage(
            access,
            shown,
            services.mailed.email,
            verification=services.mailed.verification,
            cookies=cookies,
        ),
        picture=PicturePage(shown, services.pictures),
        limit=limit,
        sessions=_sessions(services, access, shown),
        applications=_applications_page(services, shown, applications),
        api_keys=ApiKeysPage(access, shown, keys=_api_keys(services)),
        tenants=TenantsPage(access, shown, database=database, guests=services.guests),
        security=SecurityPage(
            access,
            shown,
            known=_devices(services),
            held=Held(database, services.own_factors, services.factors.trust, passkeys, sign_ins),
            elsewhere=elsewhere,
            cookies=cookies,
        ),
        privacy=_privacy(services, access, shown),
        passkeys=PasskeysPage(access, shown, passkeys=passkeys),
        password=PasswordPage(access, shown, change=services.password_change, cookies=cookies),
        factors=_factor_pages(tools, services),
        elsewhere=elsewhere,
        sign_ins=SignInsPage(access, shown, own=sign_ins, passkeys=services.passkeys.own.usable),
    )


def administers_anything(services: Services) -> Callable[[str, str], bool]:
    """Return what tells whether somebody's roles show anything in the console."""

    def administers(tenant_id: str, user_id: str) -> bool:
        with services.database.read() as view:
            return bool(services.roles.permissions_of(view, tenant_id, user_id))

    return administers


def _applications(services: Services) -> Applications:
    return Applications(
        services.database,
        trail=services.trail,
        records=make_consent_records(services),
        clock=services.clock,
        access_token_life=services.settings.access_token_life,
    )


def _applications_page(
    services: Services, shown: Pages, applications: Applications
) -> ApplicationsPage:
    clients = services.caches.clients
    openings = Openings(services.database, clients)
    return ApplicationsPage(
        shown,
        applications,
        openings=openings,
        clients=clients,
        words=(describe, describe_claims),
    )


def _privacy(services: Services, access: Access, shown: Pages) -> PrivacyPages:
    database = services.database
    copies = OwnCopies(database, make_exports(services))
    allowed = Allowed(database, make_consent_records(services))
    own = OwnErasure(database, make_erasures(services))
    return PrivacyPages(
        PrivacyPage(access, shown, allowed=allowed, copies=copies, erasure=own),
        ExportPage(access, shown, copies=copies),
        ErasurePage(access, shown, own=own),
    )


def _api_keys(services: Services) -> OwnKeys:
    parts = services.api_keys
    return OwnKeys(
        KeyParts(
            services.database,
            parts.service,
            parts.news,
            services.keyring,
            services.clock,
        )
    )


def _profile(services: Services, shown: Pages) -> ProfilePage:
    waiting = services.mailed.email.waiting
    return ProfilePage(shown, services.profiles, services.database, waiting=waiting)


def _overview(
    services: Services, shown: Pages, *, applications: Applications, sign_ins: SignIns
) -> OverviewPage:
    return OverviewPage(
        shown,
        services.database,
        held=About(services.own_sessions, applications, services.roles),
        factors=Factors(services.own_factors, services.passkeys.own.usable, sign_ins),
        clock=services.clock,
    )


def _sessions(services: Services, access: Access, shown: Pages) -> SessionsPage:
    own, clock = services.own_sessions, services.clock
    ending = Ending(own, reports=_reports(services), clock=clock)
    return SessionsPage(access, shown, sessions=own, ending=ending, database=services.database)


def _devices(services: Services) -> Devices:
    return Devices(
        services.database,
        keyring=services.keyring,
        reports=_reports(services),
        clock=services.clock,
    )


def _reports(services: Services) -> Reports:
    return Reports(services.trail, services.keyring, services.clock)


def _factor_pages(tools: Tools, services: Services) -> FactorPages:
    return FactorPages(
        add=AddPage(tools),
        rename=RenamePage(tools),
        remove=RemovePage(tools),
        codes=CodesPage(tools, as_file),
        trust=TrustPage(tools, services.factors.trust),
    )
