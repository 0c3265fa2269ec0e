"""The pages on which people get an account of their own: part of the wiring, beside app.py."""

from collections.abc import Callable

from flask import Blueprint
from werkzeug.wrappers import Response

from authserver.login.entry import Entries
from authserver.login.invitation.accept import InvitationPage, Taking
from authserver.login.invitation.done import InvitedPage
from authserver.login.recover.mailed import MailedSteps
from authserver.login.register.ask import RegisterPage
from authserver.login.register.documents import Documents
from authserver.login.register.done import RegisteredPage
from authserver.login.register.new import NewAccountPage
from authserver.login.register.routes import JoiningPages, blueprint
from authserver.sessions.cookies import CookiePolicy
from authserver.wiring.privacy import make_consent_records
from authserver.wiring.services import Services

View = Callable[[], Response]


def pages(
    services: Services, entries: Entries, cookies: CookiePolicy, *, limit: Callable[[View], View]
) -> Blueprint:
    """Return the blueprint of invitations and self-registration."""
    mailed, back = services.mailed, MailedSteps(entries, cookies, services.caches.tenants.get)
    invitation = InvitationPage(
        back,
        Taking(mailed.acceptance, _documents(services)),
        sessions=services.sessions,
        cookies=cookies,
        clock=services.clock,
        names=services.caches.names,
    )
    found = JoiningPages(
        invitation=invitation,
        invited=InvitedPage(back),
        register=RegisterPage(back, mailed.registration),
        new=NewAccountPage(back, mailed.completion, _documents(services)),
        registered=RegisteredPage(back),
    )
    return blueprint(found, limit=limit)


def _documents(services: Services) -> Documents:
    settings = services.settings
    return Documents(settings.terms_uri, settings.policy_uri, make_consent_records(services))
