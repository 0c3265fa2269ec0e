"""What operators do about invitations and registration."""

from collections.abc import Callable

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]

GLOBEX = ("--tenant", "globex")
EVE = (*GLOBEX, "--email", "eve@globex.example")


@pytest.fixture(autouse=True)
def globex(answer: Answer) -> None:
    answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    answer("users", "create", *GLOBEX, "--email", "ada@globex.example", "--name", "Ada")


def invite(answer: Answer, *more: str) -> dict[str, object]:
    return answer("invitations", "create", *EVE, *more)


def test_an_invitation_is_made_mailed_and_listed_without_its_link(answer: Answer, run: Run) -> None:
    made = invite(answer, "--role", "customer_VIEWER", "--role", "admin")
    assert made["roles"] == ["admin", "customer_viewer"]
    assert made["state"] == "open"
    assert str(made["id"]).startswith("inv_")
    assert made["inviter"] is None
    assert answer("invitations", "list", *GLOBEX)["invitations"] == [made]
    (mail,) = answer("mail", "list")["messages"]
    assert mail["template"] == "invitation"
    shown = run("invitations", "list", *GLOBEX).stdout
    assert "eve@globex.example  admin, customer_viewer" in shown
    assert "token" not in shown


def test_one_is_revoked_and_shown_by_its_state(answer: Answer) -> None:
    made = invite(answer)
    revoked = answer("invitations", "revoke", *GLOBEX, str(made["id"]))
    assert revoked["state"] == "revoked"
    assert answer("invitations", "list", *GLOBEX)["invitations"] == []
    for state in ("revoked", "all"):
        listed = answer("invitations", "list", *GLOBEX, "--state", state)
        assert listed["invitations"] == [revoked]


def test_one_is_mailed_again(answer: Answer, run: Run) -> None:
    made = invite(answer)
    again = answer("invitations", "resend", *GLOBEX, str(made["id"]))
    assert again["id"] == made["id"]
    assert str(again["expires_at"]) > str(made["expires_at"])
    assert len(answer("mail", "list")["messages"]) == 2
    assert run("invitations", "resend", *GLOBEX, str(made["id"])).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", *GLOBEX, "--email", "ada@globex.example"), "an account"),
        (("create", *EVE), "invited already"),
        (("create", *GLOBEX, "--email", "no address"), "not usable"),
        (("create", *GLOBEX, "--email", "x@globex.example", "--role", "chef"), "no role"),
        (
            ("create", *GLOBEX, "--email", "x@globex.example", "--role", "PLATFORM_ADMIN"),
            "internal tenant",
        ),
        (
            ("create", *GLOBEX, "--email", "x@globex.example", "--inviter", "ada@globex.example"),
            "users:write",
        ),
        (
            ("create", *GLOBEX, "--email", "x@globex.example", "--inviter", "bob@globex.example"),
            "no account",
        ),
        (("create", "--tenant", "nobody", "--email", "x@globex.example"), "no tenant"),
        (("revoke", *GLOBEX, "inv_nobody"), "no such invitation"),
        (("resend", *GLOBEX, "inv_nobody"), "no such invitation"),
        (("list", "--tenant", "nobody"), "no tenant"),
    ],
)
def test_what_cannot_be_is_refused_in_plain_words(
    answer: Answer, run: Run, arguments: tuple[str, ...], words: str
) -> None:
    invite(answer)
    done = run("invitations", *arguments)
    assert done.exit_code == 1
    assert words in done.stderr


def test_a_person_invites_with_roles_of_their_own(answer: Answer, run: Run) -> None:
    who = (*GLOBEX, "--email", "ada@globex.example")
    answer("users", "set-roles", *who, "--role", "admin")
    made = invite(answer, "--inviter", "ada@globex.example", "--role", "customer_viewer")
    assert str(made["inviter"]).startswith("usr_")
    other = ("--email", "x@globex.example", "--inviter", "ada@globex.example")
    done = run("invitations", "create", *GLOBEX, *other, "--role", "CLOUD_OPS")
    assert done.exit_code == 1
    assert "more than you may do" in done.stderr


def test_registration_is_switched_with_its_terms(answer: Answer, run: Run) -> None:
    on = answer(
        "tenants", "set", "globex", "--registration", "on",
        "--registration-domains", "Globex.example, bücher.example ,", "--registration-role",
        "finance_analyst",
    )  # fmt: skip
    assert on["registration"] == "on"
    assert on["registration_domains"] == ["globex.example", "xn--bcher-kva.example"]
    assert on["registration_role"] == "FINANCE_ANALYST"
    open_to_all = answer(
        "tenants", "set", "globex", "--registration-domains", "", "--registration-role", "none"
    )
    assert open_to_all["registration_domains"] == []
    assert open_to_all["registration_role"] is None
    shown = run("tenants", "set", "globex", "--registration", "on").stdout
    assert shown.endswith("registration on for any domain as no role.\n")
    assert answer("tenants", "set", "globex", "--registration", "off")["registration"] == "off"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--registration-role", "admin"), 1),
        (("--registration-role", "chef"), 1),
        (("--registration-domains", "*.example"), 1),
        (("--registration-domains", "globex.example,localhost"), 1),
        (("--registration", "maybe"), 2),
    ],
)
def test_unfit_terms_of_registration_are_refused(
    run: Run, arguments: tuple[str, ...], code: int
) -> None:
    assert run("tenants", "set", "globex", *arguments).exit_code == code
