"""/api/v1/tenants/{tenant_id}/imports: many people at once."""

from typing import Any

import bcrypt
import orjson
import pytest
from sqlalchemy import func, select

from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.jobs.models import JobPart
from authserver.jobs.values import JobView, Step
from authserver.jobs.worker import LEASE, JobWorker, NotOurs
from authserver.people.importing.job import AT_ONCE
from authserver.wiring.people import jobs as wiring
from tests.admin.callers import AUDIENCE, EVERYTHING, Caller, person, program
from tests.spec.tools import Stage, set_roles
from tests.support.browser import Browser
from tests.support.trail import events
from tests.support.world import PASSWORD, TenantFixture, UserFixture, World

COLUMNS = ["email", "name", "roles"]


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


def many(tenant: TenantFixture, more: str = "") -> str:
    return f"/tenants/{tenant.id}/imports{more}"


def begin(caller: Caller, text: str, form: str = "csv", **more: Any) -> str:
    """Hand rows over and start; return the path of the import."""
    body = {"format": form, **({"columns": COLUMNS} if form == "csv" else {}), **more}
    made = caller.call("POST", many(caller.tenant), body)
    assert made.status_code == 201, made.text
    one = made.headers["Location"].removeprefix("/api/v1")
    sent = caller.call("POST", f"{one}/parts", {"number": 1, "text": text})
    assert sent.status_code == 200, sent.text
    assert caller.call("POST", f"{one}/start").json["state"] == "waiting"
    return one


def work(world: World) -> int:
    return wiring.make_job_worker(world.services).work_off()


def refusals(caller: Caller, one: str) -> list[tuple[int, str, str]]:
    found = caller.call("GET", f"{one}/refusals").json["items"]
    return [(row["number"], row["field"], row["code"]) for row in found]


def people(world: World, tenant: TenantFixture) -> int:
    with world.services.database.read() as view:
        wanted = select(func.count()).select_from(User).where(User.tenant_id == tenant.id)
        return view.platform().scalars(wanted).one()


def rows(count: int) -> str:
    return "".join(f"p{n}@imp.example,Person {n},\n" for n in range(count))


def test_rows_become_accounts_and_the_others_are_told_by_number(
    world: World, admin: Caller
) -> None:
    text = (
        'one@imp.example,"One, first",customer_viewer\n'
        "not an address,Two,\n"
        "ONE@imp.example,Again,\n"
        "four@imp.example,Four,PLATFORM_ADMIN\n"
        "five@imp.example,Five,NOC_MANAGER\n"
        "six@imp.example,,\n"
        "seven@imp.example,Seven,nobody\n"
    )
    one = begin(admin, text)
    assert admin.call("POST", f"{one}/parts", {"number": 2, "text": text}).status_code == 409
    work(world)
    told = admin.call("GET", one).json
    assert (told["state"], told["total"], told["done"], told["refused"]) == ("done", 7, 7, 6)
    assert refusals(admin, one) == [
        (2, "email", "unusable"),
        (3, "email", "taken"),
        (4, "roles", "refused"),
        (5, "roles", "refused"),
        (6, "name", "unfit"),
        (7, "roles", "unknown_role"),
    ]
    found = admin.call("GET", f"/tenants/{admin.tenant.id}/users?q=one@imp").json["items"]
    assert [(row["name"], row["roles"]) for row in found] == [("One, first", ["customer_viewer"])]
    kinds = [event.type for event in events(world, admin.tenant.id)]
    assert {"import.started", "import.ended", "user.created"} <= set(kinds)


def test_nothing_that_rows_said_is_kept_after_the_end(world: World, admin: Caller) -> None:
    one = begin(admin, "canary address,Canary Name,\n")
    work(world)
    answers = admin.call("GET", one).text + admin.call("GET", f"{one}/refusals").text
    assert "anary" not in answers
    with world.services.database.read() as view:
        left = select(func.count()).select_from(JobPart).where(JobPart.tenant_id == admin.tenant.id)
        assert view.platform().scalars(left).one() == 0


def test_json_lines_say_details_and_a_hash_that_opens(world: World, admin: Caller) -> None:
    hashed = "$2b$04$" + "a" * 53
    line = {
        "email": "j@imp.example",
        "name": "Jay",
        "locale": "fr",
        "zoneinfo": "Europe/Paris",
        "given_name": "J",
        "phone_number": "+49 30 123456",
        "password_hash": hashed,
        "roles": ["customer_viewer", "SUPPORT_AGENT"],
    }
    unfit = {**line, "email": "k@imp.example", "password_hash": "md5:1"}
    extra = {**line, "email": "l@imp.example", "is_admin": True}
    vouched = {**line, "email": "m@imp.example", "verified": True}
    text = "\n".join(orjson.dumps(one).decode() for one in (line, unfit, extra, vouched))
    one = begin(admin, text, "jsonl")
    work(world)
    assert refusals(admin, one) == [
        (2, "password_hash", "unfit_password_hash"),
        (3, "", "unknown_column"),
        (4, "verified", "not_a_domain_of_the_tenant"),
    ]
    found = admin.call("GET", f"/tenants/{admin.tenant.id}/users?q=j@imp").json["items"][0]
    whole = admin.call("GET", f"/tenants/{admin.tenant.id}/users/{found['id']}").json
    assert whole["details"] == {"given_name": "J", "phone_number": "+4930123456"}
    assert (whole["locale"], whole["has_password"]) == ("fr", True)
    assert whole["roles"] == ["SUPPORT_AGENT", "customer_viewer"]


def test_an_imported_password_opens_the_account(world: World, admin: Caller) -> None:
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    line = {"email": "pw@imp.example", "name": "P", "password_hash": hashed}
    begin(admin, orjson.dumps(line).decode(), "jsonl")
    work(world)
    assert admin.stage is not None
    somebody = UserFixture("", "pw@imp.example", admin.tenant)
    assert Browser(world).code(admin.stage.client, somebody, scope="openid")


def test_a_dry_run_makes_nobody(world: World, admin: Caller) -> None:
    before = people(world, admin.tenant)
    one = begin(admin, rows(3) + "x,Y,\n", dry_run=True)
    work(world)
    assert refusals(admin, one) == [(4, "email", "unusable")]
    assert people(world, admin.tenant) == before


def test_what_a_process_died_over_is_gone_on_with_behind_the_last_step(
    world: World, admin: Caller
) -> None:
    count = AT_ONCE * 2 + 7
    one = begin(admin, rows(count))
    before = people(world, admin.tenant)
    first = wiring.make_job_worker(world.services)
    claim = first.claim()
    assert claim is not None
    world.services.database.write(lambda tx: first.step(tx, claim))  # and dies
    assert admin.call("GET", one).json["done"] == AT_ONCE
    assert work(world) == 0, "somebody else's, until the lease is over"
    world.clock.move(seconds=LEASE.total_seconds() + 1)
    assert work(world) == 1
    told = admin.call("GET", one).json
    assert (told["state"], told["done"], told["refused"]) == ("done", count, 0)
    assert people(world, admin.tenant) == before + count
    with pytest.raises(NotOurs):  # who wakes up late finds its claim gone
        world.services.database.write(lambda tx: first.step(tx, claim))
    assert people(world, admin.tenant) == before + count


def test_one_that_is_called_off_stops_and_leaves_what_is_done(world: World, admin: Caller) -> None:
    one = begin(admin, rows(AT_ONCE + 1))
    assert admin.call("POST", many(admin.tenant), {"format": "jsonl"}).status_code == 409
    assert admin.call("POST", f"{one}/cancel").json["state"] == "cancelled"
    assert admin.call("POST", f"{one}/cancel").status_code == 200
    assert work(world) == 0
    assert admin.call("POST", f"{one}/start").status_code == 409


@pytest.mark.attack("ATK-118")
def test_who_lost_the_right_imports_nobody_any_more(world: World, admin: Caller) -> None:
    assert admin.stage is not None
    world.user(admin.tenant, "admin")
    one = begin(admin, rows(2))
    before = people(world, admin.tenant)
    set_roles(world, admin.stage.person, "customer_viewer")
    work(world)
    other = person_of(world, admin.tenant)
    told = other.call("GET", one).json
    assert (told["state"], told["failure"]) == ("failed", "refused")
    assert people(world, admin.tenant) == before + 1


def person_of(world: World, tenant: TenantFixture) -> Caller:
    user = world.user(tenant, "admin")
    client = world.client(tenant, scopes=["openid", *EVERYTHING], audiences=[AUDIENCE])
    on = Stage(world, tenant, user, client)
    token = on.tokens(scope=" ".join(["openid", *EVERYTHING]), resource=AUDIENCE)["access_token"]
    return Caller(world, tenant, token, on)


@pytest.mark.attack("ATK-118")
def test_a_program_imports_with_no_role_above_its_scopes(world: World) -> None:
    machine = program(world, "users:read", "users:write", "roles:assign", kind="customer")
    one = begin(machine, "a@imp.example,A,customer_viewer\nb@imp.example,B,\n")
    work(world)
    assert refusals(machine, one) == [(1, "roles", "refused")]
    assert machine.call("GET", one).json["refused"] == 1


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("csv", "a@b.example,A\n"),
        ("csv", '"a@b.example,A,\n'),
        ("jsonl", "[]"),
        ("jsonl", "{"),
        ("jsonl", '{"email": "a\ud800"}'),
    ],
)
def test_what_cannot_be_read_is_refused_at_once_and_not_repeated(
    admin: Caller, form: str, text: str
) -> None:
    body = {"format": form, **({"columns": COLUMNS} if form == "csv" else {})}
    one = admin.call("POST", many(admin.tenant), body).headers["Location"].removeprefix("/api/v1")
    answer = admin.call("POST", f"{one}/parts", {"number": 1, "text": text})
    assert answer.status_code in {400, 422}
    assert "a@b" not in answer.text
    assert admin.call("POST", f"{one}/start").status_code == 409


@pytest.mark.any_database
def test_columns_that_there_are_not_are_refused(admin: Caller) -> None:
    for columns in (["email", "name", "id"], ["email"], ["email", "name", "name"], []):
        body = {"format": "csv", "columns": columns}
        assert admin.call("POST", many(admin.tenant), body).status_code == 422


def test_parts_come_in_order_and_again_count_once(admin: Caller) -> None:
    made = admin.call("POST", many(admin.tenant), {"format": "jsonl"})
    one = made.headers["Location"].removeprefix("/api/v1")
    part = {"number": 1, "text": '{"email": "a@b.example", "name": "A"}'}
    assert admin.call("POST", f"{one}/parts", {**part, "number": 2}).status_code == 409
    for _ in range(2):
        assert admin.call("POST", f"{one}/parts", part).json["total"] == 1
    assert admin.call("POST", f"{one}/parts", {**part, "number": 2}).json["total"] == 2


@pytest.mark.any_database
def test_a_job_that_fails_in_a_defect_is_tried_a_few_times_and_given_up(
    world: World, admin: Caller
) -> None:
    one = begin(admin, rows(1))

    class Broken:
        kind = "import_people"

        def step(self, _transaction: Transaction, _job: JobView) -> Step:
            raise RuntimeError

    worker = JobWorker(world.services.database, world.clock, [Broken()])
    for _ in range(6):
        worker.work_off()
        world.clock.move(seconds=LEASE.total_seconds() + 1)
    told = admin.call("GET", one).json
    assert (told["state"], told["failure"]) == ("failed", "defect")


@pytest.mark.attack("ATK-111")
def test_an_import_of_another_tenant_is_not_there(world: World, admin: Caller) -> None:
    other = person(world, "admin", kind="customer")
    theirs = begin(other, rows(1)).rpartition("/")[2]
    for job_id in (theirs, "job_01jd0000000000000000000000"):
        for method, verb, body in (
            ("GET", "", None),
            ("GET", "/refusals", None),
            ("POST", "/start", None),
            ("POST", "/cancel", None),
            ("POST", "/parts", {"number": 1, "text": ""}),
        ):
            answer = admin.call(method, many(admin.tenant, f"/{job_id}{verb}"), body)
            assert answer.status_code == 404
            assert answer.json["detail"] == "There is no such job."
