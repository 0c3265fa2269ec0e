"""What a tenant asks of its people, its domains and its end, by API."""

import pytest

from authserver.roles.catalogue import Permission
from authserver.tenants.proving.lookups import Lookups
from tests.admin.callers import Caller, person, program
from tests.support.dns import Records
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


def test_a_policy_is_changed_piece_by_piece(admin: Caller) -> None:
    one = f"/tenants/{admin.tenant.id}/policy"
    changes = {
        "password_preset": "nist",
        "session_idle_minutes": 30,
        "access_token_seconds": 300,
        "refresh_token_minutes": 600,
        "tightened": {"lockout_attempts": 3},
        "registration_open": True,
        "registration_domains": ["Globex.example"],
        "client_registration": "pkce_required",
        "dpop_nonces": True,
        "links_by_email": True,
        "platform_connections": [],
    }
    for name, value in changes.items():
        answer = admin.call("PATCH", one, {name: value})
        assert answer.status_code == 200, answer.text
    said = admin.call("GET", one).json
    assert said["registration_domains"] == ["globex.example"]
    assert {name: said[name] for name in changes if name != "registration_domains"} == {
        name: value for name, value in changes.items() if name != "registration_domains"
    }
    nothing = {"session_idle_minutes": None, "platform_connections": None, "email_domains": None}
    said = admin.call("PATCH", one, {**nothing, "tightened": {"lockout_attempts": None}}).json
    assert {said[name] for name in nothing} == {None}
    assert said["tightened"] == {}


def test_a_policy_loosens_nothing_of_the_installation(admin: Caller) -> None:
    one = f"/tenants/{admin.tenant.id}/policy"
    for wrong in (
        {"session_idle_minutes": 100_000},
        {"tightened": {"lockout_attempts": 50}},
        {"tightened": {"bcrypt_rounds": 1}},
        {"trusted_device_days": 31},
        {"registration_role": "admin"},
        {"registration_role": "no such role"},
        {"email_domains": ["not a domain"]},
        {"platform_connections": ["no such connection"]},
        {"mfa_required": None},
        {"suspended_at": None},
    ):
        assert admin.call("PATCH", one, wrong).status_code in {400, 403, 404, 422}, wrong


def test_whoever_registers_gets_no_more_than_who_allows_it(world: World) -> None:
    everything = ["settings:read", "settings:write"]
    narrow = person(world, "admin", kind="customer", scopes=everything)
    one = f"/tenants/{narrow.tenant.id}/policy"
    for change in ({"registration_open": True}, {"registration_role": "customer_viewer"}):
        assert narrow.call("PATCH", one, change).status_code == 403, change
    assert narrow.call("PATCH", one, {"registration_role": None}).status_code == 200
    assert narrow.call("PATCH", one, {"registration_open": True}).status_code == 200
    assert narrow.call("GET", one).json["registration_role"] is None


def test_a_second_factor_for_everybody_ends_the_callers_own_token(admin: Caller) -> None:
    one = f"/tenants/{admin.tenant.id}/policy"
    assert admin.call("PATCH", one, {"mfa_required": True}).status_code == 200
    assert admin.call("GET", one).status_code == 401


def test_who_reads_settings_changes_none(world: World) -> None:
    viewer = person(world, "admin_viewer", kind="customer")
    tenant = f"/tenants/{viewer.tenant.id}"
    for resource in ("settings", "policy", "limits", "flags", "domains", "issuer"):
        assert viewer.call("GET", f"{tenant}/{resource}").status_code == 200, resource
    asked = (
        ("PATCH", "settings", {"locale": "de"}),
        ("PATCH", "policy", {"dpop_nonces": True}),
        ("PUT", "logo", {"image": "AAAA"}),
        ("DELETE", "logo", None),
        ("POST", "domains", {"domain": "globex.example"}),
        ("PUT", "issuer", {}),
    )
    for method, resource, body in asked:
        assert viewer.call(method, f"{tenant}/{resource}", body).status_code == 403, resource


def test_settings_that_changed_meanwhile_are_not_overwritten(admin: Caller) -> None:
    one = f"/tenants/{admin.tenant.id}/settings"
    etag = admin.call("GET", one).headers["ETag"]
    assert admin.call("PATCH", one, {"locale": "de"}, If_Match=etag).status_code == 200
    assert admin.call("PATCH", one, {"locale": "fr"}, If_Match=etag).status_code == 412


def test_a_domain_is_proved_by_api(
    world: World, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, domain = Records(), f"{admin.tenant.slug}.example"
    monkeypatch.setattr(world.services.federation.lookups, "_resolver", records)
    one = f"/tenants/{admin.tenant.id}/domains"
    added = admin.call("POST", one, {"domain": domain.upper()}).json
    assert (added["domain"], added["verified_at"]) == (domain, None)
    assert admin.call("POST", f"{one}/{domain}/verify").status_code == 409
    records.put((added["record_name"], added["record_value"]))
    assert admin.call("POST", f"{one}/{domain}/verify").json["verified_at"]
    asked = len(records.asked)
    other = person(world, "admin", kind="customer")
    assert other.call("POST", f"{one}/{domain}/verify").status_code == 404
    assert len(records.asked) == asked, "nobody asks the DNS for another's domain"
    assert admin.call("PUT", f"{one}/{domain}/route", {"connection": "nothing"}).status_code == 404
    assert admin.call("PUT", f"{one}/{domain}/route", {"connection": None}).status_code == 200
    assert admin.call("DELETE", f"{one}/{domain}").status_code == 204
    assert admin.call("GET", one).json == {"items": []}
    for wrong in ("gmail.com", "co.uk", "a b", "", "x" * 254):
        assert admin.call("POST", one, {"domain": wrong}).status_code in {400, 422}, wrong
    assert isinstance(world.services.federation.lookups, Lookups)


def test_an_archived_tenant_is_suspended_and_not_resumed_by_mistake(world: World) -> None:
    platform, tenant = person(world, "PLATFORM_ADMIN"), world.tenant()
    one = f"/tenants/{tenant.id}"
    away = platform.call("POST", f"{one}/archive").json
    assert away["archived_at"]
    assert away["suspended_at"]
    assert platform.call("POST", f"{one}/resume").status_code == 409
    listed = platform.call("GET", "/tenants?archived=true&limit=100").json["items"]
    assert tenant.id in {item["id"] for item in listed}
    assert platform.call("POST", f"{one}/restore").json["archived_at"] is None
    assert platform.call("POST", f"{one}/resume").json["suspended_at"] is None
    kinds = [event.type for event in events(world, tenant.id)][1:]
    assert kinds == ["tenant.suspended", "tenant.archived", "tenant.restored", "tenant.resumed"]


def test_a_tenant_with_an_own_issuer_has_keys_from_the_start(world: World) -> None:
    platform = person(world, "PLATFORM_ADMIN")
    slug = world.tenant().slug + "-own"
    body = {"slug": slug, "name": "Own", "type": "customer", "own_issuer": True}
    made = platform.call("POST", "/tenants", body)
    assert (made.status_code, made.json["own_issuer"]) == (201, True)
    answer = world.app.test_client().get(f"/t/{slug}/oauth/jwks", base_url="https://auth.example")
    assert len(answer.json["keys"]) == 2


def test_a_program_needs_the_permission_among_its_scopes(world: World) -> None:
    machine = program(world, "settings:read", kind="customer")
    one = f"/tenants/{machine.tenant.id}/settings"
    assert machine.call("GET", one).status_code == 200
    assert machine.call("PATCH", one, {"locale": "de"}).status_code == 403
    assert Permission.SETTINGS_WRITE.value == "settings:write"
