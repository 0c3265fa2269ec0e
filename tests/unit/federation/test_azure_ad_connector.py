"""Entra has directories: each is an issuer, and people are objects of one."""

import pytest

from authserver.federation.connectors.base import UpstreamDown, UpstreamRefused
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection, Identity
from tests.support.providers import (
    AzureAd,
    Provider,
)
from tests.support.providers.visiting import connection, visit

EMPTY = {"server": ""}


def found(connectors: Connectors, to: Connection, provider: Provider) -> Identity:
    return visit(connectors, to, provider).complete().identity


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
