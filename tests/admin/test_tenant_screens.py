"""The console's tabs of a tenant: what its people and the platform see and change there."""

from io import BytesIO
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from authserver.moving import sealing
from authserver.wiring.people.jobs import make_job_worker
from tests.admin.console import Console, enter, hidden
from tests.conftest import new_installation
from tests.support.dns import Records
from tests.support.pictures import picture
from tests.support.world import World

PASSPHRASE = "correct horse battery"
TABS = ("settings", "policy", "limits", "domains", "copies")


@pytest.fixture(name="admin")
def _admin(world: World) -> Console:
    return enter(world, "admin", kind="customer", path="")


def at(console: Console, path: str = "") -> str:
    return f"/tenants/{console.tenant.id}{path}"


def saved(console: Console, path: str, **fields: str) -> TestResponse:
    sent = console.send(at(console, path), **fields)
    assert sent.status_code == 303, sent.text
    return console.browser.follow(sent)


def test_a_tenant_has_tabs_and_its_people_see_them(admin: Console) -> None:
    page = admin.get(at(admin))
    for tab in TABS:
        assert f"/console{at(admin, f'/{tab}')}" in page.text
        assert admin.get(at(admin, f"/{tab}")).status_code == 200, tab


def test_the_platform_changes_a_tier_and_nobody_else_does(world: World, admin: Console) -> None:
    platform = enter(world, "PLATFORM_ADMIN")
    assert platform.send(at(admin, "/tier"), tier="enterprise").status_code == 303
    assert "Enterprise" in platform.get(at(admin)).text
    assert "/tier" not in admin.get(at(admin)).text
    assert admin.get(at(admin, "/tier")).status_code == 403


def test_who_may_only_look_is_offered_no_change(world: World) -> None:
    viewer = enter(world, "admin_viewer", kind="customer", path="")
    for tab in TABS[:-1]:
        page = viewer.get(at(viewer, f"/{tab}"))
        assert page.status_code == 200, tab
        assert f"{at(viewer, f'/{tab}')}/change" not in page.text
    for path in ("/settings/looks", "/policy/change", "/logo", "/domains/new", "/issuer/move",
                 "/copies", "/copies/new"):  # fmt: skip
        assert viewer.get(at(viewer, path)).status_code == 403, path


def test_formats_and_looks_are_saved_and_shown(admin: Console) -> None:
    formats = {"locale": "de", "time_zone": "Europe/Berlin", "currency": "EUR"}
    page = saved(admin, "/settings/formats", **formats, date_format="iso")
    for words in ("Deutsch", "Europe/Berlin", "EUR", "2026-07-31"):
        assert words in page.text
    looks = admin.get(at(admin, "/settings/looks"))
    assert 'data-preview="/login/brand/preview/000000.css"' in looks.text
    page = saved(admin, "/settings/looks", accent="#0a7d55", website="https://globex.example/")
    assert "#0a7d55" in page.text
    assert "/login/brand/preview/0a7d55.css" in admin.get(at(admin, "/settings/looks")).text
    wrong = admin.send(at(admin, "/settings/looks"), accent="red", website="")
    assert wrong.status_code == 400
    assert 'value="red"' in wrong.text
    page = saved(admin, "/settings/looks", accent="", website="")
    assert "#0a7d55" not in page.text


def test_a_logo_is_uploaded_shown_and_removed(admin: Console) -> None:
    def upload(data: bytes) -> TestResponse:
        page = admin.get(at(admin, "/logo"))
        file = {"image": (BytesIO(data), "logo.png")}
        return admin.browser.post(
            page.request.path,
            data={**hidden(page), **file},
            content_type="multipart/form-data",
        )

    assert upload(b"<svg onload='alert(1)'/>").status_code in {400, 422}
    sent = upload(picture("PNG", (96, 48)))
    assert sent.status_code == 303, sent.text
    assert "/login/brand/logo/" in admin.get(at(admin, "/settings/looks")).text
    saved(admin, "/logo/remove")
    assert "/login/brand/logo/" not in admin.get(at(admin, "/settings/looks")).text


def test_the_policy_is_saved_and_shown(admin: Console) -> None:
    page = saved(
        admin,
        "/policy/change",
        password_preset="nist",
        email_domains="globex.example\ninitech.example",
        session_idle_minutes="30",
        client_registration="pkce_required",
        registration_open="on",
        erasure_days="14",
    )
    for words in ("15 characters of any kind", "initech.example", "30 minutes", "use PKCE"):
        assert words in page.text
    wrong = admin.send(
        at(admin, "/policy/change"),
        password_preset="nist",
        session_idle_minutes="many",
        client_registration="closed",
    )
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.text


def test_limits_and_flags_are_set_by_the_platform_and_seen_by_the_tenant(
    world: World, admin: Console
) -> None:
    platform = enter(world, "PLATFORM_ADMIN")
    one = at(admin)
    named = platform.send(f"{one}/limits/new", name="users")
    assert named.headers["Location"].endswith(f"{one}/limits/users")
    assert platform.send(f"{one}/limits/users", most="1").status_code == 303
    assert platform.send(f"{one}/flags/new", name="billing").status_code == 303
    assert platform.send(f"{one}/flags/billing", enabled="on").status_code == 303
    page = admin.get(f"{one}/limits")
    for words in ("users", "Full", "billing", "On"):
        assert words in page.text
    assert "/limits/new" not in page.text
    assert admin.get(f"{one}/limits/new").status_code == 403
    assert platform.send(f"{one}/limits/users/remove").status_code == 303
    assert platform.send(f"{one}/flags/billing/remove").status_code == 303
    assert "Nothing is booked." in admin.get(f"{one}/limits").text


def test_a_domain_is_proved_and_becomes_the_sign_in_page(
    world: World, admin: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, domain = Records(), f"{admin.tenant.slug}.example"
    monkeypatch.setattr(world.services.federation.lookups, "_resolver", records)
    added = admin.browser.follow(admin.send(at(admin, "/domains/new"), domain=domain))
    assert "_authserver-challenge" in added.text
    assert "Not proved" in added.text
    early = admin.send(at(admin, f"/domains/{domain}/verify"))
    assert early.status_code == 409
    house = world.services.federation.domains
    with world.services.database.read() as view:
        records.put(house.get(view, admin.tenant.id, domain).record)
    assert "Proved" in saved(admin, f"/domains/{domain}/verify").text
    page = saved(admin, "/issuer/move", host=f"login.{domain}")
    assert f"https://login.{domain}" in page.text
    gone = admin.send(at(admin, f"/domains/{domain}/remove"), retyped=domain)
    assert gone.status_code == 303
    assert f"https://login.{domain}" not in admin.get(at(admin, "/domains")).text
    saved(admin, "/issuer/end")


def test_a_tenant_is_archived_and_restored(world: World) -> None:
    platform = enter(world, "PLATFORM_ADMIN")
    other = world.tenant()
    one, name = f"/tenants/{other.id}", f"Tenant {other.slug}"
    platform.send(f"{one}/suspend", retyped=name)
    assert "/archive" in platform.get(one).text
    assert platform.send(f"{one}/archive", retyped="another").status_code == 422
    assert platform.send(f"{one}/archive", retyped=name).status_code == 303
    page = platform.get(one)
    assert "Archived" in page.text
    assert "/resume" not in page.text
    assert platform.send(f"{one}/restore").status_code == 303
    assert platform.send(f"{one}/resume").status_code == 303


def test_another_tenant_has_no_screens(world: World, admin: Console) -> None:
    other = world.tenant()
    for tab in TABS:
        assert admin.get(f"/tenants/{other.id}/{tab}").status_code == 404, tab


def test_a_tenant_is_taken_away_as_a_file_and_let_in_elsewhere(
    world: World, admin: Console, tmp_path: Path
) -> None:
    unlike = admin.send(at(admin, "/copies/new"), passphrase=PASSPHRASE, again="another one here")
    assert (unlike.status_code, "These are not the same." in unlike.text) == (422, True)
    short = admin.send(at(admin, "/copies/new"), passphrase="short", again="short")
    assert short.status_code == 422
    page = saved(admin, "/copies/new", passphrase=PASSPHRASE, again=PASSPHRASE)
    one = page.request.path.removeprefix("/console")
    assert "Waiting" in page.text
    make_job_worker(world.services).work_off()
    assert "Download" in admin.get(one).text
    file = admin.send(f"{one}/take")
    assert file.headers["Content-Disposition"] == f'attachment; filename="{admin.tenant.slug}.copy"'
    assert file.data.startswith(sealing.MAGIC)
    with new_installation("sqlite", tmp_path) as elsewhere:
        there = enter(elsewhere, "PLATFORM_ADMIN")
        form = there.get("/tenant-copies/new")
        sent = {**hidden(form), "passphrase": PASSPHRASE, "file": (BytesIO(file.data), "x.copy")}
        begun = there.browser.post("/console/tenant-copies/new", data=sent)
        assert begun.status_code == 303, begun.text
        make_job_worker(elsewhere.services).work_off()
        assert "Everything was made." in there.browser.follow(begun).text
        assert admin.tenant.slug in there.get("/tenants").text
    gone = admin.browser.follow(admin.send(f"{one}/delete"))
    assert "The copy is deleted." in gone.text
