"""Tokens bound to certificates at a resource server (RFC 8705 section 3)."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable

import pytest
from flask import Flask

from authserver.sdk.flask import ResourceServer, current_user, scopes
from authserver.sdk.verifier import InvalidToken, Shown, TokenVerifier

Mint = Callable[..., str]
OWN, OTHER = b"own certificate", b"another certificate"


def bound(certificate: bytes) -> dict[str, str]:
    digest = hashlib.sha256(certificate).digest()
    return {"x5t#S256": urlsafe_b64encode(digest).rstrip(b"=").decode()}


@pytest.mark.bcp("R-19")
@pytest.mark.rfc("RFC 8705 section 3")
def test_a_token_bound_to_a_certificate_is_good_with_that_one_only(
    verifier: TokenVerifier, mint: Mint
) -> None:
    token = mint(cnf=bound(OWN))
    assert verifier.verify(token, certificate=OWN).subject == "usr_ann"
    proof = Shown("a proof", "GET", "https://api.example/")
    for given, certificate in ((None, None), (None, OTHER), (proof, OWN)):
        with pytest.raises(InvalidToken):
            verifier.verify(token, given, certificate=certificate)


def test_a_certificate_takes_nothing_from_other_tokens_and_gives_them_nothing(
    verifier: TokenVerifier, mint: Mint
) -> None:
    assert verifier.verify(mint(), certificate=OWN).subject == "usr_ann"
    for cnf in ({"jkt": "x"}, {**bound(OWN), "jkt": "x"}, {"x5t": "x"}, {}, None, "x5t#S256"):
        with pytest.raises(InvalidToken):
            verifier.verify(mint(cnf=cnf), certificate=OWN)


def test_the_guard_asks_for_the_certificate_of_each_request(
    verifier: TokenVerifier, mint: Mint
) -> None:
    shown: list[bytes | None] = [OWN, OTHER, None]
    app = Flask("api")
    ResourceServer(verifier, certificate=lambda: shown.pop(0)).init_app(app)

    @app.get("/")
    @scopes("invoices:read")
    def mine() -> str:
        return current_user.subject

    headers = {"Authorization": f"Bearer {mint(cnf=bound(OWN))}"}
    said = [app.test_client().get("/", headers=headers).status_code for _ in range(3)]
    assert said == [200, 401, 401]
