"""The tables of the documentation, compared with the code they speak of."""

import ast
import re
from datetime import timedelta

import pytest

from authserver.accounts.passwords.policy import rules_of
from authserver.clients.policy import KINDS
from authserver.oauth.authorize.request import PROMPTS
from authserver.oauth.client_auth import client_secret_jwt
from authserver.oauth.client_auth.authenticate import METHODS
from authserver.oauth.discovery import metadata
from authserver.oauth.errors import OAuthError
from authserver.oauth.mtls import methods as by_certificate
from authserver.oauth.scopes import OPENID_SCOPES
from authserver.sessions.cookies import CookiePolicy
from authserver.settings import Settings
from authserver.tenants.models import TenantType
from authserver.tenants.numbers import RULES
from authserver.tenants.policy import PasswordPreset, Tier, attempts_a_minute
from authserver.tokens.people.scopes import SCOPE_CLAIMS
from tests.docs.pages import PAGES, Page, names_in
from tests.support.source import SERVER, calls, method

PARTIES = Page.read("docs/relying-parties.md")
SETTINGS = Settings()
# How the prose says what a setting is by default, and on which page.
SPOKEN = {
    "code_life": ("docs/relying-parties.md", "lives 60 seconds"),
    "refresh_idle": ("docs/relying-parties.md", "after 7 days without use"),
    "refresh_absolute": ("docs/relying-parties.md", "30 days after the sign-in"),
    "refresh_grace": ("docs/relying-parties.md", "within 10 seconds"),
    "id_token_life": ("docs/relying-parties.md", "lives 15 minutes"),
    "authorization_time": ("docs/relying-parties.md", "longer than an hour"),
    "access_token_life": ("docs/resource-servers.md", "15 minutes for people"),
    "service_token_life": ("docs/resource-servers.md", "5 minutes for services"),
    "partner_token_life": ("docs/resource-servers.md", "1 hour for partners"),
    "temporary_password_life": ("docs/security.md", "opens nothing after 7 days"),
    "session_idle": ("docs/security.md", "1 hour without use"),
    "session_absolute": ("docs/security.md", "or 24 hours"),
    "lockout_time": ("docs/security.md", "for 30 minutes"),
    "link_life": ("docs/security.md", "lives 30 minutes"),
    "key_publish": ("docs/operations.md", "one day"),
}
COUNTED = {
    "lockout_attempts": "5 wrong ones",
    "lockout_reset_attempts": "after 100 the password",
    "recovery_mails": "3 mails an hour",
    "login_rate": "50 sign-in requests a minute",
    "bcrypt_rounds": "cost 12",
    "challenge_repeats": "after 3 codes",
}
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def test_endpoints_are_those_of_the_metadata() -> None:
    told = {name: names_in(row[0])[0] for name, row in PARTIES.table("Endpoints").items()}
    published = metadata("", [])
    paths = {n: v for n, v in published.items() if n.endswith(("_endpoint", "jwks_uri"))}
    assert told == paths


def test_parameters_of_the_authorization_request_are_those_that_are_read() -> None:
    read = {
        argument.value
        for name in ("checks", "request", "flow", "incoming/taking")
        for call in calls(SERVER / f"oauth/authorize/{name}.py")
        if method(call) in {"get", "need", "all"}
        and ast.unparse(call.func.value) != "self._tenants"
        for argument in call.args[:1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    assert set(PARTIES.table("The authorization request")) == read


def test_prompts_scopes_and_client_authentication_are_those_there_are() -> None:
    assert set(PARTIES.table("Prompts")) == PROMPTS
    told = set(PARTIES.table("Client authentication"))
    assert told == {*METHODS, client_secret_jwt.METHOD, *by_certificate.METHODS}
    opened = PARTIES.table("Scopes and claims")
    assert tuple(opened) == OPENID_SCOPES
    assert {scope: tuple(names_in(opened[scope][0])) for scope in SCOPE_CLAIMS} == SCOPE_CLAIMS


def test_kinds_of_clients_have_the_defaults_that_are_told() -> None:
    rows = Page.read("docs/getting-started.md").table("A client")
    assert set(rows) == set(KINDS)
    for name, kind in KINDS.items():
        _, proof, grants, refresh, life = rows[name]
        assert ("public" in proof) == (kind.default_auth_method == "none")
        assert ("client credentials" in grants) == ("client_credentials" in kind.grant_types)
        assert ("authorization code" in grants) == ("authorization_code" in kind.grant_types)
        assert refresh.removeprefix("with ").strip("`") == kind.refresh
        assert _spoken_time(life) == getattr(SETTINGS, kind.token_life)


def test_types_of_tenants_are_those_there_are() -> None:
    rows = Page.read("docs/tenants-and-roles.md").table("Tenants")
    assert set(rows) == {kind.value for kind in TenantType}


def test_tiers_bring_as_much_a_minute_as_is_told() -> None:
    rows = Page.read("docs/tenants-and-roles.md").table("Tiers")
    told = {name: int(re.findall(r"\d+", number)[0]) for name, (number,) in rows.items()}
    assert told == {tier.value: attempts_a_minute(tier, SETTINGS.login_rate) for tier in Tier}


def test_numbers_can_be_tightened_as_far_as_is_told() -> None:
    rows = Page.read("docs/tenants-and-roles.md").table("Tighter numbers")
    told = {
        f"--{name.replace('_', '-')}": (
            f"{getattr(SETTINGS, name) // rule.unit.one} {rule.unit.name}",
            rule.bounds(getattr(SETTINGS, name)),
        )
        for name, rule in RULES.items()
    }
    assert told == {
        option: (setting, tuple(int(number) for number in re.findall(r"\d+", may)))
        for option, (setting, may) in rows.items()
    }


def test_presets_of_passwords_ask_for_what_is_told() -> None:
    rows = Page.read("docs/security.md").table("Passwords")
    assert set(rows) == {preset.value for preset in PasswordPreset}
    for preset, (length, kinds) in rows.items():
        usual, beside_a_factor = (rules_of(preset, mfa_mandatory=mfa) for mfa in (False, True))
        told = [int(number) for number in re.findall(r"\d+", length)]
        assert told == sorted({usual.shortest, beside_a_factor.shortest}, reverse=True)
        assert (kinds == "any") == (not usual.mixed)


def test_errors_of_partners_have_the_status_that_is_told() -> None:
    rows = Page.read("docs/partners.md").table("Errors")
    assert {code: int(row[0]) for code, row in rows.items()}.items() <= OAuthError.STATUS.items()


def test_cookies_are_those_that_are_set() -> None:
    policy = CookiePolicy.of("https://id.example.com")
    cookies = tuple(vars(policy).values())
    names = {cookie.name for cookie in cookies}
    assert set(Page.read("docs/security.md").table("Cookies")) == names


@pytest.mark.parametrize("name", SPOKEN)
def test_times_in_the_prose_are_the_defaults(name: str) -> None:
    page, words = SPOKEN[name]
    assert words in _one_line(page)
    assert _spoken_time(words) == getattr(SETTINGS, name)


@pytest.mark.parametrize("name", COUNTED)
def test_numbers_of_the_security_page_are_the_defaults(name: str) -> None:
    assert COUNTED[name] in _one_line("docs/security.md")
    assert re.findall(r"\d+", COUNTED[name]) == [str(getattr(SETTINGS, name))]


@pytest.mark.parametrize("name", PAGES)
def test_pages_name_only_settings_that_exist(name: str) -> None:
    known = {f"AUTHSERVER_{field.upper()}" for field in Settings.__dataclass_fields__}
    named = set(re.findall(r"\bAUTHSERVER_[A-Z_]+\b", Page.read(name).text))
    assert named - known <= {"AUTHSERVER_"}


def _one_line(page: str) -> str:
    return " ".join(Page.read(page).text.split())


def _spoken_time(words: str) -> timedelta:
    found = re.search(r"(\d+|an|one) (second|minute|hour|day)", words)
    assert found, words
    amount = int(found[1]) if found[1].isdigit() else 1
    return timedelta(seconds=amount * UNITS[found[2]])
