"""A tenant's own numbers of signing in: never looser than the installation's, whoever was first."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.settings import Settings
from authserver.tenants.numbers import LONGER, RULES, Numbers, Rule
from authserver.tenants.policy import TenantPolicy, UnfitPolicy

DEFAULTS = Numbers.of_settings(Settings())
each = pytest.mark.parametrize("name", RULES)


def step(rule: Rule) -> int:
    """Return what makes a number tighter by one of its unit."""
    return 1 if rule.direction is LONGER else -1


def setting(name: str, numbers: Numbers = DEFAULTS) -> Any:
    return getattr(numbers, name)


def units(name: str) -> int:
    """Return the installation's number as a tenant would say it."""
    whole: int = setting(name) // RULES[name].unit.one
    return whole


@each
def test_every_number_is_a_setting_that_leaves_room_to_tighten(name: str) -> None:
    low, high = RULES[name].bounds(getattr(Settings(), name))
    assert low < high


@each
def test_a_tighter_number_is_the_tenants(name: str) -> None:
    rule = RULES[name]
    own = units(name) + step(rule)
    assert setting(name, DEFAULTS.of({name: own})) == own * rule.unit.one
    others = {other: setting(other) for other in RULES if other != name}
    assert {other: setting(other, DEFAULTS.of({name: own})) for other in others} == others


@each
def test_a_tenant_may_go_as_far_as_the_limit_and_to_what_holds_anyway(name: str) -> None:
    for own in RULES[name].bounds(setting(name)):
        assert DEFAULTS.merge(None, {name: own}) == {name: own}


@each
def test_a_looser_number_is_refused_in_a_sentence_with_the_bounds(name: str) -> None:
    rule = RULES[name]
    low, high = rule.bounds(setting(name))
    said = (
        f"A tenant can only have {rule.direction.word} {rule.words}:"
        f" here {low} to {high} {rule.unit.name}."
    )
    for own in {low - 1, high + 1, -1} - {0}:
        with pytest.raises(UnfitPolicy, match=f"^{re.escape(said)}$"):
            DEFAULTS.merge(None, {name: own})


@each
def test_an_installation_that_is_tightened_later_wins_over_an_older_number(name: str) -> None:
    rule = RULES[name]
    own, stricter = units(name) + step(rule), units(name) + 2 * step(rule)
    later: Numbers = replace(DEFAULTS, **{name: stricter * rule.unit.one})
    assert setting(name, later.of({name: own})) == stricter * rule.unit.one


@each
def test_an_installation_at_the_limit_leaves_no_room(name: str) -> None:
    rule = RULES[name]
    beyond: Numbers = replace(DEFAULTS, **{name: (rule.limit + step(rule)) * rule.unit.one})
    with pytest.raises(UnfitPolicy, match="leaves no room for that"):
        beyond.merge(None, {name: rule.limit})


@given(
    own=st.dictionaries(st.sampled_from(list(RULES)), st.integers(1, 10**6)),
    seconds=st.integers(1, 10**6),
)
def test_nothing_that_is_stored_loosens_anything(own: dict[str, int], seconds: int) -> None:
    settings = replace(DEFAULTS, link_life=timedelta(seconds=seconds))
    tenants = settings.of(own)
    for name, rule in RULES.items():
        here, there = setting(name, settings), setting(name, tenants)
        assert rule.direction.choose(here, there) == there


def test_a_time_that_is_no_whole_number_of_units_is_rounded_to_the_tighter_side() -> None:
    odd = timedelta(minutes=20, seconds=30)
    assert RULES["link_life"].bounds(odd) == (5, 20)
    assert RULES["lockout_time"].bounds(odd) == (21, 1440)


def test_numbers_that_are_not_named_stay_and_nothing_is_the_installations_again() -> None:
    own = DEFAULTS.merge({"link_life": 10}, {"lockout_attempts": 3})
    assert own == {"link_life": 10, "lockout_attempts": 3}
    assert DEFAULTS.merge(own, {"link_life": 0}) == {"lockout_attempts": 3}
    assert DEFAULTS.of({}) is DEFAULTS.of(None) is DEFAULTS


def test_a_name_that_is_none_of_these_is_refused_and_means_nothing_where_it_is_stored() -> None:
    with pytest.raises(UnfitPolicy, match="no number 'bcrypt_rounds' of its own"):
        DEFAULTS.merge(None, {"bcrypt_rounds": 4})
    assert DEFAULTS.of({"bcrypt_rounds": 4}) == DEFAULTS


def test_the_trail_says_what_a_number_was_and_is(installation: SimpleNamespace) -> None:
    installation.tenant("acme")
    for number in (3, 3, 4, 0, 0):
        installation.policy("acme", TenantPolicy(tightened={"lockout_attempts": number}))
    changes = [json.loads(body) for body in installation.events("tenant.changed")]
    told = [(one["before"]["tightened"], one["after"]["tightened"]) for one in changes]
    three, four = {"lockout_attempts": 3}, {"lockout_attempts": 4}
    assert len(told) == 3
    assert all(change in told for change in ((None, three), (three, four), (four, None)))


def test_what_is_refused_changes_nothing(installation: SimpleNamespace) -> None:
    installation.tenant("acme")
    mixed = TenantPolicy(mfa_required=True, tightened={"link_life": 10, "lockout_time": 1})
    with pytest.raises(UnfitPolicy):
        installation.policy("acme", mixed)
    assert installation.events("tenant.changed") == []
