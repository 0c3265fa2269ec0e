"""Resource indicators: RFC 8707; RFC 9700 section 2.3."""

import pytest

from tests.spec.tools import API, OTHER_API, Stage, error_of, machine, part, stage
from tests.support.browser import ISSUER, answered
from tests.support.world import World

INVALID_TARGET = (400, "invalid_target")
UNKNOWN = "https://unknown.example/"
NEARLY = [
    *(API.rstrip("/"), API.upper(), f"{API}#x", f"{API}?x", f"{API}x", "https://api.example:443/"),
    *("api.example", UNKNOWN, "*", ISSUER, "urn:x", "https://api.example//"),
]


@pytest.fixture(name="api")
def _api(world: World) -> Stage:
    return stage(world, audiences=[API, OTHER_API])


def audience(tokens: dict[str, str]) -> object:
    return part(tokens["access_token"], 1)["aud"]


@pytest.mark.any_database
@pytest.mark.bcp("R-28")
@pytest.mark.parametrize("resource", NEARLY)
def test_a_resource_outside_the_clients_list_is_refused_everywhere(
    api: Stage, resource: str
) -> None:
    said = answered(api.browser().authorize(api.client, resource=resource))
    assert said["error"] == "invalid_target"
    tokens = api.tokens()
    refreshed = api.party.refresh(tokens["refresh_token"], resource=resource)
    assert error_of(refreshed) == INVALID_TARGET
    assert error_of(api.party.redeem(api.code(), resource=resource)) == INVALID_TARGET
    party = machine(api.world, audiences=[API])
    assert error_of(party.machine(resource=resource)) == INVALID_TARGET


@pytest.mark.every_database
@pytest.mark.bcp("R-28")
def test_one_bad_resource_among_good_ones_refuses_all(api: Stage) -> None:
    both = [API, UNKNOWN]
    said = answered(api.browser().authorize(api.client, resource=both))
    assert said["error"] == "invalid_target"
    assert error_of(machine(api.world, audiences=[API]).machine(resource=both)) == INVALID_TARGET


@pytest.mark.bcp("R-28")
def test_without_a_resource_the_audience_is_the_clients_first_or_the_server(world: World) -> None:
    assert audience(stage(world, audiences=[API, OTHER_API]).tokens()) == API
    assert audience(stage(world).tokens()) == ISSUER
    assert audience(machine(world, audiences=[OTHER_API]).machine().json) == OTHER_API
    assert audience(machine(world).machine().json) == ISSUER


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-14")
@pytest.mark.rfc("RFC 8707 section 2.2")
@pytest.mark.parametrize("asked", [[API], [OTHER_API], [API, OTHER_API]])
def test_what_was_authorized_is_the_audience(api: Stage, asked: list[str]) -> None:
    wanted = asked[0] if len(asked) == 1 else asked
    assert audience(api.tokens(resource=asked)) == wanted


@pytest.mark.rfc("RFC 8707 section 2.2")
def test_the_token_request_may_narrow_and_never_widen(api: Stage) -> None:
    code = api.code(resource=[API, OTHER_API])
    tokens = api.party.redeem(code, resource=OTHER_API).json
    assert audience(tokens) == OTHER_API
    renewed = api.party.refresh(tokens["refresh_token"], resource=API).json
    assert audience(renewed) == API
    assert audience(api.party.refresh(renewed["refresh_token"]).json) == [API, OTHER_API]
    assert error_of(api.party.redeem(api.code(resource=API), resource=OTHER_API)) == INVALID_TARGET


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-13")
@pytest.mark.rfc("RFC 8707 section 2")
def test_a_resource_is_named_on_the_consent_page_and_consented_to(api: Stage) -> None:
    browser = api.browser()
    browser.complete(api.client, api.person, resource=API)
    assert "code" in answered(browser.authorize(api.client, resource=API))
    more = browser.authorize(api.client, resource=OTHER_API)
    assert "/login/consent" in more.headers["Location"]
    assert "billing.example" in browser.follow(more).text


@pytest.mark.rfc("RFC 8707 section 2")
def test_the_same_resource_twice_is_one(world: World) -> None:
    party = machine(world, audiences=[API])
    assert audience(party.machine(resource=[API, API]).json) == API


@pytest.mark.any_database
@pytest.mark.bcp("R-28")
@pytest.mark.parametrize(
    "bad", ["http://api.example", "https://api.example/#x", "api", "urn:", "*"]
)
def test_only_https_uris_and_urns_can_be_audiences(world: World, bad: str) -> None:
    with pytest.raises(Exception, match="audience"):
        world.client(world.tenant(), "service", audiences=[bad])
