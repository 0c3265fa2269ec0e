"""Names, counters, and what a passkey proves."""

import pytest

from authserver.passkeys.names import MAX_NAME, UnfitFactorName, check_name, free_name, suggested
from authserver.passkeys.party import RelyingParty
from authserver.passkeys.policy import Counted, amr_of, known_transports

# Bidi controls and marks, zero widths, fillers, controls, a lone surrogate, private and unassigned.
INVISIBLE = [
    *"\u202e\u202a\u2066\u2069\u200e\u061c", *"\u200b\u200d\u2060\ufeff\u00ad",
    *"\u3164\u115f\uffa0\u2800\u034f", *"\0\x1b\x7f", "\ud800", "\ue000", "\U000e0041",
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "now", "back"),
    [(0, 0, False), (0, 1, False), (4, 5, False), (4, 4, True), (4, 3, True), (4, 0, True)],
)
def test_a_counter_that_counts_must_go_on(before: int, now: int, *, back: bool) -> None:
    assert Counted(before, now).went_back is back


def test_the_words_of_rfc_8176_say_what_was_proved() -> None:
    assert amr_of(synced=True) == ("swk", "user", "mfa")
    assert amr_of(synced=False) == ("hwk", "user", "mfa")


def test_a_name_is_one_line_and_short() -> None:
    assert check_name("  My \t phone ") == "My phone"
    assert check_name("Clé d'A\u0301da 王 \N{KEY}") == "Clé d'Áda 王 \N{KEY}"
    assert check_name("x" * MAX_NAME) == "x" * MAX_NAME
    assert check_name("   ") == ""


@pytest.mark.parametrize("evil", INVISIBLE)
def test_a_name_has_nothing_that_cannot_be_seen(evil: str) -> None:
    for name in (f"My{evil}phone", evil, f"phone {evil}"):
        with pytest.raises(UnfitFactorName):
            check_name(name)
    assert free_name(f"You{evil}bi Key", ["Youbi Key"]) == "Youbi Key 2"


def test_a_name_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(UnfitFactorName):
        check_name("x" * (MAX_NAME + 1))


def test_no_two_passkeys_have_the_same_name() -> None:
    taken = ["YubiKey", "YubiKey 2"]
    assert free_name("YubiKey", []) == "YubiKey"
    assert free_name("YubiKey", taken) == "YubiKey 3"
    long = "x" * MAX_NAME
    assert free_name(long, [long]) == "x" * (MAX_NAME - 2) + " 2"


def test_a_name_is_suggested_by_the_keeper_then_the_browser() -> None:
    assert suggested("d548826e-79b4-db40-a3d8-11116f7e8349", "Firefox, Linux") == "Bitwarden"
    assert suggested("00000000-0000-0000-0000-000000000000", "Firefox, Linux") == "Firefox (Linux)"
    assert suggested("", "Firefox") == "Firefox"
    assert suggested("", "") == "Passkey"


def test_only_known_transports_are_kept() -> None:
    assert known_transports(["usb", "internal", "<b>", 7, "usb"]) == ["internal", "usb"]
    assert known_transports("usb") == []
    assert known_transports(None) == []


@pytest.mark.parametrize(
    ("issuer", "rp_id", "origin"),
    [
        ("https://auth.example", "auth.example", "https://auth.example"),
        ("https://auth.example:443", "auth.example", "https://auth.example"),
        ("https://auth.example:8443", "auth.example", "https://auth.example:8443"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://localhost:80", "localhost", "http://localhost"),
    ],
)
def test_the_relying_party_is_the_configured_issuer(issuer: str, rp_id: str, origin: str) -> None:
    party = RelyingParty.of(issuer)
    assert (party.id, party.origin, party.usable) == (rp_id, origin, True)


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:8000", "http://[::1]:8000"])
def test_an_address_in_numbers_has_no_passkeys(issuer: str) -> None:
    assert not RelyingParty.of(issuer).usable
