from importlib import import_module

import pytest

from authserver.core.problems import Refused
from authserver.roles import policy
from authserver.roles.catalogue import BUILTIN, Permission
from authserver.roles.policy import Grantor, UnknownRole

ADMIN = Grantor("usr_admin", BUILTIN["admin"].permissions)
ROLES = {name: BUILTIN[name].permissions for name in ("customer_viewer", "PLATFORM_ADMIN")}


@pytest.mark.parametrize(
    "name", ["NOC_OPERATOR", "noc_operator", "Noc_Operator", "\uff2e\uff2f\uff23_operator"]
)
def test_a_role_is_found_whatever_the_case_and_width(name: str) -> None:
    assert policy.find_builtin(name).name == "NOC_OPERATOR"


@pytest.mark.attack("ATK-117")
@pytest.mark.parametrize(
    "name", ["\u0430dmin", "adm\u0131n", "admin\u200b", "admin ", "", "admin\n", "ädmin"]
)
def test_a_look_alike_of_a_role_is_no_role(name: str) -> None:
    with pytest.raises(UnknownRole):
        policy.find_builtin(name)


@pytest.mark.attack("ATK-117")
@pytest.mark.parametrize(
    "name",
    [
        "Admin",
        "ADMIN",
        "\uff41\uff44\uff4d\uff49\uff4e",
        "adm1n",
        "admln",
        "adrnin",
        "PLATF0RM-ADMIN",
        "platform.admin",
    ],
)
def test_a_custom_role_cannot_read_like_a_built_in_one(name: str) -> None:
    assert policy.reads_like_builtin(name)


@pytest.mark.parametrize("name", ["accountant", "night-shift", "admins"])
def test_other_names_are_free(name: str) -> None:
    assert not policy.reads_like_builtin(name)


def test_built_in_roles_do_not_read_like_each_other() -> None:
    assert len(policy._SKELETONS) == len(BUILTIN)  # noqa: SLF001


@pytest.mark.attack("ATK-115")
def test_seeing_everything_gives_no_right_to_assign() -> None:
    viewer = BUILTIN["admin_viewer"].permissions
    assert not policy.may_assign(viewer, [Permission.USERS_READ])


def test_a_role_is_assigned_by_somebody_who_holds_all_of_it() -> None:
    assert policy.may_assign(ADMIN.permissions, BUILTIN["customer_viewer"].permissions)
    assert not policy.may_assign(ADMIN.permissions, BUILTIN["PLATFORM_ADMIN"].permissions)


@pytest.mark.attack("ATK-118")
def test_nobody_changes_their_own_roles() -> None:
    with pytest.raises(Refused, match="own roles"):
        policy.check_grantor(ADMIN, "usr_admin", ROLES)


@pytest.mark.attack("ATK-118")
def test_a_role_above_the_grantor_is_neither_given_nor_taken() -> None:
    with pytest.raises(Refused, match="PLATFORM_ADMIN"):
        policy.check_grantor(ADMIN, "usr_other", ROLES)


@pytest.mark.parametrize("tenant_type", ["customer", "partner"])
def test_the_platform_is_administered_from_internal_tenants_only(tenant_type: str) -> None:
    policy.check_tenant_type(["PLATFORM_ADMIN"], "internal")
    with pytest.raises(Refused):
        policy.check_tenant_type(["admin", "PLATFORM_ADMIN"], tenant_type)


def test_the_last_administrator_stays() -> None:
    policy.check_administrator_stays(leaves=True, others=1)
    policy.check_administrator_stays(leaves=False, others=0)
    with pytest.raises(Refused, match="last administrator"):
        policy.check_administrator_stays(leaves=True, others=0)


def test_the_words_of_an_invitation_are_there_for_every_role() -> None:
    words = vars(import_module("authserver.login.invitation.words"))["_WORDS"]
    assert list(words) == list(BUILTIN)
