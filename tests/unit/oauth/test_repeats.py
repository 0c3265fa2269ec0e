"""What is counted of clients is bounded, and right whatever happens at the same moment."""

from datetime import UTC, datetime

import pytest

from authserver.oauth.authorize import repeats
from authserver.oauth.authorize.repeats import Repeats
from authserver.oauth.authorize.request import AuthorizationRequest
from tests.support.parallel import together

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def count(counts: Repeats, client_id: str, nonce: str | None) -> list[int]:
    request = AuthorizationRequest(
        redirect_uri="https://rp.example/callback",
        response_mode="query",
        scope=("openid",),
        resources=(),
        state=None,
        nonce=nonce,
        code_challenge=None,
        prompt=frozenset(),
        max_age=None,
        login_hint=None,
        organization=None,
        ui_locales=(),
    )
    return [one.times for one in counts.count(client_id, request, NOW)]


def test_a_request_without_either_counts_nothing() -> None:
    counts = Repeats(1)
    assert [count(counts, "cli_1", None) for _ in range(4)] == [[]] * 4


def test_counts_of_the_same_moment_all_count_and_are_told_of_once() -> None:
    counts = Repeats(3)
    found = together(16, lambda _: count(counts, "cli_1", "constant"))
    assert sorted(found) == [[]] * 15 + [[4]]


def test_values_that_were_not_seen_for_long_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "_VALUES", 3)
    counts = Repeats(1)
    count(counts, "cli_1", "constant")
    for number in range(3):
        count(counts, "cli_1", f"other {number}")
    assert count(counts, "cli_1", "constant") == [], "it was forgotten, and counts anew"
    for number in range(2):
        count(counts, "cli_1", f"another {number}")
    assert count(counts, "cli_1", "constant") == [2]


def test_clients_that_were_not_seen_for_long_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "_CLIENTS", 2)
    counts = Repeats(1)
    for client_id in ("cli_1", "cli_2", "cli_1", "cli_3"):
        count(counts, client_id, f"of {client_id}")
    assert count(counts, "cli_2", "of cli_2") == []
    assert count(counts, "cli_3", "of cli_3") == [2]


def test_a_client_cannot_push_out_what_is_known_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "_VALUES", 3)
    counts = Repeats(1)
    count(counts, "cli_1", "constant")
    for number in range(50):
        count(counts, "cli_2", str(number))
    assert count(counts, "cli_1", "constant") == [2]


def test_only_hashes_are_kept() -> None:
    counts = Repeats(1)
    count(counts, "cli_1", "a nonce with a name in it")
    assert "name in it" not in repr(counts._clients)  # noqa: SLF001  what is in memory
