"""Any OpenID Connect provider: what is asked, what is believed, and what is kept for how long."""

import threading
from collections.abc import Iterator
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
def time() -> ManualClock:
    return ManualClock()


@pytest.fixture
def connectors(time: ManualClock) -> Connectors:
    return make_connectors(time)


@pytest.fixture
def provider(time: ManualClock) -> Iterator[OpenId]:
    with openid(time) as there:
        there.person(**ADA)
        yield there


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


def test_a_secret_goes_in_the_header_as_a_form_encodes_it(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    complete(connectors, to, provider)
    (asked,) = provider.requests("token")
    assert asked.headers["authorization"].startswith("Basic ")
    assert not {"client_secret", "client_id"} & set(asked.given)


def test_a_secret_goes_in_the_form_where_nothing_else_is_taken(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.auth_methods = ("client_secret_post", "private_key_jwt")
    complete(connectors, to, provider)
    (asked,) = provider.requests("token")
    assert asked.given["client_secret"] == provider.client_secret
    assert "authorization" not in asked.headers


def test_without_a_secret_only_the_verifier_proves_it(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.auth_methods, provider.client_secret = ("none",), ""
    complete(connectors, to, provider)
    (asked,) = provider.requests("token")
    assert asked.given["client_id"] == provider.client_id
    assert "client_secret" not in asked.given
    assert "authorization" not in asked.headers


def test_a_method_that_we_do_not_have_is_no_sign_in(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.auth_methods = ("private_key_jwt",)
    with pytest.raises(UpstreamDown, match="no way that we know"):
        visit(connectors, to, provider).url()


def test_without_a_list_of_methods_the_header_is_used(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    provider.metadata["token_endpoint_auth_methods_supported"] = None
    complete(connectors, to, provider)
    assert "authorization" in provider.requests("token")[0].headers


@pytest.mark.rfc("OpenID Connect Discovery section 4.3")
@pytest.mark.parametrize("wrong", ["/", "x", "%2F", None])
def test_the_published_issuer_is_the_configured_one_byte_for_byte(
    connectors: Connectors, to: Connection, provider: OpenId, wrong: str | None
) -> None:
    provider.metadata["issuer"] = None if wrong is None else provider.url + wrong
    with pytest.raises(UpstreamDown, match="issuer is another one"):
        visit(connectors, to, provider).url()


@pytest.mark.parametrize(
    "wrong",
    ["http://evil.example/authorize", "javascript:alert(1)", "/authorize", "", None, 7,
     "https://good.example\\@evil.example/", "https://user@evil.example/", "https://e.example/#"],
)  # fmt: skip
def test_a_browser_is_sent_only_to_an_address_that_can_be_one(
    connectors: Connectors, to: Connection, provider: OpenId, wrong: object
) -> None:
    provider.metadata["authorization_endpoint"] = wrong
    with pytest.raises(UpstreamDown, match="authorization"):
        visit(connectors, to, provider).url()


@pytest.mark.parametrize("missing", ["token_endpoint", "jwks_uri"])
def test_metadata_without_an_endpoint_is_no_provider(
    connectors: Connectors, to: Connection, provider: OpenId, missing: str
) -> None:
    provider.metadata[missing] = None
    with pytest.raises(UpstreamDown, match=missing):
        visit(connectors, to, provider).url()


def test_documents_are_kept_for_an_hour(
    connectors: Connectors, to: Connection, provider: OpenId, time: ManualClock
) -> None:
    complete(connectors, to, provider)
    time.move(minutes=59)
    complete(connectors, to, provider)
    assert len(provider.requests("discovery")) == len(provider.requests("jwks")) == 1
    time.move(minutes=1)
    complete(connectors, to, provider)
    assert len(provider.requests("discovery")) == len(provider.requests("jwks")) == 2


def test_no_connection_reads_the_copies_of_another(
    connectors: Connectors, provider: OpenId
) -> None:
    for _ in range(2):
        complete(connectors, connection("oidc", provider), provider)
    assert len(provider.requests("discovery")) == 2


def test_keys_that_rotate_in_the_middle_of_a_sign_in_are_read_again(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    complete(connectors, to, provider)
    there = visit(connectors, to, provider)
    said = there.back()
    provider.rotate_keys()
    assert there.finish(said).identity.subject == "subject-1"
    assert len(provider.requests("jwks")) == 2


def test_an_unknown_key_is_looked_for_once_a_minute(
    connectors: Connectors, to: Connection, provider: OpenId, time: ManualClock
) -> None:
    provider.signing = type(provider.signing).UNKNOWN
    for _ in range(3):
        with pytest.raises(UpstreamRefused, match="no published key"):
            complete(connectors, to, provider)
    assert len(provider.requests("jwks")) == 2
    time.move(seconds=61)
    with pytest.raises(UpstreamRefused, match="no published key"):
        complete(connectors, to, provider)
    assert len(provider.requests("jwks")) == 3


def test_keys_that_rotate_under_many_people_at_once_keep_nobody_out(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    complete(connectors, to, provider)
    visits = [visit(connectors, to, provider) for _ in range(6)]
    said = [one.back() for one in visits]
    provider.rotate_keys()
    gate = threading.Barrier(len(visits))

    def finish(number: int) -> str:
        gate.wait(10)
        return visits[number].finish(said[number]).identity.subject

    with ThreadPoolExecutor(len(visits)) as pool:
        assert set(pool.map(finish, range(len(visits)))) == {"subject-1"}


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
