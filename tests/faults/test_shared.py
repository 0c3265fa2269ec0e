"""Two server processes over one database behave as one server."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import text

from tests.faults.conftest import Site
from tests.support.parallel import at_once
from tests.support.process import ServerProcess
from tests.support.tokens import authorization_url, code_flow, redeem, refresh
from tests.support.walker import Walker, answered

pytestmark = pytest.mark.processes

MANY = 50

Pair = tuple[ServerProcess, ServerProcess]


@pytest.fixture(scope="module")
def pair(site: Site) -> Iterator[Pair]:
    """Run two servers for the tests of this file."""
    with site.two_servers() as servers:
        yield servers


def refresh_tokens(site: Site) -> int:
    with site.database() as engine, engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM refresh_tokens")).scalar_one())


def signed_in(site: Site) -> str:
    tokens = code_flow(site.installation.issuer, site.portal, site.person)
    return str(tokens["refresh_token"])


def test_fifty_parallel_refreshes_have_one_successor_and_one_answer(site: Site, pair: Pair) -> None:
    token = signed_in(site)
    before = refresh_tokens(site)
    answers = at_once(
        *[partial(refresh, pair[i % 2].base, site.portal, token) for i in range(MANY)]
    )
    assert Counter(answer.status_code for answer in answers) == {200: MANY}
    assert len({answer.text for answer in answers}) == 1
    assert refresh_tokens(site) == before + 1
    successor = answers[0].json()["refresh_token"]
    assert refresh(pair[0].base, site.portal, successor).status_code == 200


def test_a_retry_after_a_restart_gets_the_same_answer(site: Site, pair: Pair) -> None:
    token = signed_in(site)
    first = refresh(pair[0].base, site.portal, token)
    for server in pair:
        assert server.stop() == 0
        server.start()
    answers = at_once(
        *[partial(refresh, pair[i % 2].base, site.portal, token) for i in range(MANY)]
    )
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.text for answer in answers} == {first.text}


def test_reuse_seen_by_one_server_ends_the_family_at_the_other(site: Site, pair: Pair) -> None:
    parent = signed_in(site)
    child = refresh(pair[0].base, site.portal, parent).json()["refresh_token"]
    grandchild = refresh(pair[0].base, site.portal, child).json()["refresh_token"]
    reused = refresh(pair[0].base, site.portal, parent)
    assert reused.json()["error"] == "invalid_grant"
    assert refresh(pair[1].base, site.portal, grandchild).json()["error"] == "invalid_grant"


def test_fifty_parallel_redemptions_of_a_code_have_one_success(site: Site, pair: Pair) -> None:
    url = authorization_url(site.installation.issuer, site.portal)
    code = answered(Walker(site.person).walk(url, until=site.portal.redirect_uri))["code"]
    answers = at_once(*[partial(redeem, pair[i % 2].base, site.portal, code) for i in range(MANY)])
    won = [answer for answer in answers if answer.status_code == 200]
    lost = [answer.json()["error"] for answer in answers if answer.status_code != 200]
    assert len(won) == 1
    assert lost == ["invalid_grant"] * (MANY - 1)
    # A code that comes again is stolen for all we know: what came of it has ended.
    after = refresh(pair[0].base, site.portal, won[0].json()["refresh_token"])
    assert after.json()["error"] == "invalid_grant"
