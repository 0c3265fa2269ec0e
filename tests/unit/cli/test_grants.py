"""`authserver exchanges` and `authserver assertions`: what operators allow, see and end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from authserver.core.jose import SigningKey, generate_private_key

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]

ACME = ("--tenant", "acme")


@pytest.fixture(name="ids")
def _ids(answer: Answer) -> tuple[str, str]:
    """A service and an application of a tenant."""
    answer("tenants", "create", "acme", "--name", "Acme", "--type", "customer")
    service = answer(
        *("clients", "create", *ACME, "--name", "Orders", "--kind", "service"),
        *("--scope", "orders:read", "--audience", "https://api.example/"),
    )
    portal = answer(
        *("clients", "create", *ACME, "--name", "Portal", "--kind", "web"),
        *("--redirect-uri", "https://portal.example/cb", "--scope", "orders:read"),
    )
    return service["client_id"], portal["client_id"]


def test_an_exchange_is_allowed_listed_replaced_and_forbidden(
    answer: Answer, run: Run, ids: tuple[str, str]
) -> None:
    service, portal = ids
    rule = ("exchanges", "allow", service, *ACME, "--tokens-of", portal)
    made = answer(*rule, "--audience", "https://billing.example/", "--way", "delegation")
    assert made["audiences"] == ["https://billing.example/"]
    answer(*rule, "--way", "impersonation", "--way", "delegation")
    (found,) = answer("exchanges", "list", *ACME)["exchanges"]
    assert (found["audiences"], found["ways"]) == ([], ["impersonation", "delegation"])
    assert portal in run("exchanges", "list", *ACME).stdout
    ended = ("exchanges", "forbid", service, *ACME, "--tokens-of", portal)
    answer(*ended)
    assert answer("exchanges", "list", *ACME)["exchanges"] == []
    assert "no such rule" in run(*ended).stderr


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--audience", "http://billing.example/"), "https"),
        (("--audience", "https://billing.example/#a"), "audience"),
        (("--tokens-of", "cli_nobody"), "no such client"),
    ],
)
def test_an_exchange_that_cannot_be_is_refused_in_plain_words(
    run: Run, ids: tuple[str, str], more: tuple[str, str], words: str
) -> None:
    service, portal = ids
    refused = run(
        *("exchanges", "allow", service, *ACME, "--tokens-of", portal, "--way", "delegation"), *more
    )
    assert refused.exit_code == 1
    assert words in refused.stderr


def test_an_issuer_is_made_shown_changed_switched_and_removed(
    answer: Answer, run: Run, ids: tuple[str, str], tmp_path: Path
) -> None:
    service, _ = ids
    keys = tmp_path / "jwks.json"
    key = SigningKey(generate_private_key("ES256"), "ES256")
    keys.write_text(json.dumps({"keys": [key.public_jwk]}))
    made = answer(
        *("assertions", "create", "build", *ACME, "--issuer", "https://ci.example"),
        *("--jwks", str(keys), "--subject", "client", "--client", service),
        *("--machine", f"repo:a=b={service}", "--scope", "orders:read"),
    )
    assert made["machines"] == {"repo:a=b": service}
    assert (made["longest"], made["enabled"], made["jwks_uri"]) == (300, True, None)
    url = "https://ci.example/jwks"
    changed = answer("assertions", "set", "build", *ACME, "--jwks-uri", url, "--longest", "60")
    assert (changed["jwks"], changed["jwks_uri"], changed["longest"]) == (None, url, 60)
    assert answer("assertions", "disable", "build", *ACME)["enabled"] is False
    assert "disabled" in run("assertions", "list", *ACME).stdout
    assert answer("assertions", "enable", "build", *ACME)["enabled"] is True
    assert "https://ci.example" in run("assertions", "show", "build", *ACME).stdout
    assert len(answer("assertions", "list", *ACME)["issuers"]) == 1
    answer("assertions", "remove", "build", *ACME)
    assert "no such issuer" in run("assertions", "show", "build", *ACME).stderr


def test_an_issuer_that_cannot_be_is_refused(
    run: Run, ids: tuple[str, str], tmp_path: Path
) -> None:
    service, _ = ids
    broken = tmp_path / "jwks.json"
    broken.write_text("{")
    base = ("assertions", "create", "x", *ACME, "--client", service, "--subject", "email")
    assert run(*base, "--issuer", "https://ci.example").exit_code == 1
    for more, code in (
        (("--issuer", "https://ci.example", "--jwks", str(broken)), 2),
        (("--issuer", "http://localhost:8000", "--jwks-uri", "https://ci.example/k"), 1),
        (("--issuer", "https://ci.example", "--jwks-uri", "https://ci.example/k#f"), 1),
        (("--issuer", "a b", "--jwks-uri", "https://ci.example/k"), 1),
    ):
        assert run(*base, *more).exit_code == code, more
    wrong = run(*base, "--issuer", "https://ci.example", "--machine", "nonsense")
    assert wrong.exit_code == 2
    assert run("assertions", "set", "x", *ACME).exit_code == 2


def test_an_issuers_identities_are_those_of_a_connection(
    answer: Answer, run: Run, ids: tuple[str, str]
) -> None:
    _, portal = ids
    connected = answer(
        *("connections", "create", "corp", *ACME, "--kind", "oidc", "--label", "Corp"),
        *("--client-id", "ours", "--server", "https://op.example", "--secret-stdin"),
        stdin="secret-of-the-provider\n",
    )
    made = answer(
        *("assertions", "create", "corp", *ACME, "--issuer", "https://op.example"),
        *("--jwks-uri", "https://op.example/jwks", "--subject", "identity"),
        *("--client", portal, "--scope", "orders:read", "--connection", "corp"),
    )
    assert made["connection_id"] == connected["id"]
    unknown = run("assertions", "set", "corp", *ACME, "--connection", "nobody")
    assert "no connection" in unknown.stderr
    answer("connections", "disable", "corp", *ACME)
    answer("connections", "remove", "corp", *ACME)
    assert answer("assertions", "show", "corp", *ACME)["connection_id"] is None
