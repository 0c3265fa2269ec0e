"""Which domains can be a tenant's own."""

import pytest

from authserver.tenants.policy import UnfitName
from authserver.tenants.proving.policy import (
    PUBLIC_MAIL,
    check_own_domain,
    is_proved,
    record_name,
    record_value,
)

TOKEN = "t" * 43


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("globex.example", "globex.example"),
        (" Globex.Example ", "globex.example"),
        ("sub.globex.example", "sub.globex.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("globex.co.uk", "globex.co.uk"),
    ],
)
def test_a_domain_has_one_form(text: str, domain: str) -> None:
    assert check_own_domain(text) == domain


@pytest.mark.attack("ATK-022")
@pytest.mark.parametrize(
    "text",
    [
        "", "com", "localhost", "*.globex.example", "globex.example.", ".globex.example",
        "globex..example", "a@globex.example", "globex.example/x", "globex.example:53",
        "127.0.0.1", "[::1]", "globex example", "globex_.example", "glоbex.example\u200b",
        "ｇlobex.example", "xn--zz--.example", f"{'a' * 64}.example", "a." * 126 + "aa", "co.uk",
        "com.au", "-globex.example", "globex.example\n;x", "globex.example\x00",
        *sorted(PUBLIC_MAIL), "GMAIL.com",
    ],
)  # fmt: skip
def test_what_is_nobodys_own_is_refused(text: str) -> None:
    with pytest.raises(UnfitName) as refused:
        check_own_domain(text)
    assert refused.value.description.endswith(".")


def test_a_domain_is_proved_by_its_own_record_alone() -> None:
    assert record_name("globex.example") == "_authserver-challenge.globex.example"
    value = record_value(TOKEN)
    assert value == f"authserver-domain-verification={TOKEN}"
    assert is_proved(TOKEN, ["v=spf1 -all", value])
    for text in (TOKEN, value + " ", value.upper(), value[:-1], value + "x", ""):
        assert not is_proved(TOKEN, [text])
