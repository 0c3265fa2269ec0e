"""Pages read queries and forms as strictly as machine endpoints do: what is odd changes nothing."""

import ast
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from authserver.core import web
from authserver.core.problems import Problem
from authserver.login import errors
from authserver.tenants.resolve import Issuer
from tests.attacks.people import Scene
from tests.conftest import KINDS, new_installation
from tests.isolation.rows import everything
from tests.support.browser import ISSUER, Browser, hidden
from tests.support.source import modules, parsed, place
from tests.support.world import World

pytestmark = pytest.mark.any_database

FORM = "application/x-www-form-urlencoded"
PAGES = ("/login/password", "/login/consent", "/login/logout", "/oauth/authorize")
ODD = {
    "control": [b"x=%00", b"x=a\x00", b"x=%0d%0a", b"x=%7F", b"x=%C2%85", b"x%1b=1"],
    "percent": [b"x=%", b"x=%4", b"x=%zz", b"x=%u0041"],
    "utf-8": [b"x=%ff", b"x=\xff", b"x=%C0%AF", b"x=%ED%A0%80", b"%ff=1"],
    "size": [b"x=" + b"x" * 66_000],
}
REFUSALS = {"MalformedRequest", "BodyTooLarge", "web.MalformedRequest", "web.BodyTooLarge"}
EACH = [part for parts in ODD.values() for part in parts]


def multipart(fields: dict[str, str]) -> bytes:
    parts = (
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return ("".join(parts) + "--b--\r\n").encode()


OTHER_BODIES: dict[str, Callable[[dict[str, str]], bytes]] = {
    "multipart/form-data; boundary=b": multipart,
    "multipart/form-data": multipart,
    "text/plain": lambda fields: urlencode(fields).encode(),
    "application/json": lambda fields: urlencode(fields).encode(),
    "application/x-www-form-urlencoded2": lambda fields: urlencode(fields).encode(),
    "": lambda fields: urlencode(fields).encode(),
}


@pytest.fixture(scope="module", params=KINDS)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One of its own: each test looks at every row."""
    with new_installation(request.param, tmp_path_factory.mktemp("data")) as world:
        yield world


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


class Desk:
    """A page of a browser that is ready to be sent, and a look at what sending it left behind."""

    def __init__(self, scene: Scene, path: str) -> None:
        self.scene, self.path = scene, path
        self.browser = scene.browser
        self.fields = self._fields()
        self._before = self.state()

    def _fields(self) -> dict[str, str]:
        client, person = self.scene.client, self.scene.person
        if self.path == "/oauth/authorize":
            query = self.browser.authorize(client).request.args
            return dict(query.items())
        if self.path == "/login/logout":
            self.scene.code()
            return hidden(self.browser.get(self.path))
        page = self.browser.follow(self.browser.authorize(client))
        if self.path == "/login/password":
            return {**hidden(page), "email": person.email, "password": person.password}
        consent = self.browser.follow(self.browser.follow(self.browser.sign_in(page, person)))
        return {**hidden(consent), "decision": "allow"}

    def send(self, body: bytes, content_type: str = FORM, query: str = "") -> TestResponse:
        return self.browser.post(
            self.path, data=body, content_type=content_type, query_string=query
        )

    def state(self) -> object:
        jar = self.browser.http._cookies  # noqa: SLF001  what a refusal must not touch
        cookies = sorted((cookie.key, cookie.value) for cookie in jar.values())
        with self.scene.world.services.database.read() as view:
            return cookies, everything(view.connection, self.scene.tenant.id)

    def refuses(self, body: bytes, content_type: str = FORM, query: str = "") -> None:
        assert_refused(self.send(body, content_type, query))
        assert self.state() == self._before

    def works(self) -> bool:
        """Tell whether the form, sent as the page would send it, does its step."""
        return self.send(urlencode(self.fields).encode()).status_code == 303


def assert_refused(answer: TestResponse) -> None:
    """The answer is a page that says what was wrong, with its reference, and nothing else."""
    assert answer.status_code in {400, 413}
    assert answer.mimetype == "text/html"
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Correlation-Id"] in answer.text
    assert f"{answer.status_code} invalid_request" in answer.text
    assert "Nothing was changed." in answer.text


@pytest.fixture(params=PAGES)
def desk(scene: Scene, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A desk for each page; whatever was tried, the proper form works afterwards."""
    desk = Desk(scene, request.param)
    yield desk
    assert desk.works()


@pytest.mark.rfc("TOP-19")
def test_a_value_that_comes_twice_is_refused(desk: Desk) -> None:
    body = urlencode(desk.fields)
    for name, value in [*desk.fields.items(), ("unknown", "1")]:
        first = body if name in desk.fields else f"{body}&{name}={value}"
        for other in (value, "x", ""):
            desk.refuses(f"{first}&{urlencode({name: other})}".encode())
            desk.refuses(f"{urlencode({name: other})}&{first}".encode())


@pytest.mark.rfc("TOP-19")
@pytest.mark.parametrize("kind", ODD)
def test_controls_broken_encodings_and_large_bodies_are_refused(desk: Desk, kind: str) -> None:
    body = urlencode(desk.fields).encode()
    for odd in ODD[kind]:
        desk.refuses(body + b"&" + odd)
        desk.refuses(odd + b"&" + body)


@pytest.mark.rfc("TOP-19")
@pytest.mark.attack("ATK-139")
def test_what_is_no_url_encoded_form_is_refused(desk: Desk) -> None:
    for content_type, body in OTHER_BODIES.items():
        desk.refuses(body(desk.fields), content_type)


@pytest.mark.rfc("TOP-19")
def test_a_form_with_a_query_says_something_twice(desk: Desk) -> None:
    body = urlencode(desk.fields).encode()
    for query in ("x=1", urlencode(desk.fields), "flow=x", "csrf_token=x"):
        desk.refuses(body, query=query)
    desk.refuses(b"", query=urlencode(desk.fields))


@pytest.mark.rfc("TOP-19")
@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "+5"])
def test_a_length_that_is_no_number_is_refused(scene: Scene, length: str) -> None:
    answer = scene.browser.post(
        "/login/logout", content_type=FORM, environ_overrides={"CONTENT_LENGTH": length}
    )
    assert_refused(answer)


@pytest.mark.rfc("TOP-19")
@pytest.mark.parametrize("path", ["/", "/login/logout", "/login/signed-out", *PAGES[:2]])
def test_the_query_of_a_page_is_read_as_strictly(scene: Scene, path: str) -> None:
    handle = scene.browser.authorize(scene.client).headers["Location"].partition("=")[2]
    for odd in (f"flow={handle}".encode(), b"a=1&a=1", *EACH[:-1]):
        query = (f"flow={handle}&".encode() + odd).decode("latin-1")
        answer = scene.browser.get(path, environ_overrides={"QUERY_STRING": query})
        assert_refused(answer)
    assert scene.browser.get(path, query_string={"flow": handle}).status_code in {200, 303}


@pytest.mark.rfc("TOP-19")
def test_the_body_of_a_request_that_only_looks_is_not_read(scene: Scene) -> None:
    page = scene.browser.follow(scene.browser.authorize(scene.client))
    fields = {**hidden(page), "organization": "typed-by-nobody", "email": "nobody@example.com"}
    for method in ("GET", "HEAD"):
        answer = scene.browser.http.open(
            "/login/password",
            method=method,
            base_url="https://auth.example",
            data=fields,
            content_type=FORM,
            query_string={"flow": fields["flow"]},
        )
        assert answer.status_code == 200
        assert "nobody" not in answer.text


@pytest.mark.rfc("TOP-19")
def test_a_tenants_own_issuer_reads_as_strictly(world: World) -> None:
    tenant = world.tenant(own_issuer=True)
    client, person = world.client(tenant, at_tenant_issuer=True), world.user(tenant)
    browser = Browser(world, f"/t/{tenant.slug}")
    page = browser.follow(browser.authorize(client))
    fields = {**hidden(page), "email": person.email, "password": person.password}
    body = urlencode(fields)
    path = f"{browser.prefix}/login/password"
    for odd in (f"{body}&email=x", f"{body}&x=%00", f"{body}&x=%"):
        assert_refused(browser.post(path, data=odd, content_type=FORM))
    assert browser.post(path, data=body, content_type=FORM).status_code == 303


@pytest.mark.rfc("TOP-19")
@pytest.mark.parametrize(
    ("odd", "language", "words"),
    [
        (b"email=a&email=b", "en", "A value was sent twice"),
        (b"email=a&email=b", "de", "Ein Wert wurde doppelt gesendet"),
        (b"x=%00", "en", "invisible control characters"),
        (b"x=%00", "fr", "caractères de contrôle invisibles"),
        (b"x=%", "en", "not encoded as it should be"),
        (b"x=%ff", "es", "no está codificado como debería"),
        (ODD["size"][0], "en", "at most 64 kB"),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_the_page_says_what_was_wrong(scene: Scene, odd: bytes, language: str, words: str) -> None:
    answer = scene.browser.post(
        "/login/password", data=odd, content_type=FORM, headers={"Accept-Language": language}
    )
    assert answer.status_code in {400, 413}
    assert words in answer.text
    assert answer.headers["X-Correlation-Id"] in answer.text


def malformed() -> Iterator[tuple[str, str]]:
    """Return where a request is called malformed, and the words, as far as they are literal."""
    for path in modules("authserver/core", "authserver/login", "authserver/oauth/authorize"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in REFUSALS:
                words = ast.unparse(node.args[0]).replace("{FORM}", FORM)
                words = words.replace("{largest // 1024}", "64")  # what pages take
                words = words.removeprefix("said(").replace("%(form)s", FORM)
                words = words.removesuffix("', form=FORM)")
                yield place(path, node), words.removeprefix("f").strip("'\"")


def test_every_way_to_be_malformed_has_words_on_the_page(scene: Scene) -> None:
    found = list(malformed())
    assert len(found) > 6
    somewhere = {web.ISSUER: Issuer(ISSUER)}
    with scene.world.app.test_request_context(environ_overrides=somewhere):
        unsaid = [where for where, words in found if errors.what_was_wrong(Problem(words)) is None]
    assert unsaid == []


def test_no_page_reads_a_body_in_another_way() -> None:
    """`request.form`, `.args` and `.values` are strict; these would be a way round them."""
    around = re.compile(r"\brequest\.(get_data|data|get_json|json|stream|input_stream|files)\b")
    pages = modules("authserver/login", "authserver/oauth/authorize")
    assert [place(path) for path in pages if around.search(path.read_text())] == []
