"""Whose account a code is for: never one that nobody meant."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from authserver.accounts.directory import UserSnapshot
from authserver.oauth.authorize.accounts.choice import ANOTHER, Account, Choice, Wishes, pick
from authserver.oauth.authorize.accounts.remembered import Remembered
from authserver.sessions.models import PASSWORD, SECOND_FACTOR
from authserver.sessions.service import LiveSession

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def user(user_id: str, home: str | None = None, email: str = "") -> UserSnapshot:
    return UserSnapshot(user_id, "ten", email or f"{user_id}@example.com", "Ada", None, 1, home)


def session(whose: UserSnapshot, *, level: int = PASSWORD, minutes: int = 5) -> LiveSession:
    at = NOW - timedelta(minutes=minutes)
    return LiveSession(f"ses_{whose.id}", whose, "https://x", level, (), at, at, NOW)


def account(user_id: str, home: str | None = None, email: str = "") -> Account:
    whose = user(user_id, home, email)
    if home is None:
        return Account(whose, session(whose))
    return Account(whose, None, session(user(home)))


IDS = ("ada", "bob", "eve", "ada_b", "ada_c")
ACCOUNTS = {
    "ada": account("ada", email="same@example.com"),
    "bob": account("bob"),
    "eve": account("eve"),
    "ada_b": account("ada_b", "ada", "same@example.com"),
    "ada_c": account("ada_c", "ada"),
}
some_accounts = st.lists(st.sampled_from(IDS), unique=True).map(
    lambda ids: [ACCOUNTS[one] for one in ids]
)
some_id = st.sampled_from([None, *IDS, ANOTHER, "gone"])


@given(
    some_accounts,
    some_id,
    st.sampled_from([None, "ada", "bob", "gone"]),
    st.booleans(),
    st.sampled_from([None, "SAME@example.com", "bob@example.com", "x"]),
    some_id,
)
def test_what_is_picked_was_chosen_named_or_the_only_one(
    accounts: list[Account],
    chosen: str | None,
    person: str | None,
    must_ask: bool,  # noqa: FBT001  the same
    hint: str | None,
    remembered: str | None,
) -> None:
    wishes = Wishes(
        choice=Choice(chosen, person),
        must_ask=must_ask,
        hint=hint,
        remembered=lambda ids: remembered if remembered in ids else None,
    )
    picked = pick(accounts, wishes)
    assert not (picked.ask and picked.account)
    if picked.account is None:
        assert not accounts or picked.ask or chosen == ANOTHER or person is not None
        return
    mine = [one for one in accounts if person in {None, one.person_id}]
    hinted = [one for one in mine if hint and one.user.email == hint.lower()]
    meant = {chosen} if chosen else set()
    if chosen is None:
        meant |= {one.id for one in mine} if len(mine) == 1 else set()
        if not must_ask:
            meant |= {remembered}
            meant |= {one.id for one in hinted} if len(hinted) == 1 else set()
    assert picked.account.id in meant
    assert picked.account in accounts


@given(some_accounts, some_id, some_id)
def test_to_select_is_to_choose_or_to_sign_in(
    accounts: list[Account], chosen: str | None, remembered: str | None
) -> None:
    wishes = Wishes(Choice(chosen), must_ask=True, hint=None, remembered=lambda _ids: remembered)
    picked = pick(accounts, wishes)
    assert picked.account is None or picked.account.id == chosen


def test_a_guests_proof_is_the_newer_sign_in_that_is_no_weaker() -> None:
    guest, home = user("ada_b", "ada"), user("ada")
    own = session(guest, level=SECOND_FACTOR, minutes=10)
    weaker = Account(guest, own, session(home, level=PASSWORD, minutes=1))
    assert weaker.opened is own
    newer = Account(guest, own, session(home, level=SECOND_FACTOR, minutes=1))
    assert newer.opened is None
    assert newer.proof is newer.home
    assert Account(guest, own).opened is own


def test_what_is_remembered_is_of_one_browser_one_client_and_one_account() -> None:
    known = Remembered("browser").with_choice("portal", "ada")
    assert known.among("portal", ["bob", "ada"]) == "ada"
    assert known.among("portal", ["bob"]) is None
    assert known.among("desk", ["ada"]) is None
    assert Remembered("elsewhere", known.pairs).among("portal", ["ada"]) is None
    again = known.with_choice("portal", "bob")
    assert again.among("portal", ["bob", "ada"]) == "bob"
    assert len(again.pairs) == 1
    many = known
    for number in range(30):
        many = many.with_choice(f"client {number}", "ada")
    assert len(many.pairs) == 20
    assert many.among("client 29", ["ada"]) == "ada"
    assert many.among("portal", ["ada"]) is None, "the oldest make room"
