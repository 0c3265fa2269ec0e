"""OpenID Connect RP-Initiated Logout 1.0: who is signed out unasked, and who goes back."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.support.browser import ISSUER, Browser, Party
from tests.support.signing_out import BACK, WAYS_BACK, WITH_QUERY, SignedIn, tokens_of
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture
def stage(world: World) -> SignedIn:
    return SignedIn(world)


def went_back(answer: TestResponse) -> bool:
    return answer.headers.get("Location", "").startswith("https://rp.example")


def asked(stage: SignedIn, answer: TestResponse) -> TestResponse:
    """Return the page that asks; nothing has ended so far."""
    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).path == "/login/logout"
    page = stage.browser.follow(answer)
    assert page.status_code == 200
    assert stage.is_in()
    return page


@pytest.mark.every_database
@pytest.mark.rfc("OpenID Connect Back-Channel Logout section 2.7")
@pytest.mark.rfc("OIDC RP-Initiated Logout 2: id_token_hint; 3: redirection with state")
def test_an_id_token_of_the_session_ends_it_and_leads_back_with_the_state(stage: SignedIn) -> None:
    state = "what ever & = é"
    answer = stage.logout(
        id_token_hint=stage.hint, post_logout_redirect_uri=BACK, state=state, unknown="ignored"
    )
    there = urlsplit(answer.headers["Location"])
    assert answer.status_code == 303
    assert f"{there.scheme}://{there.netloc}{there.path}" == BACK
    assert parse_qs(there.query) == {"state": [state]}
    assert not stage.is_in()
    refused = Party(stage.world, stage.client).refresh(stage.refresh_token)
    assert refused.json["error"] == "invalid_grant"
    (event,) = events(stage.world, stage.tenant.id, "session.ended")
    assert event.document["actor"]["kind"] == "user"


@pytest.mark.rfc("OIDC RP-Initiated Logout 2: an expired ID token is accepted")
def test_an_id_token_that_expired_long_ago_is_as_good(
    stage: SignedIn,
) -> None:
    for _ in range(40):
        stage.world.clock.move(minutes=30)
        assert stage.is_in()
    assert went_back(stage.logout(id_token_hint=stage.hint, post_logout_redirect_uri=BACK))
    assert not stage.is_in()


@pytest.mark.rfc("OIDC RP-Initiated Logout 2: GET and POST")
def test_a_form_from_the_clients_page_does_the_same(stage: SignedIn) -> None:
    """It comes without cookies, from another site; the browser asks again, with them."""
    form = {"id_token_hint": stage.hint, "post_logout_redirect_uri": BACK, "state": "s", "x": "y"}
    stranger = Browser(stage.world)
    headers = {"Origin": "https://rp.example", "Sec-Fetch-Site": "cross-site"}
    answer = stranger.post("/oauth/logout", data=form, headers=headers)
    assert answer.status_code == 303
    assert stage.is_in()
    assert stage.browser.follow(answer).headers["Location"] == f"{BACK}?state=s"
    assert not stage.is_in()


def test_a_registered_query_stays_as_it_is(stage: SignedIn) -> None:
    answer = stage.logout(id_token_hint=stage.hint, post_logout_redirect_uri=WITH_QUERY, state="s")
    assert answer.headers["Location"] == f"{WITH_QUERY}&state=s"


@pytest.mark.rfc("OIDC RP-Initiated Logout 2: without a redirect URI the person stays here")
def test_without_an_address_the_person_reads_that_it_is_done(stage: SignedIn) -> None:
    answer = stage.logout(id_token_hint=stage.hint, state="s")
    page = stage.browser.follow(answer)
    assert "You are signed out" in page.text
    assert not stage.is_in()


@pytest.mark.parametrize(
    "address",
    [
        "https://rp.example/bye?added=1",
        "https://rp.example/bye/",
        "https://rp.example/BYE",
        "https://evil.example/",
        "https://rp.example\\@evil.example/bye",
        "//rp.example/bye",
        "javascript:alert(1)",
    ],
)
@pytest.mark.bcp("R-43")
@pytest.mark.attack("ATK-036")
@pytest.mark.rfc("OIDC RP-Initiated Logout 3: an address that is not registered is not followed")
def test_an_address_that_is_not_registered_letter_by_letter_is_not_followed(
    stage: SignedIn, address: str
) -> None:
    answer = stage.logout(id_token_hint=stage.hint, post_logout_redirect_uri=address, state="s")
    page = asked(stage, answer)
    assert "not registered" in page.text
    assert address not in page.text
    done = stage.browser.submit(page)
    assert done.headers["Location"] == "/login/signed-out"
    assert not stage.is_in()


def broken(hint: str) -> str:
    head, payload, signature = hint.split(".")
    return ".".join([head, payload, signature[:-6] + "AAAAAA"])


@pytest.mark.bcp("R-43")
@pytest.mark.rfc("OIDC RP-Initiated Logout 4: what is wrong with a hint is not passed over")
@pytest.mark.parametrize("kind", ["broken", "nonsense", "unsigned", "access token", "foreign"])
def test_a_hint_that_we_did_not_sign_so_ends_nothing_and_leads_nowhere(
    stage: SignedIn, kind: str
) -> None:
    hint = {
        "broken": broken(stage.hint),
        "nonsense": "not-a-token",
        "unsigned": "eyJhbGciOiJub25lIn0." + stage.hint.split(".")[1] + ".",
        "access token": _access_token(stage),
        "foreign": _of_another_issuer(stage),
    }[kind]
    answer = stage.logout(id_token_hint=hint, post_logout_redirect_uri=BACK, state="s")
    page = asked(stage, answer)
    assert "did not prove" in page.text
    assert "rp.example" not in page.text
    assert not went_back(stage.browser.submit(page))


def _access_token(stage: SignedIn) -> str:
    tokens = tokens_of(stage.world, stage.browser, stage.client, stage.user)
    return str(tokens["access_token"])


def _of_another_issuer(stage: SignedIn) -> str:
    tenant = stage.world.tenant(own_issuer=True)
    prefix = f"/t/{tenant.slug}"
    browser, user = Browser(stage.world, prefix), stage.world.user(tenant)
    client = stage.world.client(tenant, first_party=True, at_tenant_issuer=True)
    return str(tokens_of(stage.world, browser, client, user)["id_token"])


@pytest.mark.rfc("OIDC RP-Initiated Logout 2: client_id must be the ID token's")
def test_a_client_id_that_is_not_the_hints_is_a_misfit(stage: SignedIn) -> None:
    other = stage.world.client(stage.tenant, options=WAYS_BACK)
    answer = stage.logout(
        id_token_hint=stage.hint, client_id=other.id, post_logout_redirect_uri=BACK
    )
    asked(stage, answer)
    again = stage.logout(
        id_token_hint=stage.hint, client_id=stage.client.id, post_logout_redirect_uri=BACK
    )
    assert went_back(again)


@pytest.mark.bcp("R-43")
@pytest.mark.attack("ATK-073")
@pytest.mark.rfc("OIDC RP-Initiated Logout 2: without a hint the person is asked")
@pytest.mark.parametrize("given", [{}, {"state": "s"}, {"post_logout_redirect_uri": BACK}])
def test_nothing_or_a_state_alone_asks_and_leads_nowhere(
    stage: SignedIn, given: dict[str, str]
) -> None:
    page = asked(stage, stage.logout(**given))
    assert stage.user.email in page.text
    done = stage.browser.submit(page)
    assert done.headers["Location"] == "/login/signed-out"


@pytest.mark.rfc("OIDC RP-Initiated Logout 2: client_id without a hint")
def test_a_client_that_names_itself_is_named_and_gets_the_person_back_after_the_question(
    stage: SignedIn,
) -> None:
    answer = stage.logout(
        client_id=stage.client.id, post_logout_redirect_uri=BACK, state="s", ui_locales="de"
    )
    page = asked(stage, answer)
    assert "Orders" in page.text
    assert 'lang="de"' in page.text
    assert "https://rp.example" in page.headers["Content-Security-Policy"], "for Chromium"
    done = stage.browser.submit(page)
    assert done.headers["Location"] == f"{BACK}?state=s"
    assert not stage.is_in()


@pytest.mark.parametrize("field", ["client_id", "post_logout_redirect_uri"])
def test_what_the_form_carries_is_judged_again(stage: SignedIn, field: str) -> None:
    other = stage.world.client(stage.tenant)
    values = {"client_id": other.id, "post_logout_redirect_uri": "https://evil.example/"}
    page = asked(stage, stage.logout(client_id=stage.client.id, post_logout_redirect_uri=BACK))
    done = stage.browser.submit(page, **{field: values[field]})
    assert done.headers["Location"] == "/login/signed-out"


def test_a_hint_of_somebody_who_is_not_signed_in_here_asks(stage: SignedIn) -> None:
    """An ID token from another browser: whoever sits here may be somebody else."""
    elsewhere = Browser(stage.world)
    tokens_of(stage.world, elsewhere, stage.client, stage.world.user(stage.tenant))
    answer = stage.logout(elsewhere, id_token_hint=stage.hint, post_logout_redirect_uri=BACK)
    assert urlsplit(answer.headers["Location"]).path == "/login/logout"
    assert stage.is_in()
    assert stage.is_in(elsewhere)


def test_where_nobody_is_signed_in_nobody_is_asked(stage: SignedIn) -> None:
    nobody = Browser(stage.world)
    back = {"post_logout_redirect_uri": BACK, "state": "s"}
    answer = stage.logout(nobody, id_token_hint=stage.hint, **back)
    assert answer.headers["Location"] == f"{BACK}?state=s"
    answer = nobody.follow(stage.logout(nobody, client_id=stage.client.id, **back))
    page = nobody.follow(answer)
    assert "Back to Orders" in page.text, "a link to follow, not a redirect: nothing was proved"
    assert stage.is_in(), "elsewhere nothing ended"


def test_only_the_hints_account_is_signed_out(stage: SignedIn) -> None:
    second = stage.world.user(stage.tenant, name="Grace Hopper")
    page = stage.browser.authorize(stage.client, prompt="login")
    stage.browser.sign_in(page, second)
    answer = stage.logout(id_token_hint=stage.hint)
    page = stage.browser.follow(answer)
    assert "Grace Hopper" in page.text
    assert stage.is_in(), "as the other one"


def test_the_metadata_name_the_endpoint(stage: SignedIn) -> None:
    document = stage.browser.get("/.well-known/openid-configuration").json
    assert document["end_session_endpoint"] == f"{ISSUER}/oauth/logout"
    for name in ("backchannel_logout", "frontchannel_logout"):
        assert document[f"{name}_supported"] is True
        assert document[f"{name}_session_supported"] is True
    assert "check_session_iframe" not in document


def test_a_client_that_was_switched_off_leads_nowhere(stage: SignedIn, world: World) -> None:
    actor = replace(world.operator, principal=stage.tenant.id)
    world.services.database.write(
        lambda tx: world.services.clients.set_enabled(
            tx, stage.tenant.id, stage.client.id, enabled=False, actor=actor
        )
    )
    world.services.watch.changed()
    asked(stage, stage.logout(id_token_hint=stage.hint, post_logout_redirect_uri=BACK))
