"""The console: who comes in, what they see, and that a form does what the API does, once."""

import csv
from io import StringIO

import pytest

from authserver.audit.events import Actor
from authserver.wiring.people.jobs import make_job_worker
from tests.admin.console import Console, enter, hidden
from tests.support.browser import Browser
from tests.support.trail import events
from tests.support.world import World


def take_roles_away(world: World, console: Console) -> None:
    """Take every role away from the person who looks."""
    roles, actor = world.services.roles, Actor("operator", console.tenant.id, "cor_1")
    world.user(console.tenant, "PLATFORM_ADMIN")  # the last administrator would stay
    world.services.database.write(
        lambda transaction: roles.set_roles(
            transaction, console.tenant.id, console.user.id, roles=[], actor=actor
        )
    )


REASON = {"reason": "Ticket 4711: they asked", "minutes": "15"}


@pytest.fixture(name="platform")
def _platform(world: World) -> Console:
    return enter(world, "PLATFORM_ADMIN")


def test_somebody_unknown_signs_in_and_comes_to_the_screen_that_was_wanted(world: World) -> None:
    tenant = world.tenant("internal")
    console = Console(world, tenant, world.user(tenant, "PLATFORM_ADMIN"))
    page = console.enter("/tenants?type=partner")
    assert page.request.full_path == "/console/tenants?type=partner"


def test_a_part_of_a_page_is_not_answered_with_the_sign_in_page(world: World) -> None:
    answer = Browser(world).get("/console/tenants", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["HX-Redirect"].startswith("/login/password?to=console")


def test_what_was_left_is_a_screen_of_ours_and_never_a_url(world: World) -> None:
    browser = Browser(world)
    browser.get("/console/tenants//evil.example")
    browser.get("/console/back?to=https://evil.example")
    console = Console(world, tenant := world.tenant("internal"), world.user(tenant, "admin"))
    assert console.enter("/back").request.path.startswith("/console/")


def test_nobody_sees_a_screen_whose_operation_they_may_not_ask_for(world: World) -> None:
    console = enter(world, "customer_viewer", kind="customer", path="")
    assert console.get("/tenants").status_code == 403
    assert 'href="/console/tenants"' not in console.get("").text
    assert console.get(f"/tenants/{console.tenant.id}/events").status_code == 403


def test_a_role_that_was_taken_away_shows_nothing_from_the_next_page_on(
    world: World, platform: Console
) -> None:
    assert platform.get("/tenants").status_code == 200
    take_roles_away(world, platform)
    assert platform.get("/tenants").status_code == 403


def test_another_tenant_and_none_are_the_same_to_an_administrator(world: World) -> None:
    console, other = enter(world, "admin", kind="customer", path=""), world.tenant()
    pages = [
        console.get(f"/tenants/{one}/events")
        for one in (other.id, f"ten_{'0' * 26}", "usr_1", "..%2f..")
    ]
    assert {page.status_code for page in pages} == {404}
    assert other.slug not in pages[0].text


def test_another_tenant_is_worked_in_for_a_reason_and_for_a_while(
    world: World, platform: Console
) -> None:
    tenant = world.tenant()
    trail, opening = f"/tenants/{tenant.id}/events", f"/tenants/{tenant.id}/open"
    assert platform.get(trail).headers["Location"] == f"/console{opening}"
    assert platform.send(opening, reason="short", minutes="15").status_code == 422
    assert platform.send(opening, **REASON).status_code == 303
    page = platform.get(trail)
    assert page.status_code == 200
    assert REASON["reason"] in page.text
    (told,) = events(world, tenant.id, "tenant_access.opened")
    assert told.document["facts"]["reason"] == REASON["reason"]
    world.clock.move(minutes=16)
    assert platform.get(trail).headers["Location"] == f"/console{opening}"


def test_who_may_not_open_tenants_does_not_learn_of_them(world: World) -> None:
    viewer, tenant = enter(world, "NOC_MANAGER"), world.tenant()
    assert viewer.get(f"/tenants/{tenant.id}/events").status_code == 404
    assert viewer.get(f"/tenants/{tenant.id}/open").status_code == 403


def test_a_form_needs_its_token_its_account_and_our_page(world: World, platform: Console) -> None:
    form = hidden(platform.get("/tenants/new"))
    sent = {"name": "Acme", "slug": f"{world.tenant().slug}-x", "type": "customer"}
    post = platform.browser.post
    bare = post("/console/tenants/new", data={**form, **sent, "csrf_token": "no"})
    other = post("/console/tenants/new", data={**form, **sent, "account": "ses_other"})
    cross = post(
        "/console/tenants/new", data={**form, **sent}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (bare.status_code, other.status_code, cross.status_code) == (400, 409, 403)
    assert sent["slug"] not in platform.get("/tenants").text


def test_a_list_takes_no_form_and_looking_changes_nothing(platform: Console) -> None:
    form = hidden(platform.get("/tenants/new"))
    assert platform.browser.post("/console/tenants", data=form).status_code == 405
    assert platform.get(f"/tenants/{platform.tenant.id}/resume").status_code == 200
    assert events(platform.world, platform.tenant.id, "tenant.resumed") == []


def test_a_form_that_is_sent_twice_happens_once_and_leads_to_the_same_place(
    world: World, platform: Console
) -> None:
    page = platform.get("/tenants/new")
    sent = {"name": "Acme", "slug": f"{world.tenant().slug}-x", "type": "customer"}
    first, again = platform.fill(page, **sent), platform.fill(page, **sent)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    edited = platform.fill(page, **{**sent, "slug": f"{sent['slug']}y"})
    assert edited.status_code == 422
    assert "sent already" in edited.text


def test_a_refusal_keeps_what_was_typed_beside_what_is_wrong(
    world: World, platform: Console
) -> None:
    taken = world.tenant().slug
    page = platform.send("/tenants/new", name="Acme & <Sons>", slug=taken, type="customer")
    assert page.status_code == 409
    assert 'value="Acme &amp; &lt;Sons&gt;"' in page.text
    assert 'role="alert"' in page.text
    empty = platform.send("/tenants/new", type="nonsense")
    assert empty.text.count('aria-invalid="true"') == 3
    fixed = platform.fill(empty, name="Acme", slug=f"{taken}-x", type="customer")
    assert fixed.status_code == 303


def test_what_is_sensitive_takes_a_new_sign_in_and_comes_back(
    world: World, platform: Console
) -> None:
    tenant = world.tenant()
    page = platform.get(f"/tenants/{tenant.id}/suspend")
    world.clock.move(minutes=6)
    late = platform.fill(page, retyped=f"Tenant {tenant.slug}")
    assert "/login/password" in late.headers["Location"]
    assert events(world, tenant.id, "tenant.suspended") == []
    answer = platform.browser.sign_in(late, platform.user)
    while answer.status_code == 303:
        answer = platform.browser.follow(answer)
    assert answer.request.path == f"/console/tenants/{tenant.id}/suspend"
    assert platform.fill(answer, retyped="another").status_code == 422
    assert platform.fill(answer, retyped=f"Tenant {tenant.slug}").status_code == 303
    assert len(events(world, tenant.id, "tenant.suspended")) == 1


def test_a_list_is_taken_away_as_a_file_in_which_nothing_computes(
    world: World, platform: Console
) -> None:
    slug = f"{world.tenant().slug}-x"
    platform.send("/tenants/new", name="=HYPERLINK(1)", slug=slug, type="partner")
    file = platform.get("/tenants?format=csv")
    assert file.headers["Content-Disposition"] == 'attachment; filename="tenants.csv"'
    rows = list(csv.reader(StringIO(file.text)))
    assert rows[0][:2] == ["Name", "Short name"]
    assert ["'=HYPERLINK(1)", slug] in [row[:2] for row in rows]


def test_a_file_of_the_trail_takes_the_permission_to_take_it_away(world: World) -> None:
    viewer = enter(world, "admin_viewer", kind="customer", path="")
    trail = f"/tenants/{viewer.tenant.id}"
    assert "trail/exports" not in viewer.get(f"{trail}/events").text
    assert viewer.get(f"{trail}/events?format=csv").mimetype == "text/html"
    assert viewer.get(f"{trail}/trail/exports/new").status_code == 403
    admin = enter(world, "admin", kind="customer", path="")
    own = f"/tenants/{admin.tenant.id}"
    assert f"{own}/trail/exports" in admin.get(f"{own}/events").text
    made = admin.send(f"{own}/trail/exports/new", format="csv")
    one = made.headers["Location"].partition("/console")[2]
    make_job_worker(world.services).work_off()
    file = admin.browser.post(f"/console{one}/download", data=hidden(admin.get(one)))
    assert file.mimetype == "text/csv"
    assert file.text.startswith("id,time,type,")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("cursor=forged", 400),
        ("type=nonsense", 422),
        ("q=x&q=y", 400),
        ("order_by=secret", 200),
    ],
)
def test_a_list_reads_its_own_query_strictly_and_nothing_else(
    platform: Console, query: str, status: int
) -> None:
    assert platform.get(f"/tenants?{query}").status_code == status


def test_a_page_of_an_administrator_is_kept_by_no_cache(platform: Console) -> None:
    assert platform.get("/tenants").headers["Cache-Control"] == "no-store"
