"""Which links are good, and who gets a mail: values in, decision out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.links.policy import (
    KEPT_FOR,
    PATHS,
    Asked,
    Mails,
    Outcome,
    Present,
    Purpose,
    Terms,
    answer,
    are_enough,
    is_good,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TERMS = Terms("https://id.example", "ada@example.com", 3, NOW + timedelta(minutes=30), used=False)
PRESENT = Present("https://id.example", "ada@example.com", 3, NOW, closed=False)


def test_a_link_is_good_until_the_moment_it_expires() -> None:
    assert is_good(TERMS, PRESENT)
    last = replace(PRESENT, now=TERMS.expires_at - timedelta(microseconds=1))
    assert is_good(TERMS, last)
    assert not is_good(TERMS, replace(PRESENT, now=TERMS.expires_at))


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://id.example/t/acme"},
        {"address": "Ada@example.com"},
        {"user_epoch": 4},
        {"user_epoch": 2},
        {"closed": True},
    ],
    ids=str,
)
def test_a_link_is_bound_to_everything_it_was_issued_for(change: dict[str, object]) -> None:
    assert not is_good(TERMS, replace(PRESENT, **change))


def test_a_used_link_is_not_good() -> None:
    assert not is_good(replace(TERMS, used=True), PRESENT)


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        (None, Outcome.UNKNOWN),
        (Asked(suspended=False, disabled=False, mails=Mails()), Outcome.MAILED),
        (Asked(suspended=False, disabled=False, mails=Mails(2, fresh=1)), Outcome.TOO_MANY),
        (Asked(suspended=False, disabled=True, mails=Mails(3, fresh=3)), Outcome.DISABLED),
        (Asked(suspended=True, disabled=True, mails=Mails()), Outcome.TENANT_SUSPENDED),
    ],
)
def test_who_gets_a_mail(asked: Asked | None, outcome: Outcome) -> None:
    assert answer(asked, most_mails=3) is outcome


@pytest.mark.parametrize(
    ("most", "lately", "fresh", "enough"),
    [
        (3, 0, 0, False),
        (3, 1, 1, False),
        (3, 2, 1, True),
        (3, 2, 0, False),  # the last one of the share
        (3, 3, 0, True),  # never more, link or not
        (3, 9, 0, True),
        (3, 0, 5, False),  # others asked
        (2, 1, 1, True),
        (2, 1, 0, False),
    ],
)
def test_the_last_mail_is_kept_until_no_link_is_fresh(
    *, most: int, lately: int, fresh: int, enough: bool
) -> None:
    assert are_enough(Mails(lately, fresh), most=most) is enough


@given(
    most=st.integers(2, 6),
    life=st.integers(1, 120),
    waits=st.lists(st.integers(0, 70), min_size=1, max_size=60),
)
def test_whoever_asks_whenever_an_hour_has_no_more_and_half_an_hour_has_one(
    most: int, life: int, waits: list[int]
) -> None:
    """Minutes. Strangers ask as they like; after each wait the owner looks whether there is a way.

    There is a link that can be used, or a mail of the last half hour, or one that is sent now.
    """
    now, sent = 0, list[int]()
    kept = KEPT_FOR.total_seconds() // 60
    for wait in waits:
        now += wait
        lately = sum(one > now - 60 for one in sent)
        fresh = sum(one > now - life or one > now - kept for one in sent)
        if not are_enough(Mails(lately, fresh), most=most):
            sent.append(now)
        assert sum(one > now - 60 for one in sent) <= most
        assert any(one > now - max(life, kept) for one in sent)


def test_every_purpose_has_a_page_of_its_own() -> None:
    assert set(PATHS) == set(Purpose)
    assert len(set(PATHS.values())) == len(PATHS)
