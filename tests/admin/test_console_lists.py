"""Lists of the console are sorted by their columns' titles, whatever else is asked of them."""

import re
from html import unescape

import pytest

from tests.admin.console import Console, enter
from tests.support.world import World

_HEAD = re.compile(r'<th scope="col"(?: aria-sort="(\w+)")?><a class="sorter[^"]*" href="([^"]+)">')


@pytest.fixture(name="admin")
def _admin(world: World) -> Console:
    admin = enter(world, "admin", kind="customer", path="")
    for name in "dbca":
        world.user(admin.tenant, "customer_viewer", name=f"P {name}")
    return admin


def people(admin: Console, query: str = "") -> str:
    return admin.get(f"/tenants/{admin.tenant.id}/users{query}").text


def heads(page: str) -> list[tuple[str, str]]:
    """Return how each sortable column is sorted, and where its title leads."""
    return [(now, unescape(url).removeprefix("/console")) for now, url in _HEAD.findall(page)]


def names(page: str) -> list[str]:
    return re.findall(r"P [a-d](?=<)", page)


def test_a_title_sorts_and_sorts_the_other_way_round(admin: Console) -> None:
    by_name, by_address, by_age = heads(people(admin))
    assert (by_name[0], by_address[0], by_age[0]) == ("", "", "descending")
    page = admin.get(by_name[1]).text
    assert names(page) == ["P a", "P b", "P c", "P d"]
    turned = heads(page)[0]
    assert turned[0] == "ascending"
    page = admin.get(turned[1]).text
    assert (names(page), heads(page)[0][0]) == (["P d", "P c", "P b", "P a"], "descending")


def test_what_is_filtered_stays_filtered_when_it_is_sorted(admin: Console) -> None:
    page = people(admin, "?state=enabled&limit=2")
    for _now, url in heads(page):
        assert "state=enabled" in url
        assert "cursor" not in url
    page = people(admin, "?state=enabled&sort=name")
    assert '<option value="name" selected>' in page
    assert "sort=name" in unescape(page.partition("format=csv")[0].rpartition("href=")[2])


def test_what_is_searched_for_has_an_order_of_its_own(admin: Console) -> None:
    assert heads(people(admin, "?q=p")) == []


@pytest.mark.any_database
def test_an_order_that_there_is_not_is_refused(admin: Console) -> None:
    page = admin.get(f"/tenants/{admin.tenant.id}/users?sort=password_hash")
    assert page.status_code == 422
