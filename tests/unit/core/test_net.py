from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.core.net.addresses import (
    ClientAddress,
    InvalidAddress,
    InvalidHostName,
    check_host_name,
    client_address,
    contains,
    is_public,
    parse_address,
    parse_networks,
    parse_port,
)

PROXIES = parse_networks(["10.0.0.0/8", "fd00::/8"])


@pytest.mark.parametrize("text", ["192.0.2.7", "2001:db8::7", "::1"])
def test_an_address_written_in_full_is_read(text: str) -> None:
    assert parse_address(text) == ip_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 192.0.2.7",
        "192.0.2.7\n",
        "192.0.2.007",
        "0300.0.2.7",
        "127.1",
        "0x7f.0.0.1",
        "2130706433",
        "1.2.3.4.5",
        "192.0.2.256",
        "192.0.2.7/32",
        "fe80::1%eth0",
        "fe80::1%",
        "[::1]",
        "::ffff:192.0.2.007",
        "١٩٢.0.2.7",
        "localhost",
        "1:2:3:4:5:6:7:8:9",
        "1" * 10_000,
    ],
)
def test_an_address_that_can_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(InvalidAddress):
        parse_address(text)


@pytest.mark.attack("ATK-135")
@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_its_ipv4_address_in_both_directions(plain: IPv4Address) -> None:
    mapped = IPv6Address(f"::ffff:{plain}")
    network = parse_networks([f"{plain}/32"])
    dressed = parse_networks([f"::ffff:{plain}/128"])
    assert parse_address(str(mapped)) == plain
    assert network == dressed
    assert contains(network, mapped)
    assert contains(dressed, plain)


@pytest.mark.attack("ATK-135")
def test_a_mapped_address_neither_escapes_a_network_nor_enters_another() -> None:
    inside = parse_address("::ffff:10.0.0.1")
    assert contains(parse_networks(["10.0.0.0/8"]), inside)
    assert contains(parse_networks(["::ffff:10.0.0.0/104"]), inside)
    assert not contains(parse_networks(["::/0"]), inside)
    assert not contains(parse_networks(["11.0.0.0/8"]), inside)


def test_a_bare_address_is_a_network_of_one() -> None:
    assert parse_networks(["192.0.2.7"]) == (IPv4Network("192.0.2.7/32"),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/8",
        "10.0.0.1/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/0.0.0.255",
        "10.0.0.0/" + "9" * 10_000,
        "10/8",
        "fe80::%eth0/64",
        "::ffff:0:0/90",
        "example.com",
        "10.0.0.0/٨",
    ],
)
def test_a_network_that_is_not_strict_cidr_is_refused(text: str) -> None:
    with pytest.raises(InvalidAddress):
        parse_networks([text])


@pytest.mark.parametrize(
    "text",
    ["8.8.8.8", "193.0.6.139", "1.1.1.1", "2606:4700:4700::1111", "2001:4860:4860::8888"],
)
def test_an_ordinary_internet_address_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.attack("ATK-128")
@pytest.mark.parametrize(
    "text",
    [
        *("0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "172.31.0.1"),
        *("169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
        *("192.168.1.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.31.196.1"),
        *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1"),
        *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2002:7f00:1::", "2002:808:808::"),
        *("2001:20::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1"),
        *("ff02::1", "ff0e::1", "4000::1", "2620:4f:8000::1"),
    ],
)
def test_an_inner_translated_or_special_address_is_never_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["example.com", "localhost", "a.b-c.d1", "xn--bcher-kva.example"])
def test_a_host_name_in_lower_case_passes(text: str) -> None:
    check_host_name(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "example.com.", ".example.com", "a..b", "Example.com", "bücher.example"),
        *("a_b.example", "-a.example", "a-.example", "a.example:80", "xn--.example"),
        *("xn--zzzzzzzzzz9999.example", "xn--abc-.example", "1.2.3", "127.1", "0x7f.1", "a.0x7f"),
        *("2130706433", "0x7f000001", "a.0x", "a." + "b" * 64, "a" * 60 + ".b" * 100),
    ],
)
def test_a_host_name_with_a_second_reading_is_refused(text: str) -> None:
    with pytest.raises(InvalidHostName):
        check_host_name(text)


@pytest.mark.parametrize(("text", "port"), [("1", 1), ("443", 443), ("65535", 65_535)])
def test_a_port_is_read(text: str, port: int) -> None:
    assert parse_port(text) == port


@pytest.mark.parametrize("text", ["", "0", "080", "65536", "-1", "+1", "1 ", "٨", "9" * 5_000])
def test_a_number_that_is_no_port_is_none(text: str) -> None:
    assert parse_port(text) is None


def found(peer: str, *forwarded_for: str) -> str:
    answer = client_address(peer, forwarded_for, PROXIES)
    assert not answer.malformed
    return str(answer.address)


def test_without_trusted_proxies_the_header_means_nothing() -> None:
    assert client_address("198.51.100.9", ["192.0.2.7"], ()) == ClientAddress(
        IPv4Address("198.51.100.9")
    )


@pytest.mark.attack("ATK-134")
def test_a_stranger_cannot_speak_for_a_proxy() -> None:
    assert found("198.51.100.9", "10.0.0.1, 192.0.2.7") == "198.51.100.9"
    assert found("198.51.100.9", "not an address") == "198.51.100.9"


@pytest.mark.attack("ATK-134")
def test_the_right_most_untrusted_hop_is_the_client() -> None:
    assert found("10.0.0.1", "192.0.2.7") == "192.0.2.7"
    assert found("10.0.0.1", "6.6.6.6, 192.0.2.7, 10.9.9.9") == "192.0.2.7"
    assert found("10.0.0.1", "garbage\x00, 192.0.2.7,10.9.9.9") == "192.0.2.7"


def test_several_header_lines_are_one_list() -> None:
    assert found("10.0.0.1", "6.6.6.6, 192.0.2.7", "", "10.2.2.2", "fd00::7") == "192.0.2.7"


def test_when_every_hop_is_trusted_the_farthest_one_is_the_client() -> None:
    assert found("10.0.0.1", "10.3.3.3, 10.2.2.2") == "10.3.3.3"
    assert found("10.0.0.1") == "10.0.0.1"
    assert found("10.0.0.1", " ", "") == "10.0.0.1"


@pytest.mark.parametrize(
    ("hop", "client"),
    [
        ("192.0.2.7:51234", "192.0.2.7"),
        ("[2001:db8::7]:51234", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:1", "192.0.2.7"),
        ("\t192.0.2.7 ", "192.0.2.7"),
    ],
)
def test_a_hop_may_carry_a_port_and_brackets(hop: str, client: str) -> None:
    assert found("10.0.0.1", hop) == client


@pytest.mark.attack("ATK-135")
def test_a_mapped_proxy_is_the_proxy_that_was_trusted() -> None:
    assert found("::ffff:10.0.0.1", "192.0.2.7, ::ffff:10.4.4.4") == "192.0.2.7"


@pytest.mark.parametrize(
    "hop",
    [
        *("unknown", "_hidden", "192.0.2.7:0", "192.0.2.7:99999", "192.0.2.7:", "192.0.2.7:8o"),
        *("[2001:db8::7", "[2001:db8::7]x", "[2001:db8::7]:", "[192.0.2.7]:1", "[]", '"192.0.2.7"'),
        *("192.0.2.007", "fe80::1%eth0", "192.0.2.7;x", "6.6.6.6,", "\x0b192.0.2.7", "[[::1]]"),
    ],
)
def test_an_unreadable_hop_counts_as_the_proxy_and_is_reported(hop: str) -> None:
    answer = client_address("10.0.0.1", [hop], PROXIES)
    assert answer == ClientAddress(IPv4Address("10.0.0.1"), malformed=True)


@pytest.mark.parametrize("peer", ["", "unix:", "unix:/run/authserver.sock"])
def test_a_unix_socket_is_this_machine_and_trusted_only_if_this_machine_is(peer: str) -> None:
    local = parse_networks(["127.0.0.1/32"])
    assert str(client_address(peer, ["192.0.2.7"], local).address) == "192.0.2.7"
    assert str(client_address(peer, ["192.0.2.7"], PROXIES).address) == "127.0.0.1"


def test_a_peer_may_carry_a_port_or_a_zone_of_the_kernel() -> None:
    assert found("198.51.100.9:4711") == "198.51.100.9"
    assert found("fe80::1%eth0") == "fe80::1"


def test_an_unreadable_peer_is_nobody() -> None:
    answer = client_address("what?", ["192.0.2.7"], PROXIES)
    assert answer == ClientAddress(IPv4Address(0), malformed=True)


@given(st.lists(st.text(alphabet="0123456789abcdef.:[]%, \t", max_size=40), max_size=4))
def test_no_header_makes_the_reading_fail(forwarded_for: list[str]) -> None:
    answer = client_address("10.0.0.1", forwarded_for, PROXIES)
    assert not answer.malformed or answer.address == IPv4Address("10.0.0.1")
