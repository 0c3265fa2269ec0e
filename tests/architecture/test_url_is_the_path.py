"""Who knows a URL knows the file: POST /oauth/token is answered in oauth/token/."""

import inspect
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask

from authserver.app import create_app
from authserver.core.resources import folder
from authserver.oauth.lane.machine import MachineLane
from authserver.wiring.apart.entrances import BELOW, ENTRANCES
from tests.support.rules import applications, every_rule, view_of
from tests.support.source import SERVER
from tests.support.world import settings_for

# Who answers where the path cannot say it, and why.
ELSEWHERE = {
    "/": ("authserver.login.logout", "home.html"),  # who is signed in, and the way out
    "/login/signed-out": ("authserver.login.logout", "login/signed_out.html"),  # its last page
    "/device": ("authserver.login.device.enter", "login/device/enter.html"),  # people type it
    "/device/done": ("authserver.login.device.done", "login/device/done.html"),
    "/oauth/device_authorization": ("authserver.oauth.device.endpoint", None),
    "/account": ("authserver.account.overview", "account/overview.html"),
    "/login/federation/<connection_id>": (
        "authserver.login.federation.start",
        "login/federation/away.html",
    ),
    "/login/federation/<connection_id>/callback": ("authserver.login.federation.callback", None),
    "/account/picture/<picture_id>": ("authserver.account.picture", None),  # what the page shows
    "/login/logo/<logo_id>": ("authserver.login.logo", None),  # a picture
    "/login/brand/<scope>/<colour>.css": ("authserver.login.brand", None),  # how pages look
    "/login/brand/logo/<logo_id>.<form>": ("authserver.login.brand", None),  # a picture
    "/api/v1/docs": ("authserver.admin.console.documentation", "console/documentation.html"),
    "/.well-known/openid-configuration": ("authserver.oauth.discovery", None),
    "/.well-known/oauth-authorization-server": ("authserver.oauth.discovery", None),
    "/.well-known/audit-keys": ("authserver.oauth.trail.keys", None),
}
PAGES = ("login", "account", "admin", "partner")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Wire the application as a server process does; its database is never opened."""
    data = tmp_path_factory.mktemp("data")
    return create_app(settings_for(f"sqlite:///{data}/unused.db", data))


@pytest.fixture(scope="module")
def machine_endpoints(app: Flask) -> Mapping[str, object]:
    layer: object = app.wsgi_app
    while not isinstance(layer, MachineLane):
        layer = next(
            value for name, value in vars(layer).items() if callable(value) and name in NEXT
        )
    return layer._endpoints  # noqa: SLF001  what it answers, not how


NEXT = ("_app", "_next", "_inner", "_application")


def expected(url: str) -> tuple[str, str | None]:
    """Return the module and, for a page, the template."""
    if url in ELSEWHERE:
        return ELSEWHERE[url]
    parts = url.strip("/").replace("-", "_").split("/")
    if parts[0] == "console":  # its paths are those of the API, its screens stand by their part
        return "authserver.admin.console", None
    template = "/".join(parts) + ".html" if parts[0] in PAGES else None
    return ".".join(["authserver", *parts]), template


def test_every_page_is_answered_where_its_url_says(app: Flask) -> None:
    rules = [rule for rule in every_rule(app) if rule.endpoint != "static"]
    assert rules
    wrong = {}
    for rule in rules:
        view = inspect.unwrap(view_of(app, rule))
        view = getattr(view, "func", view)  # one view of several screens
        module, template = expected(rule.rule)
        if not _is_in(view.__module__, module) or not _exists(template):
            wrong[rule.rule] = view.__module__
    assert wrong == {}


def test_pages_lead_to_administration_where_it_is(app: Flask) -> None:
    _, administration = applications(app)
    there = {rule.endpoint: rule.rule for rule in administration.url_map.iter_rules()}
    assert {name: there[name] for name in ENTRANCES} == ENTRANCES
    rules = administration.url_map.iter_rules()
    parts = {rule.rule.split("/")[1] for rule in rules if not rule.build_only}
    assert parts == set(BELOW)


def test_who_gives_tokens_has_no_screens_in_memory() -> None:
    heavy = {"pydantic", "authserver.admin.api", "authserver.admin.console.screens"}
    program = f"import sys, authserver.app; print(*({heavy!r} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert found.stdout.split() == []


def test_every_machine_endpoint_is_answered_where_its_url_says(
    machine_endpoints: Mapping[str, object],
) -> None:
    assert machine_endpoints
    answered = {url: type(endpoint).__module__ for url, endpoint in machine_endpoints.items()}
    assert {u: m for u, m in answered.items() if not _is_in(m, expected(u)[0])} == {}


def test_every_page_module_of_the_sign_in_has_a_template_of_its_name() -> None:
    templates = {path.stem for path in Path(folder("templates"), "login").glob("*.html")}
    files = {path.stem for path in (SERVER / "login").glob("*.py")}
    modules = files | {path.parent.name for path in (SERVER / "login").glob("*/__init__.py")}
    assert templates - modules == {"signed_out"}


def _is_in(module: str, wanted: str) -> bool:
    return f"{module}.".startswith(f"{wanted}.")


def _exists(template: str | None) -> bool:
    return template is None or Path(folder("templates"), template).is_file()
