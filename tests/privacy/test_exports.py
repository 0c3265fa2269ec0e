"""A person's copy of what is stored of them: complete, signed, given out once, to nobody else."""

import io
import json
import re
import zipfile
from base64 import urlsafe_b64decode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

import jsonschema_rs
import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from authserver.core.database.tenancy import Base
from authserver.core.jose import read_foreign
from authserver.delivery.outbox import BELL
from authserver.jobs import worker as job_worker
from authserver.jobs.worker import JobWorker
from authserver.privacy.exports.happened import without_others
from authserver.privacy.exports.schema import schema
from authserver.privacy.exports.sections import sections
from authserver.privacy.exports.service import Person
from authserver.privacy.registry.service import personal_of
from authserver.wiring.people.jobs import make_job_worker
from authserver.wiring.privacy import make_exports
from tests.admin.callers import person
from tests.support.account import FIREFOX, agree, enter
from tests.support.browser import Browser, hidden
from tests.support.mails import mails, path_of, text_of
from tests.support.trail import events
from tests.support.waiting import PATIENCE, wait_for
from tests.support.world import UserFixture, World

_LINK = re.compile(r"https://auth\.example/account/privacy/export\?about=[a-z2-7]{40}\b")
PUBLISHED = Path(__file__).parents[2] / "docs" / "personal-data.schema.json"


def made(world: World) -> int:
    return make_job_worker(world.services).work_off()


def asked(world: World, user: UserFixture) -> Browser:
    """Sign in, ask for a copy, and have it made."""
    browser = Browser(world)
    browser.http.environ_base.update(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.7")
    enter(browser, user, "privacy")
    assert agree(browser, "privacy", "copy").status_code == 303
    assert made(world) == 1
    return browser


def link(world: World, user: UserFixture) -> str:
    said = text_of(mails(world, user.id, "data_export_ready")[-1])
    (url,) = _LINK.findall(said)
    return path_of(url)


def fetched(browser: Browser, path: str) -> TestResponse:
    page = browser.get(path)
    assert page.status_code == 200, page.headers
    return browser.submit(page)


def opened(archive: bytes) -> tuple[bytes, str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert files.namelist() == ["personal-data.json", "signature.jws"]
        return files.read("personal-data.json"), files.read("signature.jws").decode()


def copy_of(world: World, user: UserFixture) -> dict[str, Any]:
    browser = asked(world, user)
    document: dict[str, Any] = json.loads(opened(fetched(browser, link(world, user)).data)[0])
    return document


def test_the_link_comes_by_mail_and_the_file_is_given_out_once(world: World) -> None:
    user = world.user(world.tenant())
    browser = asked(world, user)
    path = link(world, user)
    assert "the link is in the mail" in browser.get("/account/privacy").text
    answer = fetched(browser, path)
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="personal-data.zip"'
    assert browser.get(path).status_code == 404
    assert "Nothing of it is kept here" in browser.get("/account/privacy").text
    with world.services.database.engine.connect() as connection:
        left = "SELECT count(*) FROM data_export_parts WHERE tenant_id = :id"
        assert connection.scalar(text(left), {"id": user.tenant.id}) == 0
    kinds = [one.type for one in events(world, user.tenant.id) if "data_export" in one.type]
    assert kinds == ["data_export.requested", "data_export.ready", "data_export.taken"]


def test_it_is_made_and_mailed_as_soon_as_it_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, sending = world.user(world.tenant()), Event()
    monkeypatch.setattr(job_worker, "_LOOK_EVERY", 3600)
    monkeypatch.setitem(world.services.database.bells, BELL, sending.set)
    browser, worker = Browser(world), make_job_worker(world.services)
    enter(browser, user, "privacy")
    worker.start()
    try:
        assert agree(browser, "privacy", "copy").status_code == 303
        wait_for(lambda: mails(world, user.id, "data_export_ready") != [], "the copy")
        assert sending.wait(PATIENCE)
    finally:
        worker.stop()


def test_it_follows_the_published_schema_and_has_what_was_said_and_done(world: World) -> None:
    user = world.user(world.tenant(), "customer_viewer")
    client = world.client(user.tenant, name="Orchid")
    Browser(world).code(client, user, scope="openid profile")
    document = copy_of(world, user)
    jsonschema_rs.validator_for(json.loads(PUBLISHED.read_text())).validate(document)
    tables = document["tables"]
    assert document["subject"] == user.id
    assert [row["email"] for row in tables["users"]] == [user.email]
    assert [row["role"] for row in tables["role_assignments"]] == ["customer_viewer"]
    assert [row["client_id"] for row in tables["consents"]] == [client.id]
    assert tables["consent_records"][0]["text"]["client"] == "Orchid"
    assert "203.0.113.7" in [row["address"] for row in tables["sessions"]]
    told = [event["type"] for event in document["events"]]
    assert "consent.granted" in told
    seen = [one["personal"].get("address") for one in document["events"]]
    assert "203.0.113.7" in seen


def test_the_published_schema_is_the_codes() -> None:
    assert json.loads(PUBLISHED.read_text()) == schema()


def test_every_column_that_is_to_be_exported_is_in_a_copy() -> None:
    declared = {
        str(column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if (found := personal_of(column)) and found.export
    }
    written = {f"{one.table}.{name}" for one in sections() for name in one.columns}
    assert declared <= written


def test_the_signature_proves_the_file_and_is_no_token(world: World) -> None:
    user = world.user(world.tenant())
    browser = asked(world, user)
    copy, signature = opened(fetched(browser, link(world, user)).data)
    keys = browser.get("/oauth/jwks").json
    manifest = read_foreign(signature, keys, ["ES256"])
    assert manifest["sha256"] == sha256(copy).hexdigest()
    assert (manifest["size"], manifest["iss"]) == (len(copy), "https://auth.example")
    head = signature.partition(".")[0]
    header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    assert header["typ"] == "personal-data+jwt"
    bearer = {"Authorization": f"Bearer {signature}"}
    assert browser.get("/oauth/userinfo", headers=bearer).status_code == 401


def test_no_secret_and_nobody_else_is_in_a_copy(world: World) -> None:
    tenant = world.tenant()
    user, other = world.user(tenant), world.user(tenant)
    enter(Browser(world), other)
    admin = person(world, "admin", kind="customer", tenant=tenant)
    assert admin.stage is not None
    chief = admin.stage.person
    admin.call("POST", f"/tenants/{tenant.id}/users/{user.id}/require-password-change")
    admin.call("POST", f"/tenants/{tenant.id}/users/{user.id}/exports")
    assert made(world) == 1
    with world.services.database.engine.connect() as connection:
        wanted = text("SELECT password_hash FROM users WHERE id = :id")
        secret = connection.scalar(wanted, {"id": user.id})

    archive = world.services.database.write(
        lambda tx: make_exports(world.services).hand_over(
            tx, Person(tenant.id, user.id), actor=replace(world.operator, principal=tenant.id)
        )
    )
    said = opened(archive)[0].decode()
    for foreign in (other.id, other.email, chief.id, chief.email, secret):
        assert foreign not in said
    by = [one["actor"] for one in json.loads(said)["events"]]
    assert {"kind": "user", "you": False} in by


def test_ids_of_others_are_blanked_wherever_they_stand() -> None:
    mine, theirs = (f"usr_{'0' * 25}{n}" for n in "12")
    said = {"by": theirs, "to": [mine, f"user:{theirs}"], "n": 1}
    assert without_others(said, mine) == {"by": None, "to": [mine, None], "n": 1}


def test_another_person_gets_nothing_for_the_link(world: World) -> None:
    tenant = world.tenant()
    user, thief = world.user(tenant), world.user(tenant)
    owner = asked(world, user)
    path, theirs = link(world, user), Browser(world)
    enter(theirs, thief, "privacy")
    assert theirs.get(path).status_code == 404
    form = hidden(theirs.get("/account/privacy?about=copy"))
    stolen = theirs.post("/account/privacy/export", data={**form, "about": path.rpartition("=")[2]})
    assert stolen.status_code == 404
    assert fetched(owner, path).status_code == 200


def test_without_a_fresh_sign_in_the_link_opens_nothing(world: World) -> None:
    user = world.user(world.tenant())
    browser = asked(world, user)
    path = link(world, user)
    form = hidden(browser.get(path))
    world.clock.move(minutes=6)
    for answer in (browser.get(path), browser.post("/account/privacy/export", data=form)):
        assert answer.status_code == 303
        assert "/login/password" in answer.headers["Location"]
    back = browser.sign_in(browser.get(path), user)
    assert browser.submit(browser.follow(back)).mimetype == "application/zip"


def test_the_link_is_over_after_a_day_and_when_there_is_another(world: World) -> None:
    user = world.user(world.tenant())
    browser = asked(world, user)
    first = link(world, user)
    agree(browser, "privacy", "copy")
    assert browser.get(first).status_code == 404
    made(world)
    second = link(world, user)
    world.clock.move(hours=24)
    later = Browser(world)
    enter(later, user, "privacy")
    assert later.get(second).status_code == 404
    world.services.pruner.prune()
    with world.services.database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM data_export_parts")) == 0


def test_two_at_once_are_refused_and_others_do_not_wait(world: World) -> None:
    tenant = world.tenant()
    admin = person(world, "admin", kind="customer", tenant=tenant)
    first, second = (f"/tenants/{tenant.id}/users/{world.user(tenant).id}/exports" for _ in "12")
    assert admin.call("POST", first).json["standing"] == "making"
    assert admin.call("POST", first).status_code == 409
    assert admin.call("POST", second).status_code == 201
    assert made(world) == 2
    (one,) = admin.call("GET", first).json["items"]
    assert (one["standing"], one["asked_by"]) == ("ready", "user")


@pytest.mark.parametrize("role", ["admin", "PLATFORM_ADMIN"])
def test_an_administrator_of_elsewhere_finds_nobody(world: World, role: str) -> None:
    user = world.user(world.tenant())
    kind = "internal" if role.isupper() else "customer"
    stranger = person(world, role, kind=kind)
    url = f"/tenants/{user.tenant.id}/users/{user.id}/exports"
    assert stranger.call("POST", url).status_code == 404
    assert stranger.call("GET", url).status_code == 404
    assert mails(world, user.id, "data_export_ready") == []


def test_a_long_trail_is_read_in_pieces_and_survives_the_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authserver.privacy.exports.happened.AT_ONCE", 2)
    user = world.user(world.tenant())
    browser = Browser(world)
    enter(browser, user, "privacy")
    agree(browser, "privacy", "copy")
    first: JobWorker = make_job_worker(world.services)
    claim = first.claim()
    assert claim is not None
    for _step in range(2):
        assert not world.services.database.write(lambda tx: first.step(tx, claim))
    world.clock.move(minutes=2)  # it died; another one goes on
    assert made(world) == 1
    document = json.loads(opened(fetched(browser, link(world, user)).data)[0])
    told = [one["id"] for one in document["events"]]
    assert len(told) == len(set(told)) >= 4
