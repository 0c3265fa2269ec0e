"""What a connection may be, and what a change of one ends."""

from dataclasses import replace
from typing import Any

import pytest

from authserver.core.problems import Problem, Refused
from authserver.federation.administration.allowed import UnfitConnection
from authserver.federation.administration.policy import (
    Ends,
    Out,
    check,
    check_secret,
    ends,
)
from authserver.federation.values import Connection, Kind, Target

TID = "66666666-7777-4888-8999-000000000000"
OTHER = "11111111-2222-4333-8444-555555555555"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"


def connection(kind: Kind = Kind.GOOGLE, **more: Any) -> Connection:
    usual: dict[str, Any] = {}
    if kind is Kind.OIDC:
        usual["server"] = "https://op.example"
    if kind is Kind.AZURE_AD:
        usual["allowed"] = (TID,)
    fields = {"tenant_id": "ten_1", "name": "corp", "label": "Corp", "client_id": "ours"}
    return Connection(id="idp_1", kind=kind, **{**fields, **usual, **more})


def checked(kind: Kind = Kind.GOOGLE, **more: Any) -> Connection:
    return check(connection(kind, **more), has_secret=True)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("tenant_id", [None, "ten_1"])
def test_a_plain_connection_is_as_it_was_asked_for(kind: Kind, tenant_id: str | None) -> None:
    plain = connection(kind, tenant_id=tenant_id)
    assert check(plain, has_secret=True) == plain


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        *((Kind.GOOGLE, {"name": name}) for name in ("", "Corp", "a b", "-a", "a-", "a" * 41, "é")),
        *((Kind.GOOGLE, {"name": name}) for name in ("all", "none", "platform", "link")),
        *((Kind.GOOGLE, {"label": label}) for label in ("", " ", "x" * 61, "a\u202eb", "a\nb")),
        *((Kind.GOOGLE, {"client_id": text}) for text in ("", "a b", "x" * 256, "é", "a\x00")),
        *((Kind.GOOGLE, {"position": number}) for number in (-1, 1000)),
        # Servers.
        (Kind.OIDC, {"server": ""}),
        *(
            (Kind.OIDC, {"server": server})
            for server in (
                "http://op.example",
                "http://localhost:9000",
                "https://op.example?x=1",
                "https://op.example#x",
                "https://user@op.example",
                "https://op.example:443",
                "https://op.example/../x",
                "HTTPS://op.example",
                "https://op.example\\.evil.example",
                "op.example",
                f"https://op.example/{'x' * 250}",
            )
        ),
        (Kind.GOOGLE, {"server": "https://accounts.google.com"}),
        (Kind.GOOGLE, {"server": "https://google.evil.example"}),
        (Kind.AZURE_AD, {"server": "https://login.evil.example"}),
        (Kind.AZURE_AD, {"server": "https://login.microsoftonline.us/"}),
        # Who may come in.
        (Kind.OIDC, {"allowed": ("corp.example",)}),
        *((Kind.GOOGLE, {"allowed": (hd,)}) for hd in ("gmail.com", "corp", "*", "a@corp.example")),
        *((Kind.GITHUB, {"allowed": (org,)}) for org in ("", "-a", "a--b", "a/b", "x" * 40)),
        (Kind.AZURE_AD, {"allowed": ()}),
        *(
            (Kind.AZURE_AD, {"allowed": (tid,)})
            for tid in ("common", "organizations", "consumers", "corp.example", TID[:-1], PERSONAL)
        ),
        (Kind.AZURE_AD, {"allowed": (TID, PERSONAL)}),
        (Kind.AZURE_AD, {"allowed": (TID.replace("-", ""),)}),
        (Kind.GITHUB, {"allowed": tuple(f"org{n}" for n in range(101))}),
        # Scopes.
        (Kind.GOOGLE, {"scopes": ("email",)}),
        (Kind.OIDC, {"scopes": ("openid", "a b")}),
        (Kind.GITHUB, {"scopes": ("read:user",)}),
        # Claims.
        *((Kind.OIDC, {"claims": {target: "x"}}) for target in ("sub", "roles", "amr", "iss", "")),
        (Kind.OIDC, {"claims": {"email": ""}}),
        (Kind.OIDC, {"claims": {"email": "a b"}}),
        (Kind.AZURE_AD, {"claims": {"email": "upn"}}),
        (Kind.AZURE_AD, {"claims": {"email_verified": "tid"}}),
        (Kind.GOOGLE, {"claims": {"name": "sub"}}),
        (Kind.GITHUB, {"claims": {"groups": "orgs"}}),
        # What is for a tenant's own.
        (Kind.OIDC, {"tenant_id": None, "trusts_amr": True}),
        (Kind.OIDC, {"tenant_id": None, "creates_people": True}),
        (Kind.OIDC, {"tenant_id": None, "default_roles": ("customer_viewer",)}),
        (Kind.OIDC, {"tenant_id": None, "group_roles": {"all": "customer_viewer"}}),
        (Kind.OIDC, {"group_roles": {"": "customer_viewer"}}),
        (Kind.OIDC, {"group_roles": {f"g{n}": "customer_viewer" for n in range(101)}}),
    ],
)
def test_what_is_unfit_is_refused(kind: Kind, wrong: dict[str, Any]) -> None:
    with pytest.raises(UnfitConnection) as refused:
        checked(kind, **wrong)
    assert refused.value.description.endswith(".")


@pytest.mark.attack("ATK-117")
@pytest.mark.parametrize("role", ["admin", "PLATFORM_ADMIN", "admin_viewer", "SUPPORT_AGENT"])
@pytest.mark.parametrize("how", ["default_roles", "group_roles"])
def test_no_connection_gives_a_privileged_role(role: str, how: str) -> None:
    given = (role,) if how == "default_roles" else {"staff": role}
    with pytest.raises(Refused):
        checked(Kind.OIDC, **{how: given})


@pytest.mark.parametrize("role", ["nobody", "аdmin", "globex/viewer"])
def test_no_connection_gives_a_role_that_nobody_knows(role: str) -> None:
    with pytest.raises(Problem):
        checked(Kind.OIDC, group_roles={"staff": role})


def test_one_form_of_everything_is_kept() -> None:
    made = checked(
        Kind.OIDC,
        label=" Corp ",
        scopes=("openid", "openid", "email"),
        default_roles=("CUSTOMER_VIEWER", "customer_viewer"),
        group_roles={"ou=staff,dc=x": "Customer_Viewer"},
        claims={target.value: "x" for target in Target},
    )
    assert (made.label, made.scopes) == ("Corp", ("openid", "email"))
    assert made.default_roles == ("customer_viewer",)
    assert made.group_roles == {"ou=staff,dc=x": "customer_viewer"}
    assert checked(Kind.AZURE_AD, allowed=(TID.upper(), TID)).allowed == (TID,)
    assert checked(Kind.GITHUB, allowed=("Globex", "globex")).allowed == ("globex",)
    assert checked(Kind.GOOGLE, allowed=("Bücher.example",)).allowed == ("xn--bcher-kva.example",)
    assert checked(Kind.AZURE_AD, claims={"groups": "roles"}).claims == {"groups": "roles"}


@pytest.mark.parametrize("kind", [Kind.GOOGLE, Kind.GITHUB, Kind.AZURE_AD])
def test_only_an_openid_provider_may_give_no_secret(kind: Kind) -> None:
    with pytest.raises(UnfitConnection, match="client secret"):
        check(connection(kind), has_secret=False)
    assert check(connection(Kind.OIDC), has_secret=False)


@pytest.mark.parametrize("secret", ["a b", "x" * 2049, "geheim\n", "größe"])
def test_a_secret_is_what_a_header_can_hold(secret: str) -> None:
    with pytest.raises(UnfitConnection) as refused:
        check_secret(secret)
    assert secret.strip() not in refused.value.description


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("host", ["localhost:9000", "127.0.0.1:9000", "[::1]:9000"])
def test_http_on_this_machine_is_for_development(kind: Kind, host: str) -> None:
    local = connection(kind, server=f"http://{host}")
    assert check(local, has_secret=True, allow_http_loopback=True).server == f"http://{host}"
    with pytest.raises(UnfitConnection):
        check(local, has_secret=True)
    for server in ("http://op.example", "http://127.0.0.2:9000"):
        with pytest.raises(UnfitConnection):
            check(replace(local, server=server), has_secret=True, allow_http_loopback=True)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"label": "Other", "position": 7}, Ends(False, Out.NOBODY, False)),
        ({}, {"creates_people": True}, Ends(True, Out.NOBODY, False)),
        ({}, {"client_id": "another"}, Ends(True, Out.NOBODY, False)),
        ({}, {"trusts_amr": True}, Ends(True, Out.NOBODY, False)),
        ({"trusts_amr": True}, {"trusts_amr": False}, Ends(True, Out.SECOND_FACTOR, False)),
        ({}, {"link_only": True}, Ends(True, Out.WHERE_WANTED, False)),
        ({"link_only": True}, {"link_only": False}, Ends(True, Out.NOBODY, False)),
        ({}, {"allowed": ("a.example",)}, Ends(True, Out.EVERYBODY, False)),
        ({"allowed": ("a.example",)}, {"allowed": ()}, Ends(True, Out.NOBODY, False)),
        (
            {"allowed": ("a.example",)},
            {"allowed": ("a.example", "b.example")},
            Ends(True, Out.NOBODY, False),
        ),
        (
            {"allowed": ("a.example", "b.example")},
            {"allowed": ("b.example",)},
            Ends(True, Out.EVERYBODY, False),
        ),
        (
            {"allowed": ("a.example",)},
            {"allowed": ("b.example",), "link_only": True},
            Ends(True, Out.EVERYBODY, False),
        ),
        ({"keeps_tokens": True}, {"keeps_tokens": False}, Ends(True, Out.NOBODY, True)),
    ],
)
def test_a_stricter_rule_ends_what_was_laxer(
    before: dict[str, Any], after: dict[str, Any], expected: Ends
) -> None:
    old = connection(**before)
    assert ends(old, replace(old, **after)) == expected


def test_two_stricter_rules_end_what_each_of_them_ends() -> None:
    """Turning trust off and signing nobody in: who has two levels goes, and where it is wanted."""
    old = connection(trusts_amr=True)
    assert ends(old, replace(old, trusts_amr=False, link_only=True)).out is Out.EVERYBODY
