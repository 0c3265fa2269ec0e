"""Pushed authorization requests: RFC 9126, RFC 9700 row R-42."""

from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from authserver.core.net.fetch import Fetcher
from tests.spec.assertions import KeyPair, assertion, authenticate, registered
from tests.spec.objects import claims_of, signed, signing_stage
from tests.spec.tools import Stage, error_of, events, set_client, stage, tenant_stage
from tests.support.browser import ISSUER, Browser, answered, authorization
from tests.support.parallel import together
from tests.support.world import World

EVIL = "https://evil.test/cb"


def pushed(on: Stage, **parameters: Any) -> str:
    answer = on.party.send("par", authorization(on.client, **parameters))
    assert answer.status_code == 201, answer.text
    return answer.json["request_uri"]


def use(on: Stage, request_uri: str, browser: Browser | None = None, **more: Any) -> TestResponse:
    query = {"client_id": on.client.id, "request_uri": request_uri, **more}
    browser = browser or on.browser()
    return browser.get(f"{on.prefix}/oauth/authorize", query_string=query)


def refused(answer: TestResponse) -> bool:
    """Tell whether it is a page that leads nowhere."""
    return answer.status_code == 400 and "Location" not in answer.headers


@pytest.mark.every_database
@pytest.mark.bcp("R-42")
@pytest.mark.attack("ATK-114")
def test_a_pushed_request_is_its_clients_alone(world: World, on: Stage) -> None:
    request_uri = pushed(on)
    same_tenant = Stage(world, on.tenant, on.person, world.client(on.tenant))
    for other in (same_tenant, stage(world), tenant_stage(world)):
        assert refused(use(other, request_uri))
    assert "/login/" in use(on, request_uri).headers["Location"], "others did not use it up"


@pytest.mark.bcp("R-42")
def test_a_pushed_request_is_good_once(on: Stage) -> None:
    request_uri = pushed(on)
    assert "/login/" in use(on, request_uri).headers["Location"]
    assert refused(use(on, request_uri))
    told = answered(use(on, request_uri, redirect_uri=on.client.redirect_uri, state="s"))
    assert (told["error"], told["state"]) == ("invalid_request_uri", "s")
    assert refused(use(on, request_uri, redirect_uri=EVIL))


@pytest.mark.every_database
@pytest.mark.bcp("R-42")
def test_many_at_once_have_one_winner(on: Stage) -> None:
    request_uri = pushed(on)
    answers = together(8, lambda _: use(on, request_uri))
    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 7


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-12")
@pytest.mark.rfc("RFC 9126 section 2.2")
@pytest.mark.bcp("R-42")
def test_a_pushed_request_is_over_within_ninety_seconds(on: Stage) -> None:
    answer = on.party.send("par", authorization(on.client))
    assert 5 < answer.json["expires_in"] <= 90
    on.world.clock.move(seconds=answer.json["expires_in"])
    assert refused(use(on, answer.json["request_uri"]))


@pytest.mark.bcp("R-42")
@pytest.mark.parametrize(
    "request_uri",
    [
        "urn:ietf:params:oauth:request_uri:",
        "urn:ietf:params:oauth:request_uri:x",
        "URN:ietf:params:oauth:request_uri:x",
        "urn:example:x",
        "https://auth.example/oauth/par",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "x" * 4000,
    ],
)
def test_no_other_request_uri_is_taken_or_fetched(
    on: Stage, request_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(*_given: object, **_more: object) -> None:
        raise AssertionError("nothing may be fetched")

    monkeypatch.setattr(Fetcher, "fetch", fetch)
    assert refused(use(on, request_uri))
    told = use(on, request_uri, redirect_uri=on.client.redirect_uri)
    assert answered(told)["error"] == "invalid_request_uri"


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-2")
@pytest.mark.rfc("RFC 9126 section 2.2")
@pytest.mark.rfc("RFC 9126 section 4")
def test_the_whole_way_with_nothing_in_the_browser(on: Stage) -> None:
    browser = on.browser()
    answer = use(
        on, pushed(on), browser, scope="openid orders:write", state="another", prompt="none"
    )
    assert "/login/password" in answer.headers["Location"]
    consent = browser.follow(browser.follow(browser.sign_in(answer, on.person)))
    done = answered(browser.follow(browser.submit(consent, decision="allow")))
    assert (done["state"], done["iss"]) == ("the state", ISSUER)
    tokens = on.party.redeem(done["code"]).json
    assert "orders:write" not in tokens["scope"]
    again = answered(use(on, pushed(on), browser))
    assert "code" in again, "and at once where nothing is to be asked"


@pytest.mark.bcp("R-42")
def test_state_and_nonce_inside_count_and_not_those_outside(on: Stage) -> None:
    told = answered(use(on, pushed(on, prompt="none", state="in"), state="out", nonce="out"))
    assert (told["error"], told["state"]) == ("login_required", "in")


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-4")
@pytest.mark.rfc("RFC 9126 section 2")
def test_the_client_authenticates_as_at_the_token_endpoint(world: World, on: Stage) -> None:
    form, http = authorization(on.client), world.app.test_client()
    for wrong in ((on.client.id, "wrong"), ("cli_x", "x"), None):
        answer = http.post("/oauth/par", base_url=ISSUER, data=form, auth=wrong)
        assert error_of(answer) == (401, "invalid_client")
    key = KeyPair()
    jwt = registered(world, key, kind="web")
    for audience in (ISSUER, f"{ISSUER}/oauth/par", f"{ISSUER}/oauth/token"):
        token = assertion(world, key, jwt.id, aud=audience)
        sent = authenticate(world, token, "/oauth/par", grant_type=None, **authorization(jwt))
        assert sent.status_code == 201, sent.text
    again = authenticate(world, token, "/oauth/par", grant_type=None, **authorization(jwt))
    assert again.status_code == 401
    spa = Stage(world, on.tenant, on.person, world.client(on.tenant, "spa"))
    assert "/login/" in use(spa, pushed(spa)).headers["Location"]


@pytest.mark.rfc("RFC 9126 section 2.1")
@pytest.mark.rfc("RFC 9126 section 2.3")
@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"redirect_uri": EVIL}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"scope": "unknown"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"request": "x"}, "invalid_request_object"),
        ({"id_token_hint": "x"}, "invalid_request"),
        ({"state": "x" * 2049}, "invalid_request"),
    ],
    ids=str,
)
def test_mistakes_are_told_to_the_client_itself(
    on: Stage, wrong: dict[str, Any], error: str
) -> None:
    answer = on.party.send("par", authorization(on.client, **wrong))
    assert error_of(answer) == (400, error)
    assert "evil.test" not in answer.text


@pytest.mark.bcp("R-39")
def test_repeats_queries_and_other_methods_are_refused(on: Stage) -> None:
    http, auth = on.world.app.test_client(), (on.client.id, on.client.secret)
    twice = [*authorization(on.client).items(), ("state", "2")]
    body = "&".join(f"{name}={value}" for name, value in twice)
    form = "application/x-www-form-urlencoded"
    answer = http.post("/oauth/par", base_url=ISSUER, data=body, auth=auth, content_type=form)
    assert answer.status_code == 400
    assert http.post("/oauth/par?x=1", base_url=ISSUER, auth=auth).status_code == 400
    assert http.get("/oauth/par", base_url=ISSUER, auth=auth).status_code == 405


@pytest.mark.rfc("RFC 9126 section 6")
@pytest.mark.rfc("RFC 9126 section 5")
def test_a_client_that_pushes_has_no_other_way(world: World) -> None:
    on = signing_stage(world, options={"require_pushed_authorization_requests": True})
    browser = on.browser()
    assert answered(browser.authorize(on.client))["error"] == "invalid_request"
    assert answered(browser.authorize(on.client, request=signed(on)))["error"] == "invalid_request"
    assert refused(browser.authorize(on.client, redirect_uri=EVIL))
    assert "/login/" in use(on, pushed(on)).headers["Location"]


@pytest.mark.rfc("RFC 9126 section 3")
def test_a_request_object_may_be_pushed(world: World) -> None:
    on = signing_stage(world)
    answer = on.party.send("par", {"request": signed(on), "state": "beside"})
    assert answer.status_code == 201
    assert "/login/" in use(on, answer.json["request_uri"]).headers["Location"]
    bad = on.party.send("par", {"request": signed(on, aud="https://other.example")})
    assert error_of(bad) == (400, "invalid_request_object")
    assert on.party.send("par", {"request": signed(on), **claims_of(on)}).status_code == 201


@pytest.mark.rfc("RFC 9126 section 7.3")
def test_what_changed_meanwhile_counts(on: Stage) -> None:
    request_uri = pushed(on)
    set_client(on.world, on.client, enabled=False)
    assert refused(use(on, request_uri))


@pytest.mark.every_database
def test_neither_handles_nor_secrets_are_stored(world: World) -> None:
    on = stage(world, auth_method="client_secret_post")
    form = {**authorization(on.client), "client_secret": on.client.secret}
    answer = world.app.test_client().post("/oauth/par", base_url=ISSUER, data=form)
    secret = answer.json["request_uri"].rpartition(":")[2]
    with world.services.database.engine.connect() as connection:
        rows = str(connection.execute(text("SELECT * FROM pushed_requests")).all())
    assert secret not in rows
    assert on.client.secret not in rows


def test_addresses_and_rates_are_those_of_the_token_endpoint(world: World) -> None:
    far = stage(world, ip_allowlist=["203.0.113.0/24"])
    answer = far.party.send("par", authorization(far.client))
    assert error_of(answer) == (400, "unauthorized_client")
    assert len(events(world, far.tenant, "client.address_refused")) == 1
    busy = stage(world, rate="1/minute")
    assert busy.party.send("par", authorization(busy.client)).status_code == 201
    assert busy.party.send("par", authorization(busy.client)).status_code == 429


def test_the_answer_is_not_kept_by_anybody(on: Stage) -> None:
    answer = on.party.send("par", authorization(on.client))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "application/json"
