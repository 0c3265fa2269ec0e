"""A file is read strictly, and every complaint says where."""

import pytest

from authserver.declared.difference import difference
from authserver.declared.form import check
from authserver.declared.reading import UnfitFile, read

HEAD = "version: 1\ntenants:\n  globex:\n    name: Globex\n    type: customer\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version: 1\nversion: 1\n", "line 2: 'version' is there twice"),
        ("a: &x 1\nb: *x\n", "line 1: anchors"),
        ("version: !!python/object:os.system {}\n", "line 1: tags"),
        ("version: [1\n", "line 2"),
        ("? [a, b]\n: 1\n", "line 1: a name is a text"),
        ("<<: {a: 1}\n", "line 1: a name is a text"),
        ("[" * 40 + "]" * 40, "nested too deeply"),
        ("a: 1\n--- \nb: 2\n", "line"),
    ],
)
def test_what_is_no_plain_data_is_refused(text: str, words: str) -> None:
    with pytest.raises(UnfitFile, match=words):
        read(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file"),
        ("version: 2\n", "line 1: version"),
        (f"{HEAD}    colour: red\n", "line 6: tenants.globex.colour"),
        (f"{HEAD}    policy:\n      mfa_required: yes\n", "line 7: tenants.globex.policy.mfa"),
        (f"{HEAD}    policy: {{locale: 7}}\n", "line 6: tenants.globex.policy.locale"),
        (
            (
                f"{HEAD}    connections:\n      x:\n        kind: google\n        label: G\n"
                "        client_id: c\n        client_secret: in-the-open\n"
            ),
            "line 11: tenants.globex.connections.x.client_secret",
        ),
        (
            (
                f"{HEAD}    connections:\n      x:\n        kind: google\n        label: G\n"
                "        client_id: c\n        client_secret: {env: A, file: B}\n"
            ),
            "a secret is {env: NAME} or {file: PATH}",
        ),
    ],
)
def test_what_is_not_of_the_form_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(UnfitFile) as refused:
        check(read(text))
    assert words in str(refused.value)
    assert "in-the-open" not in str(refused.value)


def test_only_true_and_false_are_truth_values() -> None:
    assert read("a: no\nb: true\nc: 'true'\nd: 010\ne: 7\nf:\n").data == {
        "a": "no",
        "b": True,
        "c": "true",
        "d": "010",
        "e": 7,
        "f": None,
    }


def test_a_difference_says_what_comes_goes_and_changes() -> None:
    before = {"tenants": {"a": {"roles": {"x": {"permissions": ["p"]}}, "name": "A"}}}
    after = {"tenants": {"a": {"roles": {"y": {"permissions": []}}, "name": "B"}}}
    assert [str(one) for one in difference(before, after)] == [
        "+ tenants.a.roles.y",
        "+ tenants.a.roles.y.permissions: []",
        "- tenants.a.roles.x",
        '- tenants.a.roles.x.permissions: ["p"]',
        '~ tenants.a.name: "A" -> "B"',
    ]
