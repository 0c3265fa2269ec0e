"""docs/sign-in.md: the second factor, as operators decide about it."""

import json
from pathlib import Path

import pytest

from authserver.mfa.policy import CODES
from authserver.oauth.levels import ACR
from authserver.settings import Settings
from authserver.tenants.limits.keeping import LEAST_EVENT_DAYS
from authserver.tenants.numbers import RULES
from tests.docs.pages import Page, names_in
from tests.docs.reader import Reader

pytestmark = pytest.mark.processes

PAGE = "docs/sign-in.md"


def test_commands_of_the_page_do_what_it_says(tmp_path: Path) -> None:
    reader = Reader(PAGE, tmp_path)
    reader.command("authserver init")
    reader.command("authserver tenants create globex --name Globex --type customer")
    reader.command(
        "authserver users create --tenant globex --email ada@globex.example --name Ada --json"
    )
    told = reader.page.table("With a second factor")["the tenant"][0]
    [command] = names_in(told)
    changed = json.loads(reader.command(f"{command} --json"))
    assert changed == {
        "id": changed["id"],
        "slug": "globex",
        "mfa": "required",
        "password_preset": "classic",
        "tier": "standard",
        "trusted_devices": "off",
        "locale": "none",
        "website": "none",
        **dict.fromkeys(("accent", "currency", "date_format", "time_zone"), "none"),
        "email_domains": [],
        "session_idle": "default",
        "session_absolute": "default",
        **dict.fromkeys(("access_token_seconds", "refresh_token_minutes"), "default"),
        **dict.fromkeys(RULES, "default"),
        "client_registration": "closed",
        "client_secret_jwt": "off",
        "dpop_nonces": "off",
        "registration": "off",
        "registration_domains": [],
        "registration_role": "customer_viewer",
        "links_by_email": False,
        "platform_connections": "all",
        "ends_federated_sessions": False,
        "erasure_days": 14,
        **dict.fromkeys(LEAST_EVENT_DAYS, "forever"),
    }
    reader.command("authserver tenants set globex --mfa optional")
    assert "trusted devices 14" in reader.type("trusted devices")
    assert "no second factor any more" in reader.type("reset the second factor")
    who = "--tenant globex --email ada@globex.example"
    reader.command(f"echo 'Amber-Kettle-8' | authserver users set-password {who}")
    told = reader.type("have a password changed")
    assert "chooses a new password at the next sign-in" in told
    assert "has a new password, until the next sign-in" in told
    assert "on its way to ada@globex.example" in reader.type("mail a reset")
    assert "0 linked sign-ins" in reader.type("linked sign-ins")
    assert "Everybody in globex is signed out" in reader.type("end sessions")
    assert "session idle default, session absolute 480" in reader.type("shorter sessions")


def test_the_client_asks_by_the_name_that_tokens_carry() -> None:
    [asked] = names_in(Page.read(PAGE).table("With a second factor")["the client"][0])
    assert asked == f"acr_values={ACR[2]}"


def test_the_numbers_are_the_defaults() -> None:
    told, settings = Page.read(PAGE).table("Codes"), Settings()
    numbers = {
        "wrong codes in a sign-in": settings.second_factor_flow_attempts,
        "wrong codes of an account": settings.second_factor_hour_attempts,
        "wrong codes in a row": settings.second_factor_reset_attempts,
        "backup codes": CODES,
    }
    assert {name: told[name][0].split()[0].strip(",") for name in numbers} == {
        name: str(number) for name, number in numbers.items()
    }
