"""Every field of every operation with what nobody should send: found by what is declared."""

import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from werkzeug.test import TestResponse

from authserver.admin.rest.operation import IDS, Does, Operation
from authserver.core.limits import buckets
from authserver.wiring.administration import make_administration
from tests.admin import specimens
from tests.admin.callers import Caller, person
from tests.admin.fields import FOREIGN, declared, objects, texts
from tests.admin.specimens import MAKERS, parts
from tests.support.linked import connect
from tests.support.sql import counted, every_row
from tests.support.world import World

pytestmark = [pytest.mark.any_database, pytest.mark.timeout(300)]

MEGABYTE = "n" * 1_000_000
LONG = "n" * 60_000
TURNED = "pay\u202egpj.exe"
MOST_SAID = 4_000  # bytes of an answer to what cannot be
NAMES = [part for part, kind in IDS.items() if not kind]


@pytest.fixture(name="admin")
def _admin(world: World, monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setattr("authserver.admin.rest.lane._RATE", buckets.Rate(1_000_000, 60))
    return person(world, "PLATFORM_ADMIN")


@pytest.fixture(name="other")
def _other(world: World, admin: Caller) -> Caller:
    """Somebody else who may do as much in the same tenant."""
    return person(world, "PLATFORM_ADMIN", tenant=admin.tenant)


@pytest.fixture(name="made")
def _made(world: World, admin: Caller) -> dict[str, str]:
    """One of everything in the caller's tenant."""
    return {part: make(world, admin.tenant) for part, make in MAKERS.items()}


def operations(world: World) -> tuple[Operation, ...]:
    return make_administration(world.services).operations


def ask(
    admin: Caller, operation: Operation, values: dict[str, str], body: Any = None, query: str = ""
) -> TestResponse:
    quoted = {name: quote(value, safe="") for name, value in values.items()}
    return admin.call(operation.method, operation.path.format_map(quoted) + query, body)


def events(world: World) -> int:
    return counted(world)["audit_events"]


def stored(world: World, text: str) -> set[str]:
    """Return every column of every table in which a text is."""
    return {
        f"{table}.{name}"
        for table, row in every_row(world)
        for name, value in row.items()
        if text in str(value)
    }


def refused_fields(answer: TestResponse) -> set[str]:
    return {
        re.split(r"[.]", one["field"])[-1]
        for one in answer.json["errors"]
        if one["code"] == "extra_forbidden"
    }


@pytest.mark.attack("ATK-118")
def test_no_operation_takes_a_field_that_it_does_not_declare(
    world: World, admin: Caller, made: dict[str, str]
) -> None:
    """Every column of the database, in every object of every body: each of them is named."""
    before, tried = events(world), 0
    for operation in operations(world):
        for place, make in objects(operation):
            body = make(dict.fromkeys(FOREIGN, "1"))
            answer = ask(admin, operation, made, body)
            where = (operation.method, operation.path, place)
            assert answer.status_code == 422, where
            assert len(refused_fields(answer)) > len(FOREIGN) / 2, where
            tried += 1
    assert tried > 60
    assert events(world) == before


@pytest.mark.attack("ATK-121")
def test_no_list_is_filtered_or_sorted_by_what_it_does_not_declare(
    world: World, admin: Caller, made: dict[str, str]
) -> None:
    """By no column that is a secret, nor by any other: what is left of a filter would tell it."""
    for operation in operations(world):
        foreign = sorted(FOREIGN - declared(operation))
        wrong = ask(admin, operation, made, None, f"?{urlencode(dict.fromkeys(foreign, '1'))}")
        where = (operation.method, operation.path)
        assert wrong.status_code == 422, where
        assert refused_fields(wrong) == set(foreign), where
        for name in declared(operation) & {"sort", "order", "by"}:
            for column in ("password_hash", "secret_hash", "id desc", "id; --", "users.id"):
                answer = ask(admin, operation, made, None, f"?{urlencode({name: column})}")
                assert answer.status_code == 422, (*where, name)


def test_a_text_of_a_megabyte_is_refused_wherever_it_stands(
    world: World, admin: Caller, made: dict[str, str]
) -> None:
    """Also what just fits into a body. The answer is short, and does not say it again."""
    before, tried = events(world), 0
    for operation in operations(world):
        for place, make in texts(operation):
            for long in (MEGABYTE, LONG):
                answer = ask(admin, operation, made, make(long))
                where = (operation.method, operation.path, place, answer.status_code)
                assert 400 <= answer.status_code < 500, where
                assert len(answer.data) < MOST_SAID, where
                tried += 1
        for part in {*parts(operation)} & {*NAMES}:
            answer = ask(admin, operation, {**made, part: LONG}, specimens.body(operation))
            assert 400 <= answer.status_code < 500, (operation.method, operation.path, part)
            assert len(answer.data) < MOST_SAID
    assert tried > 300
    assert events(world) == before


def test_nothing_that_turns_what_is_read_around_it_is_stored(
    world: World, admin: Caller, made: dict[str, str]
) -> None:
    """U+202E and its like: refused in every text, and in every name that a path has."""
    for operation in operations(world):
        for place, make in texts(operation):
            answer = ask(admin, operation, made, make(TURNED))
            where = (operation.method, operation.path, place, answer.status_code)
            assert answer.status_code < 500, where
            assert "\u202e" not in answer.text, where
        for part in {*parts(operation)} & {*NAMES}:
            answer = ask(admin, operation, {**made, part: TURNED}, specimens.body(operation))
            assert answer.status_code == 404, (operation.method, operation.path, part)
        if operation.body is not None:
            assert "\u202e" not in ask(admin, operation, made, {TURNED: 1}).text
    assert stored(world, "\u202e") == set()


def misplaced(made: dict[str, str]) -> Iterator[str]:
    """Return, again and again, the ids of what is of every kind."""
    return cycle([made[part] for part in made if IDS[part]])


def test_an_id_of_another_kind_is_no_id(world: World, admin: Caller, made: dict[str, str]) -> None:
    """What there is, under a name of another kind; and ids that are spelled in another way."""
    others = misplaced(made)
    for operation in operations(world):
        for part in parts(operation):
            if not IDS[part]:
                continue
            foreign = next(one for one in others if not one.startswith(f"{IDS[part]}_"))
            known = made[part]
            for wrong in (foreign, known.upper(), f"{known}\n", f"{known}\0", f" {known}", "1"):
                answer = ask(admin, operation, {**made, part: wrong}, specimens.body(operation))
                where = (operation.method, operation.path, wrong)
                assert answer.status_code == 404, where
                assert known not in answer.text


CURSORS = ("x", "AA", "=", "%00", "é", "W10", "a" * 1_024, "a" * 1_025, "../../etc/passwd")


@pytest.mark.attack("ATK-136")
def test_a_cursor_is_good_for_its_own_list_and_as_it_was_made(
    world: World, admin: Caller, other: Caller, made: dict[str, str]
) -> None:
    lists = [one for one in operations(world) if "cursor" in declared(one)]
    for part in ("user_id", "session_id", "invitation_id", "token_id", "webhook_id", "erasure_id"):
        MAKERS[part](world, admin.tenant)
    genuine = {}
    for each in (one for one in lists if "limit" in declared(one)):
        first = ask(admin, each, made, None, "?limit=1")
        assert first.status_code == 200, (each.path, first.text)
        if first.json["next_cursor"]:
            genuine[each.path] = first.json["next_cursor"]
    assert len(genuine) > 8
    for each in lists:
        own = genuine.get(each.path)
        wrong = [*CURSORS, *(cursor for path, cursor in genuine.items() if path != each.path)]
        wrong += [own[:-1], own[1:], flipped(own), own + own] if own else []
        for cursor in wrong:
            answer = ask(admin, each, made, None, f"?{urlencode({'cursor': cursor})}")
            assert answer.status_code in {400, 422}, (each.path, cursor)
        if own:
            good = f"?{urlencode({'limit': 1, 'cursor': own})}"
            assert ask(admin, each, made, None, good).status_code == 200
            assert ask(other, each, made, None, good).status_code == 400, each.path


def flipped(cursor: str) -> str:
    """Return a cursor of which one letter in the middle is another."""
    middle = len(cursor) // 2
    return cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :]


def test_a_change_of_an_older_version_is_refused(
    world: World, admin: Caller, made: dict[str, str]
) -> None:
    """Whatever can be changed field by field says its version, and takes none but the present."""
    known, platform = (
        {(one.method, one.path): one for one in operations(world)},
        connect(world).name,
    )
    patched = [one for (method, _), one in known.items() if method == "PATCH"]
    for operation in patched:
        path = operation.path
        while ("GET", path) not in known:  # what is changed apart from the rest, under its version
            path = path.rpartition("/")[0]
        there = {**made, "connection": platform} if "tenant_id" not in path else made
        shown = ask(admin, known["GET", path], there)
        assert re.fullmatch(r'"\d+"', shown.headers.get("ETag", "")), operation.path
        body = specimens.body(operation)
        for stale in ('"999999"', 'W/"1"', '"x"', "1"):
            late = admin.call("PATCH", operation.path.format_map(there), body, If_Match=stale)
            assert late.status_code == 412, (operation.path, stale, late.text)
    assert len(patched) > 8


def test_whatever_is_created_twice_under_one_key_is_created_once(
    world: World, admin: Caller, made: dict[str, str]
) -> None:
    created = []
    for number, operation in enumerate(operations(world)):
        if operation.does is not Does.CREATE:
            continue
        body, path = specimens.body(operation), operation.path.format_map(made)
        key = {"Idempotency_Key": f"key-{number}"}
        first = admin.call(operation.method, path, body, **key)
        after = counted(world)
        again = admin.call(operation.method, path, body, **key)
        assert again.status_code == first.status_code, operation.path
        if first.status_code < 300:
            assert again.data == first.data, operation.path
            assert counted(world) == after, operation.path
            created.append(operation.path)
    assert len(created) > 8, created
