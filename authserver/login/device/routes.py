"""The URLs of the device pages: short ones, as people type them."""

from collections.abc import Callable

from flask import Blueprint
from werkzeug.wrappers import Response

from authserver.login.device.done import DonePage
from authserver.login.device.enter import EnterPage

View = Callable[[], Response]


def device_pages(enter: EnterPage, *, limit: Callable[[View], View]) -> Blueprint:
    """Return the blueprint; `limit` guards what tries codes."""
    routes = Blueprint("device", __name__)
    routes.add_url_rule("/device", "enter", enter.show)
    routes.add_url_rule("/device", "try_code", limit(enter.submit), methods=["POST"])
    routes.add_url_rule("/device/done", "done", DonePage().show)
    return routes
