"""Limits of a tenant: counted where people come in, and taken by what makes other things."""

from typing import Any

import pytest

from authserver.core.net.email import parse_email
from authserver.core.problems import Problem
from authserver.invitations.service import Invite
from tests.admin.callers import Caller, person, program
from tests.support.joining import Guestbook, joined
from tests.support.parallel import together
from tests.support.trail import events
from tests.support.world import TenantFixture, World


@pytest.fixture(name="platform")
def _platform(world: World) -> Caller:
    return person(world, "PLATFORM_ADMIN")


def limited(platform: Caller, tenant: TenantFixture, most: int, name: str = "users") -> str:
    path = f"/tenants/{tenant.id}/limits/{name}"
    answer = platform.call("PUT", path, {"most": most})
    assert answer.status_code == 200, answer.text
    return path


def used(platform: Caller, tenant: TenantFixture) -> dict[str, int]:
    items = platform.call("GET", f"/tenants/{tenant.id}/limits").json["items"]
    return {one["name"]: one["used"] for one in items}


def invited(world: World, tenant: TenantFixture, email: str) -> str:
    asked = Invite(tenant.id, email)
    try:
        world.services.database.write(
            lambda tx: world.services.mailed.invitations.create(tx, asked, actor=world.operator)
        )
    except Problem as problem:
        return problem.code
    return "invited"


def test_fifty_invitations_at_once_against_a_limit_of_ten_are_ten(
    world: World, platform: Caller
) -> None:
    tenant = world.tenant()
    limited(platform, tenant, 10)
    said = together(50, lambda n: invited(world, tenant, f"n{n}.{tenant.slug}@example.com"))
    assert (said.count("invited"), said.count("limit_reached")) == (10, 40)
    assert used(platform, tenant)["users"] == 10


def test_ten_accounts_and_ten_invitations_at_once_are_as_many_as_there_is_room_for(
    world: World, platform: Caller
) -> None:
    tenant = world.tenant()
    limited(platform, tenant, 7)

    def come(number: int) -> str:
        if number % 2:
            return invited(world, tenant, f"n{number}.{tenant.slug}@example.com")
        try:
            world.user(tenant)
        except Problem as problem:
            return problem.code
        return "made"

    said = together(20, come)
    assert said.count("limit_reached") == 13


def test_whoever_was_invited_has_a_place_and_whoever_is_disabled_gives_it_up(
    world: World, platform: Caller
) -> None:
    book = Guestbook(world)
    limited(platform, book.tenant, 3)  # two administrators are there
    book.mailed()
    assert used(platform, book.tenant)["users"] == 3
    assert invited(world, book.tenant, "one.more@example.com") == "limit_reached"
    world.disable(book.admin)
    assert invited(world, book.tenant, "one.more@example.com") == "invited"
    with pytest.raises(Problem, match="room"):
        world.disable(book.admin, enabled=True)


def test_an_invitation_that_finds_the_tenant_full_stays_good_for_later(
    world: World, platform: Caller
) -> None:
    book = Guestbook(world)
    link = book.mailed()
    limited(platform, book.tenant, 2)
    refused = joined(world, link)
    assert refused.status_code == 409
    assert book.account() is None
    limited(platform, book.tenant, 3)
    joined(world, link)
    assert book.account() is not None


def test_addresses_of_other_domains_come_in_by_no_way(world: World) -> None:
    admin = person(world, "admin", kind="customer")
    tenant, path = admin.tenant, f"/tenants/{admin.tenant.id}/policy"
    done = admin.call("PATCH", path, {"email_domains": ["Globex.example", "globex.example"]})
    assert done.json["email_domains"] == ["globex.example"]
    assert invited(world, tenant, f"a.{tenant.slug}@example.com") == "address_not_allowed"
    assert invited(world, tenant, f"a.{tenant.slug}@globex.example") == "invited"
    assert invited(world, tenant, f"b.{tenant.slug}@sub.globex.example") == "address_not_allowed"
    with pytest.raises(Problem, match="Addresses here are of"):
        world.user(tenant, email="mallory@evil.example")
    change = world.services.accounts.change_email
    with pytest.raises(Problem, match="Addresses here are of"):
        world.services.database.write(
            lambda tx: change(
                tx,
                tenant.id,
                user_id=admin.stage.person.id if admin.stage else "",
                email=parse_email("ada@evil.example"),
                actor=world.operator,
            )
        )
    assert admin.call("PATCH", path, {"email_domains": None}).json["email_domains"] is None
    world.user(tenant, email=f"anybody.{tenant.slug}@evil.example")


def test_anything_else_is_taken_and_given_back_and_never_beyond_the_limit(
    world: World, platform: Caller
) -> None:
    tenant = world.tenant()
    path = limited(platform, tenant, 5, "cloud_instances")

    def take(_: int) -> int:
        return platform.call("POST", f"{path}/take", {"amount": 1}).status_code

    assert sorted(together(12, take)) == [201] * 5 + [409] * 7
    assert platform.call("POST", f"{path}/release", {"amount": 6}).status_code == 409
    assert platform.call("POST", f"{path}/release", {"amount": 2}).json["used"] == 3
    again: dict[str, Any] = {"Idempotency_Key": "once"}
    for _ in range(2):
        assert platform.call("POST", f"{path}/take", {"amount": 1}, **again).json["used"] == 4
    assert platform.call("DELETE", path).status_code == 204
    assert platform.call("POST", f"{path}/take", {"amount": 1}).status_code == 404
    kinds = [event.type for event in events(world, tenant.id)]
    assert kinds.count("tenant_limit.used") == 7


def test_people_are_not_taken_by_hand_and_names_are_words(world: World, platform: Caller) -> None:
    tenant = world.tenant()
    path = limited(platform, tenant, 5)
    assert platform.call("POST", f"{path}/take", {"amount": 1}).status_code == 409
    for name in ("Users", "1a", "a-b", "a" * 65, "%D0%B0"):
        answer = platform.call("PUT", f"/tenants/{tenant.id}/limits/{name}", {"most": 1})
        assert answer.status_code in {400, 404}, name
    for most in (-1, 10**13, "5", 1.5, None):
        answer = platform.call("PUT", f"/tenants/{tenant.id}/limits/a", {"most": most})
        assert answer.status_code == 422, most


def test_flags_are_set_by_the_platform_and_seen_by_the_tenant(
    world: World, platform: Caller
) -> None:
    admin = person(world, "admin", kind="customer")
    one = f"/tenants/{admin.tenant.id}/flags"
    platform.call("PUT", f"{one}/billing", {"enabled": True})
    platform.call("PUT", f"{one}/support", {"enabled": False})
    assert admin.call("GET", one).json == {"flags": {"billing": True, "support": False}}
    assert platform.call("DELETE", f"{one}/support").status_code == 204
    assert admin.call("GET", one).json == {"flags": {"billing": True}}


def test_nobody_of_the_tenant_raises_its_own_limit_or_books_a_feature(world: World) -> None:
    admin = person(world, "admin", kind="customer")
    one = f"/tenants/{admin.tenant.id}"
    asked = (
        ("PUT", "/limits/users", {"most": 9}),
        ("DELETE", "/limits/users", None),
        ("POST", "/limits/users/take", {"amount": 1}),
        ("PUT", "/flags/billing", {"enabled": True}),
        ("POST", "/archive", None),
    )
    for method, path, body in asked:
        assert admin.call(method, one + path, body).status_code == 403, path


def test_what_another_tenant_has_is_not_there(world: World) -> None:
    admin = person(world, "admin", kind="customer")
    other, absent = world.tenant(), "ten_01jd0000000000000000000000"
    for resource in ("settings", "policy", "limits", "flags", "domains", "issuer"):
        answers = [
            admin.call("GET", f"/tenants/{tenant_id}/{resource}")
            for tenant_id in (other.id, absent)
        ]
        assert [answer.status_code for answer in answers] == [404, 404], resource
        assert answers[0].json["detail"] == answers[1].json["detail"]
    machine = program(world, "tenants:write")
    assert machine.call("PUT", f"/tenants/{absent}/limits/a", {"most": 1}).status_code == 404
