"""The application of administration: the API in front of the pages."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.routing import Rule

from authserver.core.resources import folder
from authserver.sessions.cookies import CookiePolicy
from authserver.wiring.administration import api_lane, make_administration
from authserver.wiring.pages.console import api_documentation, console_pages
from authserver.wiring.pages.joined import make_frame
from authserver.wiring.pages.partner import partner_pages
from authserver.wiring.services import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Apart:
    """The application: the API in front of the pages."""

    def __init__(self, people: Flask, services: Services) -> None:
        """Take Flask of the other pages, to which these lead, and the services."""
        administration = make_administration(services)
        cookies = CookiePolicy.of(services.settings.issuer)
        self.pages = Flask("authserver", template_folder=folder("templates"), static_folder=None)
        make_frame(services, cookies).join(self.pages)
        self.pages.register_blueprint(console_pages(services, administration, cookies))
        self.pages.register_blueprint(partner_pages(services, administration, cookies))
        self.pages.register_blueprint(api_documentation(services, cookies))
        for rule in people.url_map.iter_rules():
            if not rule.build_only:
                self.pages.url_map.add(_only_built(rule))
        self._app = api_lane(services, administration, self.pages.wsgi_app)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        return self._app(environ, start_response)


def _only_built(rule: Rule) -> Rule:
    other = rule.empty()
    other.build_only = True
    return other
