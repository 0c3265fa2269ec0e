"""Codes of authenticator apps, by the vectors of RFC 6238, and the step that matched."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from authserver.mfa import backup_codes, totp

SEED = b"12345678901234567890"
# Appendix B, the last six of its eight digits.
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]
NOW = datetime.fromtimestamp(1234567890, UTC)
CODE = "005924"


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
@pytest.mark.rfc("RFC 6238 appendix B")
def test_the_vectors_of_the_specification_match(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.matched_step(SEED, code, now, after=None) == seconds // 30


@pytest.mark.parametrize("typed", ["005 924", " 005924 ", "005\N{NO-BREAK SPACE}924"])
def test_spaces_do_not_matter(typed: str) -> None:
    assert totp.matched_step(SEED, typed, NOW, after=None) == totp.step_of(NOW)


@pytest.mark.parametrize("typed", ["", "5924", "0059240", "005925", "００５９２４", "-05924", "\0"])
def test_anything_else_is_wrong(typed: str) -> None:
    assert totp.matched_step(SEED, typed, NOW, after=None) is None


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(steps: int, *, good: bool) -> None:
    now = NOW + timedelta(seconds=30 * steps)
    found = totp.matched_step(SEED, CODE, now, after=None)
    assert found == (totp.step_of(NOW) if good else None)


@pytest.mark.rfc("RFC 6238 section 5.2")
def test_a_step_counts_only_after_the_last_one() -> None:
    step = totp.step_of(NOW)
    assert totp.matched_step(SEED, CODE, NOW, after=step - 1) == step
    assert totp.matched_step(SEED, CODE, NOW, after=step) is None
    assert totp.matched_step(SEED, CODE, NOW, after=step + 1) is None


def test_seeds_have_160_bits_and_are_new_each_time() -> None:
    seeds = {totp.new_seed() for _ in range(100)}
    assert len(seeds) == 100
    assert {len(seed) for seed in seeds} == {20}


def test_an_app_reads_account_and_issuer() -> None:
    uri = urlsplit(totp.uri(SEED, account="ada@acme.example", issuer="Acme & Söhne"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    query = parse_qs(uri.query)
    assert query["secret"] == [totp.as_text(SEED)]
    assert query["issuer"] == ["Acme & Söhne"]


def test_backup_codes_have_sixty_bits_of_letters_that_are_not_mistaken() -> None:
    codes = [code for _ in range(200) for code in backup_codes.new_codes()]
    assert len(set(codes)) == 2000
    letters = {letter for code in codes for letter in code} - {"-"}
    assert len(letters) == 32
    assert not letters & set("ilou")


@pytest.mark.parametrize(
    "typed", ["k3tm-9x0f-17qd", "K3TM 9XOF I7QD", "k3tm9x0fl7qd", " k3tm - 9xof - 17qd "]
)
def test_backup_codes_are_read_as_people_type_them(typed: str) -> None:
    assert backup_codes.canonical(typed) == "k3tm9x0f17qd"
