from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from authserver.accounts import directory
from authserver.accounts.directory import Audience


@pytest.fixture
def find(door: SimpleNamespace) -> Callable[..., str | None]:
    def found(audience: Audience, email: str, organization: str | None = None) -> str | None:
        with door.database.read() as view:
            candidate = directory.find(view, audience, organization=organization, email=email)
        return candidate.user.id if candidate else None

    return found


@pytest.fixture
def people(door: SimpleNamespace, installation: SimpleNamespace) -> dict[str, Any]:
    """Three tenants; the same address in each, the oldest one not verified."""
    tenants = {slug: installation.tenant(slug) for slug in ("acme", "beta", "core")}
    made: dict[str, Any] = {f"{slug}_tenant": tenant for slug, tenant in tenants.items()}
    for slug, verified in (("acme", False), ("beta", True), ("core", True)):
        made[slug] = door.account(tenants[slug], verified=verified)
        door.clock.advance(seconds=1)
    return made


def test_on_one_tenant_only_its_own_people_are_found(
    find: Callable[..., str | None], people: dict[str, Any]
) -> None:
    for slug in ("acme", "beta", "core"):
        tenant_id = people[f"{slug}_tenant"].id
        assert find(Audience(tenant_id, (tenant_id,)), "ada@example.com") == people[slug]


def test_where_several_are_served_the_oldest_verified_account_is_meant(
    find: Callable[..., str | None], people: dict[str, Any]
) -> None:
    assert find(Audience("ten_x", None), "ada@example.com") == people["beta"]
    served = (people["acme_tenant"].id, people["core_tenant"].id)
    assert find(Audience("ten_x", served), "ada@example.com") == people["core"]


def test_the_organization_decides_whose_account_is_meant(
    find: Callable[..., str | None], people: dict[str, Any]
) -> None:
    everybody = Audience("ten_x", None)
    assert find(everybody, "ada@example.com", "core") == people["core"]
    assert find(everybody, "ada@example.com", " ACME ") == people["acme"]
    assert find(everybody, "ada@example.com", "nobody") is None
    assert find(everybody, "ada@example.com", "a\0b") is None


def test_an_organization_that_the_client_does_not_serve_has_no_people(
    find: Callable[..., str | None], people: dict[str, Any]
) -> None:
    only_acme = Audience("ten_x", (people["acme_tenant"].id,))
    assert find(only_acme, "ada@example.com", "core") is None


@pytest.mark.parametrize("spelling", ["ada@example.com", "ADA@Example.COM", "  ada@example.com "])
@pytest.mark.attack("ATK-082")
def test_every_spelling_of_an_address_means_the_same_account(
    find: Callable[..., str | None], people: dict[str, Any], spelling: str
) -> None:
    assert find(Audience("ten_x", None), spelling) == people["beta"]


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "ada",
        "@",
        "ada\uff20example.com",
        "ada@example.com\0",
        "a" * 5000,
        "ada@",
        "ad\u0430@example.com",
    ],
)
@pytest.mark.attack("ATK-020")
def test_what_is_no_address_means_nobody(
    find: Callable[..., str | None], people: dict[str, Any], spelling: str
) -> None:
    assert people
    assert find(Audience("ten_x", None), spelling) is None


def test_a_guest_account_leads_to_the_account_at_home(
    door: SimpleNamespace, find: Callable[..., str | None], people: dict[str, Any]
) -> None:
    door.change(people["core"], home_user_id=people["beta"])
    assert find(Audience("ten_x", None), "ada@example.com", "core") == people["beta"]


def test_an_account_of_ones_own_comes_before_a_guest_account(
    door: SimpleNamespace, find: Callable[..., str | None], people: dict[str, Any]
) -> None:
    door.change(people["beta"], home_user_id=people["acme"])
    served = (people["beta_tenant"].id, people["core_tenant"].id)
    assert find(Audience("ten_x", served), "ada@example.com") == people["core"]


def test_a_guest_account_that_cannot_be_used_leads_nowhere(
    door: SimpleNamespace, find: Callable[..., str | None], people: dict[str, Any]
) -> None:
    door.change(people["core"], home_user_id=people["beta"], disabled_at=door.clock.now())
    assert find(Audience("ten_x", None), "ada@example.com", "core") is None
    door.change(people["core"], disabled_at=None)
    door.change(people["beta"], home_user_id=people["acme"])
    assert find(Audience("ten_x", None), "ada@example.com", "core") is None, "no home of a home"


def test_closed_accounts_and_tenants_are_found_like_others(
    door: SimpleNamespace, find: Callable[..., str | None], people: dict[str, Any]
) -> None:
    installation = door.installation
    door.change(people["acme"], disabled_at=door.clock.now())
    installation.database.write(
        lambda transaction: installation.tenants.suspend(transaction, "acme", installation.operator)
    )
    assert find(Audience("ten_x", None), "ada@example.com", "acme") == people["acme"]
