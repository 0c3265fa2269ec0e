"""`authserver connections` and what `tenants set` says of them."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]

SECRET = "upstream-secret-8d1f"
GOOGLE = ("google", "--kind", "google", "--label", "Google", "--client-id", "ours.apps")
TID = "66666666-7777-4888-8999-000000000000"
ENTRA = ("entra", "--kind", "azure_ad", "--label", "Globex", "--client-id", "ours", "--allow", TID)
CORP = ("corp", "--kind", "oidc", "--label", "Corp", "--client-id", "ours")
AT_CORP = ("--server", "https://op.example/realms/corp")


@pytest.fixture(autouse=True)
def _globex(answer: Answer) -> None:
    named = ("--name", "Globex", "--type", "customer", "--own-issuer")
    answer("tenants", "create", "globex", *named)


def create(answer: Answer, *arguments: str) -> dict[str, Any]:
    return answer("connections", "create", *arguments, "--secret-stdin", stdin=f"{SECRET}\n")


def test_a_connection_says_what_to_register_at_the_provider(answer: Answer, run: Run) -> None:
    made = create(answer, *GOOGLE)
    path = f"/login/federation/{made['id']}/callback"
    assert made["redirect_uris"] == [
        f"http://localhost:8000{path}",
        f"http://localhost:8000/t/globex{path}",
    ]
    shown = run("connections", "show", "google")
    assert shown.exit_code == 0
    assert all(uri in shown.stdout for uri in made["redirect_uris"])
    answer("tenants", "set", "globex", "--platform-connections", "none")
    assert answer("connections", "show", "google")["redirect_uris"] == made["redirect_uris"][:1]


def test_a_tenants_own_connection_is_for_its_issuer_and_the_platforms(answer: Answer) -> None:
    answer("tenants", "create", "initech", "--name", "Initech", "--type", "partner", "--own-issuer")
    made = create(answer, *ENTRA, "--tenant", "globex")
    assert [uri.partition("/login")[0] for uri in made["redirect_uris"]] == [
        "http://localhost:8000",
        "http://localhost:8000/t/globex",
    ]
    assert (made["tenant"], made["allowed"]) == ("globex", [TID])


def test_no_answer_holds_the_secret(answer: Answer, run: Run, data_dir: Path) -> None:
    create(answer, *GOOGLE)
    said = [
        run("connections", *command, *form).output
        for command in (["show", "google"], ["list"], ["set", "google", "--label", "G"])
        for form in ([], ["--json"])
    ]
    said.append(run("connections", "set-secret", "google", stdin="another-secret").output)
    assert all(SECRET not in text and "another-secret" not in text for text in said)
    with sqlite3.connect(data_dir / "authserver.db") as database:
        dump = "\n".join(database.iterdump())
    database.close()
    assert SECRET not in dump
    assert SECRET.encode().hex() not in dump.lower()


def test_fields_are_set_and_lists_are_replaced(answer: Answer) -> None:
    create(answer, *CORP, *AT_CORP, "--tenant", "globex", "--claim", "email=mail")
    changed = answer(
        "connections", "set", "corp", "--tenant", "globex",
        "--group-role", "cn=staff,dc=x=customer_viewer", "--default-role", "customer_viewer",
        "--creates-people", "--trusts-amr", "--keeps-tokens", "--link-only", "--position", "3",
        "--scope", "openid", "--scope", "groups", "--label", "Corp SSO",
    )  # fmt: skip
    assert changed["claims"] == {"email": "mail"}
    assert changed["group_roles"] == {"cn=staff,dc=x": "customer_viewer"}
    assert changed["scopes"] == ["openid", "groups"]
    names = ("creates_people", "trusts_amr", "keeps_tokens", "link_only")
    assert all(changed[name] is True for name in names)
    cleared = answer(
        "connections", "set", "corp", "--tenant", "globex", "--claim", "none", "--scope", "none",
        "--group-role", "none", "--no-creates-people", "--sign-in", "--position", "0",
    )  # fmt: skip
    assert (cleared["claims"], cleared["scopes"], cleared["group_roles"]) == ({}, [], {})
    assert (cleared["creates_people"], cleared["link_only"], cleared["position"]) == (
        False,
        False,
        0,
    )
    assert (cleared["label"], cleared["trusts_amr"]) == ("Corp SSO", True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (GOOGLE, 1, "client secret"),
        ((*CORP,), 1, "issuer URL"),
        ((*CORP, "--server", "http://op.example"), 1, "not https"),
        ((*ENTRA[:-2], "--secret-stdin"), 1, "never open"),
        ((*ENTRA[:-1], "common", "--secret-stdin"), 1, "UUID"),
        ((*CORP, *AT_CORP, "--trusts-amr"), 1, "Only a tenant's own"),
        ((*CORP, *AT_CORP, "--tenant", "globex", "--default-role", "admin"), 1, "administrators"),
        ((*CORP, *AT_CORP, "--claim", "email"), 2, "no '='"),
        ((*CORP, *AT_CORP, "--claim", "sub=mail"), 1, "cannot be mapped"),
        ((*CORP, *AT_CORP, "--tenant", "nobody"), 1, "no tenant"),
        (("corp", "--kind", "saml", *CORP[3:]), 2, "saml"),
        (CORP[:3], 2, "--label"),
    ],
)
def test_what_is_unfit_is_refused_in_plain_words(
    run: Run, answer: Answer, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = run("connections", "create", *arguments, stdin=SECRET)
    assert (done.exit_code, words in done.stderr) == (code, True), done.stderr
    assert answer("connections", "list")["connections"] == []


def test_commands_on_what_is_not_there_are_refused(run: Run, answer: Answer) -> None:
    create(answer, *ENTRA, "--tenant", "globex")
    for command in ("show", "enable", "disable", "remove", "set-secret"):
        done = run("connections", command, "entra", stdin="x")
        assert done.exit_code == 1, command
        assert "no connection 'entra'" in done.stderr
    assert run("connections", "set", "entra", "--tenant", "globex").exit_code == 2


def test_a_connection_is_made_switched_and_removed(answer: Answer, run: Run) -> None:
    assert create(answer, *GOOGLE, "--disabled")["enabled"] is False
    assert answer("connections", "enable", "google")["enabled"] is True
    done = run("connections", "remove", "google")
    assert done.exit_code == 1
    assert "disable it first" in done.stderr
    said = answer("connections", "disable", "google")
    assert (said["enabled"], said["ended_sign_ins"], said["signed_out"]) == (False, 0, 0)
    removed = answer("connections", "remove", "google")
    assert (removed["unlinked"], removed["without_another_way"]) == (0, 0)
    assert run("connections", "list").stdout == "0 connections of the platform\n"


def test_people_who_lose_their_only_way_in_are_told_of_before_it_is_gone(
    answer: Answer, run: Run, data_dir: Path
) -> None:
    made = create(answer, *GOOGLE)
    ada = ("--tenant", "globex", "--email", "ada@globex.example")
    answer("users", "create", *ada, "--name", "Ada", "--verified")
    with sqlite3.connect(data_dir / "authserver.db") as database:
        database.execute(
            "INSERT INTO federated_identities (id, tenant_id, user_id, connection_owner,"
            " connection_id, issuer, subject, label, created_at) SELECT 'fid_1', tenant_id, id,"
            " 'platform', ?, 'https://accounts.google.com', '42', 'ada', 0 FROM users",
            (made["id"],),
        )
    database.close()
    said = run("connections", "disable", "google").stdout
    assert "no other way to sign in: 1." in said
    assert "no other way to sign in: 1." in run("connections", "remove", "google").stdout
    waiting = answer("mail", "list")
    assert "connection_removed" in json.dumps(waiting)


def test_a_tenant_says_what_holds_of_upstream_sign_in(answer: Answer, run: Run) -> None:
    create(answer, *GOOGLE)
    changed = answer(
        "tenants", "set", "globex", "--links-by-email", "--platform-connections", "google",
        "--ends-federated-sessions",
    )  # fmt: skip
    assert changed["links_by_email"] is True
    assert changed["platform_connections"] == ["google"]
    assert changed["ends_federated_sessions"] is True
    said = run("tenants", "set", "globex", "--no-links-by-email").stdout
    assert said.endswith("platform connections google, ends federated sessions on.\n")
    assert (
        answer("tenants", "set", "globex", "--platform-connections", "none")["platform_connections"]
        == []
    )
    everyone = answer("tenants", "set", "globex", "--platform-connections", "all")
    assert everyone["platform_connections"] == "all"
    done = run("tenants", "set", "globex", "--platform-connections", "google,nobody")
    assert done.exit_code == 1
    assert "no connection 'nobody'" in done.stderr
