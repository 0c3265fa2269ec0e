"""In no order of requests does anybody get more than was proved, or set a password unasked."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.attacks.factors import MFA
from tests.model.account import FIRST
from tests.model.entry import EntryMachine
from tests.model.machine import SignInMachine
from tests.model.passkeys import PasskeyMachine
from tests.model.proofs import HAD, WAYS, ProofMachine
from tests.model.trust import BY_TRUST, TrustMachine
from tests.support.world import World

# The same runs each time: a test either holds or not. AUTHTEST_EXAMPLES looks further, anew.
EXAMPLES = int(os.environ.get("AUTHTEST_EXAMPLES", "0"))


@pytest.mark.any_database
@pytest.mark.attack("ATK-003")
@pytest.mark.attack("ATK-077")
@pytest.mark.attack("ATK-080")
@pytest.mark.attack("ATK-081")
@pytest.mark.attack("ATK-088")
@pytest.mark.timeout(400)
def test_no_order_of_requests_gives_more_than_was_proved(world: World) -> None:
    """The orders would be the same ones again; what is below goes every way on both databases."""
    reached: set[int] = set()
    run_state_machine_as_test(
        lambda: ProofMachine(world, reached),
        settings=settings(
            max_examples=EXAMPLES or 20,
            stateful_step_count=25,
            derandomize=not EXAMPLES,
            deadline=None,
            database=None,
            phases=list(Phase) if EXAMPLES else [Phase.generate],  # to make it small takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert reached == {BY_TRUST, 1, 2}, "the machine never got anywhere"


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
    machine.who_needs_a_second_factor_has_no_session_without()


def test_the_machine_sees_passwords_changed_and_required(world: World) -> None:
    """The same for the other ways to a password."""
    reached: set[int] = set()
    machine = EntryMachine(world, reached)
    machine.begin()

    machine.open_the_client(0, {}, 1)
    machine.sessions_have_no_more_than_was_proved()
    assert reached == {1}
    machine.change_the_password_at_the_account(0, "wrong")
    assert machine.person.password == FIRST
    machine.change_the_password_at_the_account(0, "right")
    assert machine.person.password != FIRST
    assert machine.tabs[0].justified
    machine.the_password_is_the_one_that_was_set()
    machine.require_another_password()
    second = machine.person.password
    machine.open_the_client(1, {}, 1)
    machine.nobody_is_signed_in_with_a_password_that_must_change()
    machine.send_the_new_password_that_is_required(1)
    assert machine.person.password != second
    machine.sessions_have_no_more_than_was_proved()
    assert machine.tabs[1].justified
    machine.follow_an_invitation(0, use=True)
    machine.sessions_have_no_more_than_was_proved()
    assert not machine.tabs[0].justified


def test_the_machine_sees_a_browser_trusted_and_the_end_of_trust(world: World) -> None:
    """The same for trust: without this the machine might never have any."""
    reached: set[int] = set()
    machine = TrustMachine(world, reached)
    machine.begin()

    def comes_back(tab: int, level: int, **more: str) -> None:
        machine.come_back(tab, more)
        machine.who_needs_a_second_factor_has_no_session_without()
        levels = [live.level for live in machine.sessions(machine.tabs[tab])]
        assert levels == ([level] if level else [])

    machine.trust_the_browser(0)
    assert machine.tabs[0].trust is None, "the app is being set up: no box is ticked"
    machine.sign_out(0)
    machine.trust_the_browser(0)
    assert machine.tabs[0].trust is not None
    comes_back(0, 1)
    assert reached == {BY_TRUST, 1, 2}
    comes_back(0, 0, acr_values=MFA)
    comes_back(0, 0, prompt="login")
    comes_back(1, 0)
    machine.copy_the_trust_of_the_other_browser(1)
    comes_back(1, 1)
    assert machine.tabs[0].trust is None
    comes_back(0, 0)
    endings = (
        lambda: machine.add_an_app_at_the_account(0),
        lambda: machine.change_the_password_at_the_account(0, "right"),
        lambda: machine.let_people_trust_browsers(0),
        machine.disable_and_enable,
    )
    for ending in endings:
        machine.sign_out(0)
        machine.trust_the_browser(0)
        assert machine.tabs[0].trust is not None
        ending()
        assert machine.tabs[0].trust is None
        comes_back(0, 0)


@pytest.mark.attack("ATK-003")
@pytest.mark.parametrize("had", HAD)
@pytest.mark.parametrize("way", WAYS)
def test_the_machine_sees_the_first_proof_end_everything(world: World, way: str, had: str) -> None:
    """The same for first proofs: without this the machine might never have anything to lose."""
    reached: set[int] = set()
    machine = ProofMachine(world, reached)
    machine.begin()

    if had == "a passkey":
        machine.open_the_client(0, {"acr_values": MFA}, 1)
        machine.make_a_passkey(0)
        machine.go_on(0, 1)
    machine.wait_for_the_owner_with_everything(0, way, had)
    assert machine.proved
    assert machine.person.password != FIRST
    assert bool(machine.lost_keys) is (had == "a passkey")
    assert not machine.has_factor
    machine.sessions_have_no_more_than_was_proved()
    assert [live.level for live in machine.sessions(machine.tabs[1])] == [1]
    machine.sign_in_with_everything(1)
    assert machine.has_factor
    machine.ask_for_another_address(1)
    machine.use_the_link_to_another_address(1)
    assert machine.has_factor, "a later proof keeps the factors"
    machine.sessions_have_no_more_than_was_proved()
    machine.factors_are_those_that_somebody_has()
    machine.the_address_is_the_one_whose_link_was_used()
