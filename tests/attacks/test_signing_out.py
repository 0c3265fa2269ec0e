"""Nobody is signed out by a stranger's link, form or image (ATK-073)."""

import pytest

from tests.support.browser import ISSUER, hidden
from tests.support.signing_out import BACK, SignedIn
from tests.support.world import World


@pytest.fixture
def stage(world: World) -> SignedIn:
    return SignedIn(world)


@pytest.mark.parametrize("method", ["HEAD", "PUT"])
def test_other_methods_end_nothing(stage: SignedIn, method: str) -> None:
    answer = stage.browser.http.open(
        "/oauth/logout",
        method=method,
        base_url=ISSUER,
        query_string={"id_token_hint": stage.hint},
    )
    assert answer.status_code == 405
    assert stage.is_in()


@pytest.mark.every_database
@pytest.mark.attack("ATK-073")
def test_a_repeated_parameter_is_refused_and_ends_nothing(stage: SignedIn) -> None:
    query = f"id_token_hint={stage.hint}&post_logout_redirect_uri={BACK}&state=1&state=2"
    assert stage.browser.get(f"/oauth/logout?{query}").status_code == 400
    assert stage.is_in()


@pytest.mark.attack("ATK-073")
def test_the_question_cannot_be_answered_by_another_site(stage: SignedIn) -> None:
    form = hidden(stage.browser.get("/login/logout"))
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = stage.browser.post("/login/logout", data=form, headers=headers)
        assert answer.status_code == 403
    assert stage.browser.post("/login/logout", data={}).status_code == 400
    assert stage.is_in()
