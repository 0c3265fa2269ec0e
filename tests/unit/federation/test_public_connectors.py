"""Google, GitHub and Entra: where each differs from what all have."""

from collections.abc import Iterator

import pytest

from authserver.federation.connectors import making
from authserver.federation.connectors.base import CannotAskAnew, UpstreamDown, UpstreamRefused
from authserver.federation.connectors.github import api_of
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection, Identity, Kind
from tests.support.clock import ManualClock
from tests.support.providers import (
    AzureAd,
    GitHub,
    Google,
    Provider,
    azure_ad,
    github,
    google,
    make_connectors,
    openid,
    query,
    stand_in,
)
from tests.support.providers.visiting import connection, visit

EMPTY = {"server": ""}


@pytest.fixture
def time() -> ManualClock:
    return ManualClock()


@pytest.fixture
def connectors(time: ManualClock) -> Connectors:
    return make_connectors(time)


@pytest.fixture
def goo(time: ManualClock) -> Iterator[Google]:
    with google(time) as there:
        yield there


@pytest.fixture
def hub(time: ManualClock) -> Iterator[GitHub]:
    with github(time) as there:
        yield there


@pytest.fixture
def entra(time: ManualClock) -> Iterator[AzureAd]:
    with azure_ad(time) as there:
        yield there


def found(connectors: Connectors, to: Connection, provider: Provider) -> Identity:
    return visit(connectors, to, provider).complete().identity


@pytest.mark.rfc("ASVS 10.2.3")
def test_no_more_is_asked_for_than_is_needed(
    connectors: Connectors, goo: Google, hub: GitHub, entra: AzureAd
) -> None:
    everywhere = {"keeps_tokens": False}
    with openid() as provider:
        asked = {
            name: query(visit(connectors, to, there).url())["scope"]
            for name, to, there in (
                ("oidc", connection("oidc", provider, **everywhere), provider),
                ("google", connection("google", goo), goo),
                ("azure_ad", connection("azure_ad", entra, allowed=(entra.tenant,)), entra),
                ("github", connection("github", hub), hub),
                ("organisation", connection("github", hub, allowed=("acme",)), hub),
            )
        }
    assert asked == {
        "oidc": "openid profile email",
        "google": "openid profile email",
        "azure_ad": "openid profile email",
        "github": "read:user user:email",
        "organisation": "read:user user:email read:org",
    }


def test_what_a_connection_asks_for_is_asked_for(connectors: Connectors, goo: Google) -> None:
    to = connection("google", goo, scopes=("openid", "email"))
    assert query(visit(connectors, to, goo).url())["scope"] == "openid email"


def test_the_public_ones_are_in_one_table() -> None:
    assert making.PUBLIC == {
        Kind.GOOGLE: "https://accounts.google.com",
        Kind.GITHUB: "https://github.com",
        Kind.AZURE_AD: "https://login.microsoftonline.com",
    }


def test_a_connection_without_a_server_leads_to_the_public_one(
    connectors: Connectors, goo: Google, hub: GitHub, entra: AzureAd
) -> None:
    with stand_in(connectors, google=goo, github=hub, azure_ad=entra):
        for kind, there in (("google", goo), ("github", hub), ("azure_ad", entra)):
            there.person(email="ada@corp.example")
            allowed = (entra.tenant,) if kind == "azure_ad" else ()
            to = connection(kind, there, **EMPTY, allowed=allowed)
            assert found(connectors, to, there).issuer.startswith(there.url)


@pytest.mark.parametrize("kind", ["google", "github"])
def test_who_never_asks_again_is_no_way_in_where_that_is_wanted(
    connectors: Connectors, goo: Google, hub: GitHub, kind: str
) -> None:
    there: Provider = goo if kind == "google" else hub
    there.person(email="ada@corp.example")
    with pytest.raises(CannotAskAnew):
        visit(connectors, connection(kind, there), there, anew=True).url()
    begun = visit(connectors, connection(kind, there), there)
    said = begun.back()
    begun.anew = True
    with pytest.raises(UpstreamRefused):
        begun.finish(said)


# Google


def test_google_says_whose_workspace_it_is(connectors: Connectors, goo: Google) -> None:
    goo.person(email="ada@corp.example", domain="Corp.example")
    who = found(connectors, connection("google", goo), goo)
    assert who.email is not None
    assert (who.domain, who.email.domain, who.email_verified) == (
        "corp.example", "corp.example", True,
    )  # fmt: skip
    assert who.subject.isdecimal()


def test_an_address_that_google_has_not_verified_is_not(
    connectors: Connectors, goo: Google
) -> None:
    goo.person(email="ada@corp.example", email_verified=False)
    assert not found(connectors, connection("google", goo), goo).email_verified


@pytest.mark.parametrize("domain", [None, "other.example", "evil-corp.example", ""])
def test_only_the_allowed_workspaces_come_in_whatever_the_hint_said(
    connectors: Connectors, goo: Google, domain: str | None
) -> None:
    goo.person(email="ada@corp.example", domain=domain)
    with pytest.raises(UpstreamRefused, match="Workspace"):
        found(connectors, connection("google", goo, allowed=("corp.example",)), goo)


@pytest.mark.parametrize(
    ("allowed", "hint"),
    [((), None), (("corp.example",), "corp.example"), (("a.example", "b.example"), "*")],
)
def test_google_is_told_which_workspaces_are_wanted(
    connectors: Connectors, goo: Google, allowed: tuple[str, ...], hint: str | None
) -> None:
    to = connection("google", goo, allowed=allowed)
    sent = query(visit(connectors, to, goo, ui_locales=("fr",)).url())
    assert sent.get("hd") == hint
    assert sent["hl"] == "fr"
    assert not {"ui_locales", "prompt", "access_type"} & set(sent)


def test_google_gives_refresh_tokens_by_its_own_parameter(
    connectors: Connectors, goo: Google
) -> None:
    goo.person(email="ada@gmail.com")
    there = visit(connectors, connection("google", goo, keeps_tokens=True), goo)
    sent = query(there.url())
    assert (sent["access_type"], sent["prompt"]) == ("offline", "consent")
    assert "offline_access" not in sent["scope"]
    assert there.complete().tokens.refresh_token


def test_googles_claims_cannot_be_exchanged(connectors: Connectors, goo: Google) -> None:
    goo.person(email="ada@gmail.com", claims={"nickname": "victim@gmail.com", "groups": ["x"]})
    who = found(connectors, connection("google", goo, claims={"email": "nickname"}), goo)
    assert who.email is not None
    assert (who.email.canonical, who.groups) == ("ada@gmail.com", ())


# GitHub


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


# Entra


def test_entra_knows_people_by_directory_and_object(connectors: Connectors, entra: AzureAd) -> None:
    entra.person(email="ada@corp.example", user_name="ada@corp.example", claims={"groups": ["g"]})
    to = connection("azure_ad", entra, allowed=(entra.tenant,))
    who = found(connectors, to, entra)
    assert (who.issuer, who.subject) == (entra.issuer_of(entra.tenant), entra.people[0].subject)
    assert (who.tenant, who.label, who.groups) == (entra.tenant, "ada@corp.example", ("g",))
    assert not who.email_verified


def test_entras_groups_can_be_read_of_another_claim(connectors: Connectors, entra: AzureAd) -> None:
    entra.person(claims={"roles": ["Staff"], "groups": ["g"]})
    to = connection(
        "azure_ad", entra, allowed=(entra.tenant,), claims={"groups": "roles", "email": "upn"}
    )
    assert found(connectors, to, entra).groups == ("Staff",)


def test_one_directory_is_asked_itself_and_several_where_all_are(
    connectors: Connectors, entra: AzureAd
) -> None:
    other = entra.new_tenant(2)
    entra.person(tenant=other)
    one = connection("azure_ad", entra, allowed=(other,))
    assert visit(connectors, one, entra).url().startswith(f"{entra.url}/{other}/oauth2/v2.0/")
    several = connection("azure_ad", entra, allowed=(entra.tenant, other))
    there = visit(connectors, several, entra)
    assert there.url().startswith(f"{entra.url}/organizations/oauth2/v2.0/")
    assert there.complete().identity.issuer == entra.issuer_of(other)


def test_entra_asks_anew_if_the_application_gets_the_time(
    connectors: Connectors, entra: AzureAd
) -> None:
    entra.person(email="ada@corp.example")
    to = connection("azure_ad", entra, allowed=(entra.tenant,))
    assert visit(connectors, to, entra, anew=True).complete().identity.tenant == entra.tenant
    entra.claims = {"auth_time": None}
    with pytest.raises(UpstreamRefused, match="does not say when"):
        visit(connectors, to, entra, anew=True).complete()


def test_another_template_is_another_provider(connectors: Connectors, entra: AzureAd) -> None:
    entra.person()
    entra.metadata["issuer"] = f"{entra.url}/{entra.tenant}/v2.0"
    several = connection("azure_ad", entra, allowed=(entra.tenant, entra.new_tenant(2)))
    with pytest.raises(UpstreamDown, match="issuer is another one"):
        visit(connectors, several, entra).url()
