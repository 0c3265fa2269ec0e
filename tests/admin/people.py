"""People as administrators ask for them by API."""

from typing import Any

from tests.admin.callers import Caller
from tests.support.world import UserFixture


def users(caller: Caller, more: str = "") -> str:
    return f"/tenants/{caller.tenant.id}/users{more}"


def somebody(caller: Caller, *roles: str, **more: Any) -> UserFixture:
    return caller.world.user(caller.tenant, *roles, **more)


def of(caller: Caller, user: UserFixture, more: str = "") -> str:
    return users(caller, f"/{user.id}{more}")


def names(caller: Caller, query: str) -> list[str]:
    answer = caller.call("GET", users(caller, f"?{query}"))
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json["items"]]
