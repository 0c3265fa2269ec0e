import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.core.net.email import InvalidEmail, parse_email


def test_the_local_part_stays_as_typed_and_the_domain_is_lower_case() -> None:
    address = parse_email("Ada.Lovelace+News@Example.COM")
    assert address.as_typed == "Ada.Lovelace+News@Example.COM"
    assert address.local == "Ada.Lovelace+News"
    assert address.domain == "example.com"
    assert address.canonical == "ada.lovelace+news@example.com"


def test_an_international_domain_becomes_its_ascii_form() -> None:
    address = parse_email("ada@Bücher.example")
    assert address.domain == "xn--bcher-kva.example"
    assert address.canonical == parse_email("ada@xn--bcher-kva.example").canonical


def test_composed_and_decomposed_spellings_are_one_address() -> None:
    composed, decomposed = parse_email("andr\u00e9@a.example"), parse_email("andre\u0301@a.example")
    assert composed == decomposed


@pytest.mark.attack("ATK-147")
@pytest.mark.parametrize(
    ("victim", "stranger"),
    [
        ("mike@a.example", "mıke@a.example"),
        ("mike@a.example", "mİke@a.example"),
        ("strasse@a.example", "straße@a.example"),
        ("strasse@a.example", "STRAẞE@a.example"),
        ("final@a.example", "ﬁnal@a.example"),
        ("admin@a.example", "аdmin@a.example"),
        ("admin@strasse.example", "admin@straße.example"),
        ("élan@a.example", "Élan@a.example"),
    ],
)
def test_a_look_alike_is_another_address(victim: str, stranger: str) -> None:
    assert parse_email(victim).canonical != parse_email(stranger).canonical


@pytest.mark.attack("ATK-147")
@pytest.mark.parametrize("text", ["mi\u212ae@a.example", "\u212b@a.example", "a\u037eb@a.example"])
def test_what_is_typed_is_what_is_mailed_even_after_normalisation(text: str) -> None:
    try:
        address = parse_email(text)
    except InvalidEmail:
        return
    assert not address.local.isascii()


@pytest.mark.attack("ATK-147")
def test_the_kelvin_sign_is_refused_because_nfc_makes_it_a_letter_k() -> None:
    with pytest.raises(InvalidEmail, match="look-alike"):
        parse_email("\u212aim@a.example")


@pytest.mark.attack("ATK-019")
@pytest.mark.parametrize(
    "text",
    [
        *("a@evil.test@corp.example", "a@@corp.example", "@corp.example", "a@", "a", "", "@"),
        *('"a@evil.test"@corp.example', '"a b"@corp.example', '"a"@corp.example'),
        *(
            "a(comment)@corp.example",
            "a@corp.example(comment)",
            "a@(c)corp.example",
            "<a@b.example>",
        ),
        *("a@corp.example.", "a@.corp.example", "a@corp..example", "a@corp", "a@-corp.example"),
        *(".a@corp.example", "a.@corp.example", "a..b@corp.example", "a b@corp.example"),
        *(" a@corp.example", "a@corp.example ", "a@corp.example\n", "a\r\nBcc: x@corp.example"),
        *("a\x00@corp.example", "a\t@corp.example", "a\x7f@corp.example", "a\u00a0@corp.example"),
        *(
            "a\u200b@corp.example",
            "a\u202e@corp.example",
            "a\ud800@corp.example",
            "a😀@corp.example",
        ),
        *("a\u2028@corp.example", "a\ue000@corp.example", "a,b@corp.example", "a;b@corp.example"),
        *("a:b@corp.example", "a\\@corp.example", "a@[127.0.0.1]", "a@127.0.0.1", "a@1.2.3"),
        *("a@corp_x.example", "a@corp.example:25", "a@corp!evil.example", "a@xn--a.example"),
        *("a@corp.ex%61mple", "a@corp/evil.example", "a@\ud800.example", "a@corp.123"),
    ],
)
def test_an_address_with_a_second_reading_is_refused(text: str) -> None:
    with pytest.raises(InvalidEmail):
        parse_email(text)


@pytest.mark.attack("ATK-020")
@pytest.mark.parametrize(
    "text",
    [
        *("admin＠corp.example", "admin﹫corp.example", "a＠b@corp.example", "a@b＠corp.example"),
        *(
            "a@ｃorp.example",
            "a@corp．example",
            "a@corp。example",
            "a@corp｡example",
            "a@ⓒorp.example",
        ),
        *("a@co\u00adrp.example", "a@co\u200drp.example", "a@\u212aorp.example", "a@ﬁ.example"),
    ],
)
def test_a_domain_or_at_sign_that_normalises_to_another_is_refused(text: str) -> None:
    with pytest.raises(InvalidEmail):
        parse_email(text)


def test_the_lengths_of_the_standard_hold() -> None:
    assert parse_email(f"{'a' * 64}@corp.example").local == "a" * 64
    domain = ".".join(["d" * 61] * 4)[:189]
    assert len(parse_email(f"{'a' * 64}@{domain}").canonical) == 254
    for text in (
        f"{'a' * 65}@corp.example",
        f"{'é' * 33}@corp.example",
        f"{'a' * 64}@{domain}d",
        f"a@{'d' * 64}.example",
        f"a@{'d.' * 100_000}example",
    ):
        with pytest.raises(InvalidEmail):
            parse_email(text)


@given(st.emails())
def test_the_canonical_form_is_its_own_canonical_form(text: str) -> None:
    try:
        address = parse_email(text)
    except InvalidEmail:
        return
    assert parse_email(address.canonical).canonical == address.canonical
    assert parse_email(address.as_typed) == address


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_makes_the_reader_fail_otherwise(local: str, domain: str) -> None:
    try:
        address = parse_email(f"{local}@{domain}")
    except InvalidEmail:
        return
    assert address.canonical.count("@") == 1
    assert address.domain.isascii()
