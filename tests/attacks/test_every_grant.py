"""Every grant against everything that may be wrong around it: refused, and nothing is used up."""

from collections.abc import Callable

import pytest

from tests.attacks.everything import GRANT, Everything, everything
from tests.attacks.granting import IN_ORDER, WRONG, Asking, askings
from tests.spec.tools import (
    change_password,
    disable_person,
    error_of,
    rotate_secret,
    set_client,
    suspend,
)
from tests.support.browser import Party
from tests.support.world import World

# What comes of somebody's sign-in; the others are the client's own.
OF_PEOPLE = ("authorization_code", "refresh_token", f"{GRANT}device_code", f"{GRANT}token-exchange")


@pytest.mark.every_database
@pytest.mark.attack("ATK-043")
@pytest.mark.bcp("R-29")
@pytest.mark.bcp("R-39")
@pytest.mark.rfc("RFC 6749 section 5.2")
def test_whatever_is_wrong_is_refused_at_every_grant_and_uses_nothing_up(world: World) -> None:
    asked = askings(everything(world))
    for grant, asking in asked.items():
        said = {}
        for what, wrong in WRONG.items():
            with wrong.around(asking):
                answer = wrong.ask(asking)
            said[what] = error_of(answer)
            assert "access_token" not in answer.text, (grant, what)
        assert said == {what: (wrong.status, wrong.error) for what, wrong in WRONG.items()}, grant
    for grant in IN_ORDER:
        answer = asked[grant].send()
        assert (grant, answer.status_code) == (grant, 200), answer.text


@pytest.mark.attack("ATK-043")
@pytest.mark.bcp("R-15")
@pytest.mark.bcp("R-24")
def test_nothing_is_good_in_the_hands_of_another_client_or_without_its_object(
    world: World,
) -> None:
    all_ = everything(world)
    asked = askings(all_)
    other = everything(world).on.client
    for grant, asking in asked.items():
        name = asking.object_name
        if name is None:
            continue
        stolen = Asking(world, other, asking.form, name).send()
        assert stolen.status_code == 400, (grant, stolen.text)
        assert "access_token" not in stolen.text
        assert error_of(asking.send(form={name: None})) == (400, "invalid_request"), grant
        assert error_of(asking.send(form={name: ""})) == (400, "invalid_request"), grant
        assert asking.send(form={name: "x" * 43}).status_code == 400, grant
    for grant in IN_ORDER:
        assert (grant, asked[grant].send().status_code) == (grant, 200)


def _switch_off(world: World, all_: Everything) -> None:
    set_client(world, all_.on.client, enabled=False)


def _suspend(world: World, all_: Everything) -> None:
    suspend(world, all_.on.tenant)


def _replace_secret(world: World, all_: Everything) -> None:
    rotate_secret(world, all_.on.client)


ENDS_ALL = {"client": _switch_off, "tenant": _suspend, "secret": _replace_secret}


@pytest.mark.attack("ATK-043")
@pytest.mark.bcp("R-26")
@pytest.mark.parametrize("end", ENDS_ALL.values(), ids=ENDS_ALL)
def test_no_grant_outlives_its_client(
    world: World, end: Callable[[World, Everything], None]
) -> None:
    all_ = everything(world)
    asked = askings(all_)
    end(world, all_)
    for grant, asking in asked.items():
        assert (grant, *error_of(asking.send())) == (grant, 401, "invalid_client")


def _disable(world: World, all_: Everything) -> None:
    disable_person(world, all_.on.person)


def _new_password(world: World, all_: Everything) -> None:
    change_password(world, all_.on.person)


ENDS_OF_PEOPLE = {"account": _disable, "password": _new_password}


@pytest.mark.attack("ATK-043")
@pytest.mark.bcp("R-26")
@pytest.mark.parametrize("end", ENDS_OF_PEOPLE.values(), ids=ENDS_OF_PEOPLE)
def test_no_grant_outlives_what_its_person_ended(
    world: World, end: Callable[[World, Everything], None]
) -> None:
    all_ = everything(world)
    asked = askings(all_)
    end(world, all_)
    for grant in OF_PEOPLE:
        # A token that is exchanged is a parameter like others (RFC 8693 section 2.2.2).
        error = "invalid_request" if grant.endswith("token-exchange") else "invalid_grant"
        assert (grant, *error_of(asked[grant].send())) == (grant, 400, error)
    assert Party(world, all_.on.client).machine().status_code == 200
