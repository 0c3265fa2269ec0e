"""The URLs of the device pages: short ones, as people type them."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response

from authserver.login.device.done import DonePage
from authserver.login.device.enter import EnterPage

View = Callable[[], Response]


@dataclass(frozen=True)
class DevicePages:
    """The pages."""

    enter: EnterPage
    done: DonePage


def blueprint(pages: DevicePages, *, limit: Callable[[View], View]) -> Blueprint:
    """Return the blueprint; `limit` guards what tries codes."""
    routes = Blueprint("device", __name__)
    routes.add_url_rule("/device", "enter", pages.enter.show)
    routes.add_url_rule("/device", "try_code", limit(pages.enter.submit), methods=["POST"])
    routes.add_url_rule("/device/done", "done", pages.done.show)
    return routes
