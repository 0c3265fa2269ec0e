import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import cast

import bcrypt
import pytest
from click.testing import Result
from jwcrypto.jwk import JWK

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]

ADA = ("--tenant", "globex", "--email", "ada@globex.example")


@pytest.fixture
def globex(answer: Answer) -> dict[str, object]:
    return answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")


def create_ada(answer: Answer, *more: str, stdin: str | None = None) -> dict[str, object]:
    return answer("users", "create", *ADA, "--name", "Ada", *more, stdin=stdin)


def test_a_tenant_is_created(globex: dict[str, object], run: Run) -> None:
    assert globex["slug"] == "globex"
    assert str(globex["id"]).startswith("ten_")
    again = run("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    assert again.exit_code == 1
    assert "already" in again.stderr


def test_a_tenant_may_have_an_issuer_and_keys_of_its_own(answer: Answer) -> None:
    made = answer(
        "tenants", "create", "initech", "--name", "Initech", "--type", "partner", "--own-issuer"
    )
    assert made["issuer"] == "http://localhost:8000/t/initech"
    keys = answer("keys", "list", "--tenant", "initech")
    assert keys["issuer"] == made["issuer"]
    platform = answer("keys", "list")
    kids = [
        {key["kid"] for key in cast("list[dict[str, str]]", k["keys"])} for k in (keys, platform)
    ]
    assert kids[0]
    assert kids[0].isdisjoint(kids[1])


def test_a_tenant_without_an_issuer_has_no_keys(globex: dict[str, object], run: Run) -> None:
    done = run("keys", "list", "--tenant", str(globex["slug"]))
    assert done.exit_code == 1
    assert "no issuer of its own" in done.stderr


def test_a_tenant_may_ask_for_longer_passwords_from_the_beginning(answer: Answer, run: Run) -> None:
    named = ("--name", "Initech", "--type", "partner", "--password-preset", "nist")
    assert answer("tenants", "create", "initech", *named)["password_preset"] == "nist"
    person = ("--tenant", "initech", "--email", "ada@globex.example", "--name", "Ada")
    create = ("users", "create", *person, "--password-stdin")
    done = run(*create, stdin="Correct-Horse-7"[:14])
    assert done.exit_code == 1
    assert "Use at least 15 characters. Strength: 1 of 4." in done.stderr
    assert run(*create, stdin="blue lantern over the hill").exit_code == 0


@pytest.mark.usefixtures("globex")
def test_the_password_preset_of_a_tenant_is_changed(answer: Answer, run: Run) -> None:
    changed = answer("tenants", "set", "globex", "--password-preset", "nist")
    assert (changed["slug"], changed["password_preset"]) == ("globex", "nist")
    shown = run("tenants", "set", "globex", "--password-preset", "classic")
    assert shown.output == (
        "The tenant globex has: password preset classic, mfa optional, tier standard,"
        " trusted devices off, locale none, website none, session idle default,"
        " session absolute default, client registration closed, client secret jwt off,"
        " dpop nonces off, registration off.\n"
    )


@pytest.mark.usefixtures("globex")
def test_the_tier_of_a_tenant_is_changed(answer: Answer, run: Run) -> None:
    assert answer("tenants", "set", "globex", "--tier", "enterprise")["tier"] == "enterprise"
    assert run("tenants", "set", "globex", "--tier", "platinum").exit_code == 2


@pytest.mark.usefixtures("globex")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["globex"], 2),
        (["globex", "--password-preset", "none"], 2),
        (["nobody", "--password-preset", "nist"], 1),
    ],
)
def test_a_wrong_change_of_a_tenant_is_refused(run: Run, arguments: list[str], code: int) -> None:
    assert run("tenants", "set", *arguments).exit_code == code


@pytest.mark.usefixtures("globex")
@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Password-123", "a common password"),
        ("Globex2026", "the organization's name"),
        ("Ada@Globex.example1", "the email address"),
        ("Authserver-1", "the name of this service"),
    ],
)
def test_a_refused_password_is_refused_in_plain_words(run: Run, password: str, words: str) -> None:
    done = run("users", "create", *ADA, "--name", "Ada", "--password-stdin", stdin=password)
    assert done.exit_code == 1
    assert words in done.stderr


@pytest.mark.usefixtures("globex")
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_password_of_another_system_comes_as_its_hash(
    answer: Answer, data_dir: Path, ending: str
) -> None:
    theirs = bcrypt.hashpw(b"Old-Password-1", bcrypt.gensalt(4)).decode()
    create_ada(answer, "--password-hash-stdin", stdin=theirs + ending)
    with sqlite3.connect(data_dir / "authserver.db") as database:
        assert database.execute("SELECT password_hash FROM users").fetchall() == [(theirs,)]
    database.close()


@pytest.mark.usefixtures("globex")
@pytest.mark.attack("ATK-146")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Correct-Horse-7", "neither bcrypt"),
        ("$2b$15$" + "a" * 53, "at most 14"),
        ("$argon2id$v=19$m=131072,t=1,p=1$c29tZXNhbHQ$" + "A" * 43, "64 MiB"),
    ],
)
def test_a_hash_that_cannot_be_imported_makes_no_account(run: Run, text: str, words: str) -> None:
    asked = ["users", "create", *ADA, "--name", "Ada"]
    done = run(*asked, "--password-hash-stdin", stdin=text)
    assert done.exit_code == 1
    assert words in done.stderr
    assert run(*asked, "--password-hash-stdin", "--password-stdin", stdin=text).exit_code == 2
    assert run(*asked).exit_code == 0


@pytest.mark.usefixtures("globex")
def test_a_person_is_created_with_roles(answer: Answer) -> None:
    made = create_ada(answer, "--role", "admin", "--role", "SALES_rep", "--verified")
    assert made["roles"] == ["SALES_REP", "admin"]
    assert str(made["id"]).startswith("usr_")


@pytest.mark.usefixtures("globex")
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_password_comes_from_standard_input_without_its_line_end(
    answer: Answer, data_dir: Path, ending: str
) -> None:
    from authserver.core.database.engine import Database, make_engine  # noqa: PLC0415
    from authserver.settings import Settings  # noqa: PLC0415
    from authserver.wiring.services import build  # noqa: PLC0415

    create_ada(answer, "--password-stdin", stdin=f"Correct horse 7{ending}")
    services = build(Settings(data_dir=data_dir))
    with Database(make_engine(f"sqlite:///{data_dir / 'authserver.db'}")).read() as view:
        stored = view.connection.exec_driver_sql("SELECT password_hash FROM users").scalar()
    assert services.hasher.verify("Correct horse 7", stored).ok
    services.database.close()


@pytest.mark.usefixtures("globex")
@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--password-stdin"], "at least 8"),
        (["--role", "EMPEROR"], "no role 'EMPEROR'"),
        (["--role", "PLATFORM_ADMIN"], "internal tenant"),
    ],
)
def test_a_refused_person_is_not_there_afterwards(run: Run, more: list[str], words: str) -> None:
    asked = ["users", "create", *ADA, "--name", "Ada"]
    done = run(*asked, *more, stdin="weak")
    assert done.exit_code == 1
    assert words in done.stderr
    assert run(*asked).exit_code == 0


@pytest.mark.usefixtures("globex")
def test_roles_are_replaced(run: Run, answer: Answer) -> None:
    create_ada(answer, "--role", "SUPPORT_AGENT")
    assert answer("users", "set-roles", *ADA, "--role", "SALES_REP")["roles"] == ["SALES_REP"]
    assert answer("users", "set-roles", *ADA)["roles"] == []
    assert run("users", "set-roles", "--tenant", "globex", "--email", "x@y.example").exit_code == 1


@pytest.mark.usefixtures("globex")
def test_a_person_is_disabled_and_enabled_and_the_last_administrator_is_neither(
    run: Run, answer: Answer
) -> None:
    create_ada(answer)
    assert answer("users", "disable", *ADA)["enabled"] is False
    assert answer("users", "enable", *ADA)["enabled"] is True
    answer("users", "set-roles", *ADA, "--role", "admin")
    done = run("users", "disable", *ADA, "--json")
    assert done.exit_code == 1
    assert done.stderr == ""
    assert json.loads(done.stdout)["type"] == "urn:authserver:problem:refused"


@pytest.mark.usefixtures("globex")
def test_a_client_is_registered_and_its_secret_shown_once(run: Run, answer: Answer) -> None:
    described = ["--tenant", "globex", "--name", "Billing", "--kind", "partner"]
    limits = ["--ip-allow", "10.0.0.0/8", "--ip-allow", "2001:db8::/32", "--rate", "60/minute"]
    scopes = ["--scope", "reports:read", "--audience", "urn:acme:reports"]
    made = answer("clients", "create", *described, *limits, *scopes)
    assert str(made["client_secret"]).startswith("cs_")
    assert made["ip_allowlist"] == ["10.0.0.0/8", "2001:db8::/32"]
    shown = run("clients", "create", *described)
    assert "this once" in shown.output
    assert shown.output.count("cs_") == 1


@pytest.mark.usefixtures("globex")
@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--kind", "web"], "redirect URI"),
        (["--kind", "web", "--redirect-uri", "http://portal.example/cb"], "https"),
        (["--kind", "partner", "--rate", "many"], "rate limit"),
        (["--kind", "partner", "--ip-allow", "everywhere"], "allowlist"),
        (["--kind", "spa", "--redirect-uri", "https://a.example/", "--pkce", "optional"], "PKCE"),
        (["--kind", "web", "--redirect-uri", "https://a.example/", "--serves", "*"], "internal"),
    ],
)
def test_a_client_that_breaks_a_rule_is_refused(run: Run, more: list[str], words: str) -> None:
    done = run("clients", "create", "--tenant", "globex", "--name", "Billing", *more)
    assert done.exit_code == 1
    assert words in done.stderr


@pytest.mark.usefixtures("globex")
def test_a_client_may_prove_itself_with_its_own_keys(
    run: Run, answer: Answer, tmp_path: Path
) -> None:
    described = ["--tenant", "globex", "--name", "Billing", "--kind", "service"]
    path = tmp_path / "jwks.json"
    keys = ["--auth-method", "private_key_jwt", "--jwks", str(path)]
    path.write_text("{")
    assert run("clients", "create", *described, *keys).exit_code == 2
    public = JWK.generate(kty="EC", crv="P-256").export_public(as_dict=True)
    path.write_text(json.dumps({"keys": [public]}))
    made = answer("clients", "create", *described, *keys)
    assert made["auth_method"] == "private_key_jwt"
    assert "client_secret" not in made


@pytest.mark.usefixtures("globex")
def test_a_secret_is_rotated(run: Run, answer: Answer) -> None:
    made = answer(
        "clients", "create", "--tenant", "globex", "--name", "Billing", "--kind", "service"
    )
    name = str(made["client_id"])
    rotated = answer("clients", "rotate-secret", name, "--tenant", "globex", "--overlap-hours", "1")
    assert rotated["client_secret"] != made["client_secret"]
    shown = run("clients", "rotate-secret", name, "--tenant", "globex", "--overlap-hours", "0")
    assert "has ended" in shown.output
    assert run("clients", "rotate-secret", "cli_x", "--tenant", "globex").exit_code == 1


def test_keys_are_rotated_by_publishing_the_next_ones(answer: Answer) -> None:
    before = cast("list[dict[str, str]]", answer("keys", "list")["keys"])
    assert sorted((key["alg"], key["state"]) for key in before) == [
        ("ES256", "active"),
        ("RS256", "active"),
    ]
    after = cast("list[dict[str, str]]", answer("keys", "rotate", "--alg", "ES256")["keys"])
    assert sorted((key["alg"], key["state"]) for key in after) == [
        ("ES256", "active"),
        ("ES256", "next"),
        ("RS256", "active"),
    ]


@pytest.mark.usefixtures("globex")
def test_a_mail_to_prove_an_address_is_sent_once_there_is_something_to_prove(
    answer: Answer, run: Run
) -> None:
    create_ada(answer)
    assert answer("users", "verify-email", *ADA)["email"] == "ada@globex.example"
    run("users", "disable", *ADA)
    assert "disabled" in run("users", "verify-email", *ADA).stderr
    verified = ("--tenant", "globex", "--email", "bob@globex.example")
    answer("users", "create", *verified, "--name", "Bob", "--verified")
    refused = run("users", "verify-email", *verified)
    assert (refused.exit_code, "verified already" in refused.stderr) == (1, True)
