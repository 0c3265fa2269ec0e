"""A tenant's own issuer by path: RFC 8414 section 3, architecture.md section 5, TOP-02."""

import pytest

from tests.spec.tools import Stage, error_of, get, machine, part, stage, suspend, tenant_stage
from tests.support.browser import ISSUER, Party
from tests.support.world import World

INVALID_CLIENT = (401, "invalid_client")


@pytest.fixture(name="two")
def _two(world: World) -> tuple[Stage, Stage]:
    return tenant_stage(world), tenant_stage(world)


@pytest.mark.every_database
def test_the_whole_flow_works_under_the_tenants_path(two: tuple[Stage, Stage]) -> None:
    on = two[0]
    tokens = on.tokens()
    assert on.party.userinfo(tokens["access_token"]).json["sub"] == on.person.id
    assert on.party.introspect(tokens["access_token"]).json["active"] is True
    assert on.party.refresh(tokens["refresh_token"]).status_code == 200
    assert on.party.revoke(tokens["access_token"]).status_code == 200


def test_every_page_and_redirect_stays_under_the_tenants_path(two: tuple[Stage, Stage]) -> None:
    on = two[0]
    browser = on.browser()
    to_login = browser.authorize(on.client)
    assert to_login.headers["Location"].startswith(f"{on.prefix}/login/password?")
    page = browser.follow(to_login)
    assert f'action="{on.prefix}/login/password"' in page.text
    for link in ('href="/login', 'action="/login', 'href="/oauth'):
        assert link not in page.text


@pytest.mark.rfc("RFC 8414 section 3.1")
def test_the_keys_of_all_issuers_differ(two: tuple[Stage, Stage]) -> None:
    world = two[0].world
    sets = [
        {key["kid"] for key in get(world, f"{prefix}/oauth/jwks").json["keys"]}
        for prefix in ("", two[0].prefix, two[1].prefix)
    ]
    assert all(sets)
    assert len(set.union(*sets)) == sum(len(keys) for keys in sets)


@pytest.mark.rfc("TOP-02")
def test_a_client_is_usable_at_its_own_issuer_only(two: tuple[Stage, Stage]) -> None:
    here, there = two
    world = here.world
    platform = stage(world)
    issuers = {here.prefix: here, there.prefix: there, "": platform}
    for prefix in issuers:
        for home, owner in issuers.items():
            if home == prefix:
                continue
            stranger = Party(world, owner.client, prefix)
            for endpoint in ("token", "introspect", "revoke"):
                answer = stranger.send(endpoint, {"token": "x", "grant_type": "refresh_token"})
                assert error_of(answer) == INVALID_CLIENT
            page = Stage(world, owner.tenant, owner.person, owner.client, prefix).browser()
            answer = page.authorize(owner.client)
            assert answer.status_code == 400
            assert "Location" not in answer.headers


@pytest.mark.rfc("TOP-02")
def test_the_tokens_of_one_issuer_are_refused_at_every_other(two: tuple[Stage, Stage]) -> None:
    here, there = two
    issuers = [here, there, stage(here.world)]
    for on in issuers:
        tokens = on.tokens()
        for other in issuers:
            status = other.party.userinfo(tokens["access_token"]).status_code
            assert status == (200 if other is on else 401)
            if other is not on:
                assert error_of(other.party.refresh(tokens["refresh_token"])) == (
                    400,
                    "invalid_grant",
                )
        assert on.party.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.rfc("TOP-02")
def test_a_machines_token_of_one_issuer_is_inactive_at_another(world: World) -> None:
    tenant = world.tenant(own_issuer=True)
    client = world.client(tenant, "service", at_tenant_issuer=True)
    token = Party(world, client, f"/t/{tenant.slug}").machine().json["access_token"]
    assert part(token, 1)["iss"] == f"{ISSUER}/t/{tenant.slug}"
    assert machine(world).introspect(token).json == {"active": False}
    assert error_of(Party(world, client).machine()) == INVALID_CLIENT


@pytest.mark.rfc("TOP-02")
def test_a_sign_in_at_one_issuer_is_none_at_another(two: tuple[Stage, Stage]) -> None:
    here, there = two
    browser = here.browser()
    browser.complete(here.client, here.person)
    browser.prefix = there.prefix
    answer = browser.authorize(there.client)
    assert f"{there.prefix}/login/password" in answer.headers["Location"]
    platform = here.world.client(here.tenant)
    browser.prefix = ""
    assert browser.authorize(platform).headers["Location"].startswith("/login/password")
    browser.prefix = here.prefix
    assert "code=" in browser.authorize(here.client).headers["Location"]


@pytest.mark.rfc("TOP-02")
def test_a_flow_of_one_issuer_cannot_go_on_at_another(two: tuple[Stage, Stage]) -> None:
    here, there = two
    browser = here.browser()
    location = browser.authorize(here.client).headers["Location"]
    for prefix in (there.prefix, ""):
        assert browser.get(location.replace(here.prefix, prefix)).status_code == 400


@pytest.mark.rfc("TOP-02")
def test_people_of_another_tenant_cannot_sign_in(two: tuple[Stage, Stage]) -> None:
    here, there = two
    browser = here.browser()
    answer = browser.sign_in(browser.authorize(here.client), there.person)
    assert "__Host-as-session" not in str(answer.headers)


@pytest.mark.rfc("TOP-02")
def test_a_tenant_without_its_own_issuer_has_none(world: World) -> None:
    tenant = world.tenant()
    for path in ("/oauth/jwks", "/.well-known/openid-configuration", "/", "/login/password"):
        assert get(world, f"/t/{tenant.slug}{path}").status_code == 404
    with pytest.raises(Exception, match="no issuer of its own"):
        world.client(tenant, at_tenant_issuer=True)


@pytest.mark.rfc("TOP-02")
def test_an_issuer_that_is_not_there_and_a_suspended_one_look_alike(
    two: tuple[Stage, Stage],
) -> None:
    here = two[0]
    suspend(here.world, here.tenant)
    for path in ("/oauth/jwks", "/.well-known/openid-configuration", "/oauth/authorize", "/"):
        answers = [get(here.world, f"{p}{path}") for p in (here.prefix, "/t/nobody-here")]
        assert [answer.status_code for answer in answers] == [404, 404]
        said = [answer.text.replace(answer.headers["X-Correlation-Id"], "") for answer in answers]
        assert said[0].replace(here.tenant.slug, "nobody-here") == said[1]


@pytest.mark.any_database
@pytest.mark.rfc("TOP-02")
@pytest.mark.parametrize(
    "spelling", ["{}/", "{}%2e", "{}%00", "%2e%2e/{}", "{}/../{}", "{};x", "{}%20", "{}\\", ".{}"]
)
def test_no_other_spelling_of_a_slug_is_the_tenant(two: tuple[Stage, Stage], spelling: str) -> None:
    slug = two[0].tenant.slug
    path = f"/t/{spelling.format(slug, slug)}/oauth/jwks"
    assert get(two[0].world, path).status_code == 404
    upper = f"/t/{slug.upper()}/oauth/jwks"
    assert get(two[0].world, upper).status_code == 404


@pytest.mark.rfc("TOP-02")
def test_the_tenant_never_comes_from_a_parameter_or_header(two: tuple[Stage, Stage]) -> None:
    here, there = two
    for name in ("tenant", "tenant_id", "issuer", "slug"):
        claimed = {name: there.tenant.slug}
        tokens = here.party.redeem(here.code(**claimed), **claimed)
        assert part(tokens.json["access_token"], 1)["tenant"] == here.tenant.slug
    headers = {"X-Tenant": there.tenant.slug, "X-Tenant-Id": there.tenant.id}
    keys = get(here.world, f"{here.prefix}/oauth/jwks", headers=headers).data
    assert keys == get(here.world, f"{here.prefix}/oauth/jwks").data
