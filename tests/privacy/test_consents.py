"""What people allow is kept for good, with the words that they read."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from authserver.privacy.consents.values import hash_of
from authserver.wiring.privacy import make_consent_records
from tests.admin.callers import person
from tests.support.account import FIREFOX, agree
from tests.support.browser import Browser, hidden
from tests.support.joining import Guestbook, arrived, joined
from tests.support.world import ClientFixture, UserFixture, World

SCOPE = "openid profile offline_access"


def records(world: World, user: UserFixture) -> list[object]:
    with world.services.database.read() as view:
        return [*make_consent_records(world.services).of_person(view, user.tenant.id, user.id)]


def consented(world: World) -> tuple[Browser, UserFixture, ClientFixture]:
    tenant = world.tenant()
    user, client, browser = world.user(tenant), world.client(tenant, name="Orchid"), Browser(world)
    browser.http.environ_base.update(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.7")
    browser.code(client, user, scope=SCOPE)
    return browser, user, client


def test_a_consent_is_recorded_with_the_words_that_were_read(world: World) -> None:
    _, user, client = consented(world)
    (one,) = records(world, user)
    assert (one.act, one.client_id, one.scope) == ("granted", client.id, tuple(SCOPE.split()))
    assert one.text["client"] == "Orchid"
    assert ["Know who you are", "A stable identifier, your organization and your roles."] in (
        one.text["permissions"]
    )
    assert one.text_hash == hash_of(one.text)
    assert (one.locale, one.address, one.user_agent) == ("en", "203.0.113.7", FIREFOX)
    assert one.decided_at == world.clock.now()


def test_who_reads_another_language_read_another_text(world: World) -> None:
    _, first, client = consented(world)
    german, browser = world.user(first.tenant), Browser(world)
    browser.code(client, german, scope=SCOPE, ui_locales="de")
    (one,), (other,) = records(world, first), records(world, german)
    assert other.locale == "de"
    assert one.text_hash != other.text_hash


def test_taking_back_and_denying_are_rows_of_their_own(world: World) -> None:
    browser, user, client = consented(world)
    agree(browser, "applications", client.id)
    page = browser.follow(browser.authorize(client, scope=SCOPE))
    browser.submit(page, decision="deny")
    acts = [one.act for one in records(world, user)]
    assert acts == ["denied", "withdrawn", "granted"]
    shown = browser.get("/account/privacy").text
    for words in ("Orchid", "Denied", "Taken back", "Allowed", "203.0.113.7", "Firefox on Linux"):
        assert words in shown


def test_what_was_not_read_is_not_allowed(world: World) -> None:
    """The client got another name between the page and the answer."""
    tenant = world.tenant()
    user, client, browser = world.user(tenant), world.client(tenant), Browser(world)
    page = browser.follow(browser.authorize(client, scope=SCOPE))
    page = browser.follow(browser.follow(browser.sign_in(page, user)))
    form = {**hidden(page), "decision": "allow", "text": "0" * 64}
    again = browser.follow(browser.post(page.request.path, data=form))
    assert "/login/consent" in again.headers["Location"]
    assert records(world, user) == []


def test_address_and_browser_are_gone_with_the_persons_key(world: World) -> None:
    _, user, _ = consented(world)
    gone = text("DELETE FROM audit_subjects WHERE principal_id = :id")
    with world.services.database.engine.begin() as connection:
        connection.execute(gone, {"id": user.id})
    (one,) = records(world, user)
    assert (one.act, one.address, one.user_agent) == ("granted", "", "")


@pytest.mark.parametrize("table", ["consent_records", "consent_texts"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET tenant_id = 'ten_other'"])
def test_the_database_refuses_to_change_the_record(world: World, table: str, change: str) -> None:
    consented(world)
    engine = world.services.database.engine
    with engine.connect() as connection, connection.begin(), pytest.raises(DBAPIError):
        connection.execute(text(change.format(table)))


def test_an_administrator_reads_the_record_and_nobody_elses_does(world: World) -> None:
    browser, user, client = consented(world)
    agree(browser, "applications", client.id)
    admin = person(world, "admin", kind="customer", tenant=user.tenant)
    url = f"/tenants/{user.tenant.id}/users/{user.id}/consents"
    first = admin.call("GET", f"{url}?limit=1").json
    assert [one["act"] for one in first["items"]] == ["withdrawn"]
    second = admin.call("GET", f"{url}?limit=1&cursor={first['next_cursor']}").json
    (one,) = second["items"]
    assert (one["act"], one["client_id"], one["address"]) == ("granted", client.id, "203.0.113.7")
    assert one["text_version"] == hash_of(one["text"])
    stranger = person(world, "admin", kind="customer")
    assert stranger.call("GET", url).status_code == 404
    absent = replace(user, id="usr_01jd0000000000000000000000")
    assert admin.call("GET", url.replace(user.id, absent.id)).status_code == 404


def test_who_accepts_an_invitation_agreed_to_the_terms_that_the_page_showed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    page: Any = world.app.view_functions["joining.invitation"]
    documents = replace(vars(page.__self__)["_documents"], terms="https://acme.example/terms")
    monkeypatch.setattr(page.__self__, "_documents", documents)
    entrance = Guestbook(world)
    mail = entrance.mailed()
    assert "https://acme.example/terms" in arrived(world, mail).text
    joined(world, mail)
    (one,) = records(world, entrance.person())
    assert (one.act, one.client_id) == ("granted", None)
    assert one.text["links"] == ["https://acme.example/terms"]
