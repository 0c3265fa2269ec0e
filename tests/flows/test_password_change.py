"""A person changes the password: what goes on, and what ends (TOP-10, ASVS 6.2.3 and 6.3.7)."""

from dataclasses import replace
from typing import Any

import pytest

from authserver.accounts.password_change import ChangeRequest
from authserver.audit.events import Actor
from authserver.sessions import rows
from authserver.sessions.models import UserSession
from tests.attacks.people import Scene
from tests.support.browser import Browser, Party, answered
from tests.support.world import PASSWORD, World

NEW = "Another-Horse-8"


class Change:
    """A person with two browsers, of which the first one changes the password."""

    def __init__(self, world: World) -> None:
        self.scene = Scene(world)
        self.services = world.services
        self.first, self.second = self.scene.browser, Browser(world)
        self.scene.code()
        self.first_session = self.newest_session()
        self.second.code(self.scene.client, self.scene.person)

    def newest_session(self) -> str:
        with self.services.database.read() as view:
            found = view.tenant(self.scene.tenant.id).query(UserSession)
            return str(found.order_by(UserSession.id.desc()).first().id)

    def __call__(self, **more: Any) -> None:
        person = self.scene.person
        request = ChangeRequest(
            self.scene.tenant.id, person.id, PASSWORD, NEW, Actor("user", person.id, "req_1")
        )
        self.services.password_change.change_password(
            replace(request, **more),
            lambda tx, user: rows.carry_on(tx, self.first_session, user),
        )

    def is_signed_in(self, browser: Browser) -> bool:
        asked = browser.authorize(self.scene.client, prompt="none")
        return "code" in answered(asked)


@pytest.fixture
def change(world: World) -> Change:
    return Change(world)


def test_the_session_that_changes_it_goes_on_and_every_other_one_ends(change: Change) -> None:
    assert change.is_signed_in(change.first)
    assert change.is_signed_in(change.second)
    change()
    assert change.is_signed_in(change.first)
    assert not change.is_signed_in(change.second)


@pytest.mark.parametrize("kind", ["web", "native"])
def test_refresh_tokens_and_codes_of_other_sessions_end_offline_ones_too(
    world: World, kind: str
) -> None:
    change = Change(world)
    client = world.client(change.scene.tenant, kind)
    party = Party(world, client)
    code = change.second.code(client, change.scene.person, scope="openid offline_access")
    refresh = party.redeem(code).json["refresh_token"]
    late = change.second.code(client, change.scene.person, scope="openid offline_access")
    change()
    assert party.refresh(refresh).json["error"] == "invalid_grant"
    assert party.redeem(late).json["error"] == "invalid_grant"


def test_refresh_tokens_of_the_session_that_goes_on_end_too(change: Change) -> None:
    code = answered(change.first.authorize(change.scene.client))["code"]
    refresh = change.scene.party().redeem(code).json["refresh_token"]
    change()
    assert change.scene.party().refresh(refresh).json["error"] == "invalid_grant"


def test_a_session_that_had_ended_is_not_revived(change: Change, world: World) -> None:
    by = replace(world.operator, principal=change.scene.tenant.id)
    world.services.database.write(
        lambda tx: world.services.sessions.end(
            tx, change.scene.tenant.id, session_id=change.first_session, actor=by
        )
    )
    change()
    assert not change.is_signed_in(change.first)


def test_a_session_of_an_earlier_epoch_is_not_revived(change: Change, world: World) -> None:
    by = replace(world.operator, principal=change.scene.tenant.id)
    for enabled in (False, True):
        world.services.database.write(
            lambda tx, enabled=enabled: world.services.accounts.set_enabled(
                tx,
                change.scene.tenant.id,
                user_id=change.scene.person.id,
                enabled=enabled,
                actor=by,
            )
        )
    change()
    assert not change.is_signed_in(change.first)


def test_the_new_password_signs_in_where_the_old_one_no_longer_does(change: Change) -> None:
    change()
    browser = Browser(change.scene.world)
    page = browser.follow(browser.authorize(change.scene.client))
    assert browser.sign_in(page, change.scene.person).status_code == 401
    assert browser.sign_in(page, change.scene.person, password=NEW).status_code == 303
