"""The headers of every answer, compared across both lanes and every kind of outcome."""

import pytest
from werkzeug.test import TestResponse

from tests.spec.tools import Stage, get, machine, post, tenant_stage
from tests.support.browser import ISSUER
from tests.support.world import World

pytestmark = pytest.mark.any_database

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}
PUBLIC = ("/.well-known/openid-configuration", "/oauth/jwks")


def outcomes(world: World) -> dict[str, TestResponse]:
    """One answer of each kind."""
    on = tenant_stage(world)
    party = machine(world)
    browser = on.browser()
    tokens = on.tokens()
    http = world.app.test_client()
    cookies = {"Cookie": "a=1; a=2"}
    return {
        "metadata": get(world, PUBLIC[0]),
        "keys": get(world, PUBLIC[1]),
        "token": party.machine(),
        "token error": party.machine(scope="unknown"),
        "not authenticated": post(world, "/oauth/token", {"grant_type": "x"}),
        "wrong method": get(world, "/oauth/token"),
        "introspection": party.introspect("x"),
        "revocation": party.revoke("x"),
        "userinfo": on.party.userinfo(tokens["access_token"]),
        "userinfo error": on.party.userinfo("x"),
        "front page": browser.get("/"),
        "redirect": browser.authorize(on.client),
        "sign-in page": browser.follow(browser.authorize(on.client)),
        "client error": browser.authorize(on.client, scope="unknown"),
        "error page": browser.get("/oauth/authorize?client_id=x"),
        "not found": get(world, "/none"),
        "no such issuer": get(world, "/t/nobody-here/oauth/jwks"),
        "cookies refused": world.app.test_client(use_cookies=False).get(
            "/", base_url=ISSUER, headers=cookies
        ),
        "method of a page": http.delete("/login/password", base_url=ISSUER),
        "options": http.options("/oauth/authorize", base_url=ISSUER),
        "static file": get(world, "/static/css/app.css", buffered=True),
        "no such file": get(world, "/static/none.css"),
        "traversal": get(world, "/static/..%2f..%2fpyproject.toml"),
    }


@pytest.mark.rfc("product.md section 7")
def test_every_answer_of_both_lanes_has_the_security_headers(world: World) -> None:
    for name, answer in outcomes(world).items():
        for header, value in FIXED.items():
            assert answer.headers.getlist(header) == [value], (name, header)
        (policy,) = answer.headers.getlist("Content-Security-Policy")
        assert policy.startswith("default-src 'none'"), name
        assert "frame-ancestors 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert len(answer.headers.getlist("Permissions-Policy")) == 1, name
        assert len(answer.headers.getlist("Cross-Origin-Resource-Policy")) == 1, name
        assert len(answer.headers.getlist("Content-Type")) <= 1, name


@pytest.mark.rfc("product.md section 7")
def test_every_answer_has_a_correlation_id_of_our_own(world: World) -> None:
    seen = set()
    for name, answer in outcomes(world).items():
        (correlation_id,) = answer.headers.getlist("X-Correlation-Id")
        assert correlation_id.startswith("cor_"), name
        seen.add(correlation_id)
    assert len(seen) == len(outcomes(world))
    chosen = get(world, "/", headers={"X-Correlation-Id": "cor_mine", "X-Request-Id": "cor_mine"})
    assert "cor_mine" not in str(chosen.headers)


@pytest.mark.rfc("RFC 6749 section 5.1")
def test_nothing_but_public_documents_is_ever_kept(world: World) -> None:
    for name, answer in outcomes(world).items():
        kept = answer.headers["Cache-Control"]
        if name in {"metadata", "keys"}:
            assert kept == "public, max-age=300"
        elif name != "static file":
            assert kept == "no-store", name


@pytest.mark.rfc("product.md section 7")
def test_no_answer_says_what_runs_here(world: World) -> None:
    for name, answer in outcomes(world).items():
        assert "Server" not in answer.headers, name
        assert "X-Powered-By" not in answer.headers, name
        for word in ("werkzeug", "flask", "sqlalchemy", "traceback"):
            assert word not in answer.text.lower(), (name, word)


@pytest.mark.rfc("product.md section 7")
def test_pages_get_a_fresh_nonce_each_time(on: Stage) -> None:
    policies = {get(on.world, "/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


@pytest.mark.rfc("product.md section 7")
def test_only_public_documents_may_be_embedded_elsewhere(world: World) -> None:
    for name, answer in outcomes(world).items():
        wanted = "cross-origin" if name in {"metadata", "keys"} else "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == wanted, name
