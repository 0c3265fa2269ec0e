"""The URLs of signing in by a provider -> functions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

from authserver.login.federation.callback import CallbackPage
from authserver.login.federation.link import LinkPage
from authserver.login.federation.start import StartPage

Limit = Callable[[Callable[..., Response]], Any]


@dataclass(frozen=True)
class FederationPages:
    """The pages around a provider."""

    start: StartPage
    callback: CallbackPage
    link: LinkPage


def blueprint(pages: FederationPages, *, limit: Limit) -> Blueprint:
    """Return the blueprint of the pages; `limit` guards what stores a row, or asks a provider."""
    routes = Blueprint("federation", __name__)
    start, callback, link = pages.start, pages.callback, pages.link
    routes.add_url_rule("/login/federation/link", "link", link.show)
    routes.add_url_rule("/login/federation/link", "decline", link.submit, methods=["POST"])
    one = "/login/federation/<connection_id>"
    routes.add_url_rule(one, "start", limit(start.show))
    routes.add_url_rule(one, "submit_start", limit(start.submit), methods=["POST"])
    routes.add_url_rule(f"{one}/callback", "callback", limit(callback.show))
    return routes
