"""/api/v1/tenants/{tenant_id}/invitations: people are asked in by API."""

import pytest
from werkzeug.test import TestResponse

from authserver.roles.catalogue import Permission
from tests.admin.callers import Caller, person, program
from tests.spec.tools import set_client, set_roles
from tests.support.joining import joined
from tests.support.mails import link_in, mails_to
from tests.support.world import ClientFixture, TenantFixture, World

EVERYTHING = [permission.value for permission in Permission]


@pytest.fixture(name="admin", scope="module")
def _admin(installation: World) -> Caller:
    installation.clock.reset()
    return person(installation, "admin", kind="customer")


def many(tenant: TenantFixture, more: str = "") -> str:
    return f"/tenants/{tenant.id}/invitations{more}"


def invite(caller: Caller, email: str, *roles: str) -> TestResponse:
    return caller.call("POST", many(caller.tenant), {"email": email, "roles": [*roles]})


def link(caller: Caller, email: str, tenant: TenantFixture | None = None) -> str:
    return link_in(mails_to(caller.world, email, (tenant or caller.tenant).id)[-1])


def test_somebody_is_asked_in_listed_mailed_again_and_taken_back(admin: Caller) -> None:
    made = invite(admin, "Grace@inv.example", "customer_viewer")
    assert (made.status_code, made.json["state"]) == (201, "open")
    one = made.headers["Location"].removeprefix("/api/v1")
    listed = admin.call("GET", many(admin.tenant, "?q=grace@&state=open")).json["items"]
    assert listed == [made.json] == [admin.call("GET", one).json]
    soon = admin.call("POST", f"{one}/resend")
    assert (soon.status_code, "Retry-After" in soon.headers) == (429, True)
    admin.world.clock.move(minutes=6)
    assert admin.call("POST", f"{one}/resend").status_code == 200
    assert admin.call("POST", f"{one}/revoke").json["state"] == "revoked"
    assert admin.call("GET", many(admin.tenant, "?state=open&q=grace")).json["items"] == []
    admin.world.clock.reset()


@pytest.mark.attack("ATK-123")
def test_no_answer_holds_the_link(admin: Caller) -> None:
    made = invite(admin, "secret@inv.example")
    token = link(admin, "secret@inv.example").partition("token=")[2]
    texts = (made.text, admin.call("GET", many(admin.tenant)).text)
    assert not any(token in text or "token" in text for text in texts)


def test_the_newest_come_first_and_pages_follow(admin: Caller) -> None:
    made = [invite(admin, f"n{n}@pages.example").json["id"] for n in range(3)]
    seen, cursor = [], ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = admin.call("GET", many(admin.tenant, f"?limit=1&q=n{more}")).json
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == made[::-1]


@pytest.mark.attack("ATK-118")
def test_nobody_invites_with_more_than_the_own_rights(world: World, admin: Caller) -> None:
    assert invite(admin, "up@inv.example", "NOC_MANAGER").status_code == 403
    narrow = person(world, "admin", kind="customer", scopes=["users:read", "users:write"])
    assert invite(narrow, "up@inv.example", "customer_viewer").status_code == 403
    assert invite(narrow, "up@inv.example").status_code == 201


@pytest.mark.attack("ATK-123")
def test_what_a_program_asks_in_is_asked_again_when_it_is_accepted(world: World) -> None:
    machine = program(world, *EVERYTHING, kind="customer")
    assert invite(machine, "ok@prog.example", "admin").status_code == 201
    assert joined(world, link(machine, "ok@prog.example")).status_code == 303
    assert invite(machine, "late@prog.example", "admin").status_code == 201
    client = machine.call("GET", many(machine.tenant)).json["items"][0]["inviter_id"]
    set_client(world, client_of(machine, client), enabled=False)
    assert joined(world, link(machine, "late@prog.example")).status_code != 303


def client_of(machine: Caller, client_id: str) -> ClientFixture:
    return ClientFixture(client_id, None, machine.tenant)


@pytest.mark.attack("ATK-123")
def test_what_the_platform_asks_into_another_tenant_ends_with_the_right_to(world: World) -> None:
    platform = person(world, "PLATFORM_ADMIN")
    world.user(platform.tenant, "PLATFORM_ADMIN")
    other = world.tenant()
    body = {"email": "new@other.example", "roles": ["admin"]}
    assert platform.call("POST", many(other), body).status_code == 404
    reason = {"reason": "They have no administrator, 4711"}
    assert platform.call("POST", f"/tenants/{other.id}/access", reason).status_code == 201
    assert platform.call("POST", many(other), body).status_code == 201
    later = {**body, "email": "late@other.example"}
    assert platform.call("POST", many(other), later).status_code == 201
    assert joined(world, link(platform, "new@other.example", other)).status_code == 303
    assert platform.stage is not None
    set_roles(world, platform.stage.person, "customer_viewer")
    assert joined(world, link(platform, "late@other.example", other)).status_code != 303


def test_an_invitation_of_another_tenant_is_not_there(world: World, admin: Caller) -> None:
    other = person(world, "admin", kind="customer")
    theirs = invite(other, "x@theirs.example").json["id"]
    answers = [
        admin.call(method, many(admin.tenant, f"/{one}{verb}"))
        for one in (theirs, "inv_01jd0000000000000000000000")
        for method, verb in (("GET", ""), ("POST", "/resend"), ("POST", "/revoke"))
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.json["detail"] for answer in answers}) == 1
