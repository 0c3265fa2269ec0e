"""Any OpenID Connect provider: what is asked of it, and what is believed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from authserver.federation.connectors.base import (
    Answer,
    UpstreamDown,
    UpstreamRefused,
    outcome_of,
)
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection, Tokens
from tests.support.clock import ManualClock
from tests.support.providers import OpenId, make_connectors, openid, query
from tests.support.providers.visiting import connection, visit

ADA = {"email": "ada@corp.example", "name": "Ada Lovelace"}


@pytest.fixture
def to(provider: OpenId) -> Connection:
    return connection("oidc", provider)


def complete(connectors: Connectors, to: Connection, provider: OpenId) -> Answer:
    return visit(connectors, to, provider).complete()


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_somebody_is_who_the_provider_says(algorithm: str, time: ManualClock) -> None:
    with openid(time, algorithm) as provider:
        provider.person(**ADA)
        answer = complete(make_connectors(time), connection("oidc", provider), provider)
    found = answer.identity
    assert (found.issuer, found.subject) == (provider.url, "subject-1")
    assert found.email is not None
    assert (found.email.canonical, found.email_verified) == ("ada@corp.example", True)
    assert (found.name, found.label) == ("Ada Lovelace", "ada@corp.example")
    assert (answer.tokens.expires_in, answer.tokens.refresh_token) == (3599, None)
    assert [one.endpoint for one in provider.asked] == ["discovery", "token", "jwks"]


@pytest.mark.rfc("RFC 7636 section 4.3")
def test_the_browser_is_sent_with_all_that_binds_the_answer(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    there = visit(connectors, to, provider, hint="ada@corp.example", ui_locales=("de", "en"))
    sent = query(there.url())
    challenge = sent.pop("code_challenge")
    assert len(challenge) == 43
    assert sent == {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": there.redirect_uri,
        "scope": "openid profile email",
        "state": there.state,
        "nonce": there.nonce,
        "code_challenge_method": "S256",
        "login_hint": "ada@corp.example",
        "ui_locales": "de en",
    }


def test_an_endpoint_with_a_query_keeps_it(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.metadata["authorization_endpoint"] = f"{provider.url}/authorize?tenant=a%26b"
    assert query(visit(connectors, to, provider).url())["tenant"] == "a&b"


def test_a_hundred_people_at_once_are_each_themselves(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    people = [provider.person(email=f"p{number}@corp.example") for number in range(100)]
    visits = [visit(connectors, to, provider) for _ in people]
    said = [one.back(person) for one, person in zip(visits, people, strict=True)]

    def finish(number: int) -> str:
        return visits[number].finish(said[number]).identity.subject

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(finish, range(100)))
    assert found == [person.subject for person in people]


def test_userinfo_is_asked_only_for_what_the_id_token_leaves_out(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.claims = {"email": None, "email_verified": None, "name": None}
    found = complete(connectors, to, provider).identity
    assert found.email is not None
    assert (found.email.canonical, found.email_verified) == ("ada@corp.example", True)
    assert found.name == "Ada Lovelace"
    assert len(provider.requests("userinfo")) == 1


@pytest.mark.rfc("OpenID Connect Core section 5.3.2")
@pytest.mark.parametrize("subject", ["somebody else", None, ""])
def test_userinfo_of_somebody_else_is_refused(
    connectors: Connectors, to: Connection, provider: OpenId, subject: str | None
) -> None:
    provider.claims = {"email": None}
    provider.userinfo = {"sub": subject, "email": "victim@corp.example"}
    with pytest.raises(UpstreamRefused, match="somebody else"):
        complete(connectors, to, provider)


def test_an_address_is_not_verified_by_what_is_said_of_another(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.claims = {"email": "victim@corp.example", "email_verified": None, "name": None}
    provider.userinfo = {"email": "mine@corp.example", "email_verified": True}
    found = complete(connectors, to, provider).identity
    assert found.email is not None
    assert (found.email.canonical, found.email_verified) == ("victim@corp.example", False)


def test_without_a_userinfo_endpoint_the_id_token_is_all_there_is(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.metadata["userinfo_endpoint"] = None
    provider.claims = {"email": None, "name": None}
    found = complete(connectors, to, provider).identity
    assert (found.email, found.name, found.label) == (None, "", "subject-1")


def test_claims_are_read_as_the_connection_says(connectors: Connectors, provider: OpenId) -> None:
    names = {"email": "mail", "name": "display_name", "groups": "roles", "zoneinfo": "tz"}
    provider.claims = {
        "mail": "ada@elsewhere.example", "display_name": "Countess", "roles": ["staff", "staff"],
        "tz": "Europe/Berlin", "locale": "de-AT", "amr": ["pwd", "mfa"],
    }  # fmt: skip
    found = complete(connectors, connection("oidc", provider, claims=names), provider).identity
    assert found.email is not None
    assert found.email.canonical == "ada@elsewhere.example"
    assert (found.name, found.groups, found.amr) == ("Countess", ("staff",), ("pwd", "mfa"))
    assert (found.locale, found.zoneinfo) == ("de", "Europe/Berlin")
    # `email_verified` speaks of `email`, not of `mail`.
    assert not found.email_verified


def test_a_claim_can_be_chosen_to_verify_an_address_that_was_chosen(
    connectors: Connectors, provider: OpenId
) -> None:
    names = {"email": "mail", "email_verified": "mail_proved"}
    provider.claims = {"mail": "ada@elsewhere.example", "mail_proved": True}
    found = complete(connectors, connection("oidc", provider, claims=names), provider).identity
    assert found.email_verified


def test_asking_anew_asks_for_it_and_checks_the_time(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    there = visit(connectors, to, provider, anew=True)
    sent = query(there.url())
    assert (sent["prompt"], sent["max_age"]) == ("login", "0")
    assert there.complete().identity.subject == "subject-1"


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.1")
@pytest.mark.parametrize(("auth_time", "reason"), [(-400, "not proved anew"), (None, "does not")])
def test_a_proof_of_before_is_none_where_it_was_asked_anew(
    connectors: Connectors,
    to: Connection,
    provider: OpenId,
    auth_time: int | None,
    reason: str,
) -> None:
    provider.claims = {"auth_time": auth_time and provider.now + auth_time}
    with pytest.raises(UpstreamRefused, match=reason):
        visit(connectors, to, provider, anew=True).complete()


def test_tokens_are_asked_for_and_refreshed_where_they_are_kept(
    connectors: Connectors, provider: OpenId
) -> None:
    to = connection("oidc", provider, keeps_tokens=True)
    there = visit(connectors, to, provider)
    assert query(there.url())["prompt"] == "consent"
    tokens = there.complete().tokens
    assert "offline_access" in tokens.scope
    assert tokens.refresh_token is not None
    newer = there.connector.refresh(tokens.refresh_token)
    assert newer.access_token != tokens.access_token
    assert newer.refresh_token not in {None, tokens.refresh_token}
    with pytest.raises(UpstreamRefused, match="invalid_grant"):
        there.connector.refresh(tokens.refresh_token)


def test_offline_access_is_not_asked_of_who_does_not_have_it(
    connectors: Connectors, provider: OpenId
) -> None:
    provider.metadata["scopes_supported"] = ["openid", "email"]
    to = connection("oidc", provider, keeps_tokens=True)
    assert "offline_access" not in query(visit(connectors, to, provider).url())["scope"]


def test_secrets_are_in_no_text(connectors: Connectors, to: Connection, provider: OpenId) -> None:
    answer = complete(connectors, to, provider)
    tools = vars(visit(connectors, to, provider).connector)
    assert answer.tokens.access_token not in repr(answer)
    assert provider.client_secret not in repr(tools["_tools"])
    assert "at-" not in repr(Tokens("at-1", "rt-1"))


def test_the_providers_errors_are_told_apart() -> None:
    cancelled = outcome_of("access_denied")
    assert isinstance(cancelled, UpstreamRefused)
    assert cancelled.cancelled
    for code in ("login_required", "invalid_request", "x" * 10_000):
        other = outcome_of(code)
        assert isinstance(other, UpstreamRefused)
        assert not other.cancelled
        assert len(str(other)) < 100
    assert isinstance(outcome_of("temporarily_unavailable"), UpstreamDown)
    assert isinstance(outcome_of("server_error"), UpstreamDown)
