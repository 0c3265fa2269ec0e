"""What a request says about itself, its host, its address: none of it is believed."""

import ipaddress

import pytest
from werkzeug.test import TestResponse

from authserver.app import create_app
from tests.attacks.people import Scene
from tests.support.browser import ISSUER, Browser
from tests.support.world import World

pytestmark = pytest.mark.any_database

LIES = {
    "Host": {"HTTP_HOST": "evil.test"},
    "Host with a port": {"HTTP_HOST": "auth.example:1234@evil.test"},
    "two hosts in one": {"HTTP_HOST": "auth.example,evil.test"},
    "X-Forwarded-Host": {"HTTP_X_FORWARDED_HOST": "evil.test"},
    "X-Forwarded-Proto": {"HTTP_X_FORWARDED_PROTO": "http"},
    "X-Forwarded-Port": {"HTTP_X_FORWARDED_PORT": "666"},
    "X-Forwarded-Prefix": {"HTTP_X_FORWARDED_PREFIX": "/evil.test"},
    "X-Forwarded-Uri": {"HTTP_X_FORWARDED_URI": "https://evil.test/"},
    "X-Original-URL": {"HTTP_X_ORIGINAL_URL": "/evil.test", "HTTP_X_REWRITE_URL": "/evil.test"},
    "X-Host": {"HTTP_X_HOST": "evil.test", "HTTP_X_FORWARDED_SERVER": "evil.test"},
    "Forwarded": {"HTTP_FORWARDED": "for=1.2.3.4;host=evil.test;proto=http"},
    "X-Script-Name": {"HTTP_X_SCRIPT_NAME": "/evil.test"},
    "method override": {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"},
    "health check": {"HTTP_USER_AGENT": "kube-probe/evil.test"},
    "trusted header": {"HTTP_X_REMOTE_USER": "admin", "HTTP_X_AUTHSERVER_CLIENT_IP": "1.2.3.4"},
}
DOCUMENTS = (
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/oauth/jwks",
)


@pytest.mark.attack("ATK-089")
@pytest.mark.attack("ATK-090")
@pytest.mark.parametrize("lie", LIES)
def test_no_header_changes_what_the_server_says_of_itself(world: World, lie: str) -> None:
    for path in DOCUMENTS:
        honest = Browser(world).get(path)
        lied_to = Browser(world).get(path, environ_overrides=LIES[lie])
        assert lied_to.data == honest.data
        assert lied_to.status_code == 200


@pytest.mark.attack("ATK-089")
@pytest.mark.attack("ATK-090")
@pytest.mark.parametrize("lie", LIES)
def test_no_header_reaches_a_link_a_redirect_or_a_cookie(world: World, lie: str) -> None:
    scene = Scene(world)
    browser = Browser(world)
    browser.http.environ_base.update(LIES[lie])

    def clean(answer: TestResponse) -> TestResponse:
        assert answer.status_code < 500
        said = answer.text + "".join(f"{n}: {v}\n" for n, v in answer.headers)
        assert "evil.test" not in said
        assert ":666" not in said
        return answer

    page = browser.authorize(scene.client)
    if page.status_code == 400:  # the host is refused altogether: that is as good
        clean(page)
        return
    assert clean(page).headers["Location"].startswith("/login/password?flow=")
    for path in ("/", "/login/logout", "/login/signed-out", "/nothing"):
        clean(browser.get(path))


@pytest.mark.attack("ATK-090")
def test_a_tenant_comes_from_the_path_alone(world: World) -> None:
    own, other = world.tenant(own_issuer=True), world.tenant(own_issuer=True)
    path = f"/t/{own.slug}/.well-known/openid-configuration"
    for hint in (
        {"query_string": {"tenant": other.slug, "tenant_id": other.id}},
        {"headers": {"X-Tenant": other.slug, "X-Tenant-Id": other.id}},
        {"environ_overrides": {"HTTP_HOST": f"{other.slug}.auth.example"}},
        {"environ_overrides": {"SCRIPT_NAME": f"/t/{other.slug}"}},
    ):
        said = Browser(world).get(path, **hint)
        assert said.json["issuer"] == f"{ISSUER}/t/{own.slug}"
    for odd in (
        f"/t/{own.slug}/t/{other.slug}/oauth/jwks",
        f"/t/{own.slug}%2f..%2f{other.slug}/oauth/jwks",
        f"/t/{own.slug}/../{other.slug}/oauth/jwks",
        f"//t/{own.slug}/oauth/jwks",
        f"/T/{own.slug}/oauth/jwks",
        f"/t/{own.slug.upper()}/oauth/jwks",
        f"/t/{own.slug};x/oauth/jwks",
        f"/t/{own.slug}./oauth/jwks",
        f"/t/ {own.slug}/oauth/jwks",
        f"/t//{own.slug}/oauth/jwks",
        f"/x/t/{own.slug}/oauth/jwks",
    ):
        assert Browser(world).get(odd).status_code == 404, odd


ALLOWED = "198.51.100.0/24"


def ask(world: World, client: object, peer: str, forwarded: str | None = None) -> int:
    party = Scene.__new__(Scene)
    party.world = world
    asked = Scene.party(party, client)
    asked.http.environ_base["REMOTE_ADDR"] = peer
    if forwarded is not None:
        asked.http.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
    return asked.machine().status_code


@pytest.mark.attack("ATK-134")
@pytest.mark.parametrize(
    "header",
    [
        {"HTTP_X_FORWARDED_FOR": "198.51.100.7"},
        {"HTTP_X_REAL_IP": "198.51.100.7"},
        {"HTTP_FORWARDED": "for=198.51.100.7"},
        {"HTTP_X_CLIENT_IP": "198.51.100.7"},
        {"HTTP_TRUE_CLIENT_IP": "198.51.100.7"},
        {"HTTP_CF_CONNECTING_IP": "198.51.100.7"},
        {"HTTP_X_FORWARDED_FOR": "198.51.100.7, 203.0.113.9"},
    ],
    ids=str,
)
def test_nobody_chooses_their_own_address(world: World, header: dict[str, str]) -> None:
    partner = world.client(world.tenant("partner"), "partner", ip_allowlist=[ALLOWED])
    scene = Scene(world)
    party = scene.party(partner)
    party.http.environ_base.update(REMOTE_ADDR="203.0.113.9", **header)
    refused = party.machine()
    assert (refused.status_code, refused.json["error"]) == (400, "unauthorized_client")
    assert ask(world, partner, "198.51.100.7") == 200


@pytest.mark.attack("ATK-134")
def test_a_trusted_proxy_is_believed_about_the_nearest_hop_only(world: World) -> None:
    settings = world.services.settings
    trusting = type(settings)(**{**vars(settings), "trusted_proxies": ("10.0.0.0/8",)})
    behind = World(create_app(trusting, world.clock), world.clock)
    partner = world.client(world.tenant("partner"), "partner", ip_allowlist=[ALLOWED])
    try:
        answers = {
            ("10.0.0.1", "198.51.100.7"): 200,
            ("10.0.0.1", "203.0.113.9, 198.51.100.7"): 200,
            ("10.0.0.1", "198.51.100.7, 10.0.0.2"): 200,
            ("10.0.0.1", "198.51.100.7, 203.0.113.9"): 400,
            ("203.0.113.9", "198.51.100.7"): 400,
            ("10.0.0.1", "198.51.100.7, nonsense"): 400,
            ("10.0.0.1", "198.51.100.7, "): 400,
            ("10.0.0.1", None): 400,
        }
        for (peer, forwarded), expected in answers.items():
            assert ask(behind, partner, peer, forwarded) == expected, (peer, forwarded)
    finally:
        behind.services.database.close()


@pytest.mark.attack("ATK-135")
@pytest.mark.parametrize("listed", [ALLOWED, "::ffff:198.51.100.0/120", "198.51.100.7"])
@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("198.51.100.7", 200),
        ("::ffff:198.51.100.7", 200),
        ("::ffff:c633:6407", 200),
        ("198.51.101.7", 400),
        ("::ffff:198.51.101.7", 400),
        ("::198.51.100.7", 400),
        ("64:ff9b::198.51.100.7", 400),
        ("2002:c633:6407::", 400),
        ("198.51.100.07", 400),
        ("nonsense", 400),
    ],
)
def test_an_address_is_the_same_in_every_dress_and_in_no_disguise(
    world: World, listed: str, peer: str, expected: int
) -> None:
    partner = world.client(world.tenant("partner"), "partner", ip_allowlist=[listed])
    assert ask(world, partner, peer) == expected


def test_the_allowlist_is_an_additional_factor_only(world: World) -> None:
    partner = world.client(world.tenant("partner"), "partner", ip_allowlist=[ALLOWED])
    partner.secret = "cs_wrong"
    assert ipaddress.ip_address("198.51.100.7") in ipaddress.ip_network(ALLOWED)
    assert ask(world, partner, "198.51.100.7") == 401


@pytest.mark.attack("ATK-140")
@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.test",
        "https://app.example.evil.test",
        "https://evilapp.example",
        "https://sub.app.example",
        "http://app.example",
        "https://app.example:444",
        "https://app.example/",
        "HTTPS://APP.EXAMPLE",
        "https://app.example, https://evil.test",
        "*",
    ],
)
def test_only_the_origin_of_a_browser_application_reads_answers(world: World, origin: str) -> None:
    world.client(world.tenant(), "spa", redirect_uris=["https://app.example/cb"])
    http = world.app.test_client()
    for path in ("/oauth/token", "/oauth/userinfo", "/oauth/introspect", "/oauth/revoke"):
        for method in ("OPTIONS", "POST"):
            headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            answer = http.open(path, method=method, base_url=ISSUER, headers=headers)
            assert "Access-Control-Allow-Origin" not in answer.headers
    for path in ("/oauth/authorize", "/login/password", "/login/logout", "/"):
        for shown in (origin, "https://app.example"):
            answer = http.get(path, base_url=ISSUER, headers={"Origin": shown})
            assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    registered = http.post(
        "/oauth/token", base_url=ISSUER, headers={"Origin": "https://app.example"}
    )
    assert registered.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Access-Control-Allow-Credentials" not in registered.headers
