"""The two ceremonies of WebAuthn: what browsers are asked, and what is verified of the answers.

Everything is compared with the configured issuer, never with what the request says of itself. What
cannot be read is refused like what is wrong: py_webauthn raises many things on nonsense. It takes
6 MB, and is loaded by the first ceremony: `party.RelyingParty` does it.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_attestation_object
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from authserver.passkeys.challenges import LIFE
from authserver.passkeys.policy import MAX_CREDENTIAL_ID, known_transports
from authserver.passkeys.values import Answer, AnswerRefused, Made, Party, Person, Used

T = TypeVar("T")
ALGORITHMS = [
    Algorithm.ECDSA_SHA_256,
    Algorithm.EDDSA,
    Algorithm.RSASSA_PKCS1_v1_5_SHA_256,
]
# None is asked for. Browsers leave only one that the key itself made (Level 3, section 5.1.3).
_ATTESTATIONS = {"none", "packed"}
MAX_ANSWER = 16 * 1024  # characters; an answer without an attestation has one or two thousand
_MILLISECONDS = int(LIFE.total_seconds() * 1000)


def creation(party: Party, person: Person, challenge: str, *, known: Sequence[bytes]) -> str:
    """Return the options for `navigator.credentials.create`, as JSON."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=person.organization,
        user_id=person.handle,
        user_name=person.email,
        user_display_name=person.name or person.email,
        challenge=base64url_to_bytes(challenge),
        timeout=_MILLISECONDS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(known),
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json(options)


def request(party: Party, challenge: str, *, known: Sequence[bytes] = ()) -> str:
    """Return the options for `navigator.credentials.get`, as JSON; without ids, for anybody."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=base64url_to_bytes(challenge),
        timeout=_MILLISECONDS,
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def made(party: Party, answer: Answer) -> Made:
    """Verify a new passkey. The challenge is the caller's to claim. Raises AnswerRefused."""
    verified = _verified(
        lambda: verify_registration_response(
            credential=answer.document,
            expected_challenge=base64url_to_bytes(answer.challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    )
    if verified.credential_id != answer.credential_id:
        raise AnswerRefused("the id is not that of the key")
    if len(verified.credential_id) > MAX_CREDENTIAL_ID:
        raise AnswerRefused("the id is too long")
    return Made(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        aaguid=str(verified.aaguid),
        sign_count=verified.sign_count,
        synced=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        backed_up=verified.credential_backed_up,
        transports=answer.transports,
    )


def used(party: Party, answer: Answer, public_key: bytes, *, synced: bool) -> Used:
    """Verify a use. Challenge and counter are the caller's. Raises AnswerRefused."""
    verified = _verified(
        lambda: verify_authentication_response(
            credential=answer.document,
            expected_challenge=base64url_to_bytes(answer.challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    )
    # Decided when the key was made, for good (Level 3, section 6.1.3).
    if (verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE) is not synced:
        raise AnswerRefused("whether the key may be copied has changed")
    return Used(verified.new_sign_count, verified.credential_backed_up)


def read(text: str) -> Answer:
    """Read what a browser sent. Raises AnswerRefused."""
    if len(text) > MAX_ANSWER:
        raise AnswerRefused("too long")
    return _verified(lambda: _read(orjson.loads(text)))


def _read(document: dict[str, Any]) -> Answer:
    response = document["response"]
    client = orjson.loads(base64url_to_bytes(response["clientDataJSON"]))
    if client.get("crossOrigin") not in {None, False} or "topOrigin" in client:
        raise AnswerRefused("asked for inside a page of another site")
    attestation = response.get("attestationObject")
    if attestation is not None:
        made = parse_attestation_object(base64url_to_bytes(attestation))
        if made.fmt not in _ATTESTATIONS:
            raise AnswerRefused("an attestation that nobody asked for")
    handle = response.get("userHandle")
    challenge = client["challenge"]
    if not isinstance(challenge, str) or not challenge.isascii():
        raise AnswerRefused("the challenge is no text")
    return Answer(
        document=document,
        credential_id=base64url_to_bytes(document["id"]),
        challenge=challenge.rstrip("="),
        handle=base64url_to_bytes(handle) if handle else None,
        transports=tuple(known_transports(response.get("transports"))),
    )


def _verified(verify: Callable[[], T]) -> T:
    try:
        return verify()
    except AnswerRefused:
        raise
    except Exception as error:
        raise AnswerRefused(f"{type(error).__name__}: {error}"[:200]) from error


def _described(ids: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in ids]
