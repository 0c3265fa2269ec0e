"""In no order of requests does anybody get more than was proved, or set a password unasked."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.account import FIRST
from tests.model.machine import SignInMachine
from tests.model.passkeys import PasskeyMachine
from tests.support.world import World

# The same runs each time: a test either holds or not. AUTHTEST_EXAMPLES looks further, anew.
EXAMPLES = int(os.environ.get("AUTHTEST_EXAMPLES", "0"))


@pytest.mark.attack("ATK-077")
@pytest.mark.attack("ATK-080")
@pytest.mark.attack("ATK-088")
@pytest.mark.parametrize("machine", [SignInMachine, PasskeyMachine])
def test_no_order_of_requests_gives_more_than_was_proved(
    world: World, machine: type[SignInMachine]
) -> None:
    reached: set[int] = set()
    run_state_machine_as_test(
        lambda: machine(world, reached),
        settings=settings(
            max_examples=EXAMPLES or 40,
            stateful_step_count=30,
            derandomize=not EXAMPLES,
            deadline=None,
            database=None,
            phases=list(Phase) if EXAMPLES else [Phase.generate],  # to make it small takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert reached == {1, 2}, "the machine never got anywhere"


def test_the_machine_sees_a_factor_set_up_used_and_recovered_past(world: World) -> None:
    """One way through everything, so that the machine's own rules are known to work."""
    reached: set[int] = set()
    machine = SignInMachine(world, reached)
    machine.begin()

    machine.open_the_client(0, {}, 1)
    assert reached == {1}
    machine.open_the_client(0, {"acr_values": "urn:authserver:acr:mfa"}, 3)
    assert machine.person.app is not None
    assert reached == {1, 2}
    machine.open_the_client(1, {}, 0)
    machine.send_the_page(1, "right", "right", kept=True)
    machine.wait(30)
    machine.send_the_page(1, "right", "backup", kept=True)
    assert len(machine.person.backup_codes) == 9
    assert machine.tabs[1].shown.level == 2
    machine.ask_for_a_new_password(1)
    machine.follow_a_link(1, -1, "new_password")
    machine.send_the_page(1, "next", "right", kept=True)
    assert machine.person.password != FIRST
    assert machine.tabs[0].shown.level == 0


def test_the_machine_sees_a_passkey_made_and_used(world: World) -> None:
    """The same for passkeys: without this the machine might never have one."""
    reached: set[int] = set()
    machine = PasskeyMachine(world, reached)
    machine.begin()

    machine.open_the_client(0, {"acr_values": "urn:authserver:acr:mfa"}, 1)
    machine.make_a_passkey(0)
    assert machine.key is not None
    machine.send_the_page(0, "right", "right", kept=True)
    machine.sessions_have_no_more_than_was_proved()
    assert reached == {2}
    machine.open_the_client(1, {}, 0)
    for lie in ("unverified", "elsewhere", "stolen"):
        machine.sign_in_by_passkey(1, lie)
        machine.sessions_have_no_more_than_was_proved()
    assert machine.tabs[1].shown.level == 0
    machine.sign_in_by_passkey(1, None)
    assert machine.tabs[1].shown.level == 2
    machine.open_the_client(1, {"prompt": "login"}, 0)
    machine.send_the_page(1, "right", "right", kept=True)
    assert machine.tabs[1].shown.level == 1
    machine.confirm_by_passkey(1, None)
    assert machine.tabs[1].shown.level == 2
    machine.who_has_a_passkey_has_no_session_without()
