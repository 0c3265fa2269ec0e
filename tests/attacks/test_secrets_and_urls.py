"""Secrets that must not come back out, and URLs that must not be there."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.core.crypto import pack
from authserver.core.database import engine
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint
from tests.attacks.people import Scene
from tests.isolation.rows import everything, texts
from tests.isolation.urls import COVERED
from tests.support.browser import ISSUER, Browser
from tests.support.world import ClientFixture, World

# What says of which kind a secret is; cookies have none.
_PREFIX = re.compile(r"^[a-z]{2,3}_")


@pytest.mark.every_database
@pytest.mark.attack("ATK-121")
def test_no_secret_is_stored_readably(world: World) -> None:
    scene = Scene(world)
    code = scene.code()
    tokens = scene.party().redeem(code).json
    renewed = scene.party().refresh(tokens["refresh_token"]).json
    cookies = [
        scene.browser.http.get_cookie(f"__Host-as-{name}", domain="auth.example").value
        for name in ("session", "device")
    ]
    secrets = [
        code,
        tokens["refresh_token"],
        renewed["refresh_token"],
        renewed["access_token"],
        str(scene.client.secret),
        scene.person.password,
        *cookies,
    ]
    with world.services.database.read() as view:
        rows = everything(view.connection, scene.tenant.id)
        keys = view.connection.exec_driver_sql("SELECT * FROM signing_keys").all()
    stored = "\n".join(
        text
        for row in (*(row for table in rows.values() for row in table), *keys)
        for value in row
        for text in texts(value)
    )
    for secret in secrets:
        assert secret not in stored
        assert _PREFIX.sub("", secret) not in stored
        assert secret.encode().hex() not in stored
    assert fingerprint(code, "authorization_code").hex() in stored
    # As a private JWK is written; a shorter text turns up in ciphertexts by chance.
    assert '"d":"' not in stored.replace(" ", "")


@pytest.mark.attack("ATK-121")
def test_no_refusal_of_the_database_reaches_the_outside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(world)
    canary = "canary: password_hash of table users"

    class Broken(Transaction):
        def __init__(self, *_args: object) -> None:
            raise RuntimeError(canary)

    monkeypatch.setattr(engine, "Transaction", Broken)
    answers = [
        scene.party(world.services and scene.client).redeem("ac_x"),
        scene.party(ClientFixture(scene.client.id, "cs_wrong", scene.tenant)).machine(),
        scene.browser.authorize(scene.client),
    ]
    monkeypatch.undo()
    assert [answer.status_code for answer in answers] == [500, 500, 500]
    assert [answer.json["error"] for answer in answers[:2]] == ["server_error", "server_error"]
    for answer in answers:
        assert "canary" not in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.attack("ATK-124")
@given(
    st.lists(st.text(alphabet="ab:/|\0", max_size=4), max_size=4),
    st.lists(st.text(alphabet="ab:/|\0", max_size=4), max_size=4),
)
def test_keys_made_of_parts_never_collide(left: list[str], right: list[str]) -> None:
    assert (pack(*left) == pack(*right)) == (left == right)


@pytest.mark.attack("ATK-124")
def test_a_cache_never_gives_one_tenants_row_to_another(world: World) -> None:
    one, two = Scene(world), Scene(world)
    caches = world.services.caches
    for _ in range(2):
        for scene in (one, two):
            client = caches.clients.get(scene.client.id)
            assert client is not None
            assert client.tenant.id == scene.tenant.id
            assert caches.tenants.get(scene.tenant.slug).id == scene.tenant.id
            assert caches.names.of(scene.tenant.id) == f"Tenant {scene.tenant.slug}"
    assert caches.clients.get(f"{one.client.id}/{two.client.id}") is None


OPEN_TO_ALL = {
    "GET /api/v1/docs",  # describes what is open to nobody
    "GET /login/recover",  # mails are read in other browsers, too
    "GET /login/recover/done",  # leads to the one above where nothing was done
    "GET /login/invitation/done",  # says what was done, where anything was
    "GET /login/register/done",  # the same
    "GET /login/contact/done",  # the same
    "GET /",
    "GET /oauth/authorize",
    "POST /oauth/authorize",
    "GET /login/logout",
    "GET /oauth/logout",  # asks first
    "GET /login/signed-out",
    "GET /device",  # asks for a code; nothing is said of any
    "GET /device/done",
    "GET /.well-known/audit-keys",
    "GET /oauth/jwks",
    "GET /.well-known/openid-configuration",
    "GET /.well-known/oauth-authorization-server",
}
# Refused by being sent to the sign-in page, and nothing else.
FIRST_SIGN_IN = {
    "GET /account", "GET /account/profile", "GET /account/sessions", "GET /account/applications",
    "GET /account/tenants", "GET /account/security", "GET /account/password",
    "GET /account/passkeys", "GET /account/email", "GET /account/picture",
    "GET /account/factors/add", "GET /account/factors/rename", "GET /account/factors/remove",
    "GET /account/factors/codes", "GET /account/factors/trust", "GET /account/sign-ins",
    "GET /account/api-keys", "GET /account/privacy", "GET /account/privacy/export",
    "GET /account/privacy/erasure",
    "GET /partner", "GET /partner/client",
    "GET /partner/secret", "GET /partner/addresses",
}  # fmt: skip


@pytest.mark.attack("ATK-125")
@pytest.mark.attack("ATK-092")
def test_every_url_refuses_who_brings_nothing(world: World) -> None:
    """Every method of every URL, without cookies, credentials or parameters."""
    answered_without, sent_away = set(), set()
    for path in COVERED:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"):
            answer = world.app.test_client().open(path, method=method, base_url=ISSUER)
            assert answer.status_code < 500, (method, path)
            if answer.headers.get("Location", "").startswith("/login/password?to="):
                sent_away.add(f"{method} {path}")
            elif answer.status_code < 400:
                answered_without.add(f"{method} {path}")
    assert answered_without <= OPEN_TO_ALL
    assert sent_away == FIRST_SIGN_IN
    assert Browser(world).post("/oauth/authorize", data={}).status_code == 400


@pytest.mark.attack("ATK-125")
@pytest.mark.parametrize(
    "path",
    [
        *("/debug", "/metrics", "/admin", "/api", "/oauth/token/", "/oauth/token/x"),
        *("/oauth//token", "/oauth/%74oken/..", "/.well-known/", "/.git/config", "/static/"),
        *("/livez/x", "/static/../authserver.db", "/static/%2e%2e/%2e%2e/etc/passwd"),
        "/static//etc/passwd",
    ],
)
def test_there_is_nothing_beside_the_urls_of_the_list(world: World, path: str) -> None:
    answer = Browser(world).get(path)
    assert answer.status_code in {404, 308, 400}
    assert "Traceback" not in answer.text


@pytest.mark.attack("ATK-115")
@pytest.mark.attack("ATK-118")
def test_extra_members_of_a_form_write_nothing(world: World) -> None:
    """Mass assignment: names of columns in the password and the consent form."""
    scene = Scene(world)
    page = scene.browser.follow(scene.browser.authorize(scene.client))
    extra = {"level": "2", "user_id": "usr_x", "tenant_id": "ten_x", "email_verified": "1"}
    extra |= {"security_epoch": "99", "disabled_at": "", "client_id": "cli_x", "scope": "a b"}
    consent = scene.browser.follow(scene.browser.follow(scene.browser.sign_in(page, scene.person)))
    scene.browser.submit(consent, decision="allow", **extra)
    with world.services.database.read() as view:
        held = json.dumps(everything(view.connection, scene.tenant.id), default=str)
    assert "usr_x" not in held
    assert "ten_x" not in held
    assert "cli_x" not in held
