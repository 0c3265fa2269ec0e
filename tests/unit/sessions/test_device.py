"""A device in words, whatever a browser claims to be."""

import pytest

from authserver.sessions.device import Device, describe

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
