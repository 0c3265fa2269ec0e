"""A certificate authority of the tests' own, and people with a second factor."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from authserver.mfa import authenticators, backup_codes
from tests.flows.conftest import another
from tests.support.authenticator import Owner
from tests.support.world import ClientFixture, World

__all__ = ["another"]

Key = ec.EllipticCurvePrivateKey


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(name: str, issuer: str, *, key: Key, signer: Key) -> x509.Certificate:
    """Return a certificate that also passes the strict checks of newer Python versions."""
    now, authority = datetime.now(UTC), key is signer
    subject_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_usage(authority=authority), critical=True)
        .add_extension(subject_id, critical=False)
        .add_extension(issuer_id, critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signer, hashes.SHA256())
    )


@pytest.fixture(scope="session")
def tls_files_of_idp_example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the authority's bundle, and the key with the certificate of `idp.example`."""
    folder = tmp_path_factory.mktemp("tls")
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = "authority.example"
    authority = _certificate(issuer, issuer, key=authority_key, signer=authority_key)
    leaf = _certificate("idp.example", issuer, key=key, signer=authority_key)
    bundle, chain = folder / "ca.pem", folder / "server.pem"
    pem = serialization.Encoding.PEM
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    bundle.write_bytes(authority.public_bytes(pem))
    chain.write_bytes(key.private_bytes(pem, form, bare) + leaf.public_bytes(pem))
    return bundle, chain


@pytest.fixture
def client(world: World) -> ClientFixture:
    return world.client(world.tenant())


@pytest.fixture
def owner(world: World, client: ClientFixture) -> Owner:
    return Owner(world, client)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect every code that is compared with anything."""
    seen: list[str] = []

    def watch(module: object, name: str, argument: str) -> None:
        real = getattr(module, name)

        def spy(*args: object, **more: object) -> object:
            seen.append(str(more[argument]))
            return real(*args, **more)

        monkeypatch.setattr(module, name, spy)

    watch(authenticators, "claim", "code")
    watch(authenticators, "confirm", "code")
    watch(backup_codes, "claim", "typed")
    return seen
