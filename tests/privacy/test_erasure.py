"""Erasure: said twice, waited for, stopped by a hold; then nothing of the person is left."""

import json
import re
from base64 import b64decode

import pytest
from sqlalchemy import select, text

from authserver.audit import tree
from authserver.audit.models import AuditEvent, AuditSubject
from authserver.clients.options import Options
from authserver.core.database.tenancy import Base
from authserver.core.jose import read_foreign
from authserver.jobs.service import Jobs
from authserver.privacy.erasure import applying
from authserver.privacy.erasure.starting import Starting
from authserver.privacy.erasure.values import By, Whom
from authserver.privacy.registry.service import personal_of
from authserver.wiring.people.jobs import make_job_worker
from authserver.wiring.privacy import make_erasures
from tests.admin.callers import Caller, person
from tests.support.account import agree, enter
from tests.support.browser import Browser, Party
from tests.support.mails import mails, path_of, text_of
from tests.support.trail import events
from tests.support.world import UserFixture, World

_LINK = re.compile(r"https://auth\.example/\S+\?about=[a-z2-7]{40}\b")


def asked(world: World, user: UserFixture) -> tuple[Browser, str]:
    """Sign in and ask; return the path of the mailed link."""
    browser = Browser(world)
    enter(browser, user, "privacy")
    assert agree(browser, "privacy", "erase").status_code == 303
    return browser, link(world, user.id, "erasure_asked")


def link(world: World, user_id: str | None, template: str) -> str:
    (url,) = _LINK.findall(text_of(mails(world, user_id, template)[-1]))
    return path_of(url)


def confirmed(world: World, user: UserFixture) -> Browser:
    browser, path = asked(world, user)
    answer = browser.submit(browser.get(path), email=user.email)
    assert answer.status_code == 303
    return browser


def due(world: World) -> None:
    """Let the waiting time pass, and the work be done."""
    world.clock.move(days=14)
    begun(world)
    make_job_worker(world.services).work_off()


def begun(world: World) -> None:
    """Do what a chore does each hour."""
    services = world.services
    jobs = Jobs(services.keyring, services.clock)
    Starting(services.database, jobs, services.clock).begin_due()


def erased(world: World, user: UserFixture) -> None:
    confirmed(world, user)
    due(world)


def of_account(world: World, user: UserFixture) -> dict[str, object]:
    with world.services.database.engine.connect() as connection:
        wanted = text("SELECT * FROM users WHERE id = :id")
        return dict(connection.execute(wanted, {"id": user.id}).mappings().one())


def test_it_is_said_twice_and_done_when_its_time_is_over(world: World) -> None:
    user = world.user(world.tenant(), "customer_viewer")
    browser = confirmed(world, user)
    assert "Your account is deleted on" in browser.get("/account/privacy").text
    assert of_account(world, user)["erased_at"] is None
    due(world)
    left = of_account(world, user)
    assert (left["email"], left["name"], left["password_hash"]) == ("", "", None)
    assert left["email_canonical"] == user.id
    assert browser.get("/account/privacy").status_code == 303
    kinds = [one.type for one in events(world, user.tenant.id) if "eras" in one.type]
    assert kinds == ["erasure.requested", "erasure.confirmed", "user.erased"]


def test_the_link_alone_erases_nobody(world: World) -> None:
    """A mail scanner opens it; a thief types another address; the owner did not sign in again."""
    user = world.user(world.tenant())
    browser, path = asked(world, user)
    assert Browser(world).get(path).status_code == 303
    page = browser.get(path)
    assert browser.submit(page, email="somebody@else.example").status_code == 422
    world.clock.move(minutes=6)
    assert "/login/password" in browser.submit(page, email=user.email).headers["Location"]
    due(world)
    assert of_account(world, user)["email"] == user.email


def test_another_persons_link_is_not_found(world: World) -> None:
    tenant = world.tenant()
    user, thief = world.user(tenant), world.user(tenant)
    _browser, path = asked(world, user)
    theirs = Browser(world)
    enter(theirs, thief, "privacy")
    assert theirs.get(path).status_code == 404


def test_within_its_time_it_is_called_off(world: World) -> None:
    user = world.user(world.tenant())
    browser = confirmed(world, user)
    page = browser.get("/account/privacy")
    assert browser.submit(page, about="keep").status_code == 303
    assert mails(world, user.id, "erasure_cancelled")
    assert events(world, user.tenant.id)[-1].type == "erasure.cancelled"
    due(world)
    assert of_account(world, user)["email"] == user.email


def admin_of(world: World, user: UserFixture) -> Caller:
    return person(world, "admin", kind="customer", tenant=user.tenant)


def test_an_administrator_orders_it_and_calls_it_off(world: World) -> None:
    user = world.user(world.tenant())
    admin = admin_of(world, user)
    url = f"/tenants/{user.tenant.id}/users/{user.id}/erasure"
    made = admin.call("POST", url, {"reason": "asked by letter"})
    assert (made.status_code, made.json["state"]) == (201, "waiting")
    assert mails(world, user.id, "erasure_waits")
    assert admin.call("POST", url, {"reason": "again"}).status_code == 409
    assert admin.call("POST", f"{url}/cancel").json["state"] == "cancelled"
    admin.call("POST", url, {"reason": "asked by letter"})
    due(world)
    admin = admin_of(world, user)
    assert admin.call("GET", url).status_code == 404
    (done, _cancelled) = admin.call("GET", f"/tenants/{user.tenant.id}/erasures").json["items"]
    assert (done["state"], done["user_id"]) == ("done", user.id)
    people = admin.call("GET", f"/tenants/{user.tenant.id}/users").json["items"]
    assert user.id not in [one["id"] for one in people]


def test_a_legal_hold_stops_it_and_says_who_and_why(world: World) -> None:
    user = world.user(world.tenant())
    admin = admin_of(world, user)
    url = f"/tenants/{user.tenant.id}/users/{user.id}"
    assert admin.call("POST", f"{url}/legal-hold", {"reason": "Case 7"}).status_code == 200
    assert admin.call("POST", f"{url}/legal-hold", {"reason": "twice"}).status_code == 409
    browser = confirmed(world, user)
    assert "The law makes your organization keep" in browser.get("/account/privacy").text
    due(world)
    later = admin_of(world, user)
    standing = later.call("GET", f"{url}/erasure").json
    assert standing["erasure"]["held"] is True
    (hold,) = standing["holds"]
    assert admin.stage is not None
    assert (hold["reason"], hold["set_by"]) == ("Case 7", admin.stage.person.id)
    assert of_account(world, user)["email"] == user.email
    assert later.call("POST", f"{url}/legal-hold/lift").status_code == 200
    due(world)
    assert of_account(world, user)["email"] == ""
    kinds = [one.type for one in events(world, user.tenant.id) if "hold" in one.type]
    assert kinds == ["legal_hold.set", "legal_hold.lifted"]


def test_a_hold_of_the_last_moment_stops_work_that_waits(world: World) -> None:
    user = world.user(world.tenant())
    confirmed(world, user)
    world.clock.move(days=14)
    admin = admin_of(world, user)
    begun(world)
    url = f"/tenants/{user.tenant.id}/users/{user.id}"
    admin.call("POST", f"{url}/legal-hold", {"reason": "Case 8"})
    make_job_worker(world.services).work_off()
    assert of_account(world, user)["email"] == user.email
    admin.call("POST", f"{url}/legal-hold/lift")
    due(world)
    assert of_account(world, user)["email"] == ""


def test_the_last_administrator_and_oneself_are_refused(world: World) -> None:
    user = world.user(world.tenant(), "admin")
    browser = Browser(world)
    enter(browser, user, "privacy")
    agree(browser, "privacy", "erase")
    assert "the last administrator" in browser.get("/account/privacy").text
    admin = admin_of(world, user)
    assert admin.stage is not None
    own = f"/tenants/{user.tenant.id}/users/{admin.stage.person.id}/erasure"
    assert admin.call("POST", own, {"reason": "me"}).status_code == 403


def test_every_rule_of_every_column_is_applied() -> None:
    going, blanked = set(applying.going()), applying.blanked()
    missed = [
        str(column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if (rule := personal_of(column)) and rule.on_erasure.value == "delete row"
        if table.name not in going | applying.LAST | {"job_parts"}
    ]
    assert missed == []
    assert set(blanked) == {"users", "erasures"}


def test_nothing_of_the_person_is_found_and_the_id_is_never_given_again(world: World) -> None:
    user = world.user(world.tenant(), "customer_viewer")
    client = world.client(user.tenant, name="Orchid")
    Browser(world).code(client, user, scope="openid profile offline_access")
    erased(world, user)
    with world.services.database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.execute(table.select()).all()
            assert not [row for row in rows if user.email in str(row)], table.name
    again = world.user(user.tenant, email=user.email)
    assert again.id != user.id


def test_the_trail_still_verifies_and_says_nothing_of_the_person(world: World) -> None:
    user = world.user(world.tenant())
    erased(world, user)
    with world.services.database.read() as view:
        trail = view.tenant(user.tenant.id)
        gone = select(AuditSubject).where(AuditSubject.principal_id == user.id)
        assert trail.scalar(gone) is None
        last = select(AuditEvent).where(AuditEvent.type == "user.erased")
        row = trail.scalars(last).one()
        assert row.subject_ref is not None
        assert user.id not in row.body.decode().replace(f"erasure:{row.resource}", "")


def test_the_receipt_is_signed_and_proves_its_place_in_the_trail(world: World) -> None:
    user = world.user(world.tenant())
    erased(world, user)
    path = link(world, None, "account_erased")
    stranger = Browser(world)
    assert "is being signed" in stranger.get(path).text
    world.services.proving.sequencer.once()
    answer = stranger.submit(stranger.get(path))
    assert answer.mimetype == "application/jose"
    receipt = read_foreign(answer.text, stranger.get("/oauth/jwks").json, ["ES256"])
    log = receipt["log"]
    assert receipt["sub"] == user.id
    path_of_leaf = [b64decode(one) for one in log["path"]]
    leaf, root = b64decode(log["leaf"]), b64decode(log["root"])
    assert tree.proves_inclusion(path_of_leaf, leaf, log["index"], size=log["size"], root=root)
    assert user.email not in json.dumps(receipt)


@pytest.mark.parametrize("token", ["", "a" * 40, "-"])
def test_no_receipt_is_guessed(world: World, token: str) -> None:
    assert Browser(world).get(f"/login/receipt?about={token}").status_code == 404


def test_guest_accounts_go_with_their_home(world: World) -> None:
    home = world.user(world.tenant())
    guest = world.guest(home, world.tenant())
    erased(world, home)
    due(world)
    assert of_account(world, guest)["email"] == ""


def test_whom_a_restored_database_brought_back_is_erased_again(world: World) -> None:
    """Nothing but the id is known of who was erased, and no mail address is asked for."""
    user = world.user(world.tenant())
    erasures = make_erasures(world.services)
    whom, by = Whom(user.tenant.id, user.id), By(world.operator, user.tenant.id)

    def again() -> bool:
        return world.services.database.write(lambda tx: erasures.repeat(tx, whom, by=by))

    assert again()
    make_job_worker(world.services).work_off()
    assert of_account(world, user)["email"] == ""
    assert not again()


def test_applications_are_told_that_the_person_is_signed_out(world: World) -> None:
    user = world.user(world.tenant())
    options = Options(backchannel_logout_uri="https://rp.example/logout")
    client = world.client(user.tenant, first_party=True, options=options)
    party = Party(world, client)
    party.redeem(Browser(world).code(client, user, scope="openid"))
    erased(world, user)
    with world.services.database.engine.connect() as connection:
        left = text("SELECT count(*) FROM logout_notices WHERE user_id = :id")
        assert connection.scalar(left, {"id": user.id}) == 1
        gone = text("SELECT count(*) FROM sessions WHERE user_id = :id")
        assert connection.scalar(gone, {"id": user.id}) == 0
