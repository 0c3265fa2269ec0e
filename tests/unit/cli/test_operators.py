"""What operators do for people, at the command line: nobody is told a secret."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]

ADA = ("--tenant", "globex", "--email", "ada@globex.example")
PORTAL = ("--kind", "web", "--redirect-uri", "https://portal.example/callback")
PRIVACY = "https://portal.example/privacy"


@pytest.fixture(autouse=True)
def globex(answer: Answer) -> None:
    answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    answer("users", "create", *ADA, "--name", "Ada")


def test_sessions_of_one_or_of_all_end(answer: Answer, run: Run) -> None:
    done = answer("users", "end-sessions", *ADA)
    assert done == {"tenant": "globex", "email": "ada@globex.example", "sessions_ended": True}
    done = answer("tenants", "end-sessions", "globex")
    assert (done["slug"], done["sessions_ended"]) == ("globex", True)
    assert run("mail", "list").stdout.count("signed_out_everywhere") == 1
    assert "signed out" in run("users", "end-sessions", *ADA).stdout
    assert "signed out" in run("tenants", "end-sessions", "globex").stdout


def test_a_reset_is_mailed_and_its_link_told_to_nobody(
    answer: Answer, run: Run, data_dir: Path
) -> None:
    assert answer("users", "send-reset", *ADA) == {"tenant": "globex", "email": ADA[-1]}
    shown = run("users", "send-reset", *ADA)
    assert "token" not in shown.stdout
    assert run("mail", "list").stdout.count("new_password_by_operator") == 2
    assert b"token=" not in (data_dir / "authserver.db").read_bytes()
    run("users", "disable", *ADA)
    refused = run("users", "send-reset", *ADA)
    assert refused.exit_code == 1
    assert "gets no link" in refused.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("users", "end-sessions", "--tenant", "globex", "--email", "x@globex.example"),
        ("users", "send-reset", "--tenant", "globex", "--email", "x@globex.example"),
        ("users", "end-sessions", "--tenant", "nobody", "--email", "ada@globex.example"),
        ("tenants", "end-sessions", "nobody"),
        ("clients", "set", "cli_none", "--tenant", "globex", "--tos-uri", PRIVACY),
    ],
)
def test_who_or_what_is_not_there_is_not_found(run: Run, arguments: tuple[str, ...]) -> None:
    refused = run(*arguments)
    assert refused.exit_code == 1
    assert "There is no" in refused.stderr


def test_language_and_website_of_a_tenant_are_set_and_taken_away(answer: Answer) -> None:
    site = "https://globex.example"
    done = answer("tenants", "set", "globex", "--locale", "de", "--website", site)
    assert (done["locale"], done["website"]) == ("de", site)
    done = answer("tenants", "set", "globex", "--tier", "free")
    assert (done["locale"], done["website"]) == ("de", site)
    done = answer("tenants", "set", "globex", "--locale", "none", "--website", "none")
    assert (done["locale"], done["website"]) == ("none", "none")


def test_lives_of_sessions_are_shortened_and_come_back(answer: Answer, run: Run) -> None:
    lives = ("--session-idle", "15", "--session-absolute", "480")
    done = answer("tenants", "set", "globex", *lives)
    assert (done["session_idle"], done["session_absolute"]) == (15, 480)
    longer = run("tenants", "set", "globex", "--session-idle", "90")
    assert longer.exit_code == 1
    assert "only shorten" in longer.stderr
    done = answer("tenants", "set", "globex", "--session-idle", "default")
    assert (done["session_idle"], done["session_absolute"]) == ("default", 480)


def test_numbers_of_signing_in_are_tightened_and_come_back(answer: Answer, run: Run) -> None:
    done = answer("tenants", "set", "globex", "--link-life", "10", "--invitation-life", "24")
    assert (done["link_life"], done["invitation_life"]) == (10, 24)
    assert done["lockout_time"] == "default"
    looser = run("tenants", "set", "globex", "--lockout-attempts", "6")
    assert looser.exit_code == 1
    said = "A tenant can only have fewer wrong passwords before a lock: here 3 to 5 attempts."
    assert said in looser.stderr
    done = answer("tenants", "set", "globex", "--lockout-attempts", "3", "--link-life", "default")
    assert (done["lockout_attempts"], done["link_life"]) == (3, "default")
    shown = run("tenants", "set", "globex", "--second-factor-time", "5").stdout
    assert "lockout attempts 3" in shown
    assert "second factor time 5" in shown


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (("--second-factor-hour-attempts", "4"), 1),
        (("--second-factor-flow-attempts", "three"), 2),
        (("--locale", "tlh"), 2),
        (("--website", "http://globex.example"), 1),
        (("--session-idle", "soon"), 2),
        (("--session-absolute", "1"), 1),
    ],
)
def test_what_cannot_be_set_is_refused(run: Run, option: tuple[str, ...], code: int) -> None:
    assert run("tenants", "set", "globex", *option).exit_code == code


def test_links_of_a_client_are_set_and_taken_away(answer: Answer, run: Run) -> None:
    made = answer(
        "clients", "create", "--tenant", "globex", "--name", "Portal", *PORTAL,
        "--policy-uri", PRIVACY,
    )  # fmt: skip
    assert (made["policy_uri"], made["tos_uri"]) == (PRIVACY, None)
    change = ("clients", "set", str(made["client_id"]), "--tenant", "globex")
    done = answer(*change, "--policy-uri", "none", "--tos-uri", PRIVACY)
    assert (done["policy_uri"], done["tos_uri"]) == (None, PRIVACY)
    assert run(*change).exit_code == 2
    refused = run(*change, "--tos-uri", "http://portal.example/")
    assert refused.exit_code == 1
    assert "not https" in refused.stderr
