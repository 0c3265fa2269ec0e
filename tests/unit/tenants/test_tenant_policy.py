import pytest

from authserver.tenants.policy import UnfitName, check_display_name, check_slug


@pytest.mark.parametrize("slug", ["ab", "acme", "acme-2", "a" * 63, "7eleven"])
def test_a_slug_of_small_letters_digits_and_hyphens_is_accepted(slug: str) -> None:
    assert check_slug(slug) == slug


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "a",
        "a" * 64,
        "Acme",
        "-acme",
        "acme-",
        "ac me",
        "ac/me",
        "ac.me",
        "\u0430cme",
        "acme\n",
        "xn--acme",
        "admin",
        "platform",
        "oauth",
        "www",
    ],
)
def test_a_slug_that_could_mislead_or_break_a_url_is_refused(slug: str) -> None:
    with pytest.raises(UnfitName):
        check_slug(slug)


@pytest.mark.parametrize(
    "name",
    [
        "Acme",
        "Ærøskøbing A/S",
        "Müller & Söhne GmbH",
        "7-Eleven",
        "株式会社テスト",
        "Test 株式会社",
        "Яндекс",
        "Ελλάδα",
        "شركة",
        "삼성 SDS",
        "🙂 24",
    ],
)
def test_a_name_of_one_script_is_accepted(name: str) -> None:
    assert check_display_name(f" {name} ") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "a" * 121,
        "\u0410cme",  # Cyrillic A, Latin rest
        "\u0410\u0421\u041c\u0415",  # all Cyrillic, all look-alikes
        "Go\u03bfgle",  # a Greek omicron
        "\U0001d400\U0001d41c\U0001d426\U0001d41e",
        "\uff21cme",
        "Ac\u200bme",
        "Ac\u202eme",
        "Ac\nme",
        "Acme  Inc",
        "Acme\u00a0Inc",
    ],
)
def test_a_name_that_could_pass_for_another_is_refused(name: str) -> None:
    with pytest.raises(UnfitName):
        check_display_name(name)


def test_a_name_is_stored_in_composed_form() -> None:
    assert check_display_name("Mu\u0308ller") == "M\u00fcller"
