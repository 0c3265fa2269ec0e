"""Clients prove themselves by certificates that a trusted proxy hands on (RFC 8705)."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from authserver.clients.options import CERTIFICATE_NAMES, Options
from authserver.clients.policy import UnfitRegistration
from tests.spec.certificates import BOUND, DN, PROXY, Site, make_site
from tests.spec.tools import error_of
from tests.support.browser import ISSUER
from tests.support.certificates import Holder, make
from tests.support.trail import events
from tests.support.world import World

pytestmark = pytest.mark.any_database


@pytest.fixture(name="site")
def _site(world: World, tmp_path: Path) -> Site:
    return make_site(world, tmp_path)


NAMES: dict[str, tuple[str, x509.GeneralName | None]] = {
    "tls_client_auth_subject_dn": (DN, None),
    "tls_client_auth_san_dns": ("Billing.Acme.example", x509.DNSName("billing.acme.example")),
    "tls_client_auth_san_uri": (
        "spiffe://acme/billing",
        x509.UniformResourceIdentifier("spiffe://acme/billing"),
    ),
    "tls_client_auth_san_ip": ("2001:DB8::7", x509.IPAddress(ip_address("2001:db8::7"))),
    "tls_client_auth_san_email": ("billing@acme.example", x509.RFC822Name("billing@acme.example")),
}


@pytest.mark.rfc("RFC 8705 section 2.1.2")
def test_every_name_of_the_specification_is_known() -> None:
    assert set(NAMES) == set(CERTIFICATE_NAMES)


@pytest.mark.rfc("RFC 8705 section 2.1")
@pytest.mark.parametrize("option", NAMES)
def test_a_client_is_known_by_the_name_that_an_authority_vouches_for(
    site: Site, option: str
) -> None:
    value, name = NAMES[option]
    client = site.named(option, value)
    own = make(DN, site.intermediate, names=[name] if name else [])
    other = make("CN=billing,O=Other", site.intermediate, names=[x509.DNSName("a.example")])
    assert site.party(client, own).machine().status_code == 200
    assert error_of(site.party(client, other).machine()) == (401, "invalid_client")
    assert error_of(site.party(client, None).machine()) == (401, "invalid_client")


def refused_certificates(site: Site) -> dict[str, Holder]:
    soon = site.world.clock.now() + timedelta(days=2)
    stranger = make("CN=Root,O=Acme", authority=True)
    return {
        "signed by itself": make(DN),
        "of another authority of the same name": make(DN, stranger),
        "over": make(DN, site.intermediate, begins=soon - timedelta(days=30), days=2),
        "not yet good": make(DN, site.intermediate, begins=soon),
        "of a server": make(DN, site.intermediate, usage=ExtendedKeyUsageOID.SERVER_AUTH),
        "signed by one that is no authority": make(DN, make("CN=x", site.intermediate)),
    }


@pytest.mark.rfc("RFC 8705 section 2.1.1")
def test_a_certificate_that_no_authority_vouches_for_now_proves_nothing(site: Site) -> None:
    client = site.named("tls_client_auth_subject_dn", DN)
    for why, certificate in refused_certificates(site).items():
        answer = site.party(client, certificate).machine()
        assert error_of(answer) == (401, "invalid_client"), why
    assert site.party(client, make(DN, site.intermediate)).machine().status_code == 200
    failed = events(site.world, client.tenant.id, "client.authentication_failed")
    reasons = {one.document["facts"]["reason"] for one in failed}
    assert reasons == {"certificate: no authority vouches for it now"}


@pytest.mark.rfc("RFC 8705 section 2.2")
def test_a_client_is_known_by_a_key_that_it_registered_whoever_signed_the_certificate(
    site: Site,
) -> None:
    own, again = make("CN=x"), make("CN=x")
    client = site.machine("self_signed_tls_client_auth", jwks=own.jwks)
    assert site.party(client, own).machine().status_code == 200
    for shown in (again, make(DN, site.intermediate), None):
        assert error_of(site.party(client, shown).machine()) == (401, "invalid_client")


WRITTEN: dict[str, Callable[[Holder], str]] = {
    "RFC 9440": lambda one: one.header,
    "DER in base64": lambda one: one.header.strip(":"),
    "PEM, percent-encoded": lambda one: quote(one.pem),
    "PEM in one line": lambda one: one.pem.replace("\n", " "),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_the_header_is_read_as_proxies_write_it(site: Site, form: str) -> None:
    own = make("CN=x")
    client = site.machine("self_signed_tls_client_auth", jwks=own.jwks)
    assert site.party(client, WRITTEN[form](own)).machine().status_code == 200


@pytest.mark.attack("ATK-134")
@pytest.mark.rfc("RFC 8705 section 6.5")
@pytest.mark.parametrize("peer", ["198.51.100.9", "127.0.0.1", "", "nonsense"])
def test_nobody_but_a_trusted_proxy_says_who_has_which_key(site: Site, peer: str) -> None:
    own = make("CN=x")
    client = site.machine("self_signed_tls_client_auth", jwks=own.jwks, options=BOUND)
    party = site.party(client, own, peer=peer)
    party.http.environ_base["HTTP_X_FORWARDED_FOR"] = PROXY
    assert error_of(party.machine()) == (401, "invalid_client")


def test_what_is_no_one_certificate_is_none(site: Site) -> None:
    own, other = make("CN=x"), make("CN=y")
    client = site.machine("self_signed_tls_client_auth", jwks=own.jwks)
    pem = own.pem.strip()
    for text in (
        f"{own.header}, {other.header}", f"{own.header},", pem + other.pem, own.header[:-9] + ":",
        ":", "::", "%", "a" * 20_000, "-----BEGIN CERTIFICATE-----", f"Hash={own.header}",
        base64.b64encode(b"x").decode(), own.private_pem, "\N{SNOWMAN}",
    ):  # fmt: skip
        shown = text.encode().decode("latin-1")
        assert error_of(site.party(client, shown).machine()) == (401, "invalid_client"), text[:40]


def test_a_certificate_beside_another_proof_changes_nothing(site: Site) -> None:
    own = make("CN=x")
    client = site.machine("self_signed_tls_client_auth", jwks=own.jwks)
    by_secret = site.machine("client_secret_basic")
    assert site.party(by_secret, own).machine().status_code == 200
    wrong = site.party(replace(by_secret, secret=None), own)
    assert error_of(wrong.machine()) == (401, "invalid_client")
    with_secret = site.party(client, own).machine(client_secret="x")
    assert error_of(with_secret) == (401, "invalid_client")


@pytest.mark.rfc("RFC 8705 section 5")
def test_metadata_name_the_methods_and_where_certificates_are_asked_for(site: Site) -> None:
    tenant = site.world.tenant(own_issuer=True)
    for path in ("", f"/t/{tenant.slug}"):
        found = site.world.app.test_client().get(
            f"{path}/.well-known/openid-configuration", base_url=ISSUER
        )
        document = found.json
        methods = document["token_endpoint_auth_methods_supported"]
        assert {"tls_client_auth", "self_signed_tls_client_auth"} <= set(methods)
        assert document["tls_client_certificate_bound_access_tokens"] is True
        aliases = document["mtls_endpoint_aliases"]
        moved = {
            name: url.replace("https://mtls.auth.example", ISSUER) for name, url in aliases.items()
        }
        assert moved == {name: document[name] for name in aliases}
        assert "token_endpoint" in aliases


def test_without_a_proxy_that_is_trusted_nothing_of_it_is_offered(world: World) -> None:
    document = world.app.test_client().get("/.well-known/openid-configuration", base_url=ISSUER)
    assert not {name for name in document.json if "tls" in name}
    assert "tls" not in str(document.json["token_endpoint_auth_methods_supported"])
    with pytest.raises(UnfitRegistration, match="AUTHSERVER_CLIENT_CERTIFICATE_HEADER"):
        world.client(world.tenant(), "service", auth_method="self_signed_tls_client_auth", jwks={})


UNFIT: dict[str, dict[str, Any]] = {
    "takes one of": {},
    "is a distinguished name": {"tls_client_auth_subject_dn": "billing"},
    "is the name of a host": {"tls_client_auth_san_dns": "*.acme.example"},
    "is an IP address": {"tls_client_auth_san_ip": "10.0.0.0/8"},
    "is a URI": {"tls_client_auth_san_uri": "acme"},
    "is an e-mail address": {"tls_client_auth_san_email": "acme.example"},
    "not both": {
        "tls_client_auth_subject_dn": DN,
        "tls_client_certificate_bound_access_tokens": True,
        "dpop_bound_access_tokens": True,
    },
}


@pytest.mark.parametrize("why", UNFIT)
def test_a_name_that_is_none_is_refused_in_plain_words(site: Site, why: str) -> None:
    with pytest.raises(UnfitRegistration, match=why):
        site.machine("tls_client_auth", options=Options(**UNFIT[why]))


@pytest.mark.rfc("RFC 8705 section 2.1.2")
def test_two_names_a_name_of_another_method_and_no_key_are_refused(site: Site) -> None:
    two = Options(tls_client_auth_subject_dn=DN, tls_client_auth_san_dns="a.example")
    for method, options in (
        ("tls_client_auth", two),
        ("client_secret_basic", Options(tls_client_auth_subject_dn=DN)),
        ("self_signed_tls_client_auth", Options()),
    ):
        with pytest.raises(UnfitRegistration):
            site.machine(method, options=options)
