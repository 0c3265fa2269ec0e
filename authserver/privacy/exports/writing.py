"""The text of a copy, piece by piece, and its signature.

The signature is a compact JWS (RFC 7515) of the type `personal-data+jwt` over the SHA-256 of the
file, by the key of the issuer's ID tokens: nothing that a token could be taken for.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.privacy.exports.happened import Happened
from authserver.privacy.exports.sections import Reader, sections, written
from authserver.tenants.models import Tenant
from authserver.tenants.resolve import tenant_issuer
from authserver.tokens.keys import KeyService

FORMAT = "authserver/personal-data/1"
TYPE = "personal-data+jwt"
FILE, SIGNATURE = "personal-data.json", "signature.jws"
_ALGORITHM = "ES256"


@dataclass(frozen=True)
class Whose:
    """Whose copy it is, and which."""

    export_id: str
    tenant_id: str
    user_id: str


@dataclass(frozen=True)
class Home:
    """Where the person is at home: the issuer's URL, and the tenant whose keys it signs with."""

    name: str
    issuer: str
    keys_of: str | None


class Writing:
    """Writes a copy."""

    def __init__(
        self, reader: Reader, happened: Happened, keys: KeyService, *, clock: Clock, platform: str
    ) -> None:
        """Take what reads, what signs, and the URL of the platform's issuer."""
        self._reader = reader
        self._happened = happened
        self._keys = keys
        self._clock = clock
        self._platform = platform

    def home(self, transaction: Transaction, tenant_id: str) -> Home:
        """Return where a tenant's people are. Raises LookupError."""
        tenant = transaction.tenant(tenant_id).get(Tenant, tenant_id)
        if tenant is None:
            raise LookupError(tenant_id)
        if not tenant.own_issuer:
            return Home(tenant.name, self._platform, None)
        url = tenant_issuer(self._platform, tenant.slug, tenant.issuer_host)
        return Home(tenant.name, url, tenant_id)

    def beginning(self, transaction: Transaction, whose: Whose) -> bytes:
        """Return everything but what happened; the list of that is left open."""
        home = self.home(transaction, whose.tenant_id)
        tables = {
            one.table: self._reader.rows(transaction, whose.tenant_id, whose.user_id, section=one)
            for one in sections()
        }
        document = {
            "format": FORMAT,
            "id": whose.export_id,
            "issuer": home.issuer,
            "organization": {"id": whose.tenant_id, "name": home.name},
            "subject": whose.user_id,
            "made_at": written(self._clock.now()),
            "tables": tables,
        }
        return orjson.dumps(document)[:-1] + b',"events":['

    def events(
        self, transaction: Transaction, whose: Whose, after: str | None
    ) -> tuple[bytes, str | None]:
        """Return the next part of what happened, and where it goes on: None at the end."""
        told, on = self._happened.page(transaction, whose.tenant_id, whose.user_id, after=after)
        text = b",".join(map(orjson.dumps, told))
        return (b"," if after and told else b"") + text + (b"" if on else b"]}"), on

    def whole(self, transaction: Transaction, whose: Whose) -> bytes:
        """Return a copy at once."""
        pieces, after = [self.beginning(transaction, whose)], None
        while True:
            text, after = self.events(transaction, whose, after)
            pieces.append(text)
            if after is None:
                return b"".join(pieces)

    def signature(self, transaction: Transaction, whose: Whose, *, digest: str, size: int) -> str:
        """Sign the SHA-256 of a copy, given in hexadecimal, and its size in bytes."""
        manifest = {"file": FILE, "sha256": digest, "size": size, "export": whose.export_id}
        return self.signed(transaction, whose.tenant_id, TYPE, manifest)

    def signed(  # noqa: PLR0917  where, and what
        self, transaction: Transaction, tenant_id: str, kind: str, claims: Mapping[str, object]
    ) -> str:
        """Return claims as a compact JWS of a type, by the key of the tenant's issuer."""
        home, now = self.home(transaction, tenant_id), self._clock.now()
        key = self._keys.of(transaction, home.keys_of).at(now).signing(_ALGORITHM)
        return key.sign(kind, {"iss": home.issuer, "iat": int(now.timestamp()), **claims})


def packed(text: bytes, signature: str) -> bytes:
    """Return the archive that people get: the copy, and its signature."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FILE, text)
        archive.writestr(SIGNATURE, signature)
    return into.getvalue()
