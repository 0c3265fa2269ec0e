"""What outsiders write is text on every page and in every mail, at the level of HTML."""

from html.parser import HTMLParser

import pytest
from werkzeug.test import TestResponse

from authserver.delivery.mail import Renderer
from authserver.delivery.outbox import Content
from tests.attacks.people import Scene
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
PAGES = ("/", "/login/password", "/login/logout", "/login/signed-out", "/nothing")
SCRIPTS = ("/static/js/app.js", "/static/js/form_post.js", "/static/js/passkeys.js")


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
    if "html" not in (answer.content_type or ""):
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


@pytest.mark.any_database
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


@pytest.mark.attack("ATK-133")
@pytest.mark.any_database
@pytest.mark.parametrize("path", PAGES)
def test_no_query_becomes_markup_on_a_page(scene: Scene, path: str) -> None:
    """Pages know two of the parameters. They get these alone, and then all that there are."""
    stranger = Browser(scene.world)
    for text in XSS:
        for names in (("flow",), ("organization",), PARAMETERS):
            page = stranger.get(path, query_string=dict.fromkeys(names, text))
            assert_harmless(page, scene.client.redirect_uri)


@pytest.mark.any_database
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


@pytest.mark.every_database
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


@pytest.mark.any_database
@pytest.mark.attack("ATK-133")
@pytest.mark.parametrize("text", XSS)
def test_a_state_survives_the_form_that_posts_it(scene: Scene, text: str) -> None:
    scene.code()
    page = scene.browser.authorize(scene.client, response_mode="form_post", state=text)
    assert_harmless(page, scene.client.redirect_uri)
    assert answered(page)["state"] == text
    assert "form-action https://rp.example" in page.headers["Content-Security-Policy"]


@pytest.mark.any_database
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


@pytest.mark.any_database
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
