"""A device in words, whatever a browser claims to be."""

import pytest

from authserver.core.net.browsers import Device, describe, recognise

SAFARI = "AppleWebKit/537.36 (KHTML, like Gecko)"


LINUX, WINDOWS = "X11; Linux x86_64", "Windows NT 10.0; Win64; x64"
MAC, PIXEL = "Macintosh; Intel Mac OS X 10_15_7", "Linux; Android 14; Pixel 8"


@pytest.mark.parametrize(
    ("user_agent", "named"),
    [
        (f"Mozilla/5.0 ({LINUX}; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        (f"Mozilla/5.0 ({WINDOWS}) {SAFARI} Chrome/140.0 Safari/537.36", ("Chrome", "Windows")),
        (f"Mozilla/5.0 ({MAC}) {SAFARI} Chrome/140.0 Safari/537.36 Edg/140.0", ("Edge", "macOS")),
        (f"Mozilla/5.0 ({PIXEL}) {SAFARI} Chrome/140.0 Mobile Safari/537", ("Chrome", "Android")),
        ("curl/8.9.1", ("curl", "")),
        ("", ("", "")),
        ("x" * 100_000, ("", "")),
        ("\x00\u202e", ("", "")),
    ],
)
def test_a_device_is_named_as_people_name_it(user_agent: str, named: tuple[str, str]) -> None:
    assert describe(user_agent) == Device(*named)


def test_phones_and_tablets_are_told_from_the_rest() -> None:
    assert Device("Safari", "iOS").handheld
    assert Device("Chrome", "Android").handheld
    assert not Device("Safari", "macOS").handheld


def test_a_name_that_comes_out_of_the_header_is_short() -> None:
    header = f"Mozilla/5.0 (compatible; {'A' * 200}bot/1.0)"
    assert len(describe(header).browser) <= 40


PC = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (f"{PC} Chrome/140.0.0.0 Safari/537.36", "Chrome, Windows"),
        (f"{PC} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge, Windows"),
        (f"{IPHONE} (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iOS"),
        (
            "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
            "Firefox, Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Firefox/140.0", "Firefox, macOS"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_a_browser_is_described_in_two_words(user_agent: str, expected: str) -> None:
    assert str(recognise(user_agent)) == expected


def test_a_stranger_cannot_write_into_somebody_elses_mail() -> None:
    text = "Your account is closed, see https://evil.example Firefox/1.0 (Linux) <b>now</b>"
    assert str(recognise(text)) == "Firefox, Linux"


WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
COMMON = [
    f"{PC} Chrome/140.0.0.0 Safari/537.36",
    f"{PC} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    f"{PC} Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0",
    f"{IPHONE} (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
    f"{IPHONE} (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1",
    f"{IPHONE} (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15",
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
    f"Mozilla/5.0 ({PIXEL}) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/140.0.0.0 Safari/537.36",
    f"Mozilla/5.0 ({MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
]


@pytest.mark.parametrize("user_agent", COMMON)
def test_mails_and_pages_call_a_browser_by_one_name(user_agent: str) -> None:
    assert recognise(user_agent) == describe(user_agent)


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (Device("Firefox", "Linux"), '{"browser":"Firefox","system":"Linux"}'),
        (Device("", "iOS"), '{"browser":"","system":"iOS"}'),
        (Device(), ""),
    ],
)
def test_a_row_keeps_the_words_of_a_device(device: Device, words: str) -> None:
    assert device.words() == words
    assert Device.of_words(words) == device
