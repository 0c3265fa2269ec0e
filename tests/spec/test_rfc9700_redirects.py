"""RFC 9700 sections 2.1, 4.1 and 4.11: where browsers are sent, and where not."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.attacks.test_redirect_uris import CORPUS, NATIVE, OTHERS, WEB
from tests.spec.tools import Stage, change, stage
from tests.support.browser import ISSUER, answered
from tests.support.world import World

EVIL = "https://evil.test/cb"


def is_page(answer: object) -> bool:
    return (
        answer.status_code == 400
        and "Location" not in answer.headers
        and answer.mimetype == "text/html"
        and "http-equiv" not in answer.text.lower()
    )


@pytest.mark.any_database
@pytest.mark.bcp("R-01")
@pytest.mark.parametrize("kind", ["web", "native"])
@pytest.mark.parametrize("trick", CORPUS)
def test_a_uri_that_only_resembles_a_registered_one_gets_a_page(
    world: World, trick: str, kind: str
) -> None:
    tenant = world.tenant()
    client = world.client(tenant, kind, redirect_uris=list(WEB if kind == "web" else NATIVE))
    for uri in OTHERS:
        world.client(world.tenant(), redirect_uris=[uri])
    browser = stage(world).browser()
    for presented in CORPUS[trick]:
        answer = browser.authorize(client, redirect_uri=presented)
        assert is_page(answer), (presented, answer.status_code)
        assert EVIL not in answer.text


@pytest.mark.any_database
@pytest.mark.bcp("R-01")
@pytest.mark.parametrize("name", ["redirect_uri[]", "redirect_uri[0]", "redirect%5Furi"])
def test_a_second_redirect_uri_in_any_spelling_is_not_taken(on: Stage, name: str) -> None:
    query = f"client_id={on.client.id}&response_type=code&{name}={EVIL}"
    assert is_page(on.browser().get(f"/oauth/authorize?{query}"))
    twice = f"{query}&redirect_uri={on.client.redirect_uri}&redirect_uri={EVIL}"
    assert is_page(on.browser().get(f"/oauth/authorize?{twice}"))


@pytest.mark.any_database
@pytest.mark.bcp("R-01")
def test_without_a_redirect_uri_nothing_is_guessed(on: Stage) -> None:
    assert is_page(on.browser().authorize(on.client, redirect_uri=None))
    assert is_page(on.browser().authorize(on.client, redirect_uri=""))


@pytest.mark.every_database
@pytest.mark.bcp("R-01")
def test_every_registered_uri_is_taken_as_it_stands(world: World) -> None:
    tenant = world.tenant()
    person = world.user(tenant)
    client = world.client(tenant, redirect_uris=list(WEB))
    browser = stage(world).browser()
    for uri in WEB:
        answer = browser.complete(client, person, redirect_uri=uri)
        location = answer.headers["Location"]
        assert location.startswith(uri + ("&" if "?" in uri else "?"))
        assert "code" in answered(answer)


@pytest.mark.rfc("RFC 8252 section 7.3")
@pytest.mark.any_database
@pytest.mark.bcp("R-02")
@pytest.mark.parametrize("port", ["", ":1", ":49152", ":65535"])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_a_native_app_chooses_its_loopback_port(world: World, host: str, port: str) -> None:
    tenant = world.tenant()
    client = world.client(
        tenant, "native", redirect_uris=["http://127.0.0.1/cb?a=1", "http://[::1]:3000/cb?a=1"]
    )
    uri = f"http://{host}{port}/cb?a=1"
    answer = stage(world).browser().complete(client, world.user(tenant), redirect_uri=uri)
    assert answer.headers["Location"].startswith(f"{uri}&code=")


@pytest.mark.rfc("RFC 8252 section 8.4")
@pytest.mark.rfc("RFC 8252 section 8.3")
@pytest.mark.any_database
@pytest.mark.bcp("R-02")
@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:80@evil.test/cb",
        "http://127.0.0.1:80@evil/",
        "http://127.0.0.1.evil.test/cb",
        "http://localhost:3000/cb",
        "http://127.0.0.1:3000/cb/",
        "http://127.0.0.1:3000/cb?x=1",
        "http://127.0.0.1:3000/",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:-1/cb",
        "http://127.0.0.1:3000:4000/cb",
        "https://127.0.0.1:3000/cb",
        "http://[::1]:3000/cb",
        "http://[::ffff:127.0.0.1]/cb",
    ],
)
def test_nothing_but_the_port_of_a_loopback_uri_is_free(world: World, uri: str) -> None:
    client = world.client(world.tenant(), "native", redirect_uris=["http://127.0.0.1/cb"])
    assert is_page(stage(world).browser().authorize(client, redirect_uri=uri))


@pytest.mark.any_database
@pytest.mark.bcp("R-02")
@pytest.mark.parametrize("kind", ["web", "spa"])
def test_only_native_apps_may_register_loopback(world: World, kind: str) -> None:
    for uri in ("http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb"):
        with pytest.raises(Exception, match="http is not allowed"):
            world.client(world.tenant(), kind, redirect_uris=[uri])


@pytest.mark.any_database
@pytest.mark.bcp("R-03")
@pytest.mark.parametrize("kind", ["web", "spa", "native"])
def test_http_can_neither_be_registered_nor_used(world: World, kind: str) -> None:
    with pytest.raises(Exception, match="http is not allowed"):
        world.client(world.tenant(), kind, redirect_uris=["http://rp.example/callback"])
    client = world.client(world.tenant(), kind)
    downgraded = client.redirect_uri.replace("https:", "http:")
    assert is_page(stage(world).browser().authorize(client, redirect_uri=downgraded))


CAUSES = {
    "response type": {"response_type": "token"},
    "no response type": {"response_type": None},
    "scope": {"scope": "admin:everything"},
    "malformed scope": {"scope": 'a "b"'},
    "no openid": {"scope": "orders:read"},
    "request object": {"request": "eyJhbGciOiJub25lIn0.e30."},
    "request_uri": {"request_uri": "https://evil.test/request"},
    "registration": {"registration": "{}"},
    "response mode": {"response_mode": "fragment"},
    "no pkce": {"code_challenge": None, "code_challenge_method": None},
    "plain": {"code_challenge_method": "plain"},
    "resource": {"resource": "https://not-ours.example"},
    "prompt": {"prompt": "none login"},
    "prompt none": {"prompt": "none"},
    "max_age": {"max_age": "-1"},
    "long state": {"state": "s" * 3000},
    "nothing wrong": {},
}


@pytest.mark.any_database
@pytest.mark.bcp("R-04")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("cause", CAUSES)
def test_no_error_path_redirects_to_an_unregistered_uri(on: Stage, cause: str, method: str) -> None:
    browser = on.browser()
    wrong = {**CAUSES[cause], "redirect_uri": EVIL}
    for client_id in (on.client.id, "cli_unknown", ""):
        form = {"client_id": client_id, "response_type": "code", "state": "s", **wrong}
        form = {name: value for name, value in form.items() if value is not None}
        where = {"query_string": form} if method == "GET" else {"data": form}
        answer = browser.http.open("/oauth/authorize", method=method, base_url=ISSUER, **where)
        assert is_page(answer), cause


@pytest.mark.bcp("R-04")
def test_a_disabled_client_or_tenant_redirects_nowhere(on: Stage) -> None:
    from tests.spec.tools import set_client, suspend  # noqa: PLC0415  one use

    set_client(on.world, on.client, enabled=False)
    assert is_page(on.browser().authorize(on.client))
    set_client(on.world, on.client, enabled=True)
    assert on.browser().authorize(on.client).status_code == 303
    suspend(on.world, on.tenant)
    assert is_page(on.browser().authorize(on.client))


@pytest.fixture
def broken_sessions(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(type(world.services.sessions), "present", fail)
    return


@pytest.mark.any_database
@pytest.mark.bcp("R-04")
@pytest.mark.usefixtures("broken_sessions")
def test_a_defect_on_the_way_gives_a_page_and_no_redirect(on: Stage) -> None:
    browser = on.browser()
    browser.http.set_cookie("__Host-as-session", "x", domain="auth.example", secure=True)
    answer = browser.authorize(on.client)
    assert answer.status_code == 500
    assert "Location" not in answer.headers
    assert "a defect" not in answer.text


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-7")
@pytest.mark.any_database
@pytest.mark.bcp("R-05")
@pytest.mark.parametrize("cause", [name for name, wrong in CAUSES.items() if wrong])
def test_a_redirect_leads_to_a_registered_uri_or_stays_here(on: Stage, cause: str) -> None:
    location = on.browser().authorize(on.client, **CAUSES[cause]).headers["Location"]
    assert location.startswith((f"{on.client.redirect_uri}?error=", "/login/password?flow="))


@pytest.mark.any_database
@pytest.mark.bcp("R-05")
@pytest.mark.parametrize("name", ["next", "return_to", "url", "target", "continue", "flow"])
@pytest.mark.parametrize("path", ["/", "/login/password", "/login/consent", "/login/logout"])
def test_no_page_goes_where_a_parameter_says(on: Stage, path: str, name: str) -> None:
    browser = on.browser()
    for method in ("GET", "POST"):
        answer = browser.http.open(
            path, method=method, base_url=ISSUER, query_string={name: EVIL}, data={name: EVIL}
        )
        assert "evil.test" not in answer.headers.get("Location", "")
        assert "evil.test" not in answer.text


@pytest.mark.any_database
@pytest.mark.bcp("R-05")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        *("//evil.test", "//evil.test/..", "/\\evil.test", "/t//evil.test", "/login//evil.test/"),
        *("//login/password", "/login//password", "/oauth//authorize", "/login/password/"),
    ],
)
def test_no_path_is_tidied_up_by_a_redirect(on: Stage, path: str, method: str) -> None:
    answer = on.browser().http.open(
        "/", method=method, base_url="https://evil.test", environ_overrides={"PATH_INFO": path}
    )
    assert answer.status_code in {400, 404, 405}
    assert "Location" not in answer.headers


@pytest.mark.any_database
@pytest.mark.bcp("R-06")
def test_answers_carry_nothing_in_a_fragment(on: Stage) -> None:
    browser = on.browser()
    success = browser.complete(on.client, on.person).headers["Location"]
    failure = browser.authorize(on.client, scope="unknown").headers["Location"]
    assert [urlsplit(url).fragment for url in (success, failure)] == ["", ""]
    refused = answered(browser.authorize(on.client, response_mode="fragment"))
    assert refused["error"] == "invalid_request"


@pytest.mark.any_database
@pytest.mark.bcp("R-06")
def test_a_uri_with_a_fragment_cannot_be_registered(world: World) -> None:
    for uri in ("https://rp.example/cb#", "https://rp.example/cb#_", "com.example.app:/cb#x"):
        with pytest.raises(Exception, match="fragment"):
            world.client(world.tenant(), "native", redirect_uris=[uri])


@pytest.mark.bcp("R-01")
def test_a_uri_taken_out_of_the_registration_is_gone_at_once(on: Stage) -> None:
    from authserver.clients.models import Client  # noqa: PLC0415  one use
    from authserver.tenants.service import bump_snapshots  # noqa: PLC0415  the same

    assert on.browser().authorize(on.client).status_code == 303

    def job(transaction: object) -> None:
        row = transaction.tenant(on.tenant.id).get(Client, on.client.id)
        row.redirect_uris = ["https://rp.example/new"]
        row.version += 1
        transaction.flush()
        bump_snapshots(transaction)

    change(on.world, job)
    assert is_page(on.browser().authorize(on.client))
