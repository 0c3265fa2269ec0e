"""The strict form parser: what it accepts means one thing, and everybody reads the same."""

import io
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.core.problems import Problem
from authserver.core.web import (
    MAX_BODY,
    Answer,
    BodyTooLarge,
    CookieProblem,
    MalformedRequest,
    check_cookies,
    parse_form,
    read_body,
)

PLAIN = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=30)
NAMES = PLAIN.filter(bool)


@given(st.dictionaries(NAMES, PLAIN))
def test_what_was_encoded_comes_back_and_empty_values_count_as_omitted(
    sent: dict[str, str],
) -> None:
    read = parse_form(urlencode(sent).encode())
    assert read == {name: [value] for name, value in sent.items() if value}


@given(st.binary(max_size=200))
def test_what_is_accepted_is_what_the_standard_library_reads(data: bytes) -> None:
    try:
        read = parse_form(data)
    except MalformedRequest:
        return
    escaped = data.decode("utf-8", "surrogateescape")
    pairs = parse_qsl(escaped, keep_blank_values=True, errors="surrogateescape")
    expected = {_bytes(name): _bytes(value) for name, value in pairs if value}
    assert {_bytes(name): _bytes(values[0]) for name, values in read.items()} == expected


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@given(NAMES, PLAIN, PLAIN)
def test_a_parameter_that_comes_twice_is_refused_even_when_it_is_empty(
    name: str, one: str, two: str
) -> None:
    data = urlencode([(name, one), ("other than " + name, "x"), (name, two)]).encode()
    with pytest.raises(MalformedRequest):
        parse_form(data)
    both = parse_form(data, repeatable=frozenset({name}))
    assert both.get(name, []) == [value for value in (one, two) if value]


def test_two_spellings_of_a_name_are_the_same_name() -> None:
    with pytest.raises(MalformedRequest):
        parse_form(b"scope=a&s%63ope=b")
    with pytest.raises(MalformedRequest):
        parse_form(b"a+b=1&a%20b=2")


@pytest.mark.attack("ATK-144")
@pytest.mark.parametrize("code", [*range(32), *range(127, 160)])
def test_control_characters_are_refused_in_names_and_values(code: int) -> None:
    control = urlencode({"x": chr(code)}).partition("=")[2]
    for data in (f"state=a{control}b", f"st{control}ate=a", f"={control}"):
        with pytest.raises(MalformedRequest):
            parse_form(data.encode())


def test_raw_control_characters_are_refused_too() -> None:
    for raw in (b"a=\x00", b"a=b\r\nc", b"a\t=b", b"a=\x7f"):
        with pytest.raises(MalformedRequest):
            parse_form(raw)


@pytest.mark.parametrize(
    "data",
    [
        b"a=%",
        b"a=%4",
        b"a=%zz",
        b"a=%u0041",
        b"%=a",
        b"a=%c3",
        b"a=%ff",
        b"a=\xff",
        b"a=%ed%a0%80",
        b"a=%c0%80",
        b"a=%f4%90%80%80",
        b"a=%e0%80%af",
    ],
)
def test_broken_encodings_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_form(data)


def test_only_ampersands_separate() -> None:
    assert parse_form(b"a=1;b=2") == {"a": ["1;b=2"]}
    assert parse_form(b"a=1=2") == {"a": ["1=2"]}
    assert parse_form(b"") == {}


def test_a_body_over_64_kb_is_refused_before_it_is_read() -> None:
    class Endless(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 <= size <= MAX_BODY + 1
            return b"x" * size

    with pytest.raises(BodyTooLarge):
        read_body({"CONTENT_LENGTH": str(MAX_BODY + 1), "wsgi.input": Endless()})
    with pytest.raises(BodyTooLarge):
        read_body({"wsgi.input": Endless()})
    fits = {"CONTENT_LENGTH": str(MAX_BODY), "wsgi.input": Endless()}
    assert len(read_body(fits)) == MAX_BODY


@pytest.mark.parametrize("length", ["-1", "1e3", "+5", "0x10", "٣", " 5", "5 "])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    with pytest.raises(MalformedRequest):
        read_body({"CONTENT_LENGTH": length, "wsgi.input": io.BytesIO(b"hello")})


@pytest.mark.attack("ATK-067")
@pytest.mark.parametrize(
    "header",
    [
        "__Host-as-session=a; __Host-as-session=b",
        "=__Host-as-session=bad",
        "a=1; =__Host-as-session=bad",
        "a=1; a=1",
        " =x",
        "a=1;a=2",
        "x=" + "y" * 8200,
    ],
)
def test_cookies_that_two_readers_read_differently_are_refused_and_cleared(header: str) -> None:
    with pytest.raises(CookieProblem) as refused:
        check_cookies(header)
    assert refused.value.headers == {"Clear-Site-Data": '"cookies"'}
    assert refused.value.status == 400


def test_ordinary_cookies_pass() -> None:
    check_cookies("")
    check_cookies("__Host-as-session=a; __Host-as-flow=b=c; other")


def test_a_problem_is_told_without_its_detail() -> None:
    answer = Answer.problem(Problem("public", detail="private"), "cor_1")
    assert b"public" in answer.body
    assert b"private" not in answer.body
    assert dict(answer.headers)["Content-Type"] == "application/problem+json"
