"""GitHub is OAuth 2 and an API: numbers, primary addresses, errors that are a success."""

import pytest

from authserver.federation.connectors.base import UpstreamRefused
from authserver.federation.connectors.github import api_of
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection, Identity
from tests.support.providers import (
    GitHub,
    Provider,
)
from tests.support.providers.visiting import connection, visit

EMPTY = {"server": ""}


def found(connectors: Connectors, to: Connection, provider: Provider) -> Identity:
    return visit(connectors, to, provider).complete().identity


def test_github_knows_people_by_a_number(connectors: Connectors, hub: GitHub) -> None:
    hub.person(email="ada@corp.example", user_name="ada", name="Ada Lovelace")
    who = found(connectors, connection("github", hub), hub)
    assert who.email is not None
    assert (who.issuer, who.subject, who.label, who.name) == (
        hub.url, "583231", "ada", "Ada Lovelace",
    )  # fmt: skip
    assert (who.email.canonical, who.email_verified) == ("ada@corp.example", True)


@pytest.mark.parametrize(
    "emails",
    [
        [],
        [("victim@corp.example", True, False)],
        [("victim@corp.example", False, True)],
        [("victim@corp.example", False, True), ("mine@corp.example", True, False)],
        [("a@evil.test@corp.example", True, True)],
        [("admin＠corp.example", True, True)],
        [('"a b"@corp.example', True, True)],
    ],
)
def test_only_a_primary_and_verified_address_that_can_be_read_counts(
    connectors: Connectors, hub: GitHub, emails: list[tuple[str, bool, bool]]
) -> None:
    hub.person(emails=emails)
    who = found(connectors, connection("github", hub), hub)
    assert (who.email, who.email_verified) == (None, False)


def test_the_primary_address_is_found_among_others(connectors: Connectors, hub: GitHub) -> None:
    others = [(f"other-{number}@corp.example", False, True) for number in range(40)]
    hub.person(emails=[*others, ("ada@corp.example", True, True)])
    who = found(connectors, connection("github", hub), hub)
    assert who.email is not None
    assert who.email.canonical == "ada@corp.example"


def test_who_keeps_the_address_back_has_none(connectors: Connectors, hub: GitHub) -> None:
    hub.person(email="ada@corp.example")
    to = connection("github", hub, scopes=("read:user",))
    assert found(connectors, to, hub).email is None


@pytest.mark.parametrize("answers_form", [True, False])
def test_github_answers_as_a_form_or_as_json(
    connectors: Connectors, hub: GitHub, *, answers_form: bool
) -> None:
    hub.answers_form, hub.expires = answers_form, True
    hub.person(email="ada@corp.example")
    there = visit(connectors, connection("github", hub), hub)
    tokens = there.complete().tokens
    assert tokens.access_token.startswith("gho_")
    assert (tokens.expires_in, tokens.scope) == (28800, "read:user,user:email")
    assert tokens.refresh_token is not None
    newer = there.connector.refresh(tokens.refresh_token)
    assert newer.refresh_token != tokens.refresh_token
    with pytest.raises(UpstreamRefused, match="bad_refresh_token"):
        there.connector.refresh(tokens.refresh_token)


@pytest.mark.parametrize("answers_form", [True, False])
@pytest.mark.parametrize(
    "error",
    ["bad_verification_code", "incorrect_client_credentials", "redirect_uri_mismatch",
     "unverified_user_email", "access_denied"],
)  # fmt: skip
def test_an_error_with_status_200_is_an_error(
    connectors: Connectors, hub: GitHub, error: str, *, answers_form: bool
) -> None:
    hub.error, hub.answers_form = error, answers_form
    hub.person(email="ada@corp.example")
    with pytest.raises(UpstreamRefused, match=error) as refused:
        found(connectors, connection("github", hub), hub)
    assert refused.value.cancelled is (error == "access_denied")


@pytest.mark.parametrize("number", [0, -1, True, "583231", None, 1.5, {"id": 1}])
def test_somebody_without_a_number_is_nobody(
    connectors: Connectors, hub: GitHub, number: object
) -> None:
    hub.person(email="ada@corp.example", claims={"id": number})
    with pytest.raises(UpstreamRefused, match="nobody"):
        found(connectors, connection("github", hub), hub)


@pytest.mark.parametrize(
    "organizations", [{}, {"acme": "pending"}, {"other": "active"}, {"acme-evil": "active"}]
)
def test_only_active_members_of_an_allowed_organisation_come_in(
    connectors: Connectors, hub: GitHub, organizations: dict[str, str]
) -> None:
    hub.person(email="ada@corp.example", organizations=organizations)
    with pytest.raises(UpstreamRefused, match="organisation"):
        found(connectors, connection("github", hub, allowed=("acme", "umbrella")), hub)


def test_the_organisations_are_the_groups_where_groups_give_roles(
    connectors: Connectors, hub: GitHub
) -> None:
    members = {"acme": "active", "umbrella": "active", "other": "active"}
    hub.person(email="ada@corp.example", organizations=members)
    allowed = ("acme", "initech", "umbrella")
    one = connection("github", hub, allowed=allowed)
    assert found(connectors, one, hub).groups == ("acme",)
    roles = connection("github", hub, allowed=allowed, group_roles={"umbrella": "NOC_OPERATOR"})
    assert found(connectors, roles, hub).groups == ("acme", "umbrella")


def test_the_api_is_beside_the_server_or_below_it() -> None:
    assert api_of("https://github.com") == "https://api.github.com"
    assert api_of("https://octocorp.ghe.com") == "https://api.octocorp.ghe.com"
    assert api_of("https://github.corp.example") == "https://github.corp.example/api/v3"


def test_github_may_say_its_name_in_the_response_but_no_other(
    connectors: Connectors, hub: GitHub
) -> None:
    hub.person(email="ada@corp.example")
    to = connection("github", hub)
    hub.callback = {"iss": f"{hub.url}/login/oauth"}
    assert found(connectors, to, hub).subject
    hub.callback = {"iss": "https://evil.example"}
    with pytest.raises(UpstreamRefused, match="another provider"):
        found(connectors, to, hub)


def test_a_name_that_no_account_can_have_is_left_out(connectors: Connectors, hub: GitHub) -> None:
    hub.person(email="ada@corp.example", name="a\u202enna")
    assert found(connectors, connection("github", hub), hub).name == ""
