import json
import time
from collections.abc import Callable

import pytest

from authserver.sdk.compact import base64url
from authserver.sdk.verifier import InvalidToken, TokenVerifier

Mint = Callable[..., str]
Sign = Callable[..., str]
HEADER = {"typ": "at+jwt", "alg": "ES256", "kid": "es256"}


def refuses(verifier: TokenVerifier, token: str) -> bool:
    with pytest.raises(InvalidToken) as caught:
        verifier.verify(token)
    return caught.value.description == "The access token is not valid."


@pytest.mark.attack("ATK-102")
@pytest.mark.parametrize(
    "token",
    [
        "." * 1_000_000,
        "a" * 1_000_000,
        "a." * 500_000,
        "A" * 16_385,
        "." * 16_384,
        "é" * 100,
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c",
        "\0.\0.\0",
        " . . ",
    ],
    ids=range(14),
)
def test_what_is_no_token_is_refused_at_once(verifier: TokenVerifier, token: str) -> None:
    started = time.process_time()
    assert refuses(verifier, token)
    # Generous against a busy machine; what this guards against takes seconds.
    assert time.process_time() - started < 0.5


@pytest.mark.attack("ATK-102")
def test_sixteen_kilobytes_are_the_limit(verifier: TokenVerifier, mint: Mint) -> None:
    short = len(mint(note=""))
    assert verifier.verify(mint(note="x" * ((16_300 - short) * 3 // 4))).subject == "usr_ann"
    assert refuses(verifier, mint(note="x" * 13_000))


@pytest.mark.parametrize("token", [None, 1, b"a.b.c", ["a.b.c"]])
def test_what_is_not_text_is_no_token(verifier: TokenVerifier, token: object) -> None:
    assert refuses(verifier, token)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"sub":"usr_ann","sub":"usr_root"}',
        b'{"a":{"b":1,"b":2}}',
        b'["usr_ann"]',
        b'"usr_ann"',
        b"null",
        b"",
        b"{}",
        b"{",
        b'{"exp":NaN}',
        b'{"exp":Infinity}',
        b'{"exp":1e999}',
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        '{"sub":"usr_ann"}'.encode("utf-16"),
        b'{"a":' * 3000 + b"1" + b"}" * 3000,
        b"[" * 12_000,
        b'{"exp":' + b"9" * 5000 + b"}",
        b"{} {}",
    ],
    ids=range(18),
)
def test_a_payload_that_is_not_one_plain_json_object_is_refused(
    verifier: TokenVerifier, sign: Sign, payload: bytes
) -> None:
    assert refuses(verifier, sign(HEADER, payload))


@pytest.mark.parametrize("name", ["sub", "exp", "iss", "aud", "roles", "tenant_id"])
def test_a_claim_that_is_given_twice_is_refused(
    *, verifier: TokenVerifier, sign: Sign, claims: dict[str, object], name: str
) -> None:
    twice = json.dumps(claims)[:-1] + f', "{name}": {json.dumps(claims[name])}}}'
    assert refuses(verifier, sign(HEADER, twice.encode()))


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"none","typ":"at+jwt","alg":"ES256","kid":"es256"}',
        b'{"alg":"ES256","typ":"at+jwt","kid":"x","k\\u0069d":"es256"}',
        b"[]",
        b"1",
    ],
)
def test_a_header_that_can_be_read_in_two_ways_is_refused(
    *, verifier: TokenVerifier, sign: Sign, claims: dict[str, object], header: bytes
) -> None:
    assert refuses(verifier, sign(header, claims))


@pytest.mark.rfc("RFC 7515 section 2, base64url")
@pytest.mark.parametrize("change", ["{}=", "{}==", " {}", "{}\n", "{}\t", "+{}", "{}/", "{}%3D"])
@pytest.mark.parametrize("part", [0, 1, 2])
def test_another_spelling_of_a_part_is_refused(
    *, verifier: TokenVerifier, mint: Mint, part: int, change: str
) -> None:
    parts = mint().split(".")
    parts[part] = change.format(parts[part])
    assert refuses(verifier, ".".join(parts))


def test_loose_bits_after_the_last_byte_are_refused(verifier: TokenVerifier, mint: Mint) -> None:
    # 64 bytes of signature leave four unused bits: sixteen spellings, of which one is right.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = mint()
    same_bytes = alphabet[alphabet.index(token[-1]) + 1]
    assert verifier.verify(token).subject == "usr_ann"
    assert refuses(verifier, token[:-1] + same_bytes)


@pytest.mark.parametrize("text", ["", "A", "AB", "AAB", "AAAAA", "AA==", "A A", "AA\n"])
def test_base64url_has_one_spelling(text: str) -> None:
    assert base64url("AA") == b"\0"
    with pytest.raises(ValueError, match="base64"):
        base64url(text)
