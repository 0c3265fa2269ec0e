"""RP-Initiated Logout OP: who is signed out, who is asked, and who goes back."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from authserver.clients.options import Options
from tests.conformance.party import SCOPES, RelyingParty
from tests.spec.tools import encode, part
from tests.support.world import World

BACK = "https://rp.example/signed-out"
STATE = "a state, with ü"


@dataclass
class SignedIn:
    """A person who is signed in to a client that may be returned to."""

    rp: RelyingParty
    hint: str

    def leave(self, **given: str) -> TestResponse:
        return self.rp.browser.get("/oauth/logout", query_string=given)

    def is_in(self) -> bool:
        said = self.rp.received(self.rp.ask(prompt="none"))
        return "code" in said

    def is_asked(self, answer: TestResponse) -> bool:
        """Tell whether the person is asked on a page of ours, and nobody goes anywhere."""
        page = answer
        while page.status_code == 303:
            assert not page.headers["Location"].startswith("https://rp.example")
            page = self.rp.browser.follow(page)
        return page.status_code in {200, 400} and page.mimetype == "text/html" and self.is_in()


@pytest.fixture
def here(world: World) -> SignedIn:
    tenant = world.tenant()
    client = world.client(
        tenant,
        pkce_required=False,
        scopes=[*SCOPES, "offline_access"],
        options=Options(post_logout_redirect_uris=(BACK,)),
    )
    rp = RelyingParty(world, client, world.user(tenant, "admin"))
    return SignedIn(rp, rp.sign_in().tokens["id_token"])


@pytest.mark.every_database
@pytest.mark.module("oidcc-rp-initiated-logout")
@pytest.mark.rfc("OpenID Connect RP-Initiated Logout section 3")
def test_the_session_is_over_and_the_state_comes_back(here: SignedIn) -> None:
    answer = here.leave(id_token_hint=here.hint, post_logout_redirect_uri=BACK, state=STATE)
    there = urlsplit(answer.headers["Location"])
    assert there._replace(query="").geturl() == BACK
    assert parse_qs(there.query) == {"state": [STATE]}
    assert not here.is_in()


@pytest.mark.module("oidcc-rp-initiated-logout-no-state")
def test_without_a_state_none_comes_back(here: SignedIn) -> None:
    answer = here.leave(id_token_hint=here.hint, post_logout_redirect_uri=BACK)
    assert answer.headers["Location"] == BACK
    assert not here.is_in()


@pytest.mark.module("oidcc-rp-initiated-logout-no-params")
@pytest.mark.module("oidcc-rp-initiated-logout-only-state")
@pytest.mark.module("oidcc-rp-initiated-logout-no-id-token-hint")
@pytest.mark.rfc("OpenID Connect RP-Initiated Logout section 2")
@pytest.mark.parametrize("given", [{}, {"state": STATE}, {"post_logout_redirect_uri": BACK}])
def test_without_a_hint_the_person_is_asked(here: SignedIn, given: dict[str, str]) -> None:
    assert here.is_asked(here.leave(**given))


@pytest.mark.module("oidcc-rp-initiated-logout-no-post-logout-redirect-uri")
def test_with_a_hint_alone_the_person_stays_here(here: SignedIn) -> None:
    answer = here.leave(id_token_hint=here.hint)
    page = here.rp.browser.follow(answer) if answer.status_code == 303 else answer
    assert page.status_code == 200
    assert not here.is_in()


@pytest.mark.module("oidcc-rp-initiated-logout-bad-post-logout-redirect-uri")
@pytest.mark.module("oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri")
@pytest.mark.rfc("OpenID Connect RP-Initiated Logout section 3.1")
@pytest.mark.parametrize("uri", ["https://rp.example/elsewhere", f"{BACK}?foo=bar"])
def test_nobody_goes_to_an_address_that_is_not_registered(here: SignedIn, uri: str) -> None:
    answer = here.leave(id_token_hint=here.hint, post_logout_redirect_uri=uri)
    while answer.status_code == 303:
        assert not answer.headers["Location"].startswith("https://rp.example")
        answer = here.rp.browser.follow(answer)
    assert answer.mimetype == "text/html"


@pytest.mark.module("oidcc-rp-initiated-logout-bad-id-token-hint")
@pytest.mark.module("oidcc-rp-initiated-logout-modified-id-token-hint")
@pytest.mark.rfc("OpenID Connect RP-Initiated Logout section 4")
@pytest.mark.parametrize("kind", ["malformed", "another key", "modified"])
def test_a_hint_that_is_not_ours_signs_nobody_out(here: SignedIn, kind: str) -> None:
    header, _, signature = here.hint.split(".")
    hint = {
        "malformed": "not.a.jwt",
        "another key": ".".join((header, encode(part(here.hint, 1)), signature[:-6] + "AAAAAA")),
        "modified": ".".join((header, encode({**part(here.hint, 1), "sub": "x"}), signature)),
    }[kind]
    answer = here.leave(id_token_hint=hint, post_logout_redirect_uri=BACK)
    assert here.is_asked(answer)
