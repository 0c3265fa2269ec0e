"""The lattice: whoever does what, nobody ends with a permission that nobody above them held.

Random administrators of one tenant give, take, make, change and delete; each of their acts goes
through the services, with the permissions that their roles give them at that moment.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.core.problems import Problem
from authserver.roles.catalogue import BUILTIN, Permission
from authserver.roles.custom import CustomRoles, NewRole, RoleChange
from authserver.roles.policy import Grantor
from authserver.roles.service import Grant, RoleService

P = Permission
# Who holds the first may make and give roles, and sees little: what is tried is mostly above them.
MADE = {
    "keeper": {P.ROLES_WRITE, P.ROLES_ASSIGN, P.USERS_READ},
    "night-shift": {P.USERS_READ},
}
PEOPLE, NAMES = 5, (*MADE, "owner")
ROLES = (*NAMES, "admin", "customer_viewer", "SUPPORT_AGENT", "EXECUTIVE", "PLATFORM_ADMIN")
FIRST = (*MADE, "customer_viewer", "SUPPORT_AGENT", "EXECUTIVE")
POOL = (*MADE["keeper"], P.USERS_UNLOCK, P.AUDIT_READ, P.HEALTH_READ, P.KEYS_ROTATE)

person = st.integers(0, PEOPLE - 1)
# Mostly whoever holds little and may try a lot.
actor = st.sampled_from((0, 1, 1, 1, 2, 3, 4))
some = st.frozensets(st.sampled_from([one.value for one in POOL]), max_size=4)
act = st.one_of(
    st.tuples(st.just("give"), actor, person, st.sampled_from(ROLES)),
    st.tuples(st.just("take"), actor, person, st.sampled_from(ROLES)),
    st.tuples(st.just("make"), actor, st.sampled_from(NAMES), some),
    st.tuples(st.just("change"), actor, st.sampled_from(NAMES), some),
    st.tuples(st.just("delete"), actor, st.sampled_from(NAMES), st.none()),
)


class House:
    """A tenant with an administrator and people who hold nothing, or something, at first."""

    def __init__(self, installation: SimpleNamespace, slug: str, first: list[str]) -> None:
        self.database = installation.database
        self.tenant = installation.tenant(slug)
        self.roles = RoleService(installation.trail, installation.clock)
        self.custom = CustomRoles(installation.trail, installation.clock)
        self.actor = Actor("operator", self.tenant.id, "req_test")
        self.people = [installation.person(self.tenant) for _ in range(PEOPLE)]
        for name, permissions in MADE.items():
            self.write(self._make, NewRole(name, "x", permissions))
        for user_id, role in zip(self.people, ["admin", "keeper", *first], strict=True):
            self.write(self._give, user_id, role)

    def write(self, job: Any, *more: Any) -> None:
        self.database.write(lambda transaction: job(transaction, *more))

    def allowed(self) -> list[frozenset[Permission]]:
        """Return what each of them may do now."""
        with self.database.read() as view:
            return [
                self.roles.permissions_of(view, self.tenant.id, user_id) for user_id in self.people
            ]

    def act(self, kind: str, who: int, what: Any, how: Any) -> None:
        def job(transaction: Transaction) -> None:
            user_id = self.people[who]
            allowed = self.roles.permissions_of(transaction, self.tenant.id, user_id)
            by = {"actor": self.actor, "grantor": Grantor(user_id, allowed)}
            if kind == "give":
                self.roles.give(
                    transaction, self.tenant.id, self.people[what], grant=Grant(how), **by
                )
            elif kind == "take":
                self.roles.take(transaction, self.tenant.id, self.people[what], role=how, **by)
            elif Permission.ROLES_WRITE not in allowed:
                return  # what the operation asks before the service is
            elif kind == "make":
                self.custom.create(transaction, self.tenant.id, NewRole(what, "x", how), **by)
            elif kind == "change":
                change = RoleChange(permissions=how)
                self.custom.change(transaction, self.tenant.id, what, change=change, **by)
            else:
                self.custom.delete(transaction, self.tenant.id, what, **by)

        self.database.write(job)

    def _make(self, transaction: Transaction, new: NewRole) -> None:
        self.custom.create(transaction, self.tenant.id, new, actor=self.actor)

    def _give(self, transaction: Transaction, user_id: str, role: str) -> None:
        self.roles.set_roles(transaction, self.tenant.id, user_id, roles=[role], actor=self.actor)


@pytest.mark.attack("ATK-118")
@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # to shrink takes minutes, and the acts are few
    suppress_health_check=[*HealthCheck],
)
@given(
    first=st.lists(st.sampled_from(FIRST), min_size=PEOPLE - 2, max_size=PEOPLE - 2),
    acts=st.lists(act, min_size=40, max_size=60),
)
def test_nobody_ends_with_a_permission_that_nobody_above_them_held(
    installation: SimpleNamespace, first: list[str], acts: list[tuple[Any, ...]]
) -> None:
    house = House(installation, f"house-{len(installation.events('tenant.created'))}", first)
    for kind, who, what, how in acts:
        before = house.allowed()
        try:
            house.act(kind, who, what, how)
        except Problem:
            assert house.allowed() == before  # what is refused changes nothing
            continue
        for index, (held, holds) in enumerate(zip(before, house.allowed(), strict=True)):
            more = holds - held
            assert more <= before[who], f"{kind} gave {more}"
            assert index != who or (not more and holds == held), "nobody changes their own"
            # What is taken, whoever takes it holds as well.
            assert held - holds <= before[who]
    assert any(role >= BUILTIN["admin"].permissions for role in house.allowed())
