"""The console says events and refusals in the reader's language, beside the field they mean."""

import pytest

from tests.admin.console import Console, enter, hidden, typed
from tests.support.browser import ISSUER
from tests.support.world import World

GERMAN = {"Accept-Language": "de"}


@pytest.fixture(name="admin")
def _admin(world: World) -> Console:
    return enter(world, "admin", kind="customer", path="")


def at(admin: Console, path: str) -> str:
    return f"/tenants/{admin.tenant.id}/{path}"


def send(admin: Console, path: str, **fields: str) -> str:
    page = admin.get(path, headers=GERMAN)
    data = {**hidden(page), **typed(fields)}
    return admin.browser.post(page.request.path, data=data, headers=GERMAN).text


def test_what_happened_is_a_sentence_in_the_readers_language(admin: Console) -> None:
    assert "A person signed in" in admin.get(at(admin, "events")).text
    assert "Eine Person hat sich angemeldet" in admin.get(at(admin, "events"), headers=GERMAN).text
    page = admin.get(at(admin, "events?type=sign_in.succeeded"), headers=GERMAN).text
    rows = page.partition('<div class="timeline">')[2]
    assert "Eine Person hat sich angemeldet" in rows
    assert "Eine Sitzung hat begonnen" not in rows
    one = rows.partition(f"/console/tenants/{admin.tenant.id}/events/")[2][:30]
    detail = admin.get(at(admin, f"events/{one}"), headers=GERMAN).text
    assert "sign_in.succeeded" in detail


def test_a_refusal_is_said_in_german_beside_its_field(world: World, admin: Console) -> None:
    taken = world.user(admin.tenant).email
    page = send(admin, at(admin, "users/new"), email=taken, name="Twice")
    assert "Es gibt schon ein Konto mit dieser E-Mail-Adresse." in page
    assert 'id="email-error"' in page
    page = send(admin, at(admin, "users/new"), email="nowhere", name="Nobody")
    assert "Die E-Mail-Adresse ist nicht verwendbar" in page
    assert "die Adresse muss genau ein" in page


def test_what_stands_in_a_refusal_is_said_in_german_too(admin: Console) -> None:
    page = send(
        admin, at(admin, "clients/new/web"), name="Shop", redirect_uris="http://shop.example/back"
    )
    assert "wird abgelehnt: http ist hier nicht erlaubt" in page
    assert 'id="redirect_uris-error"' in page


def test_a_program_reads_which_field_is_wrong_in_english(admin: Console) -> None:
    answer = admin.browser.http.post(
        f"/api/v1/tenants/{admin.tenant.id}/users",
        base_url=ISSUER,
        json={"email": "nowhere", "name": "Nobody"},
        headers={"Console-Session": admin.session, **GERMAN},
    )
    assert answer.status_code == 400
    (error,) = answer.json["errors"]
    assert error["field"] == "email"
    assert "must have exactly one" in error["message"]
