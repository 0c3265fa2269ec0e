"""Clients, APIs, providers and registration in the console: what forms do is what the API does."""

import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from tests.admin.console import Console, enter
from tests.support.browser import Party
from tests.support.federation import connect
from tests.support.trail import events
from tests.support.world import ClientFixture, World

pytestmark = pytest.mark.any_database
_VALUE = re.compile(r"<dd data-value>.*?<code>([^<]+)</code>", re.DOTALL)


@pytest.fixture(name="admin")
def _admin(world: World) -> Console:
    return enter(world, "admin", kind="customer", path="")


def of(admin: Console, tail: str) -> str:
    return f"/tenants/{admin.tenant.id}/{tail}"


def shown_once(page: TestResponse) -> list[str]:
    assert page.status_code == 200, page.text
    return [unescape(value) for value in _VALUE.findall(page.text)]


def machine(admin: Console, **fields: str) -> ClientFixture:
    sent = admin.send(
        of(admin, "clients/new/service"),
        **{"name": "Robot", "auth_method": "client_secret_basic", "scopes": "a\nb", **fields},
    )
    client_id, secret = shown_once(sent)
    return ClientFixture(client_id, secret, admin.tenant)


def test_a_machine_is_registered_tried_changed_and_ended(world: World, admin: Console) -> None:
    client = machine(admin, audiences="https://api.example/")
    assert Party(world, client).machine().json["scope"] == "a b"
    one = of(admin, f"clients/{client.id}")
    assert "Robot" in admin.get(one).text
    tried = admin.fill(admin.get(f"{one}/test"))
    assert tried.text.count("outcome-good") == 9
    assert client.id in tried.text.partition("What the token says")[2]
    edited = admin.send(f"{one}/edit", name="Robot 2", scopes="a", ip_allowlist="10.0.0.0/8",
                        auth_method="client_secret_basic",
                        audiences="https://api.example/")  # fmt: skip
    assert edited.status_code == 303, edited.text
    assert "would be refused" in admin.get(f"{one}/test").text
    refused = admin.fill(admin.get(f"{one}/test"))
    assert "outcome-bad" in refused.text.partition("steps")[2]
    assert admin.send(f"{one}/disable").status_code == 303
    assert "Switched off" in admin.get(one).text
    wrong = admin.send(f"{one}/delete", retyped="Robot")
    assert wrong.status_code == 422
    assert admin.send(f"{one}/delete", retyped="Robot 2").status_code == 303
    assert admin.get(one).status_code == 404
    assert "client.deleted" in [event.type for event in events(world, admin.tenant.id)]


def test_secrets_are_exchanged_and_ended(world: World, admin: Console) -> None:
    client = machine(admin)
    secrets = of(admin, f"clients/{client.id}/secrets")
    new = shown_once(admin.send(f"{secrets}/new", overlap_hours="1", expires_in_days="10"))[1]
    assert new != client.secret
    page = admin.get(secrets).text
    assert client.secret not in page
    assert new not in page
    assert "Secret ends soon" in page
    (first, *_rest) = re.findall(r'href="([^"]+/revoke)"', page)
    assert admin.fill(admin.browser.get(first)).status_code == 303
    changed = ClientFixture(client.id, new, client.tenant)
    assert Party(world, changed).machine().status_code == 401  # the newest one was ended


def test_metadata_is_changed_by_its_registered_names(world: World, admin: Console) -> None:
    client = world.client(admin.tenant, name="Portal")
    one = of(admin, f"clients/{client.id}")
    sent = admin.send(
        f"{one}/metadata",
        access_token_alg="ES256",
        id_token_alg="RS256",
        **{"options.require_auth_time": "on", "options.default_max_age": "60"},
    )
    assert sent.status_code == 303, sent.text
    text = admin.get(one).text
    assert "require_auth_time" in text
    assert "default_max_age" in text
    wrong = admin.send(f"{one}/metadata", **{"options.default_max_age": "x"})
    assert wrong.status_code == 422
    assert 'id="options.default_max_age-error"' in wrong.text


def test_a_refused_redirect_uri_is_said_in_plain_words_and_what_was_typed_stays(
    admin: Console,
) -> None:
    page = admin.send(
        of(admin, "clients/new/web"), name="Shop", redirect_uris="http://shop.example/cb"
    )
    assert page.status_code == 400
    assert "use https" in page.text
    assert "http://shop.example/cb</textarea>" in page.text


def test_programs_are_ready_to_paste_and_hold_no_secret(admin: Console) -> None:
    client = machine(admin, scopes="a'b</code><script>alert(1)</script>")
    text = admin.get(of(admin, f"clients/{client.id}/snippets")).text
    assert text.count('class="snippet"') == 5
    assert "<script>alert" not in text
    assert client.secret not in text


def test_an_api_is_registered_changed_and_deleted(world: World, admin: Console) -> None:
    sent = admin.send(
        of(admin, "resource-servers/new"),
        audience="https://orders.example/",
        name="Orders",
        scopes="orders:read = See your orders\norders:write",
    )
    assert sent.status_code == 303, sent.text
    one = sent.headers["Location"].removeprefix("/console")
    assert "See your orders" in admin.get(one).text
    client = machine(admin, audiences="https://orders.example/", scopes="orders:read")
    named = {"who": "named", f"client_ids.{client.id}": "on"}
    edited = admin.send(f"{one}/edit", name="Orders", scopes="orders:write", **named)
    assert edited.status_code == 303, edited.text
    assert Party(world, client).machine().json["scope"] == ""
    assert admin.send(f"{one}/delete", retyped="Orders").status_code == 303
    assert "There is no API yet" in admin.get(of(admin, "resource-servers")).text


def test_an_api_is_closed_and_opened_to_chosen_clients(admin: Console) -> None:
    made = {"audience": "https://bills.example/", "name": "Bills", "scopes": "bills:read"}
    new = of(admin, "resource-servers/new")
    assert admin.send(new, **made, who="named").status_code == 422
    one = admin.send(new, **made, who="none").headers["Location"].removeprefix("/console")
    assert "Closed" in admin.get(one).text
    refused = admin.send(
        of(admin, "clients/new/service"), name="Biller", audiences="https://bills.example/"
    )
    assert refused.status_code == 400
    assert "is for named clients, and this is none of them" in refused.text
    client = machine(admin, name="Reader of bills")
    named = {"who": "named", f"client_ids.{client.id}": "on"}
    same = {"name": "Bills", "scopes": "bills:read"}
    assert admin.send(f"{one}/edit", **same, **named).status_code == 303
    assert "Reader of bills" in admin.get(one).text
    assert admin.send(f"{one}/edit", **same, who="every").status_code == 303
    assert "Every client" in admin.get(one).text
    admin.send(f"{one}/delete", retyped="Bills")


def test_clients_are_sorted_by_name_and_by_age(admin: Console) -> None:
    for name in ("Sorted b", "Sorted c", "Sorted a"):
        machine(admin, name=name)

    def order(sort: str) -> list[str]:
        return re.findall(r"Sorted [abc]", admin.get(of(admin, f"clients{sort}")).text)

    assert order("?q=sorted") == ["Sorted a", "Sorted b", "Sorted c"]
    assert order("?q=sorted&sort=-name") == ["Sorted c", "Sorted b", "Sorted a"]
    assert order("?q=sorted&sort=-created") == ["Sorted b", "Sorted c", "Sorted a"]
    assert admin.get(of(admin, "clients?sort=secret")).status_code == 422


def test_a_provider_is_connected_changed_tried_and_removed(admin: Console) -> None:
    wrong = admin.send(of(admin, "connections/new/oidc"), client_secret="canary-secret-0")
    assert wrong.status_code == 422
    assert "canary" not in wrong.text
    sent = admin.send(
        of(admin, "connections/new/oidc"),
        name="corp",
        server="https://login.corp.example",
        label="Corp",
        client_id="ours",
        client_secret="canary-secret-1",
        claims="groups = roles\nname = display",
        position="0",
    )
    assert sent.status_code == 303, sent.text
    one = of(admin, "connections/corp")
    page = admin.get(one).text
    assert "/login/federation/idp_" in page
    assert "canary-secret-1" not in page
    edited = admin.send(f"{one}/edit", label="Corp", client_id="ours", claims="groups = roles",
                        position="0")  # fmt: skip
    assert edited.status_code == 303, edited.text
    assert "display" not in admin.get(one).text
    assert admin.send(f"{one}/secret", client_secret="other").status_code == 303
    tried = admin.send(f"{one}/test")
    assert tried.status_code == 303
    assert "cannot be reached" in admin.browser.follow(tried).text
    assert admin.send(f"{one}/disable").status_code == 303
    assert admin.send(f"{one}/remove", retyped="corp").status_code == 303
    assert admin.get(one).status_code == 404


def test_applications_are_let_register_themselves_until_the_token_is_ended(
    admin: Console,
) -> None:
    fields = {"name": "Shops", "clients": "2", "days": "7", "kinds.web": "on", "scopes": "openid"}
    (token,) = shown_once(admin.send(of(admin, "initial-access-tokens/new"), **fields))
    assert token.startswith("iat_")
    page = admin.get(of(admin, "initial-access-tokens")).text
    assert token not in page
    (end,) = re.findall(r'href="([^"]+/revoke)"', page)
    assert admin.fill(admin.browser.get(end)).status_code == 303
    assert "Revoked" in admin.get(of(admin, "initial-access-tokens")).text


def test_who_only_reads_sees_no_button_and_comes_to_no_form(world: World) -> None:
    viewer = enter(world, "admin_viewer", kind="customer", path="")
    client = world.client(viewer.tenant)
    one = of(viewer, f"clients/{client.id}")
    page = viewer.get(one)
    assert page.status_code == 200
    assert "/edit" not in page.text
    assert viewer.get(f"{one}/edit").status_code == 403
    assert viewer.get(of(viewer, "clients/new/web")).status_code == 403


def test_the_platforms_providers_are_for_the_platform(world: World, admin: Console) -> None:
    made = connect(world, name="shared", label="Shared")
    platform = enter(world, "PLATFORM_ADMIN", path="")
    assert "Shared" in platform.get("/connections").text
    assert platform.get(f"/connections/{made.name}").status_code == 200
    assert admin.get("/connections").status_code == 403
    assert admin.get(of(admin, f"connections/{made.name}")).status_code == 404


def test_a_client_is_put_at_the_tenants_own_issuer_if_there_is_one(
    world: World, admin: Console
) -> None:
    assert "at_tenant_issuer" not in admin.get(of(admin, "clients/new/service")).text
    tenant = world.tenant(own_issuer=True)
    own = Console(world, tenant, world.user(tenant, "admin"))
    own.enter()
    client = machine(own, at_tenant_issuer="on")
    page = own.get(of(own, f"clients/{client.id}/snippets"))
    assert f"/t/{tenant.slug}/oauth/token" in page.text
