"""The hosted pages with everything a view may pass: usual, empty, and hostile values."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po, write_po
from flask import Flask, render_template
from flask_babel import Babel, force_locale
from jinja2 import StrictUndefined

from authserver.audit.catalogue import EventType
from authserver.roles.catalogue import BUILTIN

ROOT = Path(__file__).resolve().parents[3]
VOID = {"meta", "link", "input", "img", "br", "hr"}
SPOKEN = ("alt", "title", "placeholder", "aria-label", "data-show", "data-hide", "data-done")
SPOKEN += ("data-known", "data-cancelled", "data-failed")
EXTRACT = ["pybabel", "-q", "extract", "-F", "authserver/translations/babel.cfg"]
EXTRACT += ["-k", "lazy_gettext", "-k", "_l"]
# What services refuse with, by who can be refused so in the console.
REFUSALS = (
    "said", "AddressNotAllowed", "Conflict", "InvalidAddress", "InvalidEmail", "InvalidHostName",
    "InvalidUri", "LastWayIn", "MayNot", "NotFound", "NotRecent", "Refused", "TooManyChanges",
    "TooManyProofs", "TooManyRequests", "Unavailable", "UnfitAccount", "UnfitApiKey",
    "UnfitConnection", "UnfitCopy", "UnfitExport", "UnfitHash", "UnfitName", "UnfitPolicy",
    "UnfitReason", "UnfitRedirect", "UnfitRegistration", "UnfitResource", "UnfitRole",
    "UnknownRole", "UnreadableRows",
)  # fmt: skip
REFUSING = (
    "accounts", "admin", "api_keys", "audit/contacts", "clients", "core/hashing.py", "core/net",
    "core/values/reasons.py",
    "federation", "invitations", "jobs", "links", "moving", "people", "roles",
    "tenants", "tokens/issuers", "trail_exports",
)  # fmt: skip
# Clients that register themselves are answered by RFC 7591, in English; nobody else is.
BY_PROTOCOL = ("clients/metadata/document.py", "clients/registering", "federation/tokens")
NONCE = "bm9uY2U"

Values = dict[str, object]

CASES = {
    name: case
    for file in ("cases.json", "cases_console.json", "cases_console_clients.json")
    for name, case in json.loads((Path(__file__).parent / file).read_text()).items()
}


def objects(value: object) -> object:
    """Turn what JSON calls an object into what a view passes: something with attributes."""
    if isinstance(value, dict):
        return SimpleNamespace(**{name: objects(part) for name, part in value.items()})
    return [objects(part) for part in value] if isinstance(value, list) else value


def values_of(case: str) -> Values:
    return {name: objects(value) for name, value in CASES[case]["values"].items()}


class Page(HTMLParser):
    """A page taken apart: its elements, and the text that people read or hear."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.misnested: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        self.text.extend(attributes[name] for name in SPOKEN if name in attributes)
        if tag not in VOID:
            decoration = attributes.get("aria-hidden") == "true"
            self.open.append((tag, decoration or any(hidden for _, hidden in self.open)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop()[0] != tag:
            self.misnested.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.open and self.open[-1][1]):
            self.text.append(data.strip())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """Return the attributes of every such element."""
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and wanted.items() <= attributes.items()
        ]


def make_app() -> Flask:
    app = Flask(
        "authserver",
        root_path=str(ROOT / "authserver"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals["csrf_token"] = lambda: "csrf-value"
    app.add_url_rule("/login/logo/<logo_id>", "logos.image")
    Babel(app)
    return app


Show = Callable[..., Page]


@pytest.fixture(scope="session")
def app() -> Flask:
    return make_app()


def show_on(app: Flask) -> Show:
    def show(case: str, locale: str = "en", **values: object) -> Page:
        if not values and locale == "en":
            return english(case)
        return rendered(case, locale, **values)

    @cache
    def english(case: str) -> Page:
        """Return what most tests look at, each after the other."""
        return rendered(case, "en")

    def rendered(case: str, locale: str, **values: object) -> Page:
        template = CASES[case]["template"]
        usual: Values = {"csp_nonce": NONCE, "locale": locale, "text_direction": "ltr"}
        usual["correlation_id"] = "01937f2c-5b1e-7d04-9c1a-2f7be0a4c9d1"
        with app.test_request_context(), force_locale(locale):
            return Page(render_template(template, **(usual | values_of(case) | values)))

    return show


@pytest.fixture(scope="session")
def show(app: Flask) -> Show:
    """Return what renders a case in a language, with some values replaced."""
    return show_on(app)


@pytest.fixture(scope="session")
def show_pseudo() -> Show:
    """Like show, in a language of dots: a letter that remains did not pass through gettext."""

    def dotted(text: str) -> str:
        parts = re.split(r"(<[^>]*>|%\(\w+\)s)", text)
        return "".join(p if i % 2 else re.sub(r"\w", "·", p) for i, p in enumerate(parts))

    app = make_app()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        dotted, lambda one, many, n: dotted(one if n == 1 else many), newstyle=True
    )
    return show_on(app)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def given(case: str) -> Values:
    """Return everything that the case's view passes."""
    return values_of(case)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, SimpleNamespace):
        yield from strings(list(vars(value).values()))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from strings(item)


@pytest.fixture
def own_words(given: Values) -> list[str]:
    """Return the data of a case: the only words that no catalogue holds."""
    found = {text for value in given.values() for text in strings(value) if text}
    return sorted(found, key=len, reverse=True)


@pytest.fixture(scope="session")
def template_sources() -> dict[str, str]:
    folder = ROOT / "templates"
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*.html"))}


@pytest.fixture(scope="session")
def static_folder() -> Path:
    return ROOT / "static"


@pytest.fixture(scope="session")
def translations_folder() -> Path:
    return ROOT / "authserver" / "translations"


@pytest.fixture(scope="session")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a template catalogue of every translatable text in templates, code and catalogues."""
    target = tmp_path_factory.mktemp("texts") / "messages.pot"
    with target.open("wb") as out:
        write_po(out, every_text(target.parent))
    return target


def every_text(folder: Path) -> Catalog:
    """Return every text that pages can say."""
    found = _extracted(folder, EXTRACT)
    refused = [part for name in REFUSALS for part in ("-k", name)]
    for message in _extracted(folder, [*EXTRACT, *refused]):
        here = [place for place, _line in message.locations if _refuses(place)]
        if message.id and here:
            found.add(message.id, locations=[(place, 0) for place in here])
    for text in (*(event.doc for event in EventType), *(r.description for r in BUILTIN.values())):
        found.add(text)
    return found


def _refuses(place: str) -> bool:
    inside = place.removeprefix("authserver/")
    return inside.startswith(REFUSING) and not inside.startswith(BY_PROTOCOL)


def _extracted(folder: Path, command: list[str]) -> Catalog:
    target = folder / "part.pot"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        CommandLineInterface().run([*command, "-o", str(target), "."])
    with target.open("rb") as source:
        return read_po(source)
