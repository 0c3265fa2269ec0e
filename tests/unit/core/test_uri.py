from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.core.net.uri import InvalidUri, Uri, parse_uri


def refusal(text: str) -> str:
    with pytest.raises(InvalidUri) as caught:
        parse_uri(text)
    return str(caught.value)


def test_a_uri_is_taken_apart_and_nothing_is_decoded() -> None:
    raw = "https://app.example.com:8443/a/b%20c;v=1?x=1&y=%2F?"
    assert parse_uri(raw) == Uri(
        "https", "app.example.com", 8443, "/a/b%20c;v=1", "x=1&y=%2F?", raw
    )


def test_port_and_query_are_none_where_not_written() -> None:
    parsed = parse_uri("https://app.example.com")
    assert (parsed.port, parsed.path, parsed.query) == (None, "", None)


@pytest.mark.parametrize(
    ("text", "host", "origin"),
    [
        ("https://[2001:db8::7]:8443/cb", "2001:db8::7", "https://[2001:db8::7]:8443"),
        ("http://[::1]/cb", "::1", "http://[::1]"),
        ("http://127.0.0.1:8001/cb", "127.0.0.1", "http://127.0.0.1:8001"),
        ("http://localhost:8001/cb", "localhost", "http://localhost:8001"),
        ("https://xn--bcher-kva.example/cb", "xn--bcher-kva.example", None),
    ],
)
def test_the_host_is_a_name_or_an_address(text: str, host: str, origin: str | None) -> None:
    parsed = parse_uri(text)
    assert parsed.host == host
    assert parsed.origin == (origin or f"https://{host}")


def test_a_private_scheme_may_have_a_path_or_an_authority() -> None:
    assert parse_uri("com.example.app:/cb").host == ""
    assert parse_uri("com.example.app:/cb").path == "/cb"
    assert parse_uri("com.example.app://callback/x").host == "callback"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("https://a.example/" + "x" * 2048, "longer than 2048"),
        ("https://bücher.example/", "outside ASCII"),
        ("https://a.example/\u2025/", "outside ASCII"),
        ("https://a.example/a b", "a space"),
        ("\thttps://a.example/", "control character"),
        ("https://a.exa\nmple/", "control character"),
        ("https://a.example/\x00", "control character"),
        ("https://a.example/\x7f", "control character"),
        ("https:\\\\a.example/", "backslash"),
        ("https://a.example/#", "fragment"),
        ("https://a.example/*", "wildcard"),
        ("https://*.a.example/", "wildcard"),
        ("/cb", "does not begin with a scheme"),
        ("://a.example/", "does not begin with a scheme"),
        ("a.example/cb", "does not begin with a scheme"),
        ("HTTPS://a.example/", "lower case"),
        ("1https://a.example/", "the scheme may hold only"),
        ("ht_tps://a.example/", "the scheme may hold only"),
        ("https:a.example", "followed by '//'"),
        ("https:/a.example/cb", "followed by '//'"),
        ("javascript:alert(1)", "a path that begins with '/'"),
        ("mailto:a@b.example", "a path that begins with '/'"),
        ("https:///cb", "host is missing"),
        ("https://", "host is missing"),
        ("https://?x=1", "host is missing"),
        ("https://user@a.example/", "user name"),
        ("https://a.example@evil.example@a.example/", "user name"),
        ("https://@a.example/", "user name"),
        ("https://a.example:/", "port"),
        ("https://a.example:0/", "port"),
        ("https://a.example:08443/", "port"),
        ("https://a.example:65536/", "port"),
        ("https://a.example:80a/", "port"),
        ("https://a.example:443/", "default"),
        ("http://a.example:80/", "default"),
        ("https://A.example/", "other than a-z"),
        ("https://a_b.example/", "other than a-z"),
        ("https://a%2eexample/", "other than a-z"),
        ("https://a..example/", "empty label"),
        ("https://a.example./", "dot"),
        ("https://-a.example/", "'-'"),
        ("https://xn--a.example/", "xn--"),
        ("https://127.1/", "a number"),
        ("https://0x7f.1/", "a number"),
        ("https://0x7f000001/", "a number"),
        ("https://2130706433/", "a number"),
        ("https://0177.0.0.1/", "a number"),
        ("https://127.0.0.1./", "a number"),
        ("https://127.0.0.256/", "a number"),
        ("https://[::1/", "not an IPv6"),
        ("https://[/", "not an IPv6"),
        ("https://[]/", "not an IPv6"),
        ("https://[::1]x/", "not an IPv6"),
        ("https://[::1]x:1/", "not an IPv6"),
        ("https://[127.0.0.1]/", "not an IPv6"),
        ("https://[fe80::1%eth0]/", "shortest form"),
        ("https://[0:0:0:0:0:0:0:1]/", "shortest form"),
        ("https://[2001:DB8::1]/", "shortest form"),
        ("https://[::ffff:127.0.0.1]/", "hides another"),
        ("https://[::ffff:7f00:1]/", "hides another"),
        ("https://a.example/..", "'..' segment"),
        ("https://a.example/a/../b", "'..' segment"),
        ("https://a.example/./b", "'..' segment"),
        ("https://a.example/%2e%2E/b", "'..' segment"),
        ("https://a.example/.%2e/b", "'..' segment"),
        ("https://a.example/..;/b", "'..' segment"),
        ("https://a.example/..%3b/b", "'..' segment"),
        ("https://a.example/a%2fb", "encoded '/'"),
        ("https://a.example/a%5Cb", "encoded '/'"),
        ("https://a.example/%252e%252e/", "encoded '/'"),
        ("https://a.example/%", "two hexadecimal digits"),
        ("https://a.example/%2", "two hexadecimal digits"),
        ("https://a.example/%zz", "two hexadecimal digits"),
        ("https://a.example/?a=%0", "two hexadecimal digits"),
        ("https://a.example/%00", "encoded control"),
        ("https://a.example/?a=%0d%0aSet-Cookie:x", "encoded control"),
        ("https://a.example/a|b", "must be percent-encoded"),
        ("https://a.example/<script>", "must be percent-encoded"),
        ("https://a.example/?a=[]", "must be percent-encoded"),
        ('https://a.example/?a="', "must be percent-encoded"),
        ("https://a.example/?", "empty query"),
    ],
)
def test_a_refused_uri_is_refused_for_a_reason_in_plain_words(text: str, reason: str) -> None:
    assert reason in refusal(text)


@given(st.text(max_size=80))
def test_no_text_makes_the_reader_fail_otherwise(text: str) -> None:
    try:
        parse_uri(text)
    except InvalidUri:
        return


_PIECES = st.sampled_from(
    [
        *("https", "http", "://", ":", "//", "/", "@", "?", "#", "%", "%2e", "%2f", "..", ";"),
        *("\\", "a.example", "127.0.0.1", "127.1", "[::1]", "[", "]", "localhost", "443", "8443"),
        *("x=1", "&"),
    ]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_whatever_passes_reads_the_same_to_another_parser(text: str) -> None:
    try:
        parsed = parse_uri(text)
    except InvalidUri:
        return
    other = urlsplit(text)
    assert other.scheme == parsed.scheme
    assert (other.hostname or "") == parsed.host
    assert other.port == parsed.port
    assert other.path == parsed.path
    assert other.query == (parsed.query or "")
    assert other.fragment == ""
    assert other.username is None


@pytest.mark.attack("ATK-038")
@pytest.mark.timeout(2)
@pytest.mark.parametrize("unit", ["[", "]", ":", "[::", "%2e", "..;/", "a.", "@", "//", "xn--a."])
def test_a_long_hostile_uri_costs_nothing(unit: str) -> None:
    for length in (2000, 200_000):
        tail = (unit * length)[:length]
        for text in (f"https://{tail}", f"https://a.example/{tail}", f"https://[{tail}]/", tail):
            refusal(text + "#")
            refusal(text + " ")
            try:
                parse_uri(text)
            except InvalidUri:
                continue
