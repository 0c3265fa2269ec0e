"""/partner: a partner's own people rotate secrets, edit addresses, and see use and refusals."""

import re
from dataclasses import dataclass, replace
from html import unescape

import pytest
from werkzeug.test import TestResponse

from tests.spec.tools import change, events
from tests.support.browser import Browser, Party
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World

_CARRIED = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_SECRET = re.compile(r"<code>(cs_[^<]+)</code>")


@dataclass
class Keeper:
    """Somebody of a partner, signed in."""

    world: World
    tenant: TenantFixture
    person: UserFixture
    client: ClientFixture
    browser: Browser

    def get(self, page: str = "", **query: str) -> TestResponse:
        answer = self.browser.get(f"/partner{page}", query_string=query)
        for _ in range(4):
            if answer.status_code != 303:
                break
            onward = answer.headers["Location"]
            answer = (
                self.browser.sign_in(answer, self.person)
                if "/login/password" in onward
                else self.browser.follow(answer)
            )
        return answer

    def send(self, page: str, **fields: str) -> TestResponse:
        shown = self.get(page, about=self.client.id)
        return self.browser.post(f"/partner{page}", data={**carried(shown), **fields})


def carried(page: TestResponse) -> dict[str, str]:
    """Return what the page's own forms carry: the frame has others."""
    main = page.text.partition("<main")[2]
    return {name: unescape(value) for name, value in _CARRIED.findall(main)}


def keeper(world: World, *roles: str, kind: str = "partner", **client: object) -> Keeper:
    tenant = world.tenant(kind)
    person = world.user(tenant, *(roles or ("admin",)))
    made = world.client(tenant, "partner", name="Feed", **client)
    one = Keeper(world, tenant, person, made, Browser(world))
    one.get()
    return one


def test_the_clients_are_listed_with_what_they_did(world: World) -> None:
    one = keeper(world)
    Party(world, one.client).machine()
    Party(world, one.client).machine(scope="nothing")
    world.services.usage.writer.flush()
    page = one.get()
    assert page.status_code == 200
    assert "Feed" in page.text
    assert one.client.id in page.text
    shown = one.get("/client", about=one.client.id)
    assert "Scope not allowed" in shown.text
    assert "Tokens: 1. Refused: 1." in shown.text


def test_a_secret_is_rotated_without_a_pause_and_shown_once(world: World) -> None:
    one = keeper(world)
    made = one.send("/secret", overlap="24")
    (secret,) = _SECRET.findall(made.text)
    new = Party(world, replace(one.client, secret=secret))
    assert [new.machine().status_code, Party(world, one.client).machine().status_code] == [200, 200]
    assert secret not in one.get("/client", about=one.client.id).text
    assert events(world, one.tenant, "client.secret_rotated")
    leaked = one.send("/secret", overlap="0")
    assert Party(world, one.client).machine().status_code == 401
    assert new.machine().status_code == 401
    (newest,) = _SECRET.findall(leaked.text)
    assert Party(world, replace(one.client, secret=newest)).machine().status_code == 200


def test_a_form_that_is_sent_twice_makes_one_secret(world: World) -> None:
    one = keeper(world)
    shown = one.get("/secret", about=one.client.id)
    fields = carried(shown)
    first = one.browser.post("/partner/secret", data={**fields, "overlap": "24"})
    again = one.browser.post("/partner/secret", data={**fields, "overlap": "24"})
    assert len(_SECRET.findall(first.text)) == 1
    assert again.status_code == 303
    assert len(events(world, one.tenant, "client.secret_rotated")) == 1


def test_one_of_two_secrets_is_ended(world: World) -> None:
    one = keeper(world)
    one.send("/secret", overlap="24")
    page = one.get("/secret", about=one.client.id).text
    ids = re.findall(r'name="end" value="([^"]+)"', page)
    assert len(ids) == 2
    one.send("/secret", end=ids[1])
    assert Party(world, one.client).machine().status_code == 401


def test_a_new_secret_takes_a_sign_in_of_just_now(world: World) -> None:
    one = keeper(world)
    fields = {"about": one.client.id, "overlap": "0"}
    shown = one.get("/secret", about=one.client.id)
    state = carried(shown)
    world.clock.move(minutes=6)
    away = one.browser.post("/partner/secret", data={**state, **fields})
    assert away.status_code == 303
    assert "/login/password" in away.headers["Location"]
    assert events(world, one.tenant, "client.secret_rotated") == []
    # Back from the sign-in at the same client's page.
    back = one.get("/secret", about=one.client.id)
    assert back.status_code == 200
    assert one.client.id in back.text
    world.clock.reset()


def test_addresses_are_edited_and_hold_for_the_next_request(world: World) -> None:
    one = keeper(world)
    saved = one.send("/addresses", addresses="192.0.2.0/24\r\n\r\n 2001:db8::1 \r\n")
    assert saved.status_code == 303
    assert Party(world, one.client).machine().status_code == 400
    page = one.get("/client", about=one.client.id).text
    assert "2001:db8::1/128" in page
    assert "not allowed" in page
    one.send("/addresses", addresses="127.0.0.1")
    assert Party(world, one.client).machine().status_code == 200


def test_what_is_no_network_is_refused_beside_the_field_and_kept(world: World) -> None:
    one = keeper(world)
    wrong = one.send("/addresses", addresses='192.0.2.0/24\r\n"><script>alert(1)</script>')
    assert wrong.status_code == 422
    assert "addresses-error" in wrong.text
    assert "&lt;script&gt;alert(1)" in wrong.text
    assert "<script>alert(1)" not in wrong.text
    assert Party(world, one.client).machine().status_code == 200


def test_a_list_that_somebody_changed_meanwhile_is_not_overwritten(world: World) -> None:
    one = keeper(world)
    shown = one.get("/addresses", about=one.client.id)
    state = carried(shown)
    change(
        world,
        lambda tx: world.services.amendments.amend(
            tx,
            one.tenant.id,
            one.client.id,
            changes={"ip_allowlist": ["198.51.100.0/24"]},
            actor=replace(world.operator, principal=one.tenant.id),
        ),
    )
    late = one.browser.post("/partner/addresses", data={**state, "addresses": "127.0.0.1"})
    assert late.status_code == 422
    assert "in the meantime" in unescape(late.text)


def test_what_the_roles_do_not_allow_is_neither_shown_nor_done(world: World) -> None:
    viewer = keeper(world, "admin_viewer")
    page = viewer.get("/client", about=viewer.client.id).text
    assert "Change secrets" not in page
    assert "Feed" in page
    state = carried(viewer.browser.get("/account/profile"))
    for path, fields in (
        ("secret", {"overlap": "0"}),
        ("secret", {"end": "csc_01jd0000000000000000000000"}),
        ("addresses", {"addresses": "10.0.0.0/8"}),
    ):
        sent = {**state, "about": viewer.client.id, "version": "1", **fields}
        assert viewer.get(f"/{path}", about=viewer.client.id).status_code == 403
        assert viewer.browser.post(f"/partner/{path}", data=sent).status_code == 403
    assert Party(world, viewer.client).machine().status_code == 200
    assert events(world, viewer.tenant, "client.secret_rotated") == []


@pytest.mark.parametrize("page", ["/client", "/secret", "/addresses"])
def test_another_partners_client_is_not_there(world: World, page: str) -> None:
    one, other = keeper(world), keeper(world)
    foreign = one.get(page, about=other.client.id)
    absent = one.get(page, about="cli_01jd0000000000000000000000")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    ids = re.compile(r"cor_[0-9a-f]+|nonce=\"[^\"]+\"|value=\"[^\"]+\"")
    assert ids.sub("", foreign.text) == ids.sub("", absent.text)


@pytest.mark.parametrize(("kind", "role"), [("customer", "admin"), ("partner", "SUPPORT_AGENT")])
def test_it_is_for_partners_who_may_see_clients(world: World, kind: str, role: str) -> None:
    one = keeper(world, role, kind=kind)
    assert one.get().status_code == 404
    assert "Partner access" not in one.browser.get("/account").text


def test_the_account_leads_there(world: World) -> None:
    one = keeper(world)
    assert 'href="/partner"' in one.browser.get("/account").text


def test_an_address_that_was_refused_is_shown_to_who_edits_the_list(world: World) -> None:
    one = keeper(world, ip_allowlist=["203.0.113.0/24"])
    assert Party(world, one.client).machine().json["error"] == "unauthorized_client"
    shown = one.get("/client", about=one.client.id).text
    assert "Refused in the last 30 days" in shown
    assert "<code>127.0.0.1</code>" in shown.partition("Refused in the last 30 days")[2]
    (stored,) = events(world, one.tenant, "client.address_refused")
    assert "127.0.0.1" not in str(stored)
    world.clock.move(days=31)
    assert "Refused in the last 30 days" not in one.get("/client", about=one.client.id).text


def test_who_only_reads_figures_sees_no_address_that_was_refused(world: World) -> None:
    one = keeper(world, "admin_viewer", ip_allowlist=["203.0.113.0/24"])
    Party(world, one.client).machine()
    shown = one.get("/client", about=one.client.id).text
    assert "Address not allowed" in shown or "203.0.113.0/24" in shown
    assert "Refused in the last 30 days" not in shown
