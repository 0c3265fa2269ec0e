"""Whom we believe about the names in certificates: the chain, checked here and by no proxy."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import (
    ClientVerifier,
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)


class Authorities:
    """The authorities of a file. Their intermediates may stand in it, too."""

    def __init__(self, certificates: Iterable[x509.Certificate]) -> None:
        """Take roots, which sign themselves, and intermediates."""
        every = list(certificates)
        self._intermediates = [one for one in every if one.issuer != one.subject]
        self._roots = Store([one for one in every if one.issuer == one.subject])

    @classmethod
    def load(cls, file: str) -> "Authorities":
        """Read a file of certificates (PEM). Raises ValueError without a root, or OSError."""
        found = x509.load_pem_x509_certificates(Path(file).read_bytes())
        if not any(one.issuer == one.subject for one in found):
            raise ValueError("there is no root certificate in it")
        return cls(found)

    def vouch_for(self, certificate: x509.Certificate, now: datetime) -> bool:
        """Tell whether a chain leads to a root now, for the use by clients."""
        try:
            self._verifier(now).verify(certificate, self._intermediates)
        except VerificationError:
            return False
        return True

    def _verifier(self, now: datetime) -> ClientVerifier:
        # A name in the subject alone is fine here (section 2.1): the profile of the web wants
        # another in the extension.
        leaf = ExtensionPolicy.webpki_defaults_ee().may_be_present(
            x509.SubjectAlternativeName, Criticality.AGNOSTIC, None
        )
        return (
            PolicyBuilder()
            .store(self._roots)
            .time(now)
            .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=leaf)
            .build_client_verifier()
        )
