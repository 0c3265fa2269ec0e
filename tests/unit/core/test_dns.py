"""The DNS is asked over a real socket; whatever is not a plain answer is none."""

from collections.abc import Iterator

import dns.message
import dns.rcode
import dns.rrset
import pytest

from authserver.core.net.dns import DnsFailed, DnsResolver
from authserver.settings import SettingsError, from_environment
from authserver.settings.addresses import parse_name_server
from tests.support.dns import NameServer, name_server

NAME = "_authserver-challenge.globex.example"


@pytest.fixture
def server() -> Iterator[NameServer]:
    with name_server() as started:
        yield started


def texts(server: NameServer, seconds: float = 5.0) -> tuple[str, ...]:
    return DnsResolver(server.address, seconds=seconds).texts(NAME)


def test_every_text_of_a_name_is_read_and_pieces_of_one_are_joined(server: NameServer) -> None:
    server.put(NAME, 'TXT "one"', 'TXT "two halves" " of it"')
    assert set(texts(server)) == {"one", "two halves of it"}


def test_there_are_no_texts_where_there_is_no_name_or_another_record(server: NameServer) -> None:
    assert texts(server) == ()
    server.put(NAME, "A 192.0.2.1")
    assert texts(server) == ()


def test_a_long_answer_comes_over_tcp(server: NameServer) -> None:
    long = " ".join(f'"{"x" * 250}"' for _ in range(8))
    server.put(NAME, f"TXT {long}")
    assert texts(server) == ("x" * 2000,)


@pytest.mark.attack("ATK-022")
def test_an_alias_proves_nothing(server: NameServer) -> None:
    """What it leads to may be free for anybody one day."""
    server.put(NAME, "CNAME elsewhere.example.")

    def follow(answer: dns.message.Message) -> None:
        if len(answer.answer) == 1:
            answer.answer.append(
                dns.rrset.from_text("elsewhere.example.", 60, "IN", "TXT", '"one"')
            )

    server.changes = follow
    assert texts(server) == ()


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTIMP])
def test_an_error_is_no_answer(server: NameServer, rcode: dns.rcode.Rcode) -> None:
    server.put(NAME, 'TXT "one"')
    server.rcode = rcode
    with pytest.raises(DnsFailed):
        texts(server)


def test_silence_ends_in_time(server: NameServer) -> None:
    server.silent = True
    with pytest.raises(DnsFailed, match="LifetimeTimeout"):
        texts(server, seconds=0.2)


MANY = [f'TXT "{number}"' for number in range(65)]
LONG = [f'TXT {" ".join([chr(34) + "y" * 250 + chr(34)] * 10)} "{n}"' for n in range(8)]


@pytest.mark.parametrize("lines", [MANY, LONG], ids=["many", "long"])
def test_more_than_a_domain_has_is_refused(server: NameServer, lines: list[str]) -> None:
    server.put(NAME, *lines)
    with pytest.raises(DnsFailed, match="more than"):
        texts(server)


def test_what_is_not_ascii_is_left_out(server: NameServer) -> None:
    server.put(NAME, r'TXT "caf\233"', 'TXT "one"')
    assert texts(server) == ("one",)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        ("192.0.2.53:5353", ("192.0.2.53", 5353)),
        ("[2001:db8::53]", ("2001:db8::53", 53)),
        ("[::1]:5353", ("::1", 5353)),
    ],
)
def test_a_name_server_is_an_address(text: str, parsed: tuple[str, int]) -> None:
    assert parse_name_server(text) == parsed


@pytest.mark.parametrize(
    "text",
    ["dns.example", "192.0.2.53:0", "192.0.2.53:", "127.1", "2001:db8::53", "[::1]:99999",
     "user@192.0.2.53", "192.0.2.53/", "192.0.2.053"],
)  # fmt: skip
def test_anything_else_stops_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match="AUTHSERVER_DNS_SERVER"):
        from_environment({"AUTHSERVER_DNS_SERVER": text})
