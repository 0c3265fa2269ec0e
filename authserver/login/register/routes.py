"""The URLs of joining, by an invitation or by registering -> functions."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response

from authserver.login.invitation.accept import InvitationPage
from authserver.login.invitation.done import InvitedPage
from authserver.login.register.ask import RegisterPage
from authserver.login.register.done import RegisteredPage
from authserver.login.register.new import NewAccountPage

View = Callable[[], Response]


@dataclass(frozen=True)
class JoiningPages:
    """The pages on which people get an account of their own."""

    invitation: InvitationPage
    invited: InvitedPage
    register: RegisterPage
    new: NewAccountPage
    registered: RegisteredPage


def blueprint(pages: JoiningPages, *, limit: Callable[[View], View]) -> Blueprint:
    """Return the blueprint of the pages; `limit` guards what sends mail or takes tokens."""
    routes = Blueprint("joining", __name__)
    for path, name, page in (
        ("/login/invitation", "invitation", pages.invitation),
        ("/login/register", "register", pages.register),
        ("/login/register/new", "new_account", pages.new),
    ):
        routes.add_url_rule(path, name, page.show)
        routes.add_url_rule(path, f"submit_{name}", limit(page.submit), methods=["POST"])
    routes.add_url_rule("/login/invitation/done", "invited", pages.invited.show)
    routes.add_url_rule("/login/register/done", "registered", pages.registered.show)
    return routes
