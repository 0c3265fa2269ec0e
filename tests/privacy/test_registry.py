"""What is stored about people is told, and why: nothing can be forgotten."""

import pytest

from authserver import schema
from authserver.privacy.registry.catalogue import KEPT
from authserver.privacy.registry.service import entries, personal_of
from tests.admin.callers import person
from tests.support.world import World

TABLES = schema.metadata.tables


def of_people() -> set[str]:
    """Return every table with a personal column, or with rows of an account."""
    return {
        name
        for name, table in TABLES.items()
        if any(personal_of(column) for column in table.columns)
        or any(key.column.table.name == "users" for key in table.foreign_keys)
    }


def test_everything_about_people_has_a_purpose_and_an_end() -> None:
    assert of_people() <= KEPT.keys()
    assert [name for name, kept in KEPT.items() if not (kept.purpose and kept.until)] == []


@pytest.mark.parametrize("name", KEPT)
def test_the_catalogue_names_columns_that_there_are(name: str) -> None:
    columns, kept = TABLES[name].columns, KEPT[name]
    assert kept.owner is None or kept.owner in columns
    assert [one for one in kept.also if one not in columns] == []


@pytest.mark.parametrize("name", KEPT)
def test_what_the_catalogue_adds_to_copies_says_nothing_secret(name: str) -> None:
    """Hashes, keys and counters of guesses are in no copy."""
    columns = TABLES[name].columns
    secret = ("hash", "seed", "sealed", "key", "token", "epoch")
    added = [one for one in KEPT[name].also if one != "text_hash"]
    assert [one for one in added if any(word in one for word in secret)] == []
    assert [one for one in added if personal_of(columns[one])] == []


def test_an_administrator_reads_the_register(world: World) -> None:
    admin = person(world, "admin", kind="customer")
    items = admin.call("GET", f"/tenants/{admin.tenant.id}/privacy/registry").json["items"]
    assert len(items) == len(entries())
    (email,) = [one for one in items if (one["table"], one["column"]) == ("users", "email")]
    assert (email["exported"], email["on_erasure"]) == (True, "blank")
    assert email["purpose"].startswith("The account")


@pytest.mark.attack("ATK-111")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "erasure"),
        ("POST", "erasure"),
        ("POST", "erasure/cancel"),
        ("POST", "legal-hold"),
        ("POST", "legal-hold/lift"),
    ],
)
def test_nobody_of_another_tenant_is_erased_or_held(world: World, method: str, path: str) -> None:
    user = world.user(world.tenant())
    stranger = person(world, "admin", kind="customer")
    body = {"reason": "x"} if path in {"erasure", "legal-hold"} and method == "POST" else None
    for tenant_id in (user.tenant.id, stranger.tenant.id):
        answer = stranger.call(method, f"/tenants/{tenant_id}/users/{user.id}/{path}", body)
        assert answer.status_code == 404
