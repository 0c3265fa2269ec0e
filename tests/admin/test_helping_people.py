"""/api/v1/tenants/{tenant_id}/users: what administrators do for people, by API."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from authserver.accounts.models import EVERYWHERE, UNTRUSTED, FailureCounter, User
from tests.admin.callers import Caller, person
from tests.admin.people import of, somebody
from tests.support.trail import events
from tests.support.world import UserFixture, World


@pytest.fixture(name="admin", scope="module")
def _admin(installation: World) -> Caller:
    installation.clock.reset()
    return person(installation, "admin", kind="customer")


def test_an_account_is_disabled_enabled_and_signed_out_and_it_holds_at_once(admin: Caller) -> None:
    user = somebody(admin)
    for verb in ("disable", "enable", "sign-out", "require-password-change", "send-reset"):
        answer = admin.call("POST", of(admin, user, f"/{verb}"))
        assert answer.status_code == 200, (verb, answer.text)
        assert (answer.json["disabled_at"] is not None) == (verb == "disable")
    kinds = [event.type for event in events(admin.world, admin.tenant.id)][-5:]
    assert kinds == [
        "user.disabled",
        "user.enabled",
        "user.sessions_ended",
        "password.change_required",
        "recovery.requested",
    ]


def test_a_lock_is_lifted_and_a_supporter_may_do_that_alone(world: World) -> None:
    support = person(world, "SUPPORT_AGENT", kind="customer")
    user = somebody(support)
    lock(world, user)
    before = support.call("GET", of(support, user)).json
    assert (before["failed_sign_ins"], before["locked_until"] is not None) == (5, True)
    after = support.call("POST", of(support, user, "/unlock"))
    assert (after.status_code, after.json["locked_until"]) == (200, None)
    assert events(world, support.tenant.id, "account.unlocked")
    assert support.call("POST", of(support, user, "/disable")).status_code == 403


def lock(world: World, user: UserFixture) -> None:
    def job(tx: Any) -> None:
        now = world.clock.now()
        for device in (UNTRUSTED, EVERYWHERE):
            tx.tenant(user.tenant.id).add(
                FailureCounter(
                    user_id=user.id,
                    device=device,
                    failures=5,
                    locked_until=now + timedelta(minutes=30) if device == UNTRUSTED else None,
                    updated_at=now,
                )
            )

    world.services.database.write(job)


@pytest.mark.attack("ATK-118")
def test_nobody_closes_or_weakens_somebody_above_or_themselves(world: World) -> None:
    admin = person(world, "admin")  # of an internal tenant, beside a platform administrator
    above = somebody(admin, "PLATFORM_ADMIN")
    assert admin.stage is not None
    for victim in (above, admin.stage.person):
        for verb, body in (
            ("disable", None),
            ("reset-factors", {"reason": "lost"}),
            ("require-password-change", None),
            ("erasure", {"reason": "gone"}),
        ):
            answer = admin.call("POST", of(admin, victim, f"/{verb}"), body)
            assert answer.status_code == 403, (verb, answer.text)
        assert admin.call("PATCH", of(admin, victim), {"name": "X"}).status_code == 403


def test_factors_are_listed_and_taken_away_for_a_reason(admin: Caller) -> None:
    user = somebody(admin)
    before = admin.call("GET", of(admin, user, "/factors"))
    assert before.json == {"items": [], "backup_codes_left": 0, "mandatory": False}
    assert admin.call("POST", of(admin, user, "/reset-factors"), {}).status_code == 422
    done = admin.call("POST", of(admin, user, "/reset-factors"), {"reason": "Lost, ticket 4711"})
    assert done.status_code == 200
    event = events(admin.world, admin.tenant.id, "factors.reset")[-1]
    assert "4711" not in event.body.decode()


def test_sessions_are_listed_with_their_devices_and_end_one_by_one(admin: Caller) -> None:
    assert admin.stage is not None
    user = somebody(admin)
    admin.stage.browser().code(admin.stage.client, user, scope="openid")
    found = admin.call("GET", of(admin, user, "/sessions")).json["items"]
    assert len(found) == 1
    path = of(admin, user, f"/sessions/{found[0]['id']}")
    other = of(admin, somebody(admin), f"/sessions/{found[0]['id']}")
    assert admin.call("DELETE", other).status_code == 404
    assert admin.call("DELETE", path).status_code == 204
    assert admin.call("GET", of(admin, user, "/sessions")).json["items"] == []


def test_linked_sign_ins_are_listed(admin: Caller) -> None:
    user = somebody(admin)
    assert admin.call("GET", of(admin, user, "/identities")).json == {"items": []}
    absent = of(admin, user, "/identities/fid_01jd0000000000000000000000")
    assert admin.call("DELETE", absent).status_code == 404


def test_what_happened_to_a_person_is_told_with_what_the_trail_holds_encrypted(
    admin: Caller,
) -> None:
    user = somebody(admin)
    admin.call("PATCH", of(admin, user), {"name": "Countess"})
    admin.call("POST", of(admin, user, "/unlock"))
    path = f"/tenants/{admin.tenant.id}/events?subject={user.id}"
    happened = admin.call("GET", path).json["items"]
    assert [one["type"] for one in happened][:3] == [
        "account.unlocked",
        "user.profile_changed",
        "user.created",
    ]
    assert "name_after" not in happened[1]["private"]
    opened = admin.call("POST", f"/tenants/{admin.tenant.id}/events/{happened[1]['id']}/open").json
    assert opened["private"]["name_after"] == "Countess"
    assert happened[1]["actor_kind"] == "user"
    assert admin.stage is not None
    assert happened[1]["actor"] == admin.stage.person.id


@pytest.mark.attack("ATK-121")
def test_no_secret_of_a_person_is_in_any_answer(admin: Caller) -> None:
    user = somebody(admin)
    with admin.world.services.database.read() as view:
        row = view.platform().scalars(select(User).where(User.id == user.id)).one()
        secret = row.password_hash
    paths = ["", "/factors", "/sessions", "/identities"]
    text = "".join(admin.call("GET", of(admin, user, path)).text for path in paths)
    assert secret is not None
    assert secret not in text
    assert "hash" not in text
