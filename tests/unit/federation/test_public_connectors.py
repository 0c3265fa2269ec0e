"""Google, GitHub and Entra: where each differs from what all have."""

import pytest

from authserver.federation.connectors import making
from authserver.federation.connectors.base import CannotAskAnew, UpstreamRefused
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection, Identity, Kind
from tests.support.providers import (
    AzureAd,
    GitHub,
    Google,
    Provider,
    openid,
    query,
    stand_in,
)
from tests.support.providers.visiting import connection, visit

EMPTY = {"server": ""}


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
