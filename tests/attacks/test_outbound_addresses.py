"""ATK-126 and ATK-128: no name and no spelling leads to an inner address. Nothing connects here."""

import socket
from ipaddress import IPv4Address, ip_address

import pytest

from authserver.core.net.addresses import parse_networks
from authserver.core.net.fetch import FetchRefused, FetchRules, ForTestsOnly, safe_fetch, transport
from authserver.core.net.fetch.rules import Answer

SPECIAL = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1"),
    *(
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        str(IPv4Address(0)),
        "224.0.0.1",
        "255.255.255.255",
    ),
    *("::1", "::", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "fe80::1", "fd00:ec2::254"),
    *("64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::7f00:1", "2002:7f00:1::", "ff02::1"),
    *("2001:0:7f00:1::", "2002:808:808::", "fec0::1", "2001:db8::1"),
]


def answer(text: str, port: int) -> Answer:
    if ip_address(text).version == 6:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (text, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port))


@pytest.fixture
def no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a connection was about to be made")

    monkeypatch.setattr(transport, "connect", refuse)


@pytest.mark.attack("ATK-126")
@pytest.mark.attack("ATK-128")
@pytest.mark.usefixtures("no_connection")
@pytest.mark.parametrize("address", SPECIAL)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    seams = ForTestsOnly(resolver=lambda _host, port, *_: [answer(address, port)])
    with pytest.raises(FetchRefused, match="not a public address"):
        safe_fetch("https://evil.example/jwks", for_tests_only=seams)


@pytest.mark.attack("ATK-126")
@pytest.mark.usefixtures("no_connection")
@pytest.mark.parametrize("address", ["169.254.169.254", "100.100.100.200", "fd00:ec2::254"])
def test_no_setting_opens_what_clouds_tell_a_machine_of_itself(address: str) -> None:
    everything = parse_networks(["0.0.0.0/0", "::/0"])
    seams = ForTestsOnly(resolver=lambda _host, port, *_: [answer(address, port)])
    with pytest.raises(FetchRefused, match="not a public address"):
        safe_fetch(
            "https://evil.example/", rules=FetchRules(networks=everything), for_tests_only=seams
        )


@pytest.mark.attack("ATK-128")
@pytest.mark.usefixtures("no_connection")
@pytest.mark.parametrize("address", SPECIAL)
@pytest.mark.parametrize("first", [True, False])
def test_one_inner_address_among_public_ones_refuses_the_name(address: str, *, first: bool) -> None:
    def mixed(_host: str, port: int, *_: int) -> list[Answer]:
        answers = [answer(address, port), answer("8.8.8.8", port)]
        return answers if first else answers[::-1]

    with pytest.raises(FetchRefused, match="not a public address"):
        safe_fetch("https://evil.example/jwks", for_tests_only=ForTestsOnly(resolver=mixed))


@pytest.mark.attack("ATK-126")
@pytest.mark.attack("ATK-128")
@pytest.mark.usefixtures("no_connection")
@pytest.mark.parametrize(
    "host_part",
    [
        *(f"[{text}]" if ":" in text else text for text in SPECIAL),
        *("127.1", "0x7f.1", "2130706433", "0177.0.0.1", "0x7f000001", "127.0.0.1.", "localhost."),
        *("①②⑦.0.0.1", "127。0。0。1", "[fe80::1%25lo]", "8.8.8.8@127.0.0.1", "%31%32%37.0.0.1"),
        "localhost",
    ],
)
def test_an_inner_address_in_any_spelling_is_refused(host_part: str) -> None:
    with pytest.raises(FetchRefused):
        safe_fetch(f"https://{host_part}/jwks", rules=FetchRules(total_seconds=20))
