"""docs/federation.md: connections and domains, as operators keep them."""

import re
from pathlib import Path

import pytest

from authserver.federation.values import Target
from authserver.tenants.proving.service import GRACE
from tests.docs.pages import Page, names_in
from tests.docs.reader import Reader
from tests.support.dns import name_server

pytestmark = pytest.mark.processes

PAGE = "docs/federation.md"


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """Somebody with an installation, a tenant, and secrets that providers gave."""
    reader = Reader(PAGE, tmp_path)
    reader.command("authserver init && authserver tenants create orchid --name O --type customer")
    secrets = ("GOOGLE_SECRET", "GITHUB_SECRET", "ENTRA_SECRET", "CORP_SECRET", "NEW_SECRET")
    reader.environment |= {name: f"{name.lower()}-4711" for name in secrets}
    return reader


def test_connections_of_the_platform_are_made_as_the_page_says(reader: Reader) -> None:
    reader.command("authserver tenants create meadow --name M --type internal --own-issuer")
    said = reader.type("google")
    assert len(re.findall(r"/login/federation/idp_\w{26}/callback", said)) == 2
    assert f"{reader.issuer}/t/meadow/login" in said
    assert "allowed" in reader.type("only some workspaces")
    assert "People can sign in by github" in reader.type("github")
    listed = reader.command("authserver connections list")
    assert "2 connections" in listed
    assert "disabled" not in listed


def test_connections_of_a_tenant_are_made_as_the_page_says(reader: Reader) -> None:
    assert "People can sign in by entra" in reader.type("entra")
    assert "groups=member_of" in reader.type("any provider")
    listed = reader.command("authserver connections list --tenant orchid")
    assert "2 connections" in listed
    assert "disabled" not in listed


def test_a_domain_is_proved_and_leads_to_a_connection_as_the_page_says(reader: Reader) -> None:
    reader.type("entra")
    with name_server() as server:
        reader.environment["AUTHSERVER_DNS_SERVER"] = server.address
        (name, text) = re.findall(r'(\S+)\. TXT "(\S+)"', reader.type("add a domain"))[0]
        assert name in reader.page.text
        server.put(name, f'TXT "{text}"')
        assert "is proved" in reader.type("prove a domain")
        assert reader.type("look at domains").count("orchid.example") >= 2
    assert "People of orchid.example go to entra." in reader.type("route a domain")


def test_what_is_allowed_and_switched_off_is_so_as_the_page_says(reader: Reader) -> None:
    reader.type("google")
    reader.type("github")
    assert "links by email on" in reader.type("link by address")
    said = reader.type("what a tenant allows")
    assert "platform connections github google, ends federated sessions on" in said
    assert "google: the provider" in reader.type("try a connection")
    assert "another client secret" in reader.type("another secret")
    assert "Nobody can sign in by github" in reader.type("switch off")
    assert "Removed github" in reader.type("remove")


def test_what_can_be_read_of_another_claim_is_what_the_page_says() -> None:
    text = Page.read(PAGE).section("Any OpenID Connect provider")
    said = text.rpartition("What can be read is")[2].partition(":")[0]
    assert set(names_in(said)) == {*Target}


def test_the_time_of_grace_is_the_servers() -> None:
    assert f"missed for {GRACE.days} days" in " ".join(Page.read(PAGE).text.split())
