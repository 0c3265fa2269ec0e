"""Every account page with the object of another tenant: there is none."""

from collections.abc import Callable

import pytest

from tests.isolation.test_every_url import NONSENSE, Side, every_path, side
from tests.support.browser import hidden
from tests.support.world import World


@pytest.fixture
def sides(world: World) -> tuple[Side, Side]:
    return side(world), side(world)


def account_form(side: Side) -> dict[str, str]:
    """Return the hidden fields of a form that was shown for the side's person."""
    return hidden(side.browser.get(f"{side.prefix}/account/profile"))


def device_of(side: Side) -> str:
    page = side.browser.get(f"{side.prefix}/account/security").text
    return page.partition("/account/security?about=")[2].partition('"')[0]


# What each account page takes an id for: the field, and whose object it names.
OBJECTS: dict[str, tuple[str, Callable[[Side], str]]] = {
    "/account/sessions": ("about", lambda side: account_form(side)["account"]),
    "/account/applications": ("about", lambda side: side.client.id),
    "/account/security": ("about", device_of),
    "/account/tenants": ("switch", lambda side: account_form(side)["account"]),
}


@pytest.mark.attack("ATK-111")
@pytest.mark.parametrize("path", OBJECTS)
def test_an_object_of_another_tenant_is_not_there_on_any_account_page(
    sides: tuple[Side, Side], path: str
) -> None:
    theirs, ours = sides
    field, find = OBJECTS[path]
    for named in (find(theirs), NONSENSE):
        form = {**account_form(ours), field: named}
        answers = [ours.browser.post(ours.prefix + path, data=form)]
        if field == "about":
            answers.append(ours.browser.get(ours.prefix + path, query_string={field: named}))
        assert {answer.status_code for answer in answers} == {404}, named
    assert theirs.party.introspect(theirs.tokens["access_token"]).json["active"]
    assert device_of(theirs)


@pytest.mark.attack("ATK-071")
def test_a_session_at_another_issuer_opens_no_account_page(sides: tuple[Side, Side]) -> None:
    theirs, ours = sides
    for path in every_path(ours.browser.world):
        if path.startswith("/account") and "<" not in path:
            for prefix in (ours.prefix, ""):
                answer = theirs.browser.get(prefix + path)
                assert answer.status_code == 303, path
                assert answer.headers["Location"].startswith(f"{prefix}/login/password?to=")
