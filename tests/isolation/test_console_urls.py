"""Every screen with what is another tenant's, in each part of its URL: what nonsense gets.

The screens are those that the application has: one that is added is tried here from then on.
"""

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from authserver.admin.rest.operation import IDS
from tests.admin.console import Console, enter
from tests.admin.crawling import ids_of
from tests.support.rules import every_rule
from tests.support.world import World

NOTHING = "0" * 26


def screens(world: World) -> list[str]:
    """Return the paths of screens that are about something in a tenant."""
    rules = sorted({rule.rule for rule in every_rule(world.app)})
    return [rule for rule in rules if rule.startswith("/console/tenants/<tenant_id>")]


def filled(path: str, values: dict[str, str]) -> str:
    return re.sub(r"<(\w+)>", lambda part: values[part[1]], path)


def nonsense(path: str) -> dict[str, str]:
    """Return ids of the right kinds that nothing has."""
    names = re.findall(r"<(\w+)>", path)
    return {name: f"{IDS[name]}_{NOTHING}" if IDS[name] else "nobody" for name in names}


def theirs(path: str, ids: dict[str, list[str]], own: str) -> Iterator[dict[str, str]]:
    """Return the path's ids with what is another's in one part at a time, or in all."""
    names = re.findall(r"<(\w+)>", path)
    nothing = nonsense(path)
    ids = {**ids, "role": []}  # built-in ones are everybody's
    everything = {name: (ids.get(IDS[name] or name) or [nothing[name]])[0] for name in names}
    yield everything
    if len(names) > 1:
        yield {**everything, "tenant_id": own}


def told(page: TestResponse) -> str:
    """Return a page without what is new in every answer."""
    return re.sub(r"nonce=\"[^\"]+\"|cor_[0-9a-f]+|value=\"[^\"]+\"|\w{3}_\w{26}", "", page.text)


@pytest.fixture(name="ours")
def _ours(world: World) -> Console:
    return enter(world, "admin", kind="customer", path="")


@pytest.mark.attack("ATK-090")
def test_a_screen_about_anothers_thing_is_like_one_about_nothing(
    world: World, ours: Console
) -> None:
    other = enter(world, "admin", kind="customer", path="")
    world.client(other.tenant)
    ids = ids_of(world, other.tenant.id)
    found = screens(world)
    assert found
    for path in found:
        absent = ours.browser.get(filled(path, nonsense(path)))
        assert absent.status_code in {403, 404}, path
        for values in theirs(path, ids, ours.tenant.id):
            page = ours.browser.get(filled(path, values))
            like = absent
            if values["tenant_id"] == ours.tenant.id:
                nothing = {**nonsense(path), "tenant_id": ours.tenant.id}
                like = ours.browser.get(filled(path, nothing))
            assert page.status_code == like.status_code, (path, values)
            assert told(page) == told(like), path
            assert other.tenant.slug not in page.text
            assert other.user.email not in page.text
