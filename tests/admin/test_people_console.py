"""The console's screens about people do what the API does, and ask before."""

import io
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from authserver.wiring.people import jobs as wiring
from tests.admin.console import Console, enter, hidden
from tests.support.trail import events
from tests.support.world import UserFixture, World


@pytest.fixture(name="admin", scope="module")
def _admin(installation: World) -> Console:
    installation.clock.reset()
    tenant = installation.tenant()
    console = Console(installation, tenant, installation.user(tenant, "admin"))
    console.enter(f"/tenants/{tenant.id}/users")
    return console


def at(console: Console, more: str = "") -> str:
    return f"/tenants/{console.tenant.id}{more}"


def somebody(console: Console, *roles: str, name: str = "Grace Hopper") -> UserFixture:
    return console.world.user(console.tenant, *roles, name=name)


def test_people_are_listed_searched_and_led_to(admin: Console) -> None:
    user = somebody(admin, "customer_viewer", name="Lise Meitner")
    page = admin.get(at(admin, "/users?q=meitner&role=customer_viewer"))
    assert page.status_code == 200
    assert "Lise Meitner" in page.text
    assert f"/users/{user.id}" in page.text
    assert "Nothing fits" in admin.get(at(admin, "/users?q=nobody-here")).text


def test_an_account_is_made_and_its_profile_changed(admin: Console) -> None:
    made = admin.send(
        at(admin, "/users/new"), email="emmy@console.example", name="Emmy Noether", mail="on"
    )
    assert made.status_code == 303, made.text
    one = made.headers["Location"].partition("/console")[2]
    assert "The account was created." in admin.browser.follow(made).text
    saved = admin.send(
        f"{one}/edit",
        **{"name": "Emmy Noether", "locale": "de", "details.given_name": "Emmy"},
    )
    assert saved.status_code == 303, saved.text
    page = admin.get(one)
    assert "Deutsch" in page.text
    wrong = admin.send(f"{one}/edit", name="Emmy", **{"details.given_name": "x" * 200})
    assert wrong.status_code == 422
    assert "This is too long." in wrong.text


def test_every_act_asks_before_and_is_done(admin: Console) -> None:
    user = somebody(admin)
    one = at(admin, f"/users/{user.id}")
    for act in ("require-password-change", "send-reset", "sign-out", "unlock"):
        question = admin.get(f"{one}/{act}")
        assert question.status_code == 200, act
        assert admin.send(f"{one}/{act}").status_code == 303, act
    assert admin.send(f"{one}/disable", retyped="wrong").status_code == 422
    assert admin.send(f"{one}/disable", retyped=user.email).status_code == 303
    assert "Disabled" in admin.get(one).text
    assert admin.send(f"{one}/enable").status_code == 303
    kinds = {event.type for event in events(admin.world, admin.tenant.id)}
    assert {"user.disabled", "user.enabled", "account.unlocked"} <= kinds


def test_roles_are_chosen_among_those_that_one_may_give(admin: Console) -> None:
    user = somebody(admin, "customer_viewer")
    path = at(admin, f"/users/{user.id}/roles")
    page = admin.get(path)
    assert "SUPPORT_AGENT" in page.text
    assert "PLATFORM_ADMIN" not in page.text
    assert admin.send(path, **{"roles.SUPPORT_AGENT": "on"}).status_code == 303
    assert "SUPPORT_AGENT" in admin.get(at(admin, f"/users/{user.id}")).text


def test_security_sessions_and_activity_have_screens(admin: Console) -> None:
    one = at(admin, f"/users/{admin.user.id}")
    for tab, said in (
        ("", "Profile"),
        ("/security", "Second factors"),
        ("/sessions", "Last use"),
        ("/events", "A person signed in"),
    ):
        page = admin.get(one + tab)
        assert page.status_code == 200, tab
        assert said in page.text, tab


def test_somebody_is_invited_mailed_again_and_taken_back(admin: Console) -> None:
    sent = admin.send(
        at(admin, "/invitations/new"),
        email="asked@console.example",
        **{"roles.customer_viewer": "on"},
    )
    assert sent.status_code == 303, sent.text
    page = admin.browser.follow(sent)
    assert "asked@console.example" in page.text
    invitation = page.text.partition("/invitations/inv_")[2][:26]
    one = at(admin, f"/invitations/inv_{invitation}")
    assert "customer_viewer" in admin.get(one).text
    assert admin.send(f"{one}/resend").status_code == 429
    assert admin.send(f"{one}/revoke").status_code == 303
    assert "Taken back" in admin.get(one).text


def post(console: Console, path: str, data: dict[str, Any]) -> TestResponse:
    """Send a form with a file, as bytes: what is large would wait in a file of the test's own."""
    boundary, body = encode_multipart(data)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return console.browser.post(path, data=body, content_type=kind)


def upload(console: Console, text: bytes, **fields: str) -> str:
    path = at(console, "/imports/new")
    page = console.get(path)
    data = {**hidden(page), **fields, "file": FileStorage(io.BytesIO(text), "people.csv")}
    answer = post(console, page.request.path, data)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).partition("/console")[2]


def test_a_file_is_taken_and_its_progress_shown(admin: Console) -> None:
    text = "email,name\n" + "".join(f"c{n}@console.example,P {n}\n" for n in range(3)) + "bad,B\n"
    one = upload(admin, text.encode())
    page = admin.get(one)
    assert "0 of 4 rows done" in page.text
    assert 'hx-trigger="every 2s"' in page.text
    wiring.make_job_worker(admin.world.services).work_off()
    page = admin.get(one)
    assert "4 of 4 rows done, 1 refused." in page.text
    assert "This is not an address that can be used." in page.text
    assert "every 2s" not in page.text


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "Choose a file first."),
        (b"\xff\xfe", "The file is not UTF-8."),
        (b"email\nx", "email and name among them"),
        (b"email,name,<script>\nx,y,z", "Column 3 is not known"),
        (b"email,name\n" + b"a" * 5 * 1024 * 1024, "too large"),
    ],
    ids=["none", "not UTF-8", "no name", "unknown column", "too large"],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    admin: Console, text: bytes, said: str
) -> None:
    path = at(admin, "/imports/new")
    page = admin.get(path)
    data = {**hidden(page), "file": FileStorage(io.BytesIO(text), "people.csv")}
    answer = post(admin, page.request.path, data)
    assert answer.status_code == 422, answer.text
    assert said in answer.text
    assert "<script>\nx" not in answer.text


def test_who_may_only_look_sees_no_way_to_change(world: World) -> None:
    viewer = enter(world, "customer_viewer", path="")
    one = at(viewer, f"/users/{viewer.user.id}")
    page = viewer.get(one)
    assert page.status_code == 200
    assert "/disable" not in page.text
    assert viewer.get(f"{one}/disable").status_code == 403
    assert viewer.get(at(viewer, "/users/new")).status_code == 403


@pytest.mark.attack("ATK-111")
def test_another_tenants_person_has_no_screen(world: World, admin: Console) -> None:
    stranger = world.user(world.tenant())
    for tab in ("", "/security", "/sessions", "/edit", "/disable"):
        assert admin.get(at(admin, f"/users/{stranger.id}{tab}")).status_code == 404
    theirs = f"/tenants/{stranger.tenant.id}/users"
    assert admin.get(theirs).status_code == 404


@pytest.mark.attack("ATK-133")
def test_hostile_names_are_shown_as_text(admin: Console) -> None:
    name = '"><img src=x onerror=alert(1)>'
    user = somebody(admin, name=name)
    for page in (
        admin.get(at(admin, "/users")),
        admin.get(at(admin, f"/users/{user.id}")),
        admin.get(at(admin, f"/users/{user.id}/disable")),
    ):
        assert "<img src=x" not in page.text
        assert "&lt;img src=x" in page.text
